@process @needs:processes
Feature: Programs that a rule denies
  A runtime rule names the programs that a container must not run. Under "prevent" such a program never
  executes its first instruction, while the process that tried goes on. Under "alert" it runs, and is told of.

  Background:
    Given the task definition "web-and-worker"

  Rule: A denied program never runs, its parent goes on, and one audit tells of it

    @process-001 @P1 @F7 @A3 @core
    Scenario: A denied mkdir makes no directory
      Given the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program never ran
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | type          | processes               |
        | attackType    | explicitlyDeniedProcess |
        | effect        | prevent                 |
        | ruleName      | no directories          |
        | containerName | worker                  |
        | imageName     | proofhouse/userland     |
        | processPath   | /usr/bin/mkdir          |
        | count         | 1                       |
        | pid           | any                     |
        | time          | within the stimulus     |

    @process-002 @P1 @F8 @core
    Scenario: The shell that tried goes on
      Given the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When container "worker" runs "sh -c 'mkdir /tmp/$TOKEN; echo went on'"
      Then the program ran and exited with 0
      And its output is "went on"
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedProcess |
        | effect     | prevent                 |
      And every container is still running

  Rule: Under alert the program runs, and one audit tells of it

    @process-003 @P2 @F7 @core
    Scenario: An alerted mkdir makes its directory
      Given the runtime rule "watch directories" for container "worker":
        | section   | effect | denied |
        | processes | alert  | mkdir  |
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      And "/tmp/$TOKEN" exists in container "worker"
      And exactly one audit tells of it:
        | attackType    | explicitlyDeniedProcess |
        | effect        | alert                   |
        | ruleName      | watch directories       |
        | containerName | worker                  |
        | processPath   | /usr/bin/mkdir          |

  Rule: Where only a deny list is filled, everything else runs without an audit

    @process-004 @P4 @core
    Scenario: A program that is not on the deny list
      Given the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When container "worker" runs "touch /tmp/$TOKEN"
      Then the program ran and exited with 0
      And "/tmp/$TOKEN" exists in container "worker"
      And no audit tells of it

  Rule: What an app starts by itself is governed from its first moment

    @process-005 @P1 @F7 @core
    Scenario: The entry point runs a denied program while the task starts
      Given the task definition "web-and-worker" with "containerDefinitions[1].entryPoint" set to ["sh", "-c", "mkdir /tmp/own; echo went on; exec sleep infinity"]
      And the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      And container "worker" has written "went on"
      When the task does what it does by itself
      Then exactly one audit tells of it:
        | attackType    | explicitlyDeniedProcess |
        | effect        | prevent                 |
        | ruleName      | no directories          |
        | containerName | worker                  |
        | processPath   | /usr/bin/mkdir          |
        | count         | 1                       |
      And "/tmp/own" does not exist in container "worker"

    @process-006 @P1 @F7 @core
    Scenario: The entry point becomes a denied program, which it may not
      Given the task definition "web-and-worker" with "containerDefinitions[1].entryPoint" set to ["perl", "-e", "$| = 1; unless (fork) { sleep 1; print qq(a second later\n); exit } exec('/usr/bin/sleep', '600'); print qq(went on\n); sleep 600"]
      And the runtime rule "no sleep" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | sleep  |
      And the protected task is running
      And container "worker" has written "a second later"
      When the task does what it does by itself
      Then exactly one audit tells of it:
        | attackType    | explicitlyDeniedProcess |
        | effect        | prevent                 |
        | containerName | worker                  |
        | processPath   | /usr/bin/sleep          |
      And the log of container "worker" has "went on"

  Rule: Each denied program is told of, also where one process tries several at once

    @process-007 @P1 @A9 @core
    Scenario: Two denied programs, one behind the other, and the first again
      Given the runtime rule "no files" for container "worker":
        | section   | effect  | denied       |
        | processes | prevent | mkdir, touch |
      And the protected task is running
      When container "worker" runs "perl -e 'exec(q(/usr/bin/mkdir), q(/tmp/$TOKEN)); exec(q(/usr/bin/touch), q(/tmp/$TOKEN)); print qq(went on)'"
      Then its output is "went on"
      And "/tmp/$TOKEN" does not exist in container "worker"
      And 2 audits tell of it
