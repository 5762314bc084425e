@effects
Feature: What an effect does

  Background:
    Given the task definition "web-and-worker"

  Rule: A disabled section does nothing at all

    @effects-001 @F1 @core
    Scenario: Processes disabled
      Given the runtime rule "off" for container "worker":
        | section   | effect  | denied |
        | processes | disable | mkdir  |
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      And no audit tells of it

  Rule: Block is refused for App-Embedded Defenders, and the policy stays as it was

    @effects-002 @F2 @core
    Scenario: A rule with effect block
      Given the runtime rule "watch" for container "worker":
        | section   | effect | denied |
        | processes | alert  | mkdir  |
      When the runtime policy is put with effect "block" for "processes"
      Then the Console answers 400 with an error about "block"
      And the runtime policy is unchanged

  Rule: Each section of a rule has its own effect

    @effects-003 @F3 @core
    Scenario: Processes prevented, names alerted
      Given the name "evil.test" resolves to "198.51.100.66"
      And the runtime rule "mixed" for container "worker":
        | section   | effect  | denied    |
        | processes | prevent | mkdir     |
        | dns       | alert   | evil.test |
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program never ran
      And exactly one audit tells of it:
        | effect     | prevent                 |
        | attackType | explicitlyDeniedProcess |
      When container "worker" looks up "evil.test" with raw UDP
      Then the name resolves to "198.51.100.66"
      And exactly one audit tells of it:
        | effect     | alert               |
        | attackType | explicitlyDeniedDNS |
