@task @life
Feature: The volumes of a Fargate task
  A volume lives as long as its task: longer than the container that brought it, and no longer than the task.

  Rule: A volume outlives the container that it came from

    @fargate-150 @T38 @core
    Scenario: A tool of a container that has ended
      Given the task definition "two-apps" with "containerDefinitions[1].image" set to "proofhouse/declaring"
      And "containerDefinitions[1].entryPoint" of it set to ["/actor", "true"]
      And "containerDefinitions[1].command" of it set to []
      And "containerDefinitions[1].essential" of it set to false
      And "containerDefinitions[0].volumesFrom" of it set to [{"sourceContainer": "second"}]
      And "containerDefinitions[0].dependsOn" of it set to [{"containerName": "second", "condition": "SUCCESS"}]
      And the task is running without a Defender
      Then container "second" exited before container "first" started
      And programs of container "first" print:
        | program        | output              |
        | /srv/kept/tool | a tool of the image |

  Rule: A volume at a path that the image declares begins with what the image has there, with its owners and modes

    @fargate-151 @T39 @extended
    Scenario: A named volume of the task
      Given the task definition "two-apps" with "volumes" set to [{"name": "kept"}]
      And "containerDefinitions[1].image" of it set to "proofhouse/declaring"
      And "containerDefinitions[1].entryPoint" of it set to ["/actor"]
      And "containerDefinitions[1].mountPoints" of it set to [{"sourceVolume": "kept", "containerPath": "/srv/kept"}]
      And "containerDefinitions[0].volumesFrom" of it set to [{"sourceContainer": "second"}]
      And the task is running without a Defender
      Then programs of container "first" print:
        | program                             | output                    |
        | stat -c "%u:%g %a %F" /srv/kept      | 1000:100 711 directory    |
        | stat -c "%u:%g %a %F" /srv/kept/note | 1000:100 640 regular file |
        | stat -c "%u:%g %a" /srv/kept/tool    | 0:0 755                   |
        | cat /srv/kept/note                  | from the image            |

  Rule: Nothing of a task is left when it is gone

    @fargate-152 @T96 @core
    Scenario: A task with a volume of its own and one of an image
      Given the task definition "two-apps" with "volumes" set to [{"name": "data"}]
      And "containerDefinitions[0].mountPoints" of it set to [{"sourceVolume": "data", "containerPath": "/data"}]
      And "containerDefinitions[1].image" of it set to "proofhouse/declaring"
      And "containerDefinitions[1].entryPoint" of it set to ["/actor"]
      And the task is running without a Defender
      When the task is removed
      Then nothing of the task is left

    @fargate-153 @T96 @core
    Scenario: A task that was stopped
      Given the task definition "two-apps" with "containerDefinitions[1].image" set to "proofhouse/declaring"
      And "containerDefinitions[1].entryPoint" of it set to ["/actor"]
      And the task is running without a Defender
      And container "first" has written "actor"
      And container "second" has written "actor"
      When the task is stopped
      And the task is removed
      Then nothing of the task is left
