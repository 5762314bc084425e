@task
Feature: The life of a Fargate task
  Containers start when what they depend on is as far, stop in the reverse order, and the task ends with its essential ones.

  Rule: START waits for a start, and one that has ended already will do

    @fargate-060 @T53 @core
    Scenario: A container that runs
      Given the task definition "two-apps" with "containerDefinitions[0].dependsOn" set to [{"containerName": "second", "condition": "START"}]
      And the task is running without a Defender
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
      And "containerDefinitions[1].command" of it set to ["describe", "--exit", "3"]
      And "containerDefinitions[1].essential" of it set to false
      When the task runs to its end without a Defender
      Then container "second" exited before container "first" started
      And container "second" exited with 3
      And container "first" exited with 0

  Rule: SUCCESS wants exit code 0; without it the dependent never runs, and is told to have exited with 143

    @fargate-063 @T56 @core
    Scenario: A container that fails
      Given the task definition "two-apps" with "containerDefinitions[0].dependsOn" set to [{"containerName": "second", "condition": "SUCCESS"}]
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
      And "containerDefinitions[1].healthCheck" of it set to {"command": ["CMD", "test", "!", "-e", "/tmp/ill"], "interval": 5, "retries": 1}
      And the task is running without a Defender
      When container "second" runs "touch /tmp/ill"
      Then container "second" was healthy before container "first" started
      And container "second" becomes unhealthy
      And the task is still running

  Rule: Dependents stop first, the source of volumes last, and all others at once

    @fargate-065 @T61 @T63 @core
    Scenario: Two that depend on a third
      Given the task definition "three-apps"
      And the task is running without a Defender
      When the task is stopped
      Then container "first" exited before container "base" was signalled
      And container "second" exited before container "base" was signalled
      And container "first" was signalled before container "second" exited
      And container "second" was signalled before container "first" exited

  Rule: SIGTERM first, SIGKILL after the stop timeout

    @fargate-066 @T64 @core
    Scenario: An app that does not care
      Given the task definition "plain" with "containerDefinitions[0].stopTimeout" set to 2
      And "containerDefinitions[0].command" of it set to ["serve", "--on-term", "ignore"]
      And the task is running without a Defender
      When the task is stopped
      Then container "worker" exited with 137
      And the task stopped with "UserInitiated" because "Task stopped by user"

    @fargate-067 @T64 @core
    Scenario: An app with a code of its own
      Given the task definition "plain" with "containerDefinitions[0].command" set to ["serve", "--on-term", "exit", "9"]
      And the task is running without a Defender
      When the task is stopped
      Then container "worker" exited with 9

  Rule: The end of any essential container is the end of the task

    @fargate-068 @T67 @T69 @core
    Scenario Outline: The essential container "<name>" ends
      Given the task definition "two-apps" with "containerDefinitions[<index>].command" set to ["describe", "--exit", "4"]
      When the task runs to its end without a Defender
      Then container "<name>" exited with 4
      And container "<other>" exited with 0
      And the task stopped with "EssentialContainerExited" because "Essential container in task exited"

      Examples:
        | index | name   | other  |
        | 0     | first  | second |
        | 1     | second | first  |

  Rule: A container that takes more memory than it may is killed

    @fargate-069 @T71 @extended
    Scenario: An app without end
      Given the task definition "plain" with "containerDefinitions[0].memory" set to 16
      And "containerDefinitions[0].entryPoint" of it set to ["python3", "-c", "b'x' * (256 << 20)"]
      And "containerDefinitions[0].command" of it set to []
      When the task runs to its end without a Defender
      Then container "worker" exited with 137
      And the reason of container "worker" has "OutOfMemoryError"

  Rule: A program that is not there fails the task

    @fargate-070 @T79 @core
    Scenario: An entry point that the image does not have
      Given the task definition "plain" with "containerDefinitions[0].entryPoint" set to ["/not/there"]
      When the task runs to its end without a Defender
      Then the reason of container "worker" has "CannotStartContainerError"
      And the task stopped with "TaskFailedToStart" because "CannotStartContainerError"
