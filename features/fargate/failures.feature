@task @life
Feature: What goes wrong in a Fargate task
  A container that cannot run, or is killed, ends the task where it is essential, and tells its reason.

  Rule: Two containers cannot have one port; what that does to the task is for the essential flag to say

    @fargate-130 @T23 @extended
    Scenario: The second is essential
      Given the task definition "two-apps" with "containerDefinitions[0].healthCheck" set to {"command": ["CMD", "curl", "-sf", "http://127.0.0.1:7001/"]}
      And "containerDefinitions[1].dependsOn" of it set to [{"containerName": "first", "condition": "HEALTHY"}]
      And "containerDefinitions[1].command" of it set to ["serve", "--http", "7001"]
      When the task runs to its end without a Defender
      Then the log of container "second" has "Address already in use"
      And container "second" exited with 1
      And container "first" exited with 0
      And the task stopped with "EssentialContainerExited" because "Essential container in task exited"

    @fargate-131 @T23 @T68 @extended
    Scenario: The second is not essential
      Given the task definition "two-apps" with "containerDefinitions[0].healthCheck" set to {"command": ["CMD", "curl", "-sf", "http://127.0.0.1:7001/"]}
      And "containerDefinitions[1].dependsOn" of it set to [{"containerName": "first", "condition": "HEALTHY"}]
      And "containerDefinitions[1].command" of it set to ["serve", "--http", "7001"]
      And "containerDefinitions[1].essential" of it set to false
      And the task is running without a Defender
      Then the log of container "second" has "Address already in use"
      And container "second" exited with 1
      And the task is still running

  Rule: The sidecar is essential as the Console embeds it; a task whose sidecar is not goes on without it

    @fargate-132 @T70 @X4 @extended
    Scenario: The sidecar as it is embedded is killed
      Given the task definition "two-apps"
      And the protected task is running
      When container "TwistlockDefender" is killed
      Then container "TwistlockDefender" exited with 137
      And the task stops because an essential container exited

    @fargate-133 @T70 @X4 @extended
    Scenario: A sidecar that is not essential is killed
      Given the task definition "two-apps"
      And the embedded sidecar is not essential
      And the protected task is running
      When container "TwistlockDefender" is killed
      Then container "TwistlockDefender" exited with 137
      And the task is still running
      When container "first" runs "true"
      Then the program ran and exited with 0

  Rule: A container that takes more memory than it may is killed

    @fargate-069 @T71 @extended
    Scenario: An app without end
      Given the task definition "plain" with "containerDefinitions[0].memory" set to 16
      And "containerDefinitions[0].entryPoint" of it set to ["python3", "-c", "b'x' * (256 << 20)"]
      And "containerDefinitions[0].command" of it set to []
      When the task runs to its end without a Defender
      Then container "worker" exited with 137
      And the reason of container "worker" has "OutOfMemoryError"
      And the task stopped with "EssentialContainerExited" because "Essential container in task exited"

    @fargate-134 @T71 @extended
    Scenario: An app without end that is not essential
      Given the task definition "two-apps" with "containerDefinitions[1].memory" set to 16
      And "containerDefinitions[1].entryPoint" of it set to ["python3", "-c", "b'x' * (256 << 20)"]
      And "containerDefinitions[1].command" of it set to []
      And "containerDefinitions[1].essential" of it set to false
      And the task is running without a Defender
      Then container "second" exited with 137
      And the reason of container "second" has "OutOfMemoryError"
      And the engine says that container "second" ran out of memory
      And the task is still running

    @fargate-135 @T72 @provisional
    Scenario: An app that has the memory of the task
      Given the task definition "two-apps" with "containerDefinitions[1].essential" set to false
      And "containerDefinitions[1].entryPoint" of it set to ["python3", "-c", "b'x' * (1200 << 20)"]
      And "containerDefinitions[1].command" of it set to []
      And the task is running without a Defender
      Then container "second" exited with 137
      And the reason of container "second" has "OutOfMemoryError"
      And the task is still running

  Rule: An image that cannot be pulled fails the task, and nothing of it is left

    @fargate-136 @T78 @extended
    Scenario Outline: An image that nobody has, for a container that is essential: <essential>
      Given the task definition "two-apps" with "containerDefinitions[1].image" set to "127.0.0.1:9/none:1"
      And "containerDefinitions[1].essential" of it set to <essential>
      When the task runs to its end without a Defender
      Then the reason of container "second" has "CannotPullContainerError"
      And container "second" never ran
      And the task stopped with "TaskFailedToStart" because "CannotPullContainerError"
      And nothing of the task is left

      Examples:
        | essential |
        | true      |
        | false     |

  Rule: A program that is not there fails the task

    @fargate-070 @T79 @core
    Scenario: An entry point that the image does not have
      Given the task definition "plain" with "containerDefinitions[0].entryPoint" set to ["/not/there"]
      When the task runs to its end without a Defender
      Then the reason of container "worker" has "CannotStartContainerError"
      And the task stopped with "TaskFailedToStart" because "CannotStartContainerError"
