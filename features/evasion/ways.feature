@process @evasion @needs:processes
Feature: Every way to start a program
  There are many ways from one program to the next. The decision is the same for each of them.

  Background:
    Given the task definition "web-and-worker"
    And the runtime rule "no directories" for container "worker":
      | section   | effect  | denied |
      | processes | prevent | mkdir  |
    And the protected task is running

  Rule: The decision does not depend on the system call that starts the program

    @process-030 @P13 @core
    Scenario Outline: A denied program started by <way>
      When container "worker" runs "/usr/bin/mkdir /tmp/$TOKEN" by <way>
      Then the program never ran
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedProcess |
        | effect     | prevent                 |

      Examples:
        | way         |
        | vfork       |
        | posix_spawn |
        | execveat    |
        | fexecve     |
        | thread      |

  Rule: A process that has left its parent behind is still governed

    @process-031 @P11 @core
    Scenario: A daemon of a daemon
      When container "worker" runs "/usr/bin/mkdir /tmp/$TOKEN" by daemon
      Then the program never ran
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedProcess |

  Rule: Replacing oneself by a denied program is denied as well

    @process-032 @P12 @core
    Scenario: A shell that execs a denied program
      When container "worker" runs "sh -c 'exec mkdir /tmp/$TOKEN'"
      Then the program did not succeed
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedProcess |
        | effect     | prevent                 |

  Rule: A statically linked program is governed like any other

    @process-033 @P14 @core
    Scenario: A static program that starts a denied one
      When container "worker" runs "busybox sh -c '/usr/bin/mkdir /tmp/$TOKEN; echo went on'"
      Then the program ran and exited with 0
      And its output is "went on"
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedProcess |

  Rule: A process started from outside the entry point's tree is not under the Defender (known limit)

    @process-034 @P16 @extended
    Scenario: A program started the way of ECS Exec
      When someone starts "mkdir /tmp/$TOKEN" in container "worker" from outside
      Then "/tmp/$TOKEN" exists in container "worker"
      And no audit tells of it
