@process @needs:processes
Feature: Programs that a rule allows
  A filled allow list turns the rule around: what is not on it does not run. The entry point of the container
  is exempt, or nothing would ever start.

  Background:
    Given the task definition "plain"

  Rule: A program outside a filled allow list never runs; a program on it is untouched

    @process-010 @P3 @core
    Scenario: A program outside the allow list
      Given the runtime rule "only these" for container "worker":
        | section   | effect  | allowed   |
        | processes | prevent | cat, true |
      And the protected task is running
      When container "worker" runs "touch /tmp/$TOKEN"
      Then the program never ran
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType  | explicitlyDeniedProcess |
        | effect      | prevent                 |
        | ruleName    | only these              |
        | processPath | /usr/bin/touch          |

    @process-011 @P3 @core
    Scenario: A program on the allow list
      Given the runtime rule "only these" for container "worker":
        | section   | effect  | allowed   |
        | processes | prevent | cat, true |
      And the protected task is running
      When container "worker" runs "cat /etc/hostname"
      Then the program ran and exited with 0
      And no audit tells of it

  Rule: The main process of the container may always run; its children may not

    @process-012 @P10 @core
    Scenario: The entry point starts although no list names it
      Given the runtime rule "main process only" for container "worker":
        | section   | effect  | option           |
        | processes | prevent | blockAllBinaries |
      And the protected task is running
      When container "worker" runs "cat /etc/hostname"
      Then the program never ran
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedProcess |
        | effect     | prevent                 |
      And every container is still running

  Rule: Where both lists name a program, denying wins (declared choice)

    @process-013 @P5 @extended
    Scenario: A program on both lists
      Given the runtime rule "both" for container "worker":
        | section   | effect  | allowed    | denied |
        | processes | prevent | cat, touch | touch  |
      And the protected task is running
      When container "worker" runs "touch /tmp/$TOKEN"
      Then the program never ran
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedProcess |
        | effect     | prevent                 |

  Rule: Empty lists deny nothing (profile "current", declared choice)

    @process-014 @P6 @extended
    Scenario: Prevent with both lists empty
      Given the runtime rule "nothing named" for container "worker":
        | section   | effect  |
        | processes | prevent |
      And the protected task is running
      When container "worker" runs "touch /tmp/$TOKEN"
      Then the program ran and exited with 0
      And no audit tells of it
