@dns @needs:dns
Feature: Which names an entry means

  Background:
    Given the task definition "web-and-worker"
    And the name "example.com" resolves to "198.51.100.79"
    And the name "api.example.com" resolves to "198.51.100.80"
    And the name "evil.test" resolves to "198.51.100.66"

  Rule: A leading wildcard covers the names below, and not the name itself (declared choice)

    @dns-010 @D6 @extended
    Scenario: The apex of a wildcard
      Given the runtime rule "our names" for container "worker":
        | section | effect  | allowed       |
        | dns     | prevent | *.example.com |
      And the protected task is running
      When container "worker" looks up "example.com" with raw UDP
      Then the lookup fails within 1000 milliseconds
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |

  Rule: An entry without a wildcard means that name only (declared choice)

    @dns-011 @D8 @extended
    Scenario: A name below a plain entry
      Given the runtime rule "our names" for container "worker":
        | section | effect  | allowed     |
        | dns     | prevent | example.com |
      And the protected task is running
      When container "worker" looks up "api.example.com" with raw UDP
      Then the lookup fails within 1000 milliseconds
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |

  Rule: Case and a trailing dot make no difference

    @dns-012 @D9 @core
    Scenario Outline: The same name written as <spelling>
      Given the runtime rule "our names" for container "worker":
        | section | effect  | allowed         |
        | dns     | prevent | api.example.com |
      And the protected task is running
      When container "worker" looks up "<spelling>" with raw UDP
      Then the name resolves to "198.51.100.80"
      And no audit tells of it

      Examples:
        | spelling         |
        | API.Example.COM  |
        | api.example.com. |

  Rule: A deny list stops the names on it and lets all others through

    @dns-013 @D13 @extended
    Scenario: A denied name
      Given the runtime rule "not there" for container "worker":
        | section | effect  | denied |
        | dns     | prevent | *.test |
      And the protected task is running
      When container "worker" looks up "evil.test" with python
      Then the lookup fails within 1000 milliseconds
      And the resolver was never asked for "evil.test"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |
        | effect     | prevent             |

    @dns-014 @D13 @extended
    Scenario: A name that the deny list does not have
      Given the runtime rule "not there" for container "worker":
        | section | effect  | denied |
        | dns     | prevent | *.test |
      And the protected task is running
      When container "worker" looks up "api.example.com" with python
      Then the name resolves to "198.51.100.80"
      And no audit tells of it

  Rule: Both record types of one lookup are decided

    @dns-015 @D10 @core
    Scenario: The AAAA record of a name that is not allowed
      Given the runtime rule "our names" for container "worker":
        | section | effect  | allowed       |
        | dns     | prevent | *.example.com |
      And the protected task is running
      When container "worker" asks for the AAAA record of "evil.test"
      Then the lookup fails within 1000 milliseconds
      And the resolver was never asked for "evil.test"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |

  Rule: A connection to a literal address needs no name, and no DNS rule sees it

    @dns-016 @D17 @core
    Scenario: Connecting to an address
      Given the runtime rule "our names" for container "worker":
        | section | effect  | allowed       |
        | dns     | prevent | *.example.com |
      And an internet host answers at "198.51.100.66" port 80
      And the protected task is running
      When container "worker" connects to "198.51.100.66" port 80
      Then the connection is made
      And no audit tells of it

  Rule: A name that does not exist is no matter of policy

    @dns-017 @X13 @core
    Scenario: An allowed name that does not exist
      Given the runtime rule "our names" for container "worker":
        | section | effect  | allowed       |
        | dns     | prevent | *.example.com |
      And the protected task is running
      When container "worker" looks up "missing.example.com" with python
      Then the lookup fails within 1000 milliseconds
      And the resolver was asked for "missing.example.com"
      And no audit tells of it
