@task
Feature: What further settings of a Fargate task do
  Kernel settings, stand-ins for storage, log drivers and the older metadata, as a program in a container of the simulated task
  meets them.

  Rule: A network setting of the kernel holds for the whole task, and the last that starts wins

    @fargate-071 @T16 @extended
    Scenario: Two containers with different wishes
      Given the task definition "two-apps" with "containerDefinitions[0].systemControls" set to [{"namespace": "net.ipv4.tcp_keepalive_time", "value": "500"}]
      And "containerDefinitions[1].systemControls" of it set to [{"namespace": "net.ipv4.tcp_keepalive_time", "value": "700"}]
      And "containerDefinitions[1].dependsOn" of it set to [{"containerName": "first", "condition": "START"}]
      And the task is running without a Defender
      Then programs of container "first" print:
        | program                                     | output |
        | cat /proc/sys/net/ipv4/tcp_keepalive_time   | 700    |
      And programs of container "second" print:
        | program                                     | output |
        | cat /proc/sys/net/ipv4/tcp_keepalive_time   | 700    |

  Rule: A setting of interprocess communication is a container's own

    @fargate-072 @T17 @extended
    Scenario: The size of a message
      Given the task definition "two-apps" with "containerDefinitions[0].systemControls" set to [{"namespace": "kernel.msgmax", "value": "9000"}]
      And the task is running without a Defender
      Then programs of container "first" print:
        | program                      | output |
        | cat /proc/sys/kernel/msgmax  | 9000   |
      And programs of container "second" print:
        | program                      | output |
        | cat /proc/sys/kernel/msgmax  | 8192   |

  Rule: The address that metadata tells is that of the task's own interface

    @fargate-073 @T26 @T28 @extended
    Scenario: The address of eth1
      Given the task definition "plain"
      And the task is running without a Defender
      And container "worker" has the program "/tmp/address":
        """
        #!/usr/bin/python3
        import fcntl, json, os, socket, struct, urllib.request
        told = json.load(urllib.request.urlopen(os.environ["ECS_CONTAINER_METADATA_URI_V4"]))["Networks"][0]
        asked = fcntl.ioctl(socket.socket(), 0x8915, struct.pack("256s", b"eth1"))
        address = socket.inet_ntoa(asked[20:24])
        hardware = open("/sys/class/net/eth1/address").read().strip()
        print(told["IPv4Addresses"] == [address] and told["MACAddress"] == hardware, told["NetworkMode"])
        """
      Then programs of container "worker" print:
        | program      | output       |
        | /tmp/address | True awsvpc  |

  Rule: Version 3 of metadata is still answered, without what came later

    @fargate-074 @T84 @extended
    Scenario: The task by both versions
      Given the task definition "plain"
      And the task is running without a Defender
      Then programs of container "worker" print:
        | program                                                                      | output |
        | bash -c "curl -s $ECS_CONTAINER_METADATA_URI/task \| grep -c Family"         | 1      |
        | bash -c "curl -s $ECS_CONTAINER_METADATA_URI/task \| grep -c LaunchType"     | 0      |
        | bash -c "curl -s $ECS_CONTAINER_METADATA_URI_V4/task \| grep -c LaunchType"  | 1      |
        | bash -c "curl -s $ECS_CONTAINER_METADATA_URI \| grep -c ContainerARN"        | 0      |

  Rule: A volume of EFS is stood in for by one that the task's containers share

    @fargate-075 @T44 @provisional
    Scenario: A file system in two containers
      Given the task definition "two-apps" with "volumes" set to [{"name": "data", "efsVolumeConfiguration": {"fileSystemId": "fs-12345678"}}]
      And "containerDefinitions[0].mountPoints" of it set to [{"sourceVolume": "data", "containerPath": "/mnt/efs"}]
      And "containerDefinitions[1].mountPoints" of it set to [{"sourceVolume": "data", "containerPath": "/srv/shared"}]
      And the task is running without a Defender
      And container "first" has run "touch /mnt/efs/from-the-first"
      Then programs of container "second" print:
        | program        | output         |
        | ls /srv/shared | from-the-first |

  Rule: What a container writes is captured unchanged, whichever driver it names

    @fargate-076 @T91 @core
    Scenario: Both streams of a protected app that logs to CloudWatch
      Given the task definition "plain" with "containerDefinitions[0].logConfiguration" set to {"logDriver": "awslogs", "options": {"awslogs-group": "app", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "app"}}
      And "containerDefinitions[0].entryPoint" of it set to ["bash", "-c"]
      And "containerDefinitions[0].command" of it set to ["echo one: on the output; echo two: on the error >&2"]
      When the task runs to its end without a Defender
      Then the log of container "worker" has "two: on the error"
      When the task runs to its end protected
      Then the log of container "worker" has "one: on the output"
      And the log of container "worker" has "two: on the error"

  Rule: Who logs through a router is told where it listens

    @fargate-077 @T93 @extended
    Scenario: A router and an app
      Given the task definition "two-apps" with "containerDefinitions[0].logConfiguration" set to {"logDriver": "awsfirelens"}
      And "containerDefinitions[1].firelensConfiguration" of it set to {"type": "fluentbit"}
      And the task is running without a Defender
      Then programs of container "first" print:
        | program                            | output          |
        | printenv FLUENT_HOST FLUENT_PORT   | 127.0.0.1 24224 |
      And programs of container "second" print:
        | program                                         | output |
        | bash -c "printenv FLUENT_HOST \|\| echo none"   | none   |

  Rule: The definition's variables win over environment files, and the first file over later ones

    @fargate-078 @T49 @extended
    Scenario: Two files and the definition
      Given the task definition "plain" with "containerDefinitions[0].environment" set to [{"name": "ONE", "value": "definition"}]
      And "containerDefinitions[0].environmentFiles" of it set to [{"type": "s3", "value": "arn:aws:s3:::bucket/a.env"}, {"type": "s3", "value": "arn:aws:s3:::bucket/b.env"}]
      And the environment file "arn:aws:s3:::bucket/a.env" has:
        """
        # of the first file
        ONE=first
        TWO=first
        """
      And the environment file "arn:aws:s3:::bucket/b.env" has:
        """
        ONE=second
        TWO=second
        THREE="second" is $HOME
        """
      And the task is running without a Defender
      Then programs of container "worker" print:
        | program              | output                   |
        | printenv ONE TWO     | definition first         |
        | printenv THREE       | "second" is $HOME        |

  Rule: A secret becomes a variable, and a task without its secrets ends before it begins

    @fargate-079 @T51 @extended
    Scenario: A parameter and a member of a secret
      Given the task definition "plain" with "containerDefinitions[0].secrets" set to [{"name": "TOKEN", "valueFrom": "/shop/token"}, {"name": "USER_OF_DB", "valueFrom": "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf:user::"}]
      And the secret "arn:aws:ssm:us-east-1:123456789012:parameter/shop/token" is "a value with spaces"
      And the secret "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf" is '{"user": "web", "password": "other"}'
      And the task is running without a Defender
      Then programs of container "worker" print:
        | program             | output              |
        | printenv TOKEN      | a value with spaces |
        | printenv USER_OF_DB | web                 |

    @fargate-168 @T104 @extended
    Scenario Outline: A secret with "<behind>" behind its ARN
      Given the task definition "plain" with "containerDefinitions[0].secrets" set to [{"name": "OF_DB", "valueFrom": "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf<behind>"}]
      And the secret "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf<given>" is '{"user": "web"}'
      And the task is running without a Defender
      Then programs of container "worker" print:
        | program        | output  |
        | printenv OF_DB | <value> |

      Examples:
        | behind            | given          | value             |
        | :::               |                | {"user": "web"}   |
        | ::AWSCURRENT:     | :              | {"user": "web"}   |
        | :user:            | ::AWSCURRENT:  | web               |
        | :user:AWSCURRENT: | :::            | web               |

    @fargate-080 @T51 @extended
    Scenario: A secret that nobody has
      Given the task definition "plain" with "containerDefinitions[0].secrets" set to [{"name": "TOKEN", "valueFrom": "/shop/token"}]
      When Fargate is asked to run it
      Then the task stopped with "TaskFailedToStart" because "ResourceInitializationError"
      And container "worker" never ran
