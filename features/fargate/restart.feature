@task @life
Feature: The restart policy of a container
  A container with a restart policy is started again when it ends, but not too soon, not after a code to ignore, and not while
  the task stops. A period is at least 60 seconds; here it is 60 times as fast.

  Rule: It is the same container that is started again, essential or not, with what it has written

    @fargate-145 @T76 @extended
    Scenario Outline: A container that ended after its period, and is essential: <essential>
      Given the task definition "two-apps" with "containerDefinitions[1].restartPolicy" set to {"enabled": true, "restartAttemptPeriod": 60}
      And "containerDefinitions[1].entryPoint" of it set to ["sh", "-c", "if test -e /tmp/life; then echo another life; exec actor serve; fi; touch /tmp/life; sleep 1.3; exit 3"]
      And "containerDefinitions[1].essential" of it set to <essential>
      And health checks and restart periods run 60 times as fast
      And the task is running without a Defender
      Then container "second" was started 2 times
      And the task is still running
      And the log of container "second" has "another life"
      And container "first" was started 1 time

      Examples:
        | essential |
        | true      |
        | false     |

  Rule: It is not started again within its period, after a code to ignore, or without a policy that is enabled

    @fargate-146 @T76 @extended
    Scenario Outline: A container that <ends>
      Given the task definition "plain" with "containerDefinitions[0].restartPolicy" set to <policy>
      And "containerDefinitions[0].entryPoint" of it set to ["sh", "-c", "sleep 1.3; exit 3"]
      And "containerDefinitions[0].command" of it set to []
      And health checks and restart periods run 60 times as fast
      When the task runs to its end without a Defender
      Then container "worker" was started 1 time
      And container "worker" exited with 3
      And the task stopped with "EssentialContainerExited" because "Essential container in task exited"

      Examples:
        | ends                        | policy                                                                    |
        | ends within its period      | {"enabled": true, "restartAttemptPeriod": 600}                            |
        | ends with a code to ignore  | {"enabled": true, "restartAttemptPeriod": 60, "ignoredExitCodes": [2, 3]} |
        | has a policy that is not on | {"enabled": false, "restartAttemptPeriod": 60}                            |

    @fargate-147 @T76 @extended
    Scenario: A container that ends again within its period
      Given the task definition "plain" with "containerDefinitions[0].restartPolicy" set to {"enabled": true, "restartAttemptPeriod": 60}
      And "containerDefinitions[0].entryPoint" of it set to ["sh", "-c", "if test -e /tmp/life; then exit 4; fi; touch /tmp/life; sleep 1.3; exit 3"]
      And "containerDefinitions[0].command" of it set to []
      And health checks and restart periods run 60 times as fast
      When the task runs to its end without a Defender
      Then container "worker" was started 2 times
      And container "worker" exited with 4
      And the task stopped with "EssentialContainerExited" because "Essential container in task exited"

  Rule: Nothing is started again while the task stops

    @fargate-148 @T77 @extended
    Scenario: A container that ends because it was told to
      Given the task definition "plain" with "containerDefinitions[0].restartPolicy" set to {"enabled": true, "restartAttemptPeriod": 60}
      And "containerDefinitions[0].entryPoint" of it set to ["sh", "-c", "(sleep 1.3; echo old enough) & exec actor serve --on-term exit 5"]
      And "containerDefinitions[0].command" of it set to []
      And "containerDefinitions[0].stopTimeout" of it set to 5
      And health checks and restart periods run 60 times as fast
      And the task is running without a Defender
      And container "worker" has written "old enough"
      When the task is stopped
      Then container "worker" was started 1 time
      And container "worker" exited with 5
      And the task stopped with "UserInitiated" because "Task stopped by user"
