@task @life
Feature: The health of a Fargate task
  A container is healthy when its check says so, and unknown without one; a task is what its essential containers are.

  Rule: Any essential container that is unhealthy makes the task so, else any that is unknown; others do not count

    @fargate-140 @T74 @extended
    Scenario Outline: <first> and <second>, which is essential: <essential>
      Given the task definition "two-apps" with "containerDefinitions[0].healthCheck" set to <check of the first>
      And "containerDefinitions[1].healthCheck" of it set to <check of the second>
      And "containerDefinitions[1].essential" of it set to <essential>
      And health checks and restart periods run 20 times as fast
      And the task is running without a Defender
      Then the health of container "first" becomes "<first>"
      And the health of container "second" becomes "<second>"
      And the health of the task is "<task>"

      Examples:
        | check of the first                           | check of the second                                         | essential | first     | second    | task      |
        | {"command": ["CMD", "true"]}                 | {"command": ["CMD-SHELL", "exit 0"]}                        | true      | HEALTHY   | HEALTHY   | HEALTHY   |
        | {"command": ["CMD", "true"]}                 | null                                                        | true      | HEALTHY   | UNKNOWN   | UNKNOWN   |
        | {"command": ["CMD", "true"]}                 | null                                                        | false     | HEALTHY   | UNKNOWN   | HEALTHY   |
        | {"command": ["CMD", "true"]}                 | {"command": ["CMD", "false"], "startPeriod": 300}           | true      | HEALTHY   | UNKNOWN   | UNKNOWN   |
        | {"command": ["CMD", "true"]}                 | {"command": ["CMD", "false"], "interval": 5, "retries": 2}  | true      | HEALTHY   | UNHEALTHY | UNHEALTHY |
        | {"command": ["CMD", "true"]}                 | {"command": ["CMD", "false"], "interval": 5, "retries": 2}  | false     | HEALTHY   | UNHEALTHY | HEALTHY   |
        | null                                         | {"command": ["CMD", "false"], "interval": 5, "retries": 2}  | true      | UNKNOWN   | UNHEALTHY | UNHEALTHY |

  Rule: The health check of an image is ignored

    @fargate-141 @T74 @extended
    Scenario: An image whose health check fails
      Given the task definition "plain" with "containerDefinitions[0].image" set to "proofhouse/declaring"
      And "containerDefinitions[0].entryPoint" of it set to ["/actor"]
      And the task is running without a Defender
      Then nobody runs the health check of the image of container "worker"
      And the health of the task is "UNKNOWN"
