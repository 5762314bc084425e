@process @evasion @needs:processes
Feature: A program is the file that runs
  Paths can be changed, unlinked, linked and written in several ways. What counts is the file that the kernel runs, and what that
  file is made to run.

  Background:
    Given the task definition "web-and-worker"

  Rule: What runs from memory, or from a file without a name, is judged by what it is

    @process-040 @V3 @core
    Scenario Outline: A program from <where>, where new binaries are refused
      Given the runtime rule "nothing new" for container "worker":
        | section   | effect  | option           |
        | processes | prevent | checkNewBinaries |
      And the protected task is running
      And container "worker" has the program "/tmp/start":
        """
        #!/usr/bin/python3
        import os, sys
        where, target = sys.argv[1:]
        body = open("/usr/bin/mkdir", "rb").read()
        if where == "memory":
            file = os.memfd_create("innocent")
            os.write(file, body)
        else:
            made = os.open("/tmp/made", os.O_WRONLY | os.O_CREAT, 0o755)
            os.write(made, body)
            os.close(made)
            file = os.open("/tmp/made", os.O_RDONLY)
            os.unlink("/tmp/made")
        os.execve(file, ["innocent", target], {})
        """
      When container "worker" runs "python3 /tmp/start <where> /tmp/$TOKEN"
      Then the program did not succeed
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType  | modifiedProcess |
        | effect      | prevent         |
        | processPath | <told>          |

      Examples:
        | where    | told            |
        | memory   | /memfd:innocent |
        | unlinked | /tmp/made       |

  Rule: A path of a list means the file that it leads to

    @process-041 @V4 @core
    Scenario Outline: <entry> is denied, <start> is started
      Given the runtime rule "no directories" for container "worker":
        | section   | effect  | denied  |
        | processes | prevent | <entry> |
      And the protected task is running
      When container "worker" runs "<start> /tmp/$TOKEN"
      Then the program never ran
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType  | explicitlyDeniedProcess |
        | effect      | prevent                 |
        | processPath | /usr/bin/mkdir          |

      Examples:
        | entry          | start          |
        | /bin/mkdir     | /usr/bin/mkdir |
        | /bin/mkdir     | mkdir          |
        | /usr/bin/mkdir | /bin/mkdir     |
        | /bin/mk*       | /usr/bin/mkdir |

    @process-042 @V4 @core
    Scenario: A path by another way is allowed, and what is not listed is not
      Given the runtime rule "only these" for container "worker":
        | section   | effect  | allowed                 |
        | processes | prevent | actor, /bin/sh, /bin/ls |
      And the protected task is running
      When container "worker" runs "sh -c 'echo $(/usr/bin/ls -d /tmp) $(/bin/ls -d /tmp); mkdir /tmp/$TOKEN'"
      Then its output is "/tmp /tmp"
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType  | explicitlyDeniedProcess |
        | processPath | /usr/bin/mkdir          |

    @process-043 @V4 @core
    Scenario: An audit says both names
      Given the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When container "worker" runs "/bin/mkdir /tmp/$TOKEN"
      Then the program never ran
      And exactly one audit tells of it:
        | processPath | /usr/bin/mkdir |
      And the message of the audit matches "^/usr/bin/mkdir .started as /bin/mkdir. launched and is explicitly denied"

  Rule: What the dynamic loader is given to run is judged

    @process-044 @V5 @core
    Scenario Outline: <loader> runs a denied program
      Given the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      And container "worker" has run "cp /lib64/ld-linux-x86-64.so.2 /tmp/harmless"
      When container "worker" runs "<loader> --inhibit-cache /usr/bin/mkdir /tmp/$TOKEN"
      Then the program never ran
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType  | explicitlyDeniedProcess |
        | processPath | /usr/bin/mkdir          |

      Examples:
        | loader                      |
        | /lib64/ld-linux-x86-64.so.2 |
        | /tmp/harmless               |

    @process-062 @V5 @core
    Scenario Outline: The dynamic loader runs a denied program <how>
      Given the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When container "worker" runs "/lib64/ld-linux-x86-64.so.2 <options> /usr/bin/mkdir /tmp/$TOKEN"
      Then the program never ran
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType  | explicitlyDeniedProcess |
        | processPath | /usr/bin/mkdir          |

      Examples:
        | how                   | options                          |
        | under another name    | --argv0 true                     |
        | with libraries of its own | --library-path /lib --argv0 ls |

  Rule: A file in memory is judged by the name that its maker gave it

    @process-063 @V13 @extended
    Scenario: The name of a denied program
      Given the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      And container "worker" has the program "/tmp/in-memory":
        """
        #!/usr/bin/python3
        import os, sys
        memory = os.memfd_create("mkdir")
        with open("/usr/bin/mkdir", "rb") as file:
            os.write(memory, file.read())
        try:
            os.execve(memory, ["anything", sys.argv[1]], {})
        except OSError:
            print("refused")
        """
      When container "worker" runs "/tmp/in-memory /tmp/$TOKEN"
      Then "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType  | explicitlyDeniedProcess |
        | processPath | /memfd:mkdir            |

  Rule: An applet is judged by its own name

    @process-045 @V6 @core
    Scenario: A denied applet
      Given the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When container "worker" runs "busybox mkdir /tmp/$TOKEN"
      Then the program never ran
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedProcess |
        | effect     | prevent                 |

    @process-048 @V6 @core
    Scenario Outline: A denied applet, <way>
      Given the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When container "worker" runs "<command>"
      Then the program never ran
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedProcess |
        | effect     | prevent                 |

      Examples:
        | way                                      | command                           |
        | behind the program's own name            | busybox busybox mkdir /tmp/$TOKEN |
        | behind two of its own names, by its path | busybox /usr/bin/busybox busybox mkdir /tmp/$TOKEN |

    @process-049 @V6 @core
    Scenario Outline: A denied applet, with the dash of a login shell before <what>
      Given the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When container "worker" runs "<command>"
      Then "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedProcess |
        | effect     | prevent                 |

      Examples:
        | what              | command                                                     |
        | its name          | bash -c 'exec -a -mkdir /usr/bin/busybox /tmp/$TOKEN'       |
        | the program's own | bash -c 'exec -a -busybox /usr/bin/busybox mkdir /tmp/$TOKEN' |

    @process-046 @V6 @core
    Scenario: Another applet of the same program
      Given the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When container "worker" runs "busybox echo mkdir"
      Then the program ran and exited with 0
      And its output is "mkdir"
      And no audit tells of it

  Rule: What an interpreter reads is data (declared limit)

    @process-047 @Z7 @extended
    Scenario: A script that is no program of its own
      Given the runtime rule "no such script" for container "worker":
        | section   | effect  | denied    |
        | processes | prevent | script.sh |
      And the protected task is running
      And container "worker" has the program "/tmp/script.sh":
        """
        #!/bin/sh
        echo it ran
        """
      When container "worker" runs "sh /tmp/script.sh"
      Then the program ran and exited with 0
      And its output is "it ran"
      And no audit tells of it
