@choices
Feature: Declared choices, from both sides
  What the public documentation leaves open is a switch, which travels with each policy. Each is tried both ways, whatever the profile of
  the run.

  Rule: Empty lists under prevent deny nothing, or everything but the entry point

    @choices-001 @P6 @needs:processes @provisional
    Scenario Outline: emptyLists is <choice>
      Given the task definition "two-apps"
      And the declared choice "emptyLists" is "<choice>"
      And the runtime rule "our rule" for container "first":
        | section   | effect  |
        | processes | prevent |
      And the protected task is running
      When container "first" runs "mkdir /tmp/$TOKEN"
      Then the program <outcome>

      Examples:
        | choice       | outcome                |
        | deny_nothing | ran and exited with 0  |
        | deny_all     | never ran              |

  Rule: Deny lists are honoured, or are not

    @choices-002 @P4 @needs:processes @provisional
    Scenario Outline: denyLists is <choice>
      Given the task definition "web-and-worker"
      And the declared choice "denyLists" is "<choice>"
      And the declared choice "emptyLists" is "deny_nothing"
      And the runtime rule "our rule" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program <outcome>

      Examples:
        | choice | outcome               |
        | true   | never ran             |
        | false  | ran and exited with 0 |

  Rule: A wildcard covers the apex of its domain, or does not

    @choices-003 @D6 @needs:dns @provisional
    Scenario Outline: wildcardMatchesApex is <choice>
      Given the task definition "web-and-worker"
      And the declared choice "wildcardMatchesApex" is "<choice>"
      And the name "example.com" resolves to "198.51.100.81"
      And the runtime rule "names" for container "worker":
        | section | effect  | allowed       |
        | dns     | prevent | *.example.com |
      And the protected task is running
      When container "worker" looks up "example.com" with raw UDP
      Then the <outcome>

      Examples:
        | choice | outcome                             |
        | true   | name resolves to "198.51.100.81"    |
        | false  | lookup fails within 1000 milliseconds |

  Rule: An entry without a wildcard means itself, or what is below it as well

    @choices-004 @D8 @needs:dns @provisional
    Scenario Outline: plainDomain is <choice>
      Given the task definition "web-and-worker"
      And the declared choice "plainDomain" is "<choice>"
      And the name "api.example.com" resolves to "198.51.100.82"
      And the runtime rule "names" for container "worker":
        | section | effect  | allowed     |
        | dns     | prevent | example.com |
      And the protected task is running
      When container "worker" looks up "api.example.com" with raw UDP
      Then the <outcome>

      Examples:
        | choice | outcome                               |
        | suffix | name resolves to "198.51.100.82"      |
        | exact  | lookup fails within 1000 milliseconds |

  Rule: A fresh Console ships a default rule, or has none

    @choices-005 @U8 @provisional
    Scenario Outline: defaultRule is <choice>
      Given the declared choice "defaultRule" is "<choice>"
      When the runtime policy is read
      Then it has <rules>

      Examples:
        | choice | rules                                                       |
        | true   | the one rule "Default - alert on suspicious runtime behavior" |
        | false  | no rule                                                     |
