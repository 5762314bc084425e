@evasion @needs:processes
Feature: A denied program under another name
  Whoever may write can give a program another name: by a hard link, by a move, by a copy, in memory. A list of names knows it by
  its name; a list of what may run, and the detection of new files, know it all the same.

  Background:
    Given the task definition "web-and-worker"

  Rule: A program under another name is not on a list of what may run

    @evasion-010 @V12 @core
    Scenario Outline: <how>, where only some may run
      Given the runtime rule "these" for container "worker":
        | section   | effect | allowed       |
        | processes | alert  | actor, <with> |
      And the protected task is running
      And container "worker" has run "<prepared>"
      When container "worker" runs "/tmp/innocent /tmp/$TOKEN"
      Then the program ran and exited with 0
      And "/tmp/$TOKEN" exists in container "worker"
      When the runtime rule "these" becomes:
        | section   | effect  | allowed       |
        | processes | prevent | actor, <with> |
      And container "worker" runs "/tmp/innocent /tmp/$TOKEN"
      Then the program never ran
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType  | explicitlyDeniedProcess |
        | effect      | prevent                 |
        | processPath | /tmp/innocent           |

      Examples:
        | how         | with | prepared                        |
        | A hard link | ln   | ln /usr/bin/mkdir /tmp/innocent |
        | A move      | mv   | mv /usr/bin/mkdir /tmp/innocent |
        | A copy      | cp   | cp /usr/bin/mkdir /tmp/innocent |

  Rule: A program under another name is a new file, and told of as one

    @evasion-011 @V12 @P17 @core
    Scenario Outline: <how>, where nothing new may run
      Given the runtime rule "new" for container "worker":
        | section   | effect | option           |
        | processes | alert  | checkNewBinaries |
      And the protected task is running
      And container "worker" has run "<prepared>"
      When container "worker" runs "/tmp/innocent /tmp/$TOKEN"
      Then the program ran and exited with 0
      And "/tmp/$TOKEN" exists in container "worker"
      When the runtime rule "new" becomes:
        | section   | effect  | option           |
        | processes | prevent | checkNewBinaries |
      And container "worker" runs "/tmp/innocent /tmp/$TOKEN"
      Then the program never ran
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType  | modifiedProcess |
        | effect      | prevent         |
        | processPath | /tmp/innocent   |

      Examples:
        | how         | prepared                        |
        | A hard link | ln /usr/bin/mkdir /tmp/innocent |
        | A move      | mv /usr/bin/mkdir /tmp/innocent |
        | A copy      | cp /usr/bin/mkdir /tmp/innocent |

    @evasion-012 @V12 @V3 @core
    Scenario: A file in memory, where nothing new may run
      Given the runtime rule "new" for container "worker":
        | section   | effect | option           |
        | processes | alert  | checkNewBinaries |
      And the protected task is running
      When container "worker" runs "/usr/bin/mkdir /tmp/$TOKEN" by memory
      Then the program ran and exited with 0
      And "/tmp/$TOKEN" exists in container "worker"
      When the runtime rule "new" becomes:
        | section   | effect  | option           |
        | processes | prevent | checkNewBinaries |
      And container "worker" runs "/usr/bin/mkdir /tmp/$TOKEN" by memory
      Then the program never ran
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType  | modifiedProcess  |
        | effect      | prevent          |
        | processPath | /memfd:innocent  |

  Rule: A denied program stays denied under another name

    @evasion-013 @V13 @extended
    Scenario Outline: <how>
      Given the runtime rule "directories" for container "worker":
        | section   | effect  |
        | processes | disable |
      And the protected task is running
      And container "worker" has run "<prepared>"
      When container "worker" runs "/tmp/innocent /tmp/$TOKEN"
      Then the program ran and exited with 0
      And "/tmp/$TOKEN" exists in container "worker"
      When the runtime rule "directories" becomes:
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And container "worker" runs "/tmp/innocent /tmp/$TOKEN"
      Then the program never ran
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedProcess |
        | effect     | prevent                 |

      Examples:
        | how         | prepared                        |
        | A hard link | ln /usr/bin/mkdir /tmp/innocent |
        | A move      | mv /usr/bin/mkdir /tmp/innocent |
        | A copy      | cp /usr/bin/mkdir /tmp/innocent |

    @evasion-014 @V13 @extended
    Scenario: A file in memory
      Given the runtime rule "directories" for container "worker":
        | section   | effect  |
        | processes | disable |
      And the protected task is running
      When container "worker" runs "/usr/bin/mkdir /tmp/$TOKEN" by memory
      Then the program ran and exited with 0
      And "/tmp/$TOKEN" exists in container "worker"
      When the runtime rule "directories" becomes:
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And container "worker" runs "/usr/bin/mkdir /tmp/$TOKEN" by memory
      Then the program never ran
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedProcess |
        | effect     | prevent                 |
