@task
Feature: What the agent of a Fargate task tells and takes
  The metadata documents, statistics, storage metrics and scale-in protection, as a program in a container of the simulated
  task reads them, and two limits of its surroundings.

  Rule: A container reads what it is

    @fargate-081 @T81 @T73 @extended
    Scenario: The document of a container
      Given the task definition "plain" with "containerDefinitions[0].logConfiguration" set to {"logDriver": "awslogs", "options": {"awslogs-group": "shop", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "web"}}
      And "containerDefinitions[0].dockerLabels" of it set to {"team": "payments"}
      And "containerDefinitions[0].restartPolicy" of it set to {"enabled": true}
      And "containerDefinitions[0].healthCheck" of it set to {"command": ["CMD-SHELL", "echo well"], "interval": 5}
      And "volumes" of it set to [{"name": "data"}]
      And "containerDefinitions[0].mountPoints" of it set to [{"sourceVolume": "data", "containerPath": "/data"}]
      And the task is running without a Defender
      And container "worker" has the program "/tmp/document":
        """
        #!/usr/bin/python3
        import json, os, re, sys, time, urllib.request
        uri = os.environ["ECS_CONTAINER_METADATA_URI_V4"]
        read = lambda: json.load(urllib.request.urlopen(uri))
        told, task = read(), json.load(urllib.request.urlopen(uri + "/task"))
        deadline = time.monotonic() + 20
        while told["Health"]["status"] != "HEALTHY" and time.monotonic() < deadline:
            told = read()
        identity = uri.rsplit("/", 1)[1]
        number = task["TaskARN"].rsplit("/", 1)[1]
        stamp = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$")
        mount = told["Volumes"][0]
        wrong = [what for what, right in {
            "DockerId": told["DockerId"] == identity and identity.startswith(number + "-"),
            "Name": told["Name"] == told["DockerName"] == "worker",
            "Image": told["Image"] == "proofhouse/userland",
            "ImageID": re.match("sha256:[0-9a-f]{64}$", told["ImageID"]) and identity not in told["ImageID"],
            "Labels": told["Labels"].pop("team") == "payments" and sorted(told["Labels"]) == [
                "com.amazonaws.ecs." + name for name in
                ("cluster", "container-name", "task-arn", "task-definition-family", "task-definition-version")],
            "the task's label": told["Labels"]["com.amazonaws.ecs.task-arn"] == task["TaskARN"],
            "the cluster's label": told["Labels"]["com.amazonaws.ecs.cluster"] == task["Cluster"],
            "states": (told["DesiredStatus"], told["KnownStatus"]) == ("RUNNING", "RUNNING"),
            "no exit code": "ExitCode" not in told and "FinishedAt" not in told,
            "Limits": told["Limits"] == {"CPU": 2},
            "times": all(stamp.match(told[name]) for name in ("CreatedAt", "StartedAt")),
            "order of times": told["CreatedAt"] <= told["StartedAt"],
            "Type": told["Type"] == "NORMAL",
            "Health": told["Health"]["status"] == "HEALTHY" and told["Health"]["exitCode"] == 0
                and told["Health"]["output"] == "well\n" and stamp.match(told["Health"]["statusSince"]),
            "Volumes": len(told["Volumes"]) == 1 and mount["Destination"] == "/data" and mount["DockerName"] and mount["Source"],
            "LogDriver": told["LogDriver"] == "awslogs",
            "LogOptions": told["LogOptions"] == {"awslogs-group": "shop", "awslogs-region": "us-east-1",
                "awslogs-stream": "web/worker/" + number},
            "ContainerARN": re.match("arn:aws:ecs:[a-z0-9-]+:[0-9]{12}:container/[^/]+/" + number + "/[0-9a-f-]{36}$", told["ContainerARN"]),
            "Networks": sorted(told["Networks"][0]) == ["AttachmentIndex", "DomainNameSearchList", "DomainNameServers",
                "IPv4Addresses", "IPv4SubnetCIDRBlock", "MACAddress", "NetworkMode", "PrivateDNSName", "SubnetGatewayIpv4Address"],
            "Snapshotter": told["Snapshotter"] == "overlayfs",
            "RestartCount": told["RestartCount"] == 0,
        }.items() if not right]
        print("wrong:", wrong)
        """
      Then programs of container "worker" print:
        | program       | output    |
        | /tmp/document | wrong: [] |

    @fargate-082 @T81 @extended
    Scenario: What a container does not have is not in its document
      Given the task definition "two-apps" with "containerDefinitions[0].memory" set to 128
      And "containerDefinitions[0].cpu" of it set to 64
      And the task is running without a Defender
      And container "second" has the program "/tmp/members":
        """
        #!/usr/bin/python3
        import json, os, urllib.request
        uri = os.environ["ECS_CONTAINER_METADATA_URI_V4"]
        task = json.load(urllib.request.urlopen(uri + "/task"))
        first, second = sorted(task["Containers"], key=lambda told: told["Name"])
        print(first["Limits"], second["Limits"])
        print([name for name in ("Health", "RestartCount", "LogDriver", "LogOptions", "Volumes", "ExitCode") if name in second])
        print(second == json.load(urllib.request.urlopen(uri)))
        """
      Then programs of container "second" print:
        | program      | output                                         |
        | /tmp/members | {'CPU': 64, 'Memory': 128} {'CPU': 2} [] True  |

  Rule: Ports are told in other network modes than a task's on Fargate has

    @fargate-167 @T103 @extended
    Scenario: A container that maps a port
      Given the task definition "two-apps" with "containerDefinitions[0].portMappings" set to [{"name": "web", "containerPort": 7001, "hostPort": 7001, "protocol": "tcp"}]
      And the task is running without a Defender
      And container "first" has the program "/tmp/ports":
        """
        #!/usr/bin/python3
        import json, os, urllib.request
        uri = os.environ["ECS_CONTAINER_METADATA_URI_V4"]
        read = lambda path: json.load(urllib.request.urlopen(uri + path))
        documents = [read("")] + read("/task")["Containers"] + read("/task/")["Containers"]
        documents += [json.load(urllib.request.urlopen(os.environ["ECS_CONTAINER_METADATA_URI"]))]
        print("Ports:", [told["Name"] for told in documents if "Ports" in told])
        print([network["NetworkMode"] for told in read("/task")["Containers"] for network in told["Networks"]])
        print(sorted(read("/task/stats")) == sorted(told["DockerId"] for told in read("/task")["Containers"]))
        """
      Then programs of container "first" print:
        | program    | output                                |
        | /tmp/ports | Ports: [] ['awsvpc', 'awsvpc'] True   |

  Rule: A container reads what its task is

    @fargate-083 @T82 @extended
    Scenario: The document of a task
      Given the task definition "two-apps" with "cpu" set to "512"
      And "memory" of it set to "1024"
      And the task is running without a Defender
      And container "first" has the program "/tmp/document":
        """
        #!/usr/bin/python3
        import json, os, re, urllib.request
        told = json.load(urllib.request.urlopen(os.environ["ECS_CONTAINER_METADATA_URI_V4"] + "/task"))
        stamp = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
        drift = told["ClockDrift"]
        wrong = [what for what, right in {
            "Cluster": re.match("arn:aws:ecs:[a-z0-9-]+:[0-9]{12}:cluster/[^/]+$", told["Cluster"]),
            "TaskARN": re.match("arn:aws:ecs:[a-z0-9-]+:[0-9]{12}:task/[^/]+/[0-9a-f]{32}$", told["TaskARN"]),
            "Family": told["Family"] == "two-apps",
            "Revision": told["Revision"] == "1",
            "states": (told["DesiredStatus"], told["KnownStatus"]) == ("RUNNING", "RUNNING"),
            "Limits": told["Limits"] == {"CPU": 0.5, "Memory": 1024},
            "pull": stamp.match(told["PullStartedAt"]) and told["PullStartedAt"] <= told["PullStoppedAt"],
            "not stopped": "ExecutionStoppedAt" not in told,
            "zone": re.match("[a-z]+(-[a-z]+)+-[0-9][a-z]$", told["AvailabilityZone"]),
            "id of the zone": re.match("[a-z]+[0-9]-az[0-9]$", told["AvailabilityZoneID"]),
            "LaunchType": told["LaunchType"] == "FARGATE",
            "Containers": sorted(one["Name"] for one in told["Containers"]) == ["first", "second"],
            "no service": "ServiceName" not in told and "VPCID" not in told,
            "ClockDrift": drift["ClockErrorBound"] > 0 and stamp.match(drift["ReferenceTimestamp"])
                and drift["ClockSynchronizationStatus"] == "SYNCHRONIZED",
            "FaultInjectionEnabled": told["FaultInjectionEnabled"] is False,
        }.items() if not right]
        print("wrong:", wrong)
        """
      Then programs of container "first" print:
        | program       | output    |
        | /tmp/document | wrong: [] |

  Rule: A container reads what it and its task use

    @fargate-084 @T86 @T28 @extended
    Scenario: Statistics of a container and of its task
      Given the task definition "two-apps" with "containerDefinitions[0].memory" set to 128
      And the task is running without a Defender
      And container "first" has the program "/tmp/statistics":
        """
        #!/usr/bin/python3
        import json, os, urllib.request
        uri = os.environ["ECS_CONTAINER_METADATA_URI_V4"]
        read = lambda path: json.load(urllib.request.urlopen(uri + path))
        before = read("/stats")
        with open("/etc/resolv.conf") as resolver:
            server = resolver.read().split()[1]
        import socket
        asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for _ in range(20):
            asking.sendto(b"\0" * 1000, (server, 9))
        sum(range(3000000))
        after, task = read("/stats"), read("/task/stats")
        used = lambda look: look["cpu_stats"]["cpu_usage"]["total_usage"]
        wrong = [what for what, right in {
            "id": after["id"] == uri.rsplit("/", 1)[1],
            "interfaces": list(after["networks"]) == ["eth1"],
            "sent": after["networks"]["eth1"]["tx_bytes"] >= before["networks"]["eth1"]["tx_bytes"] + 20000,
            "rates": after["network_rate_stats"]["tx_bytes_per_sec"] > 0 and "rx_bytes_per_sec" in after["network_rate_stats"],
            "processor": used(after) > used(before) and after["precpu_stats"] == before["cpu_stats"],
            "memory": after["memory_stats"]["usage"] > 0 and after["memory_stats"]["limit"] == 128 * 1024 * 1024,
            "empty members": (after["pids_stats"], after["num_procs"], after["storage_stats"]) == ({}, 0, {}),
            "the task": len(task) == 2 and task[after["id"]]["networks"].keys() == after["networks"].keys(),
            "no limit": [look["memory_stats"]["limit"] for one, look in task.items() if one != after["id"]] == [9223372036854771712],
        }.items() if not right]
        print("wrong:", wrong)
        """
      Then programs of container "first" print:
        | program         | output    |
        | /tmp/statistics | wrong: [] |

    @fargate-085 @T87 @extended
    Scenario Outline: The disk of a task with a size of <size>
      Given the task definition "plain" with "ephemeralStorage" set to <member>
      And the task is running without a Defender
      And container "worker" has the program "/tmp/storage":
        """
        #!/usr/bin/python3
        import json, os, time, urllib.request
        def read(until):
            while True:
                task = json.load(urllib.request.urlopen(os.environ["ECS_CONTAINER_METADATA_URI_V4"] + "/task"))
                told = task.get("EphemeralStorageMetrics", {"Reserved": 0, "Utilized": 0})
                if until(told["Utilized"]):
                    return told
                time.sleep(0.1)
        before = read(lambda used: used > 0)
        with open("/var/tmp/ballast", "wb") as ballast:
            ballast.write(os.urandom(8 << 20))
        after = read(lambda used: used >= before["Utilized"] + 8)
        os.unlink("/var/tmp/ballast")
        print(after["Reserved"], before["Utilized"] > 0, 8 <= after["Utilized"] - before["Utilized"] <= 9)
        """
      Then programs of container "worker" print:
        | program      | output               |
        | /tmp/storage | <reserved> True True |

      Examples:
        | size    | member            | reserved |
        | default | null              | 20496    |
        | 30 GiB  | {"sizeInGiB": 30} | 30736    |

  Rule: A task can be protected from being scaled in

    @fargate-086 @T90 @extended
    Scenario: Protection is put, read and taken away
      Given the task definition "plain"
      And the task is running without a Defender
      And container "worker" has the program "/tmp/protection":
        """
        #!/usr/bin/python3
        import datetime, json, os, urllib.error, urllib.request
        agent = os.environ["ECS_AGENT_URI"]
        def ask(method, body=None, uri=agent):
            body = None if body is None else json.dumps(body).encode()
            request = urllib.request.Request(uri + "/task-protection/v1/state", body, method=method)
            try:
                return 200, json.load(urllib.request.urlopen(request))
            except urllib.error.HTTPError as error:
                return error.code, json.load(error)
        print(ask("GET")[1]["protection"]["ProtectionEnabled"])
        status, put = ask("PUT", {"ProtectionEnabled": True, "ExpiresInMinutes": 60})
        until = datetime.datetime.fromisoformat(put["protection"]["ExpirationDate"].replace("Z", "+00:00"))
        left = (until - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
        print(status, put["protection"]["ProtectionEnabled"], 3500 < left <= 3600, ask("GET")[1] == put)
        print(ask("PUT", {"ProtectionEnabled": True, "ExpiresInMinutes": 0})[0], ask("GET")[1] == put)
        print(ask("GET", uri=agent[:-1] + ("0" if agent[-1] != "0" else "1"))[0])
        print(ask("PUT", {"ProtectionEnabled": False})[1]["protection"]["ProtectionEnabled"])
        """
      Then programs of container "worker" print:
        | program         | output                                      |
        | /tmp/protection | False 200 True True True 400 True 404 False |

  Rule: An app does not wait for its log unless its definition says so

    @fargate-087 @T92 @extended
    Scenario: Three wishes about a log
      Given the task definition "two-apps" with "containerDefinitions[0].logConfiguration" set to {"logDriver": "awslogs", "options": {"awslogs-group": "a", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "a", "mode": "blocking"}}
      And "containerDefinitions[1].logConfiguration" of it set to {"logDriver": "awslogs", "options": {"awslogs-group": "a", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "a", "mode": "non-blocking", "max-buffer-size": "2m"}}
      And the task is running without a Defender
      Then container "first" waits for its log
      And container "second" never waits for its log, with a buffer of "2m"

    @fargate-088 @T92 @extended
    Scenario: No wish about a log
      Given the task definition "plain"
      And the task is running without a Defender
      Then container "worker" never waits for its log, with a buffer of "10m"

  Rule: A process may have as many files open as on Fargate

    @fargate-089 @T14 @extended
    Scenario: The limit that no definition names
      Given the task definition "plain"
      And the task is running without a Defender
      Then container "worker" may have as many files open as on Fargate, or as the engine gives
