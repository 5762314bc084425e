@link
Feature: Who talks with the Console
  Only the sidecar does, over one mutually authenticated connection, and with no credential of a person.

  Background:
    Given the task definition "web-and-worker"

  Rule: The protected task shows up as a connected Fargate Defender

    @link-001 @S4 @S5 @core
    Scenario: The list of Defenders
      Given the protected task is running
      When the list of Defenders is read with "type=fargate&connected=true"
      Then it has one Defender whose host name is the App ID of the task
      And the App ID is the family and the task id

  Rule: All traffic with the Console is the sidecar's

    @link-002 @S1 @S8 @core
    Scenario: Connections to the Console
      Given the runtime rule "watch" for container "worker":
        | section   | effect | denied |
        | processes | alert  | mkdir  |
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      And 1 audit tells of it
      And the Console had exactly 1 connection from the task
      And no REST call came from the task
      And no variable of container "worker" looks like a credential of the Console

  Rule: Without a certificate of this Console nobody gets a policy

    @link-003 @S2 @core
    Scenario Outline: A stranger with <certificate>
      When a stranger opens the Defender link with <certificate>
      Then the stranger gets no policy

      Examples:
        | certificate                     |
        | no certificate                  |
        | a certificate of another issuer |

  Rule: A wrapped app starts only after the sidecar is healthy

    @link-004 @S9 @T57 @core
    Scenario: The order of starts
      Given the protected task is running
      Then container "TwistlockDefender" was healthy before container "worker" started
      And container "TwistlockDefender" was healthy before container "web" started

  Rule: The app containers run the sidecar's binary

    @link-005 @S3 @core
    Scenario: The same binary on both sides
      Given the protected task is running
      Then "/var/lib/twistlock/fargate/defender" in container "worker" is the same file as "/usr/local/bin/defender" in container "TwistlockDefender"

  Rule: Each container is observed

    @link-006 @S7 @core
    Scenario: Profiles
      Given the protected task is running
      When the profiles are read
      Then there is one profile each for containers "web, worker" with image "proofhouse/userland"

  Rule: A link on which nothing is said is kept

    @link-014 @S8 @X14 @extended
    Scenario: A quiet while
      Given the runtime rule "watch" for container "worker":
        | section   | effect | denied |
        | processes | alert  | mkdir  |
      And the protected task is running
      When container "worker" runs "sleep 18"
      Then the program ran and exited with 0
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      And 1 audit tells of it
      And the Console had exactly 1 connection from the task
