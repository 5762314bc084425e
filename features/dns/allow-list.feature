@dns @needs:dns
Feature: Names that a container may look up
  An allow list of domains decides which names resolve. A name outside it does not resolve, at once, for every
  kind of resolver that a program may carry; and the question never leaves the task.

  Background:
    Given the task definition "web-and-worker"
    And the name "api.example.com" resolves to "198.51.100.80"
    And the name "evil.test" resolves to "198.51.100.66"

  Rule: A name on the allow list resolves, whoever asks

    @dns-001 @D3 @core
    Scenario Outline: An allowed name, asked by <resolver>
      Given the runtime rule "our names" for container "worker":
        | section | effect  | allowed       |
        | dns     | prevent | *.example.com |
      And the protected task is running
      When container "worker" looks up "api.example.com" with <resolver>
      Then the name resolves to "198.51.100.80"
      And the resolver was asked for "api.example.com"
      And no audit tells of it

      Examples:
        | resolver      |
        | python        |
        | curl          |
        | musl          |
        | dig           |
        | raw UDP       |
        | raw sendto    |
        | raw sendmsg   |
        | raw sendmmsg  |
        | raw TCP       |
        | go            |
        | c-ares        |

  Rule: A name outside the allow list fails within a second, is never asked for outside, and gives one audit

    @dns-002 @D1 @D14 @A2 @core
    Scenario Outline: A name that is not allowed, asked by <resolver>
      Given the runtime rule "our names" for container "worker":
        | section | effect  | allowed       |
        | dns     | prevent | *.example.com |
      And the protected task is running
      When container "worker" looks up "evil.test" with <resolver>
      Then the lookup fails within 1000 milliseconds
      And the resolver was never asked for "evil.test"
      And exactly one audit tells of it:
        | type          | network           |
        | attackType    | explicitlyDeniedDNS |
        | effect        | prevent           |
        | ruleName      | our names         |
        | containerName | worker            |
        | processPath   | <process>         |

      Examples:
        | resolver     | process                     |
        | python       | /usr/bin/python3.11         |
        | curl         | /usr/bin/curl               |
        | musl         | /usr/local/bin/musl-lookup  |
        | raw UDP      | /usr/local/bin/actor        |
        | raw sendto   | /usr/local/bin/actor        |
        | raw sendmsg  | /usr/local/bin/actor        |
        | raw sendmmsg | /usr/local/bin/actor        |
        | raw TCP      | /usr/local/bin/actor        |
        | go           | /usr/bin/hey                |
        | c-ares       | /usr/bin/python3.11         |

  Rule: Under alert the answer is delivered, and one audit tells of it

    @dns-003 @D2 @core
    Scenario: An alerted lookup
      Given the runtime rule "watch names" for container "worker":
        | section | effect | allowed       |
        | dns     | alert  | *.example.com |
      And the protected task is running
      When container "worker" looks up "evil.test" with python
      Then the name resolves to "198.51.100.66"
      And exactly one audit tells of it:
        | type       | network             |
        | attackType | explicitlyDeniedDNS |
        | effect     | alert               |

  Rule: With the section disabled no list matters

    @dns-004 @D4 @F1 @core
    Scenario: A disabled section
      Given the runtime rule "off" for container "worker":
        | section | effect  | allowed       | denied    |
        | dns     | disable | *.example.com | evil.test |
      And the protected task is running
      When container "worker" looks up "evil.test" with python
      Then the name resolves to "198.51.100.66"
      And no audit tells of it

  Rule: A resolver given by address is governed too

    @dns-005 @D11 @core
    Scenario Outline: A name that is not allowed, asked of another server by <resolver>
      Given the runtime rule "our names" for container "worker":
        | section | effect  | allowed       |
        | dns     | prevent | *.example.com |
      And the protected task is running
      When container "worker" asks the server "8.8.8.8" for "evil.test" with <resolver>
      Then the lookup fails within 1000 milliseconds
      And the resolver was never asked for "evil.test"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |
        | effect     | prevent             |

      Examples:
        | resolver   |
        | raw UDP    |
        | raw sendto |
        | raw TCP    |

    @dns-047 @D11 @core
    Scenario Outline: A name that is allowed reaches the server that was asked, by <resolver>
      Given the runtime rule "our names" for container "worker":
        | section | effect  | allowed       |
        | dns     | prevent | *.example.com |
      And the protected task is running
      When container "worker" asks the server "<server>" for "api.example.com" with <resolver>
      Then the name resolves to "198.51.100.80"
      And the server "<server>" was asked for "api.example.com"
      And no audit tells of it

      Examples:
        | resolver     | server  |
        | raw UDP      | 8.8.8.8 |
        | raw sendto   | 8.8.8.8 |
        | raw sendmsg  | 1.1.1.1 |
        | raw sendmmsg | 8.8.8.8 |
        | raw TCP      | 8.8.8.8 |
