@embed
Feature: What the Console accepts for embedding

  Rule: An empty or null command counts as absent

    @embed-020 @E19 @core
    Scenario: The vendor's own sample has a null command
      Given the task definition "single"
      When the Console embeds it
      Then "entryPoint" of container "twistlock-fargate-task" is the Defender's wrapper before the original
      And the last container is "TwistlockDefender"

  Rule: Without an entry point there is nothing to wrap, and the answer names the container

    @embed-021 @E15 @core
    Scenario: A container without an entry point
      Given the task definition:
        """
        {"family": "no-entry", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"],
         "cpu": "256", "memory": "512",
         "containerDefinitions": [{"name": "app", "image": "proofhouse/userland"}]}
        """
      When the Console is asked to embed it
      Then the Console answers 400 with an error about "app"

  Rule: What describe-task-definition adds is accepted

    @embed-022 @E31 @core
    Scenario: A described task definition
      Given the task definition:
        """
        {"taskDefinition": {"taskDefinitionArn": "arn:aws:ecs:eu-west-1:123456789012:task-definition/described:3",
         "family": "described", "revision": 3, "status": "ACTIVE", "requiresAttributes": [], "compatibilities": ["FARGATE"],
         "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
         "containerDefinitions": [{"name": "app", "image": "proofhouse/userland", "cpu": 0, "entryPoint": ["entry.sh"],
                                   "command": [], "environment": [], "mountPoints": [], "volumesFrom": []}]}}
        """
      When the Console embeds it
      Then the last container is "TwistlockDefender"

  Rule: Embedding wants the address of the Console

    @embed-023 @E27 @core
    Scenario: No address
      Given the task definition "single"
      When the Console is asked to embed it without "consoleaddr"
      Then the Console answers 400 with an error about "missing console address"

  Rule: Embedding wants the Defender Manager's permission

    @embed-024 @E33 @core
    Scenario: A user who may only look
      Given the task definition "single"
      When the user "auditor" asks the Console to embed it
      Then the Console answers 403 with an error

  Rule: A query parameter that nobody knows is passed over

    @embed-025 @E26 @core
    Scenario: A misspelled parameter
      Given the task definition "single"
      When the Console is asked to embed it with "filestemMonitoring" set to "true"
      Then the Console answers 200
