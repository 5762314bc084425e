@failures
Feature: A Defender and a Console of different ages
  A Console serves Defenders of the three releases before its own. An older one goes on by what it has, and is never upgraded by the Console.

  Background:
    Given the task definition "web-and-worker"
    And the runtime rule "no directories" for container "worker":
      | section   | effect  | denied |
      | processes | prevent | mkdir  |

  Rule: A Defender of three releases ago is served, and one of four is refused

    @failures-040 @X6 @needs:processes @extended
    Scenario: Three releases ago
      Given the Console has version "37.00.100"
      And the protected task is running
      When the list of Defenders is read with "type=fargate&connected=true"
      Then it has one Defender whose host name is the App ID of the task
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program never ran
      And exactly one audit tells of it:
        | effect | prevent |

    @failures-041 @X6 @extended
    Scenario: Four releases ago
      Given the Console has version "38.00.100"
      And the protected task is running, whatever the Console hears of it
      When the list of Defenders is read with "type=fargate"
      Then there are 0 rows
      And the log of container "TwistlockDefender" has "is too old for console 38.00.100"
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0

  Rule: After an upgrade of the Console a Defender that is still served goes on as it is

    @failures-042 @X7 @needs:processes @extended
    Scenario: An upgrade by three releases
      Given the protected task is running
      When the Console is upgraded to version "37.00.100"
      And the Defender has connected again
      And the list of Defenders is read with "type=fargate&connected=true"
      Then there are 1 rows with "version" "34.04.145"
      When the runtime rule "no directories" becomes:
        | section   | effect | denied |
        | processes | alert  | mkdir  |
      And container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      And exactly one audit tells of it:
        | effect | alert |
      And no container was restarted

  Rule: After an upgrade that leaves a Defender too old the rules that it has stay in force, and cannot be changed

    @failures-043 @X7 @needs:processes @extended
    Scenario: An upgrade by four releases
      Given the protected task is running
      When the Console is upgraded to version "38.00.100"
      Then the log of container "TwistlockDefender" has "is too old for console 38.00.100"
      When the Console is given the runtime rule "no directories" as:
        | section   | effect  | denied |
        | processes | disable | mkdir  |
      And container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program never ran
      When the list of Defenders is read with "type=fargate&connected=false"
      Then there are 1 rows with "version" "34.04.145"
      And no container was restarted
