@embed
Feature: What the Console makes of a task definition
  On Fargate there is no host to install an agent on, so the Console rewrites the task definition: a sidecar is
  added, and every container starts its original entry point under the Defender.

  Background:
    Given the task definition "web-and-worker"
    When the Console embeds it

  Rule: One sidecar is added, as the last container

    @embed-001 @E1 @E12 @core
    Scenario: The sidecar
      Then the last container is "TwistlockDefender"
      And there is one container more than before
      And "essential" of container "TwistlockDefender" is:
        """
        true
        """
      And "entryPoint" of container "TwistlockDefender" is:
        """
        ["/usr/local/bin/defender", "fargate", "sidecar"]
        """

  Rule: Every original container is wrapped, in its old place and with its old command

    @embed-002 @E2 @E3 @E4 @core
    Scenario Outline: The entry point of <container>
      Then "entryPoint" of container "<container>" is the Defender's wrapper before the original
      And "command" of container "<container>" is as before

      Examples:
        | container |
        | web       |
        | worker    |

  Rule: The binaries are shared through the sidecar's volume, and through nothing else

    @embed-003 @E5 @E6 @core
    Scenario: The volume
      Then "volumesFrom" of container "worker" is:
        """
        [{"sourceContainer": "TwistlockDefender", "readOnly": false}]
        """
      And "volumes" of the task is as before

  Rule: No app starts before the sidecar is healthy

    @embed-004 @E7 @E11 @core
    Scenario: The dependency and the health check
      Then "dependsOn" of container "worker" is:
        """
        [{"containerName": "TwistlockDefender", "condition": "HEALTHY"}]
        """
      And "healthCheck" of container "TwistlockDefender" is:
        """
        {"command": ["/usr/local/bin/defender", "fargate", "healthcheck"],
         "interval": 5, "timeout": 5, "retries": 3, "startPeriod": 1}
        """

  Rule: The wrapper may trace, and no capability more

    @embed-005 @E8 @core
    Scenario: The capability
      Then "linuxParameters" of container "worker" is:
        """
        {"capabilities": {"add": ["SYS_PTRACE"]}}
        """

  Rule: The app gets six variables behind its own

    @embed-006 @E9 @core
    Scenario: The environment of a wrapped container
      Then container "worker" ends its environment with:
        | TW_IMAGE_NAME         | proofhouse/userland |
        | TW_CONTAINER_NAME     | worker              |
        | DEFENDER_TYPE         | fargate             |
        | FARGATE_TASK          | web-and-worker      |
        | FILESYSTEM_MONITORING | false               |
        | FIPS_ENABLED          | false               |

  Rule: The sidecar gets six variables in the order that automation relies on

    @embed-007 @E10 @core
    Scenario: The environment of the sidecar
      Then the variables of container "TwistlockDefender" are, in order:
        | INSTALL_BUNDLE        |
        | DEFENDER_TYPE         |
        | FARGATE_TASK          |
        | WS_ADDRESS            |
        | FILESYSTEM_MONITORING |
        | FIPS_ENABLED          |

  Rule: The members of the task itself are left as they were

    @embed-008 @E14 @core
    Scenario: The task level
      Then every member of the task but "containerDefinitions" is as before

  Rule: The image of the sidecar carries the version of the Console

    @embed-009 @E32 @core
    Scenario: The tag of the sidecar's image
      Then the tag of the sidecar's image is the Console's version with underscores

  Rule: Embedding what is protected already changes nothing more

    @embed-010 @E29 @core
    Scenario: A second embed
      When the Console embeds the result again
      Then there is one container more than before
      And "entryPoint" of container "worker" is the Defender's wrapper before the original
