@dns @needs:dns
Feature: What is judged is what a server gets
  A program sends bytes, the kernel sends datagrams. One send can make several of them, and several sends can make one. What
  counts is each datagram that leaves.

  Background:
    Given the task definition "web-and-worker"
    And the name "api.example.com" resolves to "198.51.100.80"
    And the name "evil.test" resolves to "198.51.100.66"
    And the runtime rule "our names" for container "worker":
      | section | effect  | allowed       |
      | dns     | prevent | *.example.com |
    And the protected task is running

  Rule: Each datagram of a segmented send is a question of its own

    @dns-030 @V1 @core
    Scenario Outline: A denied name behind an allowed one, by <resolver>
      When container "worker" looks up "evil.test" with <resolver>
      Then the lookup fails within 1000 milliseconds
      And the resolver was never asked for "evil.test"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |
        | effect     | prevent             |
        | domain     | evil.test           |

      Examples:
        | resolver               |
        | raw segments           |
        | raw segments by option |

    @dns-031 @V1 @core
    Scenario Outline: An allowed name behind another, by <resolver>
      When container "worker" looks up "api.example.com" with <resolver>
      Then the name resolves to "198.51.100.80"
      And no audit tells of it

      Examples:
        | resolver               |
        | raw segments           |
        | raw segments by option |

  Rule: What cannot be taken apart is refused, and told of (declared choice)

    @dns-032 @V2 @core
    Scenario: A question in two parts
      When container "worker" looks up "evil.test" with raw parts
      Then the lookup fails within 1000 milliseconds
      And the resolver was never asked for "evil.test"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |
        | effect     | prevent             |
      And the message of the audit matches "DNS message without a readable question sent by /usr/local/bin/actor"
