@failures
Feature: A Defender that cannot do its work from the beginning
  No app runs unprotected in silence.

  Rule: A broken install bundle ends the task, and nothing connects (profiles "current" and "allow-only-21")

    @failures-050 @X3 @extended
    Scenario Outline: A bundle <bundle>
      Given the task definition "plain" with "containerDefinitions[0].entryPoint" set to ["true"]
      And "containerDefinitions[0].command" of it set to []
      And the sidecar has an install bundle <bundle>
      When the task runs to its end protected
      Then container "TwistlockDefender" exited with 1
      And the log of container "TwistlockDefender" has "INSTALL_BUNDLE is broken"
      And container "worker" never ran
      And the list of Defenders is empty

      Examples:
        | bundle          |
        | that is none    |
        | that is cut off |

  Rule: Up to 20.12 an app with a broken install bundle ran unprotected, with a line in the log (profile "legacy-20")

    @failures-051 @X3 @extended
    Scenario: A broken bundle of long ago
      Given the task definition "web-and-worker"
      And the Console has the profile "legacy-20"
      And the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the sidecar has an install bundle that is cut off
      And the protected task is running, whatever the Console hears of it
      Then the log of container "TwistlockDefender" has "The apps run unprotected"
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      And the list of Defenders is empty

  Rule: A bundle that this Console does not take is as good as no Console (declared choice)

    @failures-052 @X3 @X2 @provisional
    Scenario Outline: A bundle <bundle>
      Given the task definition "web-and-worker"
      And the sidecar has an install bundle <bundle>
      And the protected task is running, whatever the Console hears of it
      Then the log of container "TwistlockDefender" has "<log>"
      When container "worker" runs "true"
      Then the program ran and exited with 0
      And the list of Defenders is empty

      Examples:
        | bundle             | log                      |
        | that has expired   | Console at               |
        | of another Console | invalid peer certificate |

  Rule: Without SYS_PTRACE the wrapper refuses to start the app, and says why

    @failures-060 @X8 @extended
    Scenario: The capability was taken away behind the embed
      Given the task definition "plain" with "containerDefinitions[0].entryPoint" set to ["true"]
      And "containerDefinitions[0].command" of it set to []
      And "containerDefinitions[0].linuxParameters" of the embedded definition set to null
      When the task runs to its end protected
      Then container "worker" exited with 125
      And the log of container "worker" has "the app was not started, since it would be unprotected. Add SYS_PTRACE"
      And the task stopped with "EssentialContainerExited" because "Essential container in task exited"

  Rule: The Defender writes nothing but in its volume

    @failures-070 @X10 @needs:processes @extended
    Scenario: A root file system that is read-only
      Given the task definition "web-and-worker" with "containerDefinitions[1].readonlyRootFilesystem" set to true
      And the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When container "worker" runs "touch /tmp/$TOKEN"
      Then the program ran and exited with 1
      When container "worker" runs "mkdir /dev/shm/$TOKEN"
      Then the program never ran
      And exactly one audit tells of it:
        | effect | prevent |

  Rule: With a dead wrapper its app is dead, the others are protected as before, and the sidecar tells of it

    @failures-080 @X12 @needs:processes @provisional
    Scenario: The wrapper of a container that is not essential is killed
      Given the task definition "web-and-worker" with "containerDefinitions[1].essential" set to false
      And the runtime rule "no directories" for container "web":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When container "worker" is killed
      Then container "worker" exited with 137
      And the Defender has counted "vanished_wrappers"
      And the task is still running
      When container "web" runs "mkdir /tmp/$TOKEN"
      Then the program never ran
