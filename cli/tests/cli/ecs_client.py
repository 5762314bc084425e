"""What a user's script does with boto3, against the endpoint that is named: prints what it saw as one line of JSON.

Usage: ecs_client.py ENDPOINT DEFINITION
"""

import json
import sys

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError

endpoint, file = sys.argv[1:]
network = {"awsvpcConfiguration": {"subnets": ["subnet-1"], "assignPublicIp": "ENABLED"}}
patience = {"Delay": 1, "MaxAttempts": 60}


def client(**config):
    return boto3.client("ecs", endpoint_url=endpoint, config=Config(retries={"max_attempts": 1}, **config))


def refusal(call, **parameters):
    """Class and words of a refusal; None when there is none."""
    try:
        call(**parameters)
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["Error"]["Message"]]
    except ParamValidationError as error:
        return ["ParamValidationError", str(error)]
    return None


ecs = client()
with open(file, encoding="utf-8") as text:
    definition = {key: value for key, value in json.load(text).items() if value is not None}
registered = ecs.register_task_definition(**definition)["taskDefinition"]
described = ecs.describe_task_definition(taskDefinition=registered["family"])["taskDefinition"]
overrides = {"containerOverrides": [{"name": "worker", "environment": [{"name": "GREETING", "value": "hello"}]}]}
run = ecs.run_task(
    taskDefinition=registered["taskDefinitionArn"], launchType="FARGATE", networkConfiguration=network, startedBy="boto3",
    tags=[{"key": "team", "value": "blue"}], overrides=overrides,
)
arn = run["tasks"][0]["taskArn"]
ecs.get_waiter("tasks_running").wait(tasks=[arn], WaiterConfig=patience)
running = ecs.describe_tasks(tasks=[arn, "0" * 32], include=["TAGS"])
listed = ecs.list_tasks(startedBy="boto3")["taskArns"]
pages = [page["taskDefinitionArns"] for page in ecs.get_paginator("list_task_definitions").paginate()]
execute = refusal(ecs.execute_command, task=arn, command="sh", interactive=True)
stopping = ecs.stop_task(task=arn, reason="seen enough")["task"]
ecs.get_waiter("tasks_stopped").wait(tasks=[arn], WaiterConfig=patience)
stopped = ecs.describe_tasks(tasks=[arn])["tasks"][0]
answer = {
    "version": boto3.__version__,
    "registered": registered,
    "described": described == registered,
    "began": run["tasks"][0],
    "running": running["tasks"][0],
    "failures": running["failures"],
    "listed": listed == [arn],
    "pages": pages,
    "execute": execute,
    "stopping": stopping,
    "stopped": stopped,
    "unsigned": refusal(client(signature_version=UNSIGNED).list_tasks),
    "bridge": refusal(ecs.register_task_definition, **{**definition, "networkMode": "bridge"}),
    "number": refusal(ecs.register_task_definition, **{**definition, "cpu": 256}),
    "unknown": refusal(ecs.describe_task_definition, taskDefinition="nothing"),
    "cluster": refusal(ecs.list_tasks, cluster="prod"),
    "network": refusal(ecs.run_task, taskDefinition=registered["family"], launchType="FARGATE"),
    "not served": refusal(ecs.create_service, serviceName="web", taskDefinition=registered["family"]),
}
print(json.dumps(answer, default=str))
