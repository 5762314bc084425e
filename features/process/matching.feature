@process @needs:processes
Feature: Which program a name means
  A list holds names. What counts is the executable that would run, whatever path or link led to it.

  Background:
    Given the task definition "web-and-worker"

  Rule: A name matches the program wherever it lies, and nothing that only begins like it

    @process-020 @P7 @core
    Scenario Outline: Denying ls stops <program>
      Given the runtime rule "no listings" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | ls     |
      And the protected task is running
      When container "worker" runs "<program> /"
      Then the program never ran
      And exactly one audit tells of it:
        | attackType  | explicitlyDeniedProcess |
        | processPath | /usr/bin/ls             |

      Examples:
        | program     |
        | ls          |
        | /bin/ls     |
        | /usr/bin/ls |

    @process-021 @P7 @core
    Scenario: Denying ls leaves lsattr alone
      Given the runtime rule "no listings" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | ls     |
      And the protected task is running
      When container "worker" runs "lsattr -d /usr"
      Then the program ran
      And no audit tells of it

  Rule: A link does not hide a denied program, and the audit shows the real executable (declared choice)

    @process-022 @evasion @P8 @extended
    Scenario: A symbolic link to a denied program
      Given the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      And container "worker" has run "ln -s /usr/bin/mkdir /tmp/innocent"
      When container "worker" runs "/tmp/innocent /tmp/$TOKEN"
      Then the program never ran
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType  | explicitlyDeniedProcess |
        | processPath | /usr/bin/mkdir          |

    @process-023 @P8 @extended
    Scenario: An applet of a multi-call program is denied by the name it is called by
      Given the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      And container "worker" has run "ln -s /usr/bin/busybox /tmp/mkdir"
      When container "worker" runs "/tmp/mkdir /tmp/$TOKEN"
      Then the program never ran
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType  | explicitlyDeniedProcess |
        | processPath | /usr/bin/busybox        |

  Rule: Denying an interpreter stops the scripts that name it

    @process-024 @evasion @P9 @extended
    Scenario: A script whose interpreter is denied
      Given the runtime rule "no bash" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | bash   |
      And the protected task is running
      And container "worker" has the program "/tmp/script":
        """
        #!/bin/bash
        mkdir /tmp/made-by-script
        """
      When container "worker" runs "/tmp/script $TOKEN"
      Then the program never ran
      And "/tmp/made-by-script" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedProcess |
        | effect     | prevent                 |

  Rule: What a shell does by itself starts no program and gives no audit

    @process-025 @P15 @core
    Scenario: Shell builtins
      Given the task definition "plain"
      And the runtime rule "shell only" for container "worker":
        | section   | effect  | allowed    |
        | processes | prevent | sh, dash   |
      And the protected task is running
      When container "worker" runs "sh -c 'cd /tmp && echo builtin'"
      Then the program ran and exited with 0
      And its output is "builtin"
      And no audit tells of it
