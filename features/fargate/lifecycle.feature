@task @life
Feature: The life of a Fargate task
  Containers start when what they depend on is as far, stop in the reverse order, and the task ends with its essential ones.

  Rule: START waits for a start, and one that has ended already will do

    @fargate-060 @T53 @core
    Scenario: A container that runs
      Given the task definition "two-apps" with "containerDefinitions[0].dependsOn" set to [{"containerName": "second", "condition": "START"}]
      And the task is running without a Defender
      And container "first" has written "actor"
      And container "second" has written "actor"
      When the task is stopped
      Then container "second" started before container "first" started
      And container "first" exited before container "second" was signalled

    @fargate-061 @T54 @T68 @core
    Scenario: A container that has ended
      Given the task definition "two-apps" with "containerDefinitions[0].dependsOn" set to [{"containerName": "second", "condition": "START"}]
      And "containerDefinitions[1].command" of it set to ["true"]
      And "containerDefinitions[1].essential" of it set to false
      And the task is running without a Defender
      When container "first" runs "true"
      Then container "second" exited with 0
      And the task is still running

  Rule: COMPLETE waits for the end, whatever the exit code

    @fargate-062 @T55 @core
    Scenario: A container that fails first
      Given the task definition "two-apps" with "containerDefinitions[0].dependsOn" set to [{"containerName": "second", "condition": "COMPLETE"}]
      And "containerDefinitions[0].command" of it set to ["true"]
      And "containerDefinitions[1].entryPoint" of it set to ["sh", "-c", "sleep 1; exit 3"]
      And "containerDefinitions[1].essential" of it set to false
      When the task runs to its end without a Defender
      Then container "second" exited before container "first" started
      And container "second" exited with 3
      And container "first" exited with 0

  Rule: SUCCESS wants exit code 0; without it the dependent never runs, and is told to have exited with 143

    @fargate-063 @T56 @core
    Scenario: A container that fails
      Given the task definition "two-apps" with "containerDefinitions[0].dependsOn" set to [{"containerName": "second", "condition": "SUCCESS"}]
      And "containerDefinitions[0].command" of it set to ["true"]
      And "containerDefinitions[1].command" of it set to ["describe", "--exit", "3"]
      And "containerDefinitions[1].essential" of it set to false
      When the task runs to its end without a Defender
      Then container "first" never ran
      And container "first" exited with 143
      And the reason of container "first" has "CannotStartContainerError"

  Rule: HEALTHY waits for health, and only for the start

    @fargate-064 @T57 @T75 @core
    Scenario: A container that is healthy once
      Given the task definition "two-apps" with "containerDefinitions[0].dependsOn" set to [{"containerName": "second", "condition": "HEALTHY"}]
      And "containerDefinitions[1].entryPoint" of it set to ["sh", "-c", "(sleep 1; touch /tmp/well) & exec actor serve"]
      And "containerDefinitions[1].healthCheck" of it set to {"command": ["CMD", "test", "-e", "/tmp/well"], "interval": 5, "retries": 1, "startPeriod": 20}
      And health checks and restart periods run 10 times as fast
      And the task is running without a Defender
      Then the health of container "second" becomes "HEALTHY"
      And container "second" was healthy before container "first" started
      When container "second" runs "rm -f /tmp/well"
      Then container "second" becomes unhealthy
      And the task is still running

  Rule: Dependents stop first, the source of volumes last, and all others at once

    @fargate-065 @T61 @T63 @core
    Scenario: Two that depend on a third
      Given the task definition "three-apps"
      And the task is running without a Defender
      And container "base" has written "actor"
      And container "first" has written "actor"
      And container "second" has written "actor"
      When the task is stopped
      Then container "first" exited before container "base" was signalled
      And container "second" exited before container "base" was signalled
      And container "first" was signalled before container "second" exited
      And container "second" was signalled before container "first" exited

  Rule: A log router is up before those who log through it, and down behind them, without a word in the definition

    @fargate-165 @T102 @extended
    Scenario: An app that logs through a router
      Given the task definition "two-apps" with "containerDefinitions[0].logConfiguration" set to {"logDriver": "awsfirelens"}
      And "containerDefinitions[1].firelensConfiguration" of it set to {"type": "fluentbit"}
      And the task is running without a Defender
      And container "first" has written "actor"
      And container "second" has written "actor"
      When the task is stopped
      Then container "second" started before container "first" started
      And container "first" exited before container "second" was signalled

    @fargate-166 @T102 @extended
    Scenario: A router that waits for one of them closes no circle
      Given the task definition "three-apps" with "containerDefinitions[1].logConfiguration" set to {"logDriver": "awsfirelens"}
      And "containerDefinitions[0].logConfiguration" of it set to {"logDriver": "awsfirelens"}
      And "containerDefinitions[0].command" of it set to ["true"]
      And "containerDefinitions[0].essential" of it set to false
      And "containerDefinitions[1].dependsOn" of it set to []
      And "containerDefinitions[2].firelensConfiguration" of it set to {"type": "fluentbit"}
      And "containerDefinitions[2].dependsOn" of it set to [{"containerName": "base", "condition": "SUCCESS"}]
      And the task is running without a Defender
      Then container "base" exited before container "second" started
      And container "second" started before container "first" started

  Rule: SIGTERM first, SIGKILL after the stop timeout

    @fargate-066 @T64 @core
    Scenario: An app that does not care
      Given the task definition "plain" with "containerDefinitions[0].stopTimeout" set to 2
      And "containerDefinitions[0].command" of it set to ["serve", "--on-term", "ignore"]
      And the task is running without a Defender
      And container "worker" has written "actor"
      When the task is stopped
      Then container "worker" was killed 2 seconds after it was told to stop
      And container "worker" exited with 137
      And the task stopped with "UserInitiated" because "Task stopped by user"

    @fargate-067 @T64 @core
    Scenario: An app with a code of its own
      Given the task definition "plain" with "containerDefinitions[0].command" set to ["serve", "--on-term", "exit", "9"]
      And the task is running without a Defender
      And container "worker" has written "actor"
      When the task is stopped
      Then container "worker" exited with 9

  Rule: The end of any essential container is the end of the task

    @fargate-068 @T67 @T69 @core
    Scenario Outline: The essential container "<name>" ends
      Given the task definition "two-apps" with "containerDefinitions[<index>].command" set to ["describe", "--exit", "4"]
      And "containerDefinitions[<index>].dependsOn" of it set to [{"containerName": "<other>", "condition": "HEALTHY"}]
      And "containerDefinitions[<index of the other>].healthCheck" of it set to {"command": ["CMD", "curl", "-sf", "http://127.0.0.1:<port>/"]}
      When the task runs to its end without a Defender
      Then container "<name>" exited with 4
      And container "<other>" exited with 0
      And the task stopped with "EssentialContainerExited" because "Essential container in task exited"

      Examples:
        | index | name   | other  | index of the other | port |
        | 0     | first  | second | 1                  | 7002 |
        | 1     | second | first  | 0                  | 7001 |

  Rule: A stop timeout is 30 seconds unless the definition says otherwise

    @fargate-120 @T65 @extended
    Scenario: What a definition without one gives
      Given the task definition "two-apps" with "containerDefinitions[1].stopTimeout" set to 120
      Then container "first" would have 30 seconds to stop
      And container "second" would have 120 seconds to stop

  Rule: A dependency that is not as far within its startTimeout fails its dependents; START has no such limit

    @fargate-122 @T60 @extended
    Scenario: A container that never gets healthy
      Given the task definition "two-apps" with "containerDefinitions[0].dependsOn" set to [{"containerName": "second", "condition": "HEALTHY"}]
      And "containerDefinitions[0].command" of it set to ["true"]
      And "containerDefinitions[1].healthCheck" of it set to {"command": ["CMD", "false"]}
      And "containerDefinitions[1].startTimeout" of it set to 2
      When the task runs to its end without a Defender
      Then container "first" never ran
      And container "first" exited with 143
      And the reason of container "first" has "startTimeout of `second` exceeded"
      And the task stopped with "TaskFailedToStart" because "CannotStartContainerError"

    @fargate-123 @T60 @extended
    Scenario: A container that has started long ago
      Given the task definition "three-apps" with "containerDefinitions[0].startTimeout" set to 2
      And "containerDefinitions[1].dependsOn" of it set to [{"containerName": "base", "condition": "START"}, {"containerName": "second", "condition": "COMPLETE"}]
      And "containerDefinitions[2].entryPoint" of it set to ["sleep", "2.5"]
      And "containerDefinitions[2].command" of it set to []
      And "containerDefinitions[2].essential" of it set to false
      And the task is running without a Defender
      Then container "second" exited with 0
      And container "second" exited before container "first" started
      And the task is still running

  Rule: A task goes through all its states in order

    @fargate-124 @T80 @core
    Scenario: From PROVISIONING to STOPPED
      Given the task definition "two-apps"
      And the task is running without a Defender
      And container "first" has written "actor"
      And container "second" has written "actor"
      When the task is stopped
      Then the task went through "PROVISIONING PENDING ACTIVATING RUNNING DEACTIVATING STOPPING DEPROVISIONING STOPPED"

  Rule: Containers share the processor as their definition says

    @fargate-125 @T73 @extended
    Scenario: One that names its share and one that does not
      Given the task definition "two-apps" with "containerDefinitions[0].cpu" set to 128
      And the task is running without a Defender
      Then container "first" has 512 CPU shares
      And container "second" has 8 CPU shares
