@evasion @needs:processes
Feature: Detours to a denied program
  A denied program can be given to a shell that reads its input, put under another root, or asked for by the calls of another
  architecture. Each scenario first shows that the detour leads there, and then that the rule stands on it.

  Background:
    Given the task definition "web-and-worker"

  Rule: What a shell reads from its input is started like anything else

    @evasion-004 @V9 @core
    Scenario: A script through standard input
      Given the runtime rule "directories" for container "worker":
        | section   | effect | denied |
        | processes | alert  | mkdir  |
      And the protected task is running
      When container "worker" runs "sh -c 'echo mkdir /tmp/$TOKEN | sh'"
      Then the program ran and exited with 0
      And "/tmp/$TOKEN" exists in container "worker"
      When the runtime rule "directories" becomes:
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And container "worker" runs "sh -c 'echo mkdir /tmp/$TOKEN | sh'"
      Then the program did not succeed
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType  | explicitlyDeniedProcess |
        | effect      | prevent                 |
        | processPath | /usr/bin/mkdir          |

  Rule: Under another root directory a program is what it is

    @evasion-005 @V10 @core
    Scenario: A denied program in another root
      Given the runtime rule "directories" for container "worker":
        | section   | effect | denied |
        | processes | alert  | mkdir  |
      And the protected task is running
      And container "worker" has run "busybox mkdir -p /tmp/root/bin /tmp/root/made"
      And container "worker" has run "cp /usr/bin/busybox /tmp/root/bin/mkdir"
      When container "worker" runs "chroot /tmp/root /bin/mkdir /made/$TOKEN"
      Then the program ran and exited with 0
      And "/tmp/root/made/$TOKEN" exists in container "worker"
      And exactly one audit tells of it:
        | attackType  | explicitlyDeniedProcess |
        | effect      | alert                   |
        | processPath | /tmp/root/bin/mkdir     |
      When the runtime rule "directories" becomes:
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And container "worker" runs "chroot /tmp/root /bin/mkdir /made/$TOKEN"
      Then the program did not succeed
      And "/tmp/root/made/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType  | explicitlyDeniedProcess |
        | effect      | prevent                 |
        | processPath | /tmp/root/bin/mkdir     |

  Rule: The calls of another architecture start nothing that is denied

    @evasion-006 @V11 @core
    Scenario: The control: the 32-bit call works where there is no Defender
      Given the task definition "plain"
      And the task is running without a Defender
      When container "worker" runs "/usr/bin/mkdir /tmp/$TOKEN" by interrupt
      Then the program ran and exited with 0
      And "/tmp/$TOKEN" exists in container "worker"

    @evasion-007 @V11 @core
    Scenario: The 32-bit call
      Given the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When container "worker" runs "/usr/bin/mkdir /tmp/$TOKEN" by interrupt
      Then the program never ran
      And "/tmp/$TOKEN" does not exist in container "worker"
      And the log of container "worker" has "system calls of 32-bit programs"
