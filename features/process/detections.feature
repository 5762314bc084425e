@detections @needs:processes
Feature: Programs that nobody named
  Beside its lists, a rule can have programs looked for that no list names: made or changed after the container's start, other than
  their package brought them, or with the name of a crypto miner. Each of the two switches is its own.

  Background:
    Given the task definition "web-and-worker"

  Rule: Running a file that was made after the start is told of as a modified process

    @process-050 @P17 @extended
    Scenario: A copy that was made after the start
      Given the runtime rule "watch new" for container "worker":
        | section   | effect | option           |
        | processes | alert  | checkNewBinaries |
      And the protected task is running
      And container "worker" has run "cp /usr/bin/mkdir /tmp/made"
      When container "worker" runs "/tmp/made /tmp/$TOKEN"
      Then the program ran and exited with 0
      And "/tmp/$TOKEN" exists in container "worker"
      And exactly one audit tells of it:
        | type             | processes              |
        | attackType       | modifiedProcess        |
        | attackTechniques | foreignBinaryExecution |
        | effect           | alert                  |
        | ruleName         | watch new              |
        | processPath      | /tmp/made              |
      And the message of the audit matches "^A modified executable /tmp/made was launched"
      When the incidents are read
      Then there are 0 rows

    @process-051 @P17 @extended
    Scenario Outline: A program <how> after the start, under prevent
      Given the runtime rule "nothing new" for container "worker":
        | section   | effect  | option           |
        | processes | prevent | checkNewBinaries |
      And the protected task is running
      And container "worker" has run "<prepared>"
      When container "worker" runs "<program> /tmp/$TOKEN"
      Then the program never ran
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType  | modifiedProcess |
        | effect      | prevent         |
        | processPath | <program>       |

      Examples:
        | how                     | prepared                                                        | program        |
        | copied                  | cp /usr/bin/mkdir /tmp/made                                     | /tmp/made      |
        | changed                 | sh -c 'cat /usr/bin/mkdir > /usr/bin/pinky'                     | /usr/bin/pinky |
        | copied with an old date | sh -c 'cp -p /usr/bin/mkdir /tmp/x; touch -d 2001-01-01 /tmp/x' | /tmp/x         |

    @process-052 @P17 @extended
    Scenario: A program that was there at the start
      Given the runtime rule "nothing new" for container "worker":
        | section   | effect  | option                              |
        | processes | prevent | checkNewBinaries, checkCryptoMiners |
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      And no audit tells of it

    @process-053 @P17 @extended
    Scenario: A new program whose name is on the allow list
      Given the runtime rule "these, new or not" for container "worker":
        | section   | effect  | allowed         | option           |
        | processes | prevent | actor, cp, made | checkNewBinaries |
      And the protected task is running
      And container "worker" has run "cp /usr/bin/mkdir /tmp/made"
      When container "worker" runs "/tmp/made /tmp/$TOKEN"
      Then the program ran and exited with 0
      And "/tmp/$TOKEN" exists in container "worker"
      And no audit tells of it

  Rule: Running a file that is not what its package brought is told of, and raises an incident

    @process-054 @P18 @A10 @extended
    Scenario: A file of a package that the image's maker has replaced
      Given the runtime rule "watch altered" for container "worker":
        | section   | effect | option           |
        | processes | alert  | checkNewBinaries |
      And the protected task is running
      When container "worker" runs "pinky 127.0.0.1"
      Then the program ran and exited with 0
      And exactly one audit tells of it:
        | type             | processes             |
        | attackType       | alteredBinary         |
        | attackTechniques | supplyChainCompromise |
        | effect           | alert                 |
        | ruleName         | watch altered         |
        | processPath      | /usr/bin/pinky        |
      And the message of the audit matches "^/usr/bin/pinky launched and is detected as an altered or corrupted package binary"
      When the incidents are read
      Then there are 1 rows with "category" "alteredBinary"
      And there are 1 rows with "/audits/0/processPath" "/usr/bin/pinky"
      And there are 1 rows with "type" "fargate"
      And there are 1 rows

    @process-055 @P18 @extended
    Scenario: Under prevent it never runs
      Given the runtime rule "nothing altered" for container "worker":
        | section   | effect  | option           |
        | processes | prevent | checkNewBinaries |
      And the protected task is running
      When container "worker" runs "pinky 127.0.0.1"
      Then the program never ran
      And exactly one audit tells of it:
        | attackType | alteredBinary |
        | effect     | prevent       |

    @process-056 @P18 @extended
    Scenario: An altered file whose name is on the allow list
      Given the runtime rule "these, altered or not" for container "worker":
        | section   | effect  | allowed      | option           |
        | processes | prevent | actor, pinky | checkNewBinaries |
      And the protected task is running
      When container "worker" runs "pinky 127.0.0.1"
      Then the program ran and exited with 0
      And no audit tells of it

  Rule: A program with the name of a crypto miner is told of, and raises an incident

    @process-057 @P19 @A10 @extended
    Scenario: A harmless program called xmrig
      Given the runtime rule "watch miners" for container "worker":
        | section   | effect | option            |
        | processes | alert  | checkCryptoMiners |
      And the protected task is running
      And container "worker" has run "cp /usr/bin/mkdir /tmp/xmrig"
      When container "worker" runs "/tmp/xmrig /tmp/$TOKEN"
      Then the program ran and exited with 0
      And exactly one audit tells of it:
        | type             | processes          |
        | attackType       | cryptoMinerProcess |
        | attackTechniques | resourceHijacking  |
        | effect           | alert              |
        | ruleName         | watch miners       |
        | processPath      | /tmp/xmrig         |
      And the message of the audit matches "^/tmp/xmrig launched and is identified as a crypto miner"
      When the incidents are read
      Then there are 1 rows with "category" "cryptoMiner"
      And there are 1 rows with "/audits/0/attackType" "cryptoMinerProcess"
      And there are 1 rows with "containerName" "worker"
      And there are 1 rows

    @process-058 @P19 @extended
    Scenario: Under prevent it never runs
      Given the runtime rule "no miners" for container "worker":
        | section   | effect  | option            |
        | processes | prevent | checkCryptoMiners |
      And the protected task is running
      And container "worker" has run "cp /usr/bin/mkdir /tmp/xmrig"
      When container "worker" runs "/tmp/xmrig /tmp/$TOKEN"
      Then the program never ran
      And "/tmp/$TOKEN" does not exist in container "worker"
      And exactly one audit tells of it:
        | attackType | cryptoMinerProcess |
        | effect     | prevent            |

    @process-061 @P19 @provisional
    Scenario: The same name in other letters (declared choice)
      Given the runtime rule "no miners" for container "worker":
        | section   | effect  | option            |
        | processes | prevent | checkCryptoMiners |
      And the protected task is running
      And container "worker" has run "cp /usr/bin/mkdir /tmp/XMRig"
      When container "worker" runs "/tmp/XMRig /tmp/$TOKEN"
      Then the program never ran
      And exactly one audit tells of it:
        | attackType | cryptoMinerProcess |
        | effect     | prevent            |

    @process-059 @P19 @extended
    Scenario: A program whose name only begins like that of a miner
      Given the runtime rule "no miners" for container "worker":
        | section   | effect  | option            |
        | processes | prevent | checkCryptoMiners |
      And the protected task is running
      And container "worker" has run "cp /usr/bin/mkdir /tmp/xmrig-docs"
      When container "worker" runs "/tmp/xmrig-docs /tmp/$TOKEN"
      Then the program ran and exited with 0
      And no audit tells of it

  Rule: A detection that is switched off tells nothing

    @process-060 @P20 @extended
    Scenario Outline: <program>, where <not> is off
      Given the runtime rule "the other switch" for container "worker":
        | section   | effect  | option   |
        | processes | prevent | <option> |
      And the protected task is running
      And container "worker" has run "cp /usr/local/bin/musl-lookup /tmp/made"
      And container "worker" has run "cp /usr/bin/true /tmp/xmrig"
      When container "worker" runs "<program> 127.0.0.1"
      Then the program ran and exited with 0
      And no audit tells of it

      Examples:
        | program        | not               | option            |
        | /tmp/xmrig     | checkCryptoMiners |                   |
        | /tmp/made      | checkNewBinaries  | checkCryptoMiners |
        | /usr/bin/pinky | checkNewBinaries  | checkCryptoMiners |
