@app
Feature: The app behaves the same under the Defender
  What the policy allows must look to the app as if no Defender were there.

  Rule: Arguments, environment and working directory are those of the bare app

    @app-001 @P24 @E4 @E13 @T48 @core
    Scenario: An app that describes itself
      Given the task definition "describe"
      When the task runs to its end without a Defender
      And the task runs to its end protected
      Then both runs of container "app" show the same arguments, working directory and user
      And the environment differs only by what the embed adds
      And both runs of container "app" exited with 7

  Rule: The exit code of the app is the exit code of the container

    @app-002 @P24 @T66 @core
    Scenario Outline: An app that exits with <code>
      Given the task definition "describe" with the command "describe --exit <code>" for container "app"
      When the task runs to its end protected
      Then container "app" exited with <code>

      Examples:
        | code |
        | 0    |
        | 1    |
        | 42   |

    @app-021 @P24 @provisional
    Scenario Outline: An entry point that <what> (declared choice: as shells have it)
      Given the task definition "describe" with "containerDefinitions[0].entryPoint" set to ["<program>"]
      When the task runs to its end protected
      Then container "app" exited with <code>

      Examples:
        | what                        | program          | code |
        | is not there                | /nowhere/program | 127  |
        | no folder of PATH has       | no-such-program  | 127  |
        | is there and no program     | /etc/passwd      | 126  |
        | is a folder                 | /etc             | 126  |

    @app-023 @E20 @P24 @core
    Scenario Outline: An entry point without a slash, where <what>
      Given the task definition "describe" with "containerDefinitions[0].entryPoint" set to ["<program>"]
      And "containerDefinitions[0].command" of it set to <command>
      And "containerDefinitions[0].environment" of it set to [{"name": "PATH", "value": "<path>"}]
      When the task runs to its end without a Defender
      Then container "app" exited with 0
      When the task runs to its end protected
      Then container "app" exited with 0

      Examples:
        | what                                       | program  | command       | path                |
        | a file that is no program stands before it | hostname | []            | /etc:/usr/bin       |
        | a folder of that name stands before it     | dpkg     | ["--version"] | /usr/share:/usr/bin |

    @app-025 @E20 @P24 @provisional
    Scenario Outline: An entry point without a slash that <what> leads to (declared choice: as shells have it)
      Given the task definition "describe" with "containerDefinitions[0].entryPoint" set to ["true"]
      And "containerDefinitions[0].command" of it set to []
      And "containerDefinitions[0].workingDirectory" of it set to "<folder>"
      And "containerDefinitions[0].environment" of it set to [{"name": "PATH", "value": "<path>"}]
      When the task runs to its end without a Defender
      Then the reason of container "app" has "relative to current directory"
      When the task runs to its end protected
      Then container "app" exited with 127

      Examples:
        | what                   | folder   | path              |
        | an empty part of PATH  | /usr/bin | /nowhere:         |
        | a relative part of it  | /usr     | bin:/usr/bin      |

  Rule: SIGTERM reaches the app within the stop timeout

    @app-003 @X15 @T64 @T66 @core
    Scenario: An app that ends on SIGTERM
      Given the task definition "describe" with the command "sleep-until-signal" for container "app"
      And the protected task is running
      And container "app" has written "ready"
      When the task is stopped
      Then the log of container "app" has "SIGTERM"
      And container "app" exited with 0

  Rule: A relative entry point is found through PATH

    @app-004 @E20 @core
    Scenario: The vendor's sample
      Given the task definition "single"
      And the protected task is running
      When container "twistlock-fargate-task" runs "cat /proc/self/status"
      Then the program ran and exited with 0
      And no audit tells of it

  Rule: The sidecar stops after every app

    @app-005 @T61 @T62 @core
    Scenario: The order of stops
      Given the task definition "web-and-worker"
      And the protected task is running
      When the task is stopped
      Then container "worker" exited before container "TwistlockDefender" exited
      And container "web" exited before container "TwistlockDefender" exited
      And container "worker" exited before container "TwistlockDefender" was signalled
      And container "web" exited before container "TwistlockDefender" was signalled

  Rule: When the sidecar dies, the whole task stops

    @app-006 @X4 @T67 @core
    Scenario: The sidecar is killed
      Given the task definition "web-and-worker"
      And the protected task is running
      When container "TwistlockDefender" is killed
      Then the task stops because an essential container exited

  Rule: The Defender works for a non-root user and in an image without a shell

    @app-007 @X11 @P1 @core
    Scenario Outline: A denied program for <who>
      Given the task definition "<definition>"
      And the runtime rule "no children" for container "app":
        | section   | effect  | option           |
        | processes | prevent | blockAllBinaries |
      And the protected task is running
      When container "app" runs "<program>"
      Then the program never ran
      And exactly one audit tells of it:
        | attackType    | explicitlyDeniedProcess |
        | effect        | prevent                 |
        | containerName | app                     |

      Examples:
        | who                    | definition | program            |
        | a non-root user        | non-root   | touch /tmp/$TOKEN  |
        | an image without files | scratch    | /actor true        |

    @app-008 @X11 @D1 @core
    Scenario Outline: A name that is not allowed, for a non-root user asking by <resolver>
      Given the task definition "non-root"
      And the name "evil.test" resolves to "198.51.100.66"
      And the runtime rule "our names" for container "app":
        | section | effect  | allowed       |
        | dns     | prevent | *.example.com |
      And the protected task is running
      When container "app" looks up "evil.test" with <resolver>
      Then the lookup fails within 1000 milliseconds
      And the resolver was never asked for "evil.test"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |
        | effect     | prevent             |

      Examples:
        | resolver   |
        | python     |
        | musl       |
        | raw sendto |
