@failures
Feature: A Console that is away, slow, or was never there
  The Defender decides alone, by the last policy that it has. What it has to tell it keeps until the Console takes it.

  Background:
    Given the task definition "web-and-worker"
    And the runtime rule "no directories" for container "worker":
      | section   | effect  | denied |
      | processes | prevent | mkdir  |

  Rule: A Console that is lost takes no policy along, and gets every audit when it is back: once, in order, with its own time

    @failures-001 @X1 @needs:processes @core
    Scenario: Two denied programs while the Console is away
      Given the protected task is running
      When the Console cannot be reached any more
      And container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program never ran
      When container "worker" runs "true"
      Then the program ran and exited with 0
      When container "worker" runs "mkdir -p /tmp/$TOKEN"
      Then the program never ran
      When the Console can be reached again
      Then exactly one audit tells of it:
        | effect   | prevent             |
        | ruleName | no directories      |
        | time     | within the stimulus |
      And one audit each tells of the last 2 denied programs, in their order
      And the Console lists 2 runtime audits for ""
      And no container was restarted

    @failures-002 @X1 @needs:processes @core
    Scenario: A policy that was changed meanwhile
      Given the protected task is running
      When the Console cannot be reached any more
      And the Console is given the runtime rule "no directories" as:
        | section   | effect | denied |
        | processes | alert  | mkdir  |
      And container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program never ran
      When the Console can be reached again
      And the policy of the Console is in force
      Then exactly one audit tells of it:
        | effect | prevent |
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      And exactly one audit tells of it:
        | effect | alert |

    @failures-003 @X1 @needs:processes @extended
    Scenario: Acknowledgements that were lost
      Given the Console has the fault "link-lose-acks"
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then exactly one audit tells of it:
        | effect | prevent |
      When the Console closes its links
      And the Defender has connected again
      Then exactly one audit tells of it:
        | effect | prevent             |
        | time   | within the stimulus |

  Rule: A Console that is never there keeps no app down; without a policy nothing is denied, and nothing is told (declared choice)

    @failures-010 @X2 @provisional
    Scenario Outline: <fault> from the beginning
      Given the Console has the fault "<fault>"
      And the protected task is running, whatever the Console hears of it
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      And the log of container "TwistlockDefender" has "<log>"
      When the list of Defenders is read with "type=fargate"
      Then there are 0 rows

      Examples:
        | fault       | log               |
        | link-refuse | Console at        |
        | link-hang   | no answer in time |

    @failures-012 @X2 @X14 @needs:processes @provisional
    Scenario: A Console that takes its time is waited for (declared choice: five seconds)
      Given the Console has the fault "link-slow:1200"
      And the task definition "program"
      And "containerDefinitions[0].command" of it set to ["sh", "-c", "mkdir /tmp/first; echo tried; actor serve"]
      And the runtime rule "none at the start" for container "app":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running, whatever the Console hears of it
      And container "app" has written "tried"
      When the task does what it does by itself
      Then exactly one audit tells of it:
        | effect      | prevent           |
        | ruleName    | none at the start |
        | processPath | /usr/bin/mkdir    |
      And "/tmp/first" does not exist in container "app"

    @failures-011 @X2 @provisional
    Scenario: A Console that comes late
      Given the Console cannot be reached
      And the protected task is running, whatever the Console hears of it
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      When the Console can be reached again
      And the policy of the Console is in force
      And container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program never ran
      And exactly one audit tells of it:
        | effect | prevent |
      And no container was restarted

  Rule: A Console that takes a minute for each word slows no program down

    @failures-020 @X14 @needs:processes @extended
    Scenario: Programs while the Console is slow
      Given the protected task is running
      When the Console has the fault "link-slow:60000"
      And container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program never ran
      And the program was over within 2000 milliseconds
      When container "worker" runs "mkdir -p /tmp/$TOKEN"
      Then the program never ran
      And the program was over within 2000 milliseconds
      When the Console no longer has the fault "link-slow:60000"
      And the Console closes its links
      And the Defender has connected again
      Then exactly one audit tells of it:
        | effect | prevent             |
        | time   | within the stimulus |

  Rule: Nor does a sidecar that is started again, while its Console is away, take a policy along

    @failures-005 @X1 @X4 @needs:processes @extended
    Scenario: A sidecar that is killed, started again and healthy without a Console
      Given the embedded sidecar is not essential
      And "containerDefinitions[2].restartPolicy" of the embedded definition set to {"enabled": true, "restartAttemptPeriod": 60}
      And health checks and restart periods run 600 times as fast
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program never ran
      When the Console cannot be reached any more
      And container "TwistlockDefender" is killed
      Then container "TwistlockDefender" was started 2 times
      And the health of container "TwistlockDefender" becomes "HEALTHY"
      When container "worker" runs "mkdir -p /tmp/$TOKEN"
      Then the program never ran
      When the Console can be reached again
      Then exactly one audit tells of it:
        | effect   | prevent             |
        | ruleName | no directories      |
        | time     | within the stimulus |
      And the task is still running

    @failures-008 @X4 @A4 @needs:processes @extended
    Scenario: What was told to a sidecar that took it in no more
      Given the embedded sidecar is not essential
      And "containerDefinitions[2].restartPolicy" of the embedded definition set to {"enabled": true, "restartAttemptPeriod": 60}
      And health checks and restart periods run 600 times as fast
      And the protected task is running
      When container "worker" runs "true"
      Then the program ran and exited with 0
      When container "TwistlockDefender" gets the signal "SIGSTOP"
      And container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program never ran
      When container "TwistlockDefender" is killed
      Then container "TwistlockDefender" was started 2 times
      And the health of container "TwistlockDefender" becomes "HEALTHY"
      When the policy of the Console is in force
      Then exactly one audit tells of it:
        | effect   | prevent             |
        | ruleName | no directories      |
        | time     | within the stimulus |
      And the task is still running

    @failures-006 @X1 @X4 @D1 @needs:dns @extended
    Scenario: Names, and what is reached, over a sidecar that is started again without a Console
      Given the name "evil.test" resolves to "198.51.100.66"
      And the name "fine.test" resolves to "198.51.100.67"
      And the runtime rule "no names" for container "web":
        | section | effect  | denied    |
        | dns     | prevent | evil.test |
      And the embedded sidecar is not essential
      And "containerDefinitions[2].restartPolicy" of the embedded definition set to {"enabled": true, "restartAttemptPeriod": 60}
      And health checks and restart periods run 600 times as fast
      And the protected task is running
      When the Console cannot be reached any more
      And container "TwistlockDefender" is killed
      Then container "TwistlockDefender" was started 2 times
      And the health of container "TwistlockDefender" becomes "HEALTHY"
      When container "web" looks up "fine.test" with python
      Then the name resolves to "198.51.100.67"
      When container "web" looks up "evil.test" with python
      Then the lookup fails within 1000 milliseconds
      And the resolver was never asked for "evil.test"
      When the Console can be reached again
      Then exactly one audit tells of it:
        | effect   | prevent             |
        | ruleName | no names            |
        | time     | within the stimulus |

    @failures-007 @X1 @X4 @W124 @needs:waas @extended
    Scenario: The firewall of a sidecar that is started again without a Console lets nothing through before it has its policy (declared choice)
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the embedded sidecar is not essential
      And "containerDefinitions[2].restartPolicy" of the embedded definition set to {"enabled": true, "restartAttemptPeriod": 60}
      And health checks and restart periods run 600 times as fast
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response has status 200
      When the Console cannot be reached any more
      And container "TwistlockDefender" is killed
      Then container "TwistlockDefender" was started 2 times
      And the health of container "TwistlockDefender" becomes "HEALTHY"
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80
      Then the server refused the connection
      When the Console can be reached again
      And the policy of the Console is in force
      And a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80
      Then the response is the block page
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response has status 200

  Rule: A Defender that stays away is forgotten after an hour, with its observations

    @failures-030 @X5 @extended
    Scenario: An hour without the Defender
      Given the protected task is running
      When the Console cannot be reached any more
      And 59 minutes pass on the clock of the Console
      And the list of Defenders is read with "type=fargate&connected=false"
      Then it has one Defender whose host name is the App ID of the task
      When the profiles are read
      Then there is one profile each for containers "web, worker" with image "proofhouse/userland"
      When 2 minutes pass on the clock of the Console
      And the list of Defenders is read with "type=fargate"
      Then there are 0 rows
      When the profiles are read
      Then there are 0 rows

    @failures-031 @X5 @extended
    Scenario: A Defender that comes back
      Given the protected task is running
      When the Console cannot be reached any more
      And 61 minutes pass on the clock of the Console
      And the list of Defenders is read with "type=fargate"
      Then there are 0 rows
      When the Console can be reached again
      And the policy of the Console is in force
      And the list of Defenders is read with "type=fargate&connected=true"
      Then it has one Defender whose host name is the App ID of the task
      When the profiles are read
      Then there is one profile each for containers "web, worker" with image "proofhouse/userland"
