@fargate
Feature: Which task definitions Fargate takes
  A definition is judged before anything of it exists, by the rules of today (`harness/src/rules/fargate.json`). A
  rejection names the class of AWS's error and the member that causes it.

  Rule: The network mode must be awsvpc, and leaving it out means another one

    @fargate-001 @T1 @core
    Scenario Outline: The network mode <mode>
      Given the task definition "plain" with "networkMode" set to <mode>
      When Fargate is asked to run it
      Then Fargate rejects it as "E01" at "networkMode"
      And nothing was created

      Examples:
        | mode     |
        | "bridge" |
        | "host"   |
        | "none"   |
        | null     |

    @fargate-002 @T1 @core
    Scenario: No network mode
      Given the task definition "plain" without "networkMode"
      When Fargate is asked to run it
      Then Fargate rejects it as "E01" at "networkMode"
      And nothing was created

  Rule: CPU and memory go together in published pairs only

    @fargate-003 @T2 @core
    Scenario: The 74 pairs, and those beside them
      Given the task definition "plain"
      Then Fargate accepts it with these sizes, and rejects it with those beside them:
        | CPU units | MiB of memory           |
        | 256       | 512, 1024, 2048         |
        | 512       | 1024 to 4096 by 1024    |
        | 1024      | 2048 to 8192 by 1024    |
        | 2048      | 4096 to 16384 by 1024   |
        | 4096      | 8192 to 30720 by 1024   |
        | 8192      | 16384 to 61440 by 4096  |
        | 16384     | 32768 to 122880 by 8192 |

  Rule: A size may be written in units or in words

    @fargate-004 @T3 @extended
    Scenario Outline: <cpu> and <memory>
      Given the task definition "plain" with "cpu" set to <cpu>
      And "memory" of it set to <memory>
      When Fargate is asked to register it
      Then Fargate accepts it
      And the task has <units> CPU units and <mib> MiB of memory

      Examples:
        | cpu          | memory   | units | mib   |
        | ".25 vcpu"   | ".5 gb"  | 256   | 512   |
        | "0.5VCPU"    | "1024"   | 512   | 1024  |
        | "1 vCPU"     | "3 GB"   | 1024  | 3072  |
        | "2048"       | "16GB"   | 2048  | 16384 |

  Rule: The disk has 21 to 200 GiB where a size is given, and 20 where none is

    @fargate-005 @T4 @extended
    Scenario Outline: A disk of <size> GiB
      Given the task definition "plain" with "ephemeralStorage.sizeInGiB" set to <size>
      When Fargate is asked to run it
      Then Fargate rejects it as "E05" at "ephemeralStorage.sizeInGiB"
      And nothing was created

      Examples:
        | size |
        | 20   |
        | 201  |

    @fargate-006 @T4 @extended
    Scenario Outline: The smallest and the largest disk
      Given the task definition "plain" with "ephemeralStorage.sizeInGiB" set to <size>
      When Fargate is asked to register it
      Then Fargate accepts it
      And the task has a disk of <size> GiB

      Examples:
        | size |
        | 21   |
        | 200  |

    @fargate-007 @T4 @extended
    Scenario: Nothing is said of the disk
      Given the task definition "plain"
      When Fargate is asked to register it
      Then Fargate accepts it
      And the task has a disk of 20 GiB

  Rule: No container is privileged

    @fargate-008 @T8 @core
    Scenario: A privileged container
      Given the task definition "plain" with "containerDefinitions[0].privileged" set to true
      When Fargate is asked to run it
      Then Fargate rejects it as "E07" at "containerDefinitions[0].privileged"
      And nothing was created

  Rule: Devices and swap cannot be set

    @fargate-009 @T12 @extended
    Scenario Outline: The setting <member>
      Given the task definition "plain" with "containerDefinitions[0].linuxParameters.<member>" set to <value>
      When Fargate is asked to run it
      Then Fargate rejects it as "E06" at "containerDefinitions[0].linuxParameters.<member>"
      And nothing was created

      Examples:
        | member     | value                       |
        | devices    | [{"hostPath": "/dev/fuse"}] |
        | maxSwap    | 0                           |
        | swappiness | 60                          |

  Rule: Nobody sees the processes of the host

    @fargate-010 @T20 @extended
    Scenario: The process namespace of the host
      Given the task definition "plain" with "pidMode" set to "host"
      When Fargate is asked to run it
      Then Fargate rejects it as "E11" at "pidMode"
      And nothing was created

  Rule: A host port, where it is given, is the container port

    @fargate-011 @T24 @extended
    Scenario Outline: The host port <port> for the container port 80
      Given the task definition "plain" with "containerDefinitions[0].portMappings" set to [{"containerPort": 80, "hostPort": <port>}]
      When Fargate is asked to run it
      Then Fargate rejects it as "E16" at "containerDefinitions[0].portMappings[0].hostPort"
      And nothing was created

      Examples:
        | port |
        | 8080 |
        | 0    |

    @fargate-012 @T24 @extended
    Scenario: The same port
      Given the task definition "plain" with "containerDefinitions[0].portMappings" set to [{"containerPort": 80, "hostPort": 80}]
      When Fargate is asked to register it
      Then Fargate accepts it

  Rule: Names are the network's, so a definition sets none

    @fargate-013 @T34 @extended
    Scenario: A host name
      Given the task definition "plain" with "containerDefinitions[0].hostname" set to "shop"
      When Fargate is asked to run it
      Then Fargate rejects it as "E15" at "containerDefinitions[0].hostname"
      And nothing was created

    @fargate-014 @T35 @extended
    Scenario Outline: The member <member>
      Given the task definition "plain" with "containerDefinitions[0].<member>" set to <value>
      When Fargate is asked to run it
      Then Fargate rejects it as "E15" at "containerDefinitions[0].<member>"
      And nothing was created

      Examples:
        | member           | value                                          |
        | extraHosts       | [{"hostname": "db", "ipAddress": "10.0.42.9"}] |
        | dnsServers       | ["10.0.42.9"]                                  |
        | dnsSearchDomains | ["corp.example"]                               |
        | links            | ["worker"]                                     |

  Rule: A volume is the task's own, never the host's or Docker's

    @fargate-015 @T42 @extended
    Scenario: A path of the host
      Given the task definition "plain" with "volumes" set to [{"name": "data", "host": {"sourcePath": "/data"}}]
      When Fargate is asked to run it
      Then Fargate rejects it as "E06" at "volumes[0].host.sourcePath"
      And nothing was created

    @fargate-016 @T43 @extended
    Scenario: A volume of Docker
      Given the task definition "plain" with "volumes" set to [{"name": "data", "dockerVolumeConfiguration": {"scope": "task"}}]
      When Fargate is asked to run it
      Then Fargate rejects it as "E06" at "volumes[0].dockerVolumeConfiguration"
      And nothing was created

  Rule: Who waits for health needs a check to wait for

    @fargate-017 @T58 @extended
    Scenario: HEALTHY without a health check
      Given the task definition "web-and-worker" with "containerDefinitions[0].dependsOn" set to [{"containerName": "worker", "condition": "HEALTHY"}]
      When Fargate is asked to run it
      Then Fargate rejects it as "E19" at "containerDefinitions[0].dependsOn[0].condition"
      And nothing was created

  Rule: Nobody waits for the end of an essential container

    @fargate-018 @T59 @extended
    Scenario Outline: <condition> on an essential container
      Given the task definition "web-and-worker" with "containerDefinitions[0].dependsOn" set to [{"containerName": "worker", "condition": "<condition>"}]
      When Fargate is asked to run it
      Then Fargate rejects it as "E19" at "containerDefinitions[0].dependsOn[0].condition"
      And nothing was created

      Examples:
        | condition |
        | COMPLETE  |
        | SUCCESS   |

  Rule: Logs to CloudWatch, images of ECR and secrets need an execution role

    @fargate-019 @T94 @extended
    Scenario Outline: Class <class> without a role
      Given the task definition "plain" without "executionRoleArn"
      And "containerDefinitions[0].<member>" of it set to <value>
      When Fargate is asked to run it
      Then Fargate rejects it as "<class>" at "executionRoleArn"
      And nothing was created

      Examples:
        | class | member           | value                                                                                                                               |
        | E08   | logConfiguration | {"logDriver": "awslogs", "options": {"awslogs-group": "g", "awslogs-region": "eu-west-1", "awslogs-stream-prefix": "p"}}            |
        | E09   | image            | "123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1"                                                                                |
        | E10   | secrets          | [{"name": "TOKEN", "valueFrom": "token"}]                                                                                           |

  Rule: A described definition is the same definition

    @fargate-020 @T95 @extended
    Scenario: The answer of DescribeTaskDefinition
      Given the task definition "plain"
      Then it gives the same task as it is described

  Rule: SYS_PTRACE is the one capability that can be added

    @fargate-021 @T5 @core
    Scenario: NET_ADMIN is added
      Given the task definition "plain" with "containerDefinitions[0].linuxParameters.capabilities.add" set to ["NET_ADMIN"]
      When Fargate is asked to run it
      Then Fargate rejects it as "E12" at "containerDefinitions[0].linuxParameters.capabilities.add[0]"
      And nothing was created

  Rule: The size of shared memory cannot be set

    @fargate-022 @T11 @extended
    Scenario: Another size of /dev/shm
      Given the task definition "plain" with "containerDefinitions[0].linuxParameters.sharedMemorySize" set to 128
      When Fargate is asked to run it
      Then Fargate rejects it as "E06" at "containerDefinitions[0].linuxParameters.sharedMemorySize"
      And nothing was created

  Rule: Only three log drivers are known, and each has options that it needs

    @fargate-023 @T91 @core
    Scenario Outline: Class <class> in a log configuration
      Given the task definition "plain" with "containerDefinitions[0].logConfiguration" set to <value>
      When Fargate is asked to run it
      Then Fargate rejects it as "<class>"
      And nothing was created

      Examples:
        | class | value                                                                                                    |
        | E13   | {"logDriver": "json-file"}                                                                               |
        | E14   | {"logDriver": "awslogs", "options": {"awslogs-region": "us-east-1", "awslogs-stream-prefix": "app"}}     |
        | E14   | {"logDriver": "awslogs", "options": {"awslogs-region": "us-east-1", "awslogs-group": "app"}}             |

  Rule: A log router is there for those who log through one, and has its settings from a file

    @fargate-024 @T93 @extended
    Scenario: Without a router
      Given the task definition "two-apps" with "containerDefinitions[0].logConfiguration" set to {"logDriver": "awsfirelens"}
      When Fargate is asked to run it
      Then Fargate rejects it as "E23"
      And nothing was created

    @fargate-025 @T93 @extended
    Scenario: With settings from S3
      Given the task definition "two-apps" with "containerDefinitions[0].logConfiguration" set to {"logDriver": "awsfirelens"}
      And "containerDefinitions[1].firelensConfiguration" of it set to {"type": "fluentbit", "options": {"config-file-type": "s3", "config-file-value": "arn:aws:s3:::bucket/fluent.conf"}}
      When Fargate is asked to run it
      Then Fargate rejects it as "E23"
      And nothing was created

  Rule: EFS volumes with an access point or IAM have settings that go with them

    @fargate-026 @T44 @provisional
    Scenario Outline: A file system with <case>
      Given the task definition "plain" with "volumes" set to [{"name": "data", "efsVolumeConfiguration": <value>}]
      When Fargate is asked to run it
      Then Fargate rejects it as "E27"
      And nothing was created

      Examples:
        | case                            | value                                                                                                                             |
        | an access point below the root  | {"fileSystemId": "fs-12345678", "rootDirectory": "/web", "transitEncryption": "ENABLED", "authorizationConfig": {"accessPointId": "fsap-1"}} |
        | IAM but without encryption      | {"fileSystemId": "fs-12345678", "authorizationConfig": {"iam": "ENABLED"}}                                                        |
        | a port but without encryption   | {"fileSystemId": "fs-12345678", "transitEncryptionPort": 2049}                                                                    |

  Rule: A container has 2 to 120 seconds to stop

    @fargate-121 @T65 @extended
    Scenario Outline: A stop timeout of <seconds>
      Given the task definition "plain" with "containerDefinitions[0].stopTimeout" set to <seconds>
      When Fargate is asked to run it
      Then Fargate rejects it as "timeout" at "containerDefinitions[0].stopTimeout"
      And nothing was created

      Examples:
        | seconds |
        | 1       |
        | 121     |

  Rule: A name is a variable or a secret of a container, and once

    @fargate-154 @T97 @core
    Scenario Outline: <case>
      Given the task definition "plain" with "containerDefinitions[0].environment" set to <variables>
      And "containerDefinitions[0].secrets" of it set to <secrets>
      When Fargate is asked to run it
      Then Fargate rejects it as "E29" at "<path>"
      And nothing was created

      Examples:
        | case                              | variables                            | secrets                                                                       | path                                    |
        | A variable that is a secret too   | [{"name": "TOKEN", "value": "old"}]  | [{"name": "TOKEN", "valueFrom": "/shop/token"}]                               | containerDefinitions[0].secrets[0].name |
        | Two secrets of one name           | []                                   | [{"name": "TOKEN", "valueFrom": "/a"}, {"name": "TOKEN", "valueFrom": "/b"}]  | containerDefinitions[0].secrets[1].name |

    @fargate-155 @T97 @extended
    Scenario: Two names
      Given the task definition "plain" with "containerDefinitions[0].environment" set to [{"name": "USER", "value": "web"}]
      And "containerDefinitions[0].secrets" of it set to [{"name": "TOKEN", "valueFrom": "/shop/token"}]
      When Fargate is asked to register it
      Then Fargate accepts it

  Rule: A definition has at most 65,536 bytes

    @fargate-156 @T98 @extended
    Scenario: As many as there may be
      Given the task definition "plain" at a length of 65536 bytes
      When Fargate is asked to register it
      Then Fargate accepts it

    @fargate-157 @T98 @extended
    Scenario: One more
      Given the task definition "plain" at a length of 65537 bytes
      When Fargate is asked to run it
      Then Fargate rejects it as "E30"
      And nothing was created

    @fargate-158 @T98 @extended
    Scenario: What embedding adds is too much
      Given the task definition "plain" at a length of 65000 bytes
      When Fargate is asked to register it
      Then Fargate accepts it
      When the Console is asked to embed it
      And Fargate is asked to register the result
      Then Fargate rejects it as "E30"

  Rule: Overrides of a run have at most 8,192 characters

    @fargate-159 @T99 @extended
    Scenario: As many as there may be
      Given the task definition "plain"
      When ECS is asked to run it with overrides of 8192 characters
      Then Fargate accepts it

    @fargate-160 @T99 @extended
    Scenario: One more
      Given the task definition "plain"
      When ECS is asked to run it with overrides of 8193 characters
      Then Fargate rejects it as "E31" at "overrides"
      And nothing was created

  Rule: A port mapping says which port of the container it maps

    @fargate-161 @T100 @extended
    Scenario: The members of one mapping in three
      Given the task definition "plain" with "containerDefinitions[0].portMappings" set to [{"containerPort": 8080, "protocol": "tcp"}, {"hostPort": 8080}]
      When Fargate is asked to run it
      Then Fargate rejects it as "E32" at "containerDefinitions[0].portMappings[1]"
      And nothing was created

    @fargate-162 @T100 @extended
    Scenario: A range of ports
      Given the task definition "plain" with "containerDefinitions[0].portMappings" set to [{"containerPortRange": "8000-8010"}]
      When Fargate is asked to register it
      Then Fargate accepts it

  Rule: A log driver has the options that it wants, and none that it does not know

    @fargate-163 @T101 @extended
    Scenario Outline: <case>
      Given the task definition "plain" with "containerDefinitions[0].logConfiguration" set to {"logDriver": "awslogs", "options": <options>}
      When Fargate is asked to run it
      Then Fargate rejects it as "<class>" at "containerDefinitions[0].logConfiguration"
      And nothing was created

      Examples:
        | case                     | class | options                                                                                                                     |
        | No region                | E33   | {"awslogs-group": "shop", "awslogs-stream-prefix": "web"}                                                                   |
        | Neither region nor group | E33   | {"awslogs-stream-prefix": "web"}                                                                                            |
        | An option of a router    | E34   | {"awslogs-group": "shop", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "web", "log_key": "log"}                  |

    @fargate-164 @T101 @extended
    Scenario: Every option that the driver knows
      Given the task definition "plain" with "containerDefinitions[0].logConfiguration" set to {"logDriver": "awslogs", "options": {"awslogs-group": "shop", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "web", "awslogs-create-group": "true", "awslogs-datetime-format": "%Y", "mode": "blocking", "max-buffer-size": "1m"}}
      When Fargate is asked to register it
      Then Fargate accepts it
