@link
Feature: What the Console knows of a task
  Where a task runs comes from its metadata; what is protected in it from its wrappers.

  Rule: Provider, region, account and cluster are those of the task metadata

    @link-010 @S6 @extended
    Scenario: With metadata
      Given the task definition "web-and-worker"
      And the runtime rule "watch" for container "worker":
        | section   | effect | denied |
        | processes | alert  | mkdir  |
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then exactly one audit tells of it:
        | provider   | aws          |
        | accountID  | 123456789012 |
        | region     | any          |
        | cluster    | any          |
        | resourceID | any          |
      When the list of Defenders is read with "connected=true"
      Then there are 1 rows with "/cloudMetadata/provider" "aws"
      And there are 1 rows with "/cloudMetadata/accountID" "123456789012"

    @link-011 @S6 @extended
    Scenario: Without metadata the members stay away, and the Defender is there
      Given the task definition "plain"
      And the runtime rule "watch" for container "worker":
        | section   | effect | denied |
        | processes | alert  | mkdir  |
      And "containerDefinitions[1].environment[6]" of the embedded definition set to {"name": "ECS_CONTAINER_METADATA_URI_V4", "value": ""}
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then exactly one audit tells of it:
        | provider   |  |
        | accountID  |  |
        | region     |  |
        | cluster    |  |
        | resourceID |  |
      When the list of Defenders is read with "connected=true"
      Then there are 1 rows with "/cloudMetadata/region" ""

  Rule: A task with a sidecar and no wrapped container shows no container that is observed

    @link-012 @S10 @extended
    Scenario: The wrapper was taken away behind the embed
      Given the task definition "plain"
      And the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And "containerDefinitions[0].entryPoint" of the embedded definition set to ["actor"]
      And the protected task is running, whatever the Console hears of it
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      When the list of Defenders is read with "connected=true"
      Then it has one Defender whose host name is the App ID of the task
      When the profiles are read
      Then there are 0 rows

  Rule: The summary counts each task once

    @link-013 @S11 @extended
    Scenario: Before the task, with it, and while it is away
      Given the task definition "plain"
      When the summary of Defenders is read
      Then there are 0 rows with "deployed" "1"
      Given the protected task is running
      When the summary of Defenders is read
      Then there are 1 rows with "deployed" "1"
      And there are 1 rows with "connected" "1"
      When the Console cannot be reached any more
      And the summary of Defenders is read
      Then there are 1 rows with "deployed" "1"
      And there are 0 rows with "connected" "1"
