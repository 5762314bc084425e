@evasion @needs:processes
Feature: Each way around a rule leads somewhere
  What a rule stops would have worked without it: where the same rule only watches, the denied program runs by each technique of this
  folder, and is told of. A Defender under which a technique cannot work at all is not shown to stop it.

  Background:
    Given the task definition "web-and-worker"
    And the runtime rule "watch directories" for container "worker":
      | section   | effect | denied |
      | processes | alert  | mkdir  |
    And the protected task is running

  Rule: Under alert, a denied program runs whatever system call starts it, and one audit tells of it

    @evasion-001 @P2 @P13 @core
    Scenario Outline: Started by <way>
      When container "worker" runs "/usr/bin/mkdir /tmp/$TOKEN" by <way>
      Then the program ran and exited with 0
      And "/tmp/$TOKEN" exists in container "worker"
      And exactly one audit tells of it:
        | attackType  | explicitlyDeniedProcess |
        | effect      | alert                   |
        | processPath | /usr/bin/mkdir          |

      Examples:
        | way         |
        | fork        |
        | vfork       |
        | posix_spawn |
        | execveat    |
        | fexecve     |
        | thread      |

    @evasion-002 @P2 @P11 @core
    Scenario: Started by a daemon of a daemon
      When container "worker" runs "/usr/bin/mkdir /tmp/$TOKEN" by daemon
      Then the program ran
      And "/tmp/$TOKEN" exists in container "worker"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedProcess |
        | effect     | alert                   |

  Rule: Under alert, a denied program runs by whatever detour it is reached, and one audit tells of it

    @evasion-003 @P2 @core
    Scenario Outline: Reached by <detour>
      Given container "worker" has run "<prepared>"
      When container "worker" runs "<command>"
      Then the program ran and exited with 0
      And "/tmp/$TOKEN" exists in container "worker"
      And exactly one audit tells of it:
        | attackType  | explicitlyDeniedProcess |
        | effect      | alert                   |
        | processPath | <told>                  |

      Examples:
        | detour                            | prepared                                                                  | command                                                              | told             |
        | an exec without a fork            | true                                                                      | sh -c 'exec mkdir /tmp/$TOKEN'                                       | /usr/bin/mkdir   |
        | a static program                  | true                                                                      | busybox sh -c '/usr/bin/mkdir /tmp/$TOKEN; true'                     | /usr/bin/mkdir   |
        | a symbolic link                   | ln -s /usr/bin/mkdir /tmp/innocent                                        | /tmp/innocent /tmp/$TOKEN                                            | /usr/bin/mkdir   |
        | the folder that is a link         | true                                                                      | /bin/mkdir /tmp/$TOKEN                                               | /usr/bin/mkdir   |
        | the dynamic loader                | true                                                                      | /lib64/ld-linux-x86-64.so.2 --inhibit-cache /usr/bin/mkdir /tmp/$TOKEN | /usr/bin/mkdir |
        | a copy of the loader              | cp /lib64/ld-linux-x86-64.so.2 /tmp/harmless                              | /tmp/harmless --inhibit-cache /usr/bin/mkdir /tmp/$TOKEN             | /usr/bin/mkdir   |
        | an applet                         | true                                                                      | busybox mkdir /tmp/$TOKEN                                            | /usr/bin/busybox |
        | what a shell reads from its input | true                                                                      | sh -c 'echo mkdir /tmp/$TOKEN \| sh'                                 | /usr/bin/mkdir   |
        | an applet of an applet            | true                                                                      | busybox busybox mkdir /tmp/$TOKEN                                    | /usr/bin/busybox |
        | the dash of a login shell         | true                                                                      | bash -c 'exec -a -mkdir /usr/bin/busybox /tmp/$TOKEN'                | /usr/bin/busybox |
