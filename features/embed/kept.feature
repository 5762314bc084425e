@embed
Feature: What a container keeps when it is embedded
  Protection adds to a container what it needs. What the user wrote stays: beside what is added, in front of it, and otherwise to the letter.

  Background:
    Given the task definition:
      """
      {"family": "kept", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "512", "memory": "1024",
       "volumes": [{"name": "scratch"}],
       "containerDefinitions": [
         {"name": "migrate", "image": "proofhouse/userland", "essential": false, "entryPoint": ["true"]},
         {"name": "shop", "image": "proofhouse/userland", "essential": true, "cpu": 128, "memoryReservation": 64,
          "entryPoint": ["entry.sh", "with a space", ""], "command": ["sh", "-c", "echo \"it's\"\n\texec sh -c 'echo $0' \\\\ \u00fc"],
          "environment": [{"name": "MODE", "value": "fast"}, {"name": "TW_CONTAINER_NAME", "value": "of yesterday"},
                          {"name": "EMPTY", "value": ""}, {"name": "tw_image_name", "value": "the user's own"}],
          "dependsOn": [{"containerName": "migrate", "condition": "SUCCESS"}],
          "volumesFrom": [{"sourceContainer": "migrate", "readOnly": true}],
          "mountPoints": [{"sourceVolume": "scratch", "containerPath": "/scratch", "readOnly": false}],
          "linuxParameters": {"initProcessEnabled": true, "capabilities": {"drop": ["NET_RAW", "CHOWN"]}},
          "portMappings": [{"containerPort": 8080, "protocol": "tcp", "name": "http"}],
          "secrets": [{"name": "TOKEN", "valueFrom": "arn:aws:ssm:eu-west-1:123456789012:parameter/token"}],
          "dockerLabels": {"com.example.team": "shop"}, "ulimits": [{"name": "nofile", "softLimit": 1024, "hardLimit": 4096}],
          "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "shop", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "s"}},
          "healthCheck": {"command": ["CMD-SHELL", "true"], "interval": 30}, "user": "1000:1000", "workingDirectory": "/srv",
          "readonlyRootFilesystem": true, "stopTimeout": 45, "startTimeout": 60, "pseudoTerminal": true, "interactive": true},
         {"name": "traced", "image": "proofhouse/userland:1.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
          "essential": true, "entryPoint": ["entry.sh"],
          "linuxParameters": {"capabilities": {"add": ["SYS_PTRACE"]}},
          "dependsOn": [{"containerName": "TwistlockDefender", "condition": "START"}, {"containerName": "shop", "condition": "START"}]}]}
      """
    When the Console embeds it

  Rule: Its own variables come first and keep their order; one with the name of a variable of the Defender gives way

    @embed-040 @E9 @core
    Scenario: A container with variables
      Then "environment" of container "shop" is:
        """
        [{"name": "MODE", "value": "fast"}, {"name": "EMPTY", "value": ""}, {"name": "tw_image_name", "value": "the user's own"},
         {"name": "TW_IMAGE_NAME", "value": "proofhouse/userland"}, {"name": "TW_CONTAINER_NAME", "value": "shop"},
         {"name": "DEFENDER_TYPE", "value": "fargate"}, {"name": "FARGATE_TASK", "value": "kept"},
         {"name": "FILESYSTEM_MONITORING", "value": "false"}, {"name": "FIPS_ENABLED", "value": "false"}]
        """

    @embed-041 @E9 @core
    Scenario: The image as it is written
      Then container "traced" ends its environment with:
        | TW_IMAGE_NAME         | proofhouse/userland:1.2@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef |
        | TW_CONTAINER_NAME     | traced  |
        | DEFENDER_TYPE         | fargate |
        | FARGATE_TASK          | kept    |
        | FILESYSTEM_MONITORING | false   |
        | FIPS_ENABLED          | false   |

  Rule: Its own dependencies, volumes and capabilities stay beside those of the Defender, which are there once

    @embed-042 @E7 @core
    Scenario Outline: What <container> depends on
      Then "dependsOn" of container "<container>" is:
        """
        <dependencies>
        """

      Examples:
        | container | dependencies                                                                                                                      |
        | migrate   | [{"containerName": "TwistlockDefender", "condition": "HEALTHY"}]                                                                  |
        | shop      | [{"containerName": "migrate", "condition": "SUCCESS"}, {"containerName": "TwistlockDefender", "condition": "HEALTHY"}]            |
        | traced    | [{"containerName": "TwistlockDefender", "condition": "HEALTHY"}, {"containerName": "shop", "condition": "START"}]                 |

    @embed-043 @E5 @E6 @core
    Scenario: Volumes
      Then "volumesFrom" of container "shop" is:
        """
        [{"sourceContainer": "migrate", "readOnly": true}, {"sourceContainer": "TwistlockDefender", "readOnly": false}]
        """
      And "mountPoints" of container "shop" is as before
      And "volumes" of the task is as before

    @embed-044 @E8 @core
    Scenario Outline: Linux parameters of <container>
      Then "linuxParameters" of container "<container>" is:
        """
        <parameters>
        """

      Examples:
        | container | parameters                                                                                                |
        | migrate   | {"capabilities": {"add": ["SYS_PTRACE"]}}                                                                 |
        | shop      | {"initProcessEnabled": true, "capabilities": {"drop": ["NET_RAW", "CHOWN"], "add": ["SYS_PTRACE"]}}       |
        | traced    | {"capabilities": {"add": ["SYS_PTRACE"]}}                                                                 |

  Rule: Nothing else of it changes

    @embed-045 @E2 @E3 @E4 @E13 @core
    Scenario Outline: Everything else of <container>
      Then "entryPoint" of container "<container>" is the Defender's wrapper before the original
      And every member of container "<container>" but "entryPoint, environment, dependsOn, volumesFrom, linuxParameters" is as before
      And every member of the task but "containerDefinitions" is as before

      Examples:
        | container |
        | migrate   |
        | shop      |
        | traced    |

  Rule: A second embed adds nothing to it

    @embed-046 @E29 @core
    Scenario: Embedded twice
      When the Console embeds the result again
      Then there is one container more than before
      And "environment" of container "shop" is:
        """
        [{"name": "MODE", "value": "fast"}, {"name": "EMPTY", "value": ""}, {"name": "tw_image_name", "value": "the user's own"},
         {"name": "TW_IMAGE_NAME", "value": "proofhouse/userland"}, {"name": "TW_CONTAINER_NAME", "value": "shop"},
         {"name": "DEFENDER_TYPE", "value": "fargate"}, {"name": "FARGATE_TASK", "value": "kept"},
         {"name": "FILESYSTEM_MONITORING", "value": "false"}, {"name": "FIPS_ENABLED", "value": "false"}]
        """
      And "entryPoint" of container "shop" is the Defender's wrapper before the original
      And "dependsOn" of container "shop" is:
        """
        [{"containerName": "migrate", "condition": "SUCCESS"}, {"containerName": "TwistlockDefender", "condition": "HEALTHY"}]
        """
      And "volumesFrom" of container "shop" is:
        """
        [{"sourceContainer": "migrate", "readOnly": true}, {"sourceContainer": "TwistlockDefender", "readOnly": false}]
        """
      And every member of container "shop" but "entryPoint, environment, dependsOn, volumesFrom, linuxParameters" is as before
