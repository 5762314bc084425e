@audits
Feature: Audits that tell the truth

  Background:
    Given the task definition "web-and-worker"
    And the runtime rule "watch" for container "worker":
      | section   | effect | denied    |
      | processes | alert  | mkdir     |
      | dns       | alert  | evil.test |
    And the name "evil.test" resolves to "198.51.100.66"

  Rule: An audit has the members of the published schema, and names the workload

    @audits-001 @A1 @A3 @core
    Scenario: A process audit
      Given the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then exactly one audit tells of it:
        | hostname      | $APP_ID             |
        | appID         | $APP_ID             |
        | imageName     | proofhouse/userland |
        | containerName | worker              |
        | ruleName      | watch               |
        | user          | root                |
        | pid           | of the program      |
      And the audit has only members and values of the schema
      And the audit is in collection "All"

  Rule: A DNS event is an audit of type network

    @audits-002 @A2 @core
    Scenario: A DNS audit
      Given the protected task is running
      When container "worker" looks up "evil.test" with raw UDP
      Then exactly one audit tells of it:
        | type       | network             |
        | attackType | explicitlyDeniedDNS |
        | domain     | evil.test           |
      And the audit has only members and values of the schema
      And the message of the audit matches "DNS resolution of domain name evil\.test triggered by /usr/local/bin/actor explicitly denied by"

  Rule: The message says what happened, in the published words

    @audits-003 @A8 @core
    Scenario: The message of a process audit
      Given the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then exactly one audit tells of it:
        | attackType | explicitlyDeniedProcess |
      And the message of the audit matches "mkdir.* launched and is explicitly denied by runtime rule.*Full command"

  Rule: Filters narrow the list

    @audits-004 @A4 @core
    Scenario Outline: Audits filtered by <filter>
      Given the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      And container "worker" looks up "evil.test" with raw UDP
      Then the Console lists <number> runtime audits for "<filter>"

      Examples:
        | filter                             | number |
        | attackType=explicitlyDeniedProcess | 1      |
        | type=network                       | 1      |
        | container=worker                   | 2      |
        | effect=prevent                     | 0      |
        | ruleName=watch                     | 2      |

  Rule: No audit is an empty list or null, and a client accepts both

    @audits-005 @A6 @core
    Scenario: Nothing happened
      Given the protected task is running
      Then the Console lists 0 runtime audits for ""

  Rule: The process audit carries its MITRE technique, the DNS audit none

    @audits-006 @A12 @extended
    Scenario: Techniques
      Given the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then exactly one audit tells of it:
        | attackTechniques | nativeBinaryExecution |
      When container "worker" looks up "evil.test" with raw UDP
      Then exactly one audit tells of it:
        | attackTechniques |  |
