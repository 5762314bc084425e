@task
Feature: What a process of a Fargate task sees
  Without a Defender, a program in a container of the simulated task finds what it would find on Fargate: the same rights, the
  same network, the same files and variables.

  Rule: A process has the default capabilities, less what is dropped, and SYS_PTRACE where it is added

    @fargate-030 @T6 @core
    Scenario: The default capabilities
      Given the task definition "plain"
      And the task is running without a Defender
      Then programs of container "worker" print:
        | program                                 | output           |
        | sed -n s/^CapEff:.//p /proc/self/status | 00000000a80425fb |
        | sed -n s/^CapBnd:.//p /proc/self/status | 00000000a80425fb |

    @fargate-031 @T5 @core
    Scenario: SYS_PTRACE is added
      Given the task definition "plain" with "containerDefinitions[0].linuxParameters.capabilities.add" set to ["SYS_PTRACE"]
      And the task is running without a Defender
      Then programs of container "worker" print:
        | program                                 | output           |
        | sed -n s/^CapEff:.//p /proc/self/status | 00000000a80c25fb |

    @fargate-033 @T7 @core
    Scenario: All are dropped and one is added
      Given the task definition "plain" with "containerDefinitions[0].linuxParameters.capabilities" set to {"drop": ["ALL"], "add": ["SYS_PTRACE"]}
      And the task is running without a Defender
      Then programs of container "worker" print:
        | program                                 | output           |
        | sed -n s/^CapEff:.//p /proc/self/status | 0000000000080000 |

  Rule: The engine's seccomp profile is on, and privileges may be gained

    @fargate-034 @T9 @core
    Scenario: The security of a process
      Given the task definition "plain"
      And the task is running without a Defender
      Then programs of container "worker" print:
        | program                                     | output |
        | sed -n s/^Seccomp:.//p /proc/self/status    | 2      |
        | sed -n s/^NoNewPrivs:.//p /proc/self/status | 0      |

  Rule: A tmpfs has its size, its mode and its options

    @fargate-035 @T10 @extended
    Scenario: A tmpfs of one MiB
      Given the task definition "plain" with "containerDefinitions[0].linuxParameters.tmpfs" set to [{"containerPath": "/scratch", "size": 1, "mountOptions": ["mode=1770", "noexec"]}]
      And the task is running without a Defender
      Then programs of container "worker" print:
        | program                                           | output                                                                    |
        | stat -c %a /scratch                               | 1770                                                                      |
        | grep -c "^tmpfs /scratch tmpfs .*noexec" /proc/self/mounts | 1                                                                |
        | dd if=/dev/zero of=/scratch/full bs=512K count=3 status=none | dd: error writing '/scratch/full': No space left on device      |

  Rule: Shared memory is 64 MiB

    @fargate-036 @T11 @extended
    Scenario: The size of /dev/shm
      Given the task definition "plain"
      And the task is running without a Defender
      Then programs of container "worker" print:
        | program                    | output       |
        | df -m --output=size /dev/shm | 1M-blocks 64 |

  Rule: A limit of a container is its own

    @fargate-038 @T15 @extended
    Scenario: Open files
      Given the task definition "two-apps" with "containerDefinitions[0].ulimits" set to [{"name": "nofile", "softLimit": 512, "hardLimit": 600}]
      And "containerDefinitions[1].ulimits" of it set to [{"name": "nofile", "softLimit": 700, "hardLimit": 800}]
      And the task is running without a Defender
      Then programs of container "first" print:
        | program              | output |
        | bash -c "ulimit -Sn" | 512    |
        | bash -c "ulimit -Hn" | 600    |
      And programs of container "second" print:
        | program              | output |
        | bash -c "ulimit -Sn" | 700    |
        | bash -c "ulimit -Hn" | 800    |

  Rule: Processes are private to a container, unless the task shares them

    @fargate-039 @T19 @core
    Scenario: Private processes
      Given the task definition "two-apps"
      And the task is running without a Defender
      Then programs of container "first" print:
        | program           | output |
        | cat /proc/1/comm  | actor  |
        | pgrep -xc actor   | 1      |

    @fargate-040 @T18 @extended
    Scenario: Shared processes
      Given the task definition "two-apps" with "pidMode" set to "task"
      And the task is running without a Defender
      Then programs of container "first" print:
        | program         | output |
        | pgrep -xc actor | 2      |
      And "cat /proc/1/comm" prints the same in containers "first" and "second"
      And programs of container "first" print:
        | program                                    | output   |
        | bash -c "grep -q actor /proc/1/comm \|\| echo another" | another |

  Rule: An init process is PID 1 where the definition wants one

    @fargate-041 @T13 @extended
    Scenario: An init process
      Given the task definition "plain" with "containerDefinitions[0].linuxParameters.initProcessEnabled" set to true
      And "containerDefinitions[0].command" of it set to ["serve", "--on-term", "default"]
      And the task is running without a Defender
      Then programs of container "worker" print:
        | program          | output      |
        | cat /proc/1/comm | docker-init |
      When the task is stopped
      Then container "worker" exited with 143

  Rule: All containers of a task share one network

    @fargate-042 @T21 @core
    Scenario: One network namespace
      Given the task definition "two-apps"
      And the task is running without a Defender
      Then "readlink /proc/self/ns/net" prints the same in containers "first" and "second"

    @fargate-043 @T22 @T25 @core
    Scenario: Each reaches the other on loopback, without a port mapping
      Given the task definition "two-apps"
      And the task is running without a Defender
      Then programs of container "first" print:
        | program                                                        | output |
        | curl -s -o /dev/null -w %{http_code} http://127.0.0.1:7002/    | 200    |
      And programs of container "second" print:
        | program                                                        | output |
        | curl -s -o /dev/null -w %{http_code} http://127.0.0.1:7001/    | 200    |

  Rule: eth0 leads to the agent, eth1 is the task's own interface

    @fargate-044 @T27 @T29 @core
    Scenario: The interfaces
      Given the task definition "plain"
      And the task is running without a Defender
      Then programs of container "worker" print:
        | program                                                      | output       |
        | ls /sys/class/net                                            | eth0 eth1 lo |
        | cat /sys/class/net/eth1/mtu                                  | 9001         |
        | grep -Ec "^eth0.02AAFEA9" /proc/net/route                    | 1            |
        | grep -Ec "^eth1.00000000" /proc/net/route                    | 1            |
        | curl -s -o /dev/null -w %{http_code} http://169.254.170.2/v4/nobody | 404   |

  Rule: The instance metadata service is not there, and a client knows at once

    @fargate-045 @T30 @core
    Scenario: The instance metadata service
      Given the task definition "plain"
      And the task is running without a Defender
      And container "worker" has the program "/tmp/imds":
        """
        #!/usr/bin/python3
        import errno, socket
        print(errno.errorcode[socket.socket().connect_ex(("169.254.169.254", 80))])
        """
      Then programs of container "worker" print:
        | program   | output |
        | /tmp/imds | EINVAL |

  Rule: Names are those of the task's interface, the same in every container

    @fargate-046 @T31 @T32 @T33 @core
    Scenario: The files of names
      Given the task definition "two-apps"
      And the task is running without a Defender
      Then programs of container "first" print:
        | program              | output                                                                |
        | cat /etc/hosts       | 127.0.0.1 localhost 10.0.42.7 ip-10-0-42-7.ec2.internal |
        | cat /etc/resolv.conf | nameserver 10.0.42.2 search ec2.internal                |
        | hostname             | ip-10-0-42-7.ec2.internal                               |
        | printenv HOSTNAME    | ip-10-0-42-7.ec2.internal                               |
      And "cat /etc/hosts /etc/resolv.conf /etc/hostname" prints the same in containers "first" and "second"
      And "printenv HOSTNAME" prints the same in containers "first" and "second"

  Rule: A volume is shared by those that mount it, and read-only where that is said

    @fargate-047 @T40 @T41 @core
    Scenario: A volume of the task
      Given the task definition "two-apps" with "volumes" set to [{"name": "data"}]
      And "containerDefinitions[0].mountPoints" of it set to [{"sourceVolume": "data", "containerPath": "/data"}]
      And "containerDefinitions[1].mountPoints" of it set to [{"sourceVolume": "data", "containerPath": "/given", "readOnly": true}]
      And the task is running without a Defender
      And container "first" has run "touch /data/from-the-first"
      Then programs of container "second" print:
        | program                | output                                                       |
        | ls /given              | from-the-first                                               |
        | touch /given/from-here | touch: cannot touch '/given/from-here': Read-only file system |

    @fargate-048 @T36 @T37 @core
    Scenario: The volumes of another container
      Given the task definition "two-apps" with "volumes" set to [{"name": "data"}]
      And "containerDefinitions[0].volumesFrom" of it set to [{"sourceContainer": "second", "readOnly": true}]
      And "containerDefinitions[1].mountPoints" of it set to [{"sourceVolume": "data", "containerPath": "/data"}]
      And the task is running without a Defender
      And container "second" has run "touch /data/from-the-second"
      Then programs of container "first" print:
        | program               | output                                                      |
        | ls /data              | from-the-second                                             |
        | touch /data/from-here | touch: cannot touch '/data/from-here': Read-only file system |
      And container "second" was created before container "first"

  Rule: A root file system that is read-only cannot be written, volumes can

    @fargate-049 @T45 @extended
    Scenario: A read-only root under a Defender
      Given the task definition "plain" with "containerDefinitions[0].readonlyRootFilesystem" set to true
      And "volumes" of it set to [{"name": "data"}]
      And "containerDefinitions[0].mountPoints" of it set to [{"sourceVolume": "data", "containerPath": "/data"}]
      And the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the task is running without a Defender
      Then programs of container "worker" print:
        | program                                  | output                                             |
        | touch /new                               | touch: cannot touch '/new': Read-only file system  |
      When the task is removed
      Given the protected task is running
      Then programs of container "worker" print:
        | program                                  | output                                             |
        | touch /new                               | touch: cannot touch '/new': Read-only file system  |
        | bash -c "touch /data/new && ls /data"    | new                                                |
      When container "worker" runs "mkdir /data/$TOKEN"
      Then the program never ran
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedProcess |
        | effect     | prevent                 |

  Rule: User and working directory are those of the definition

    @fargate-050 @T46 @T47 @core
    Scenario: Another user in another directory
      Given the task definition "plain" with "containerDefinitions[0].user" set to "1000:100"
      And "containerDefinitions[0].workingDirectory" of it set to "/var/tmp"
      And the task is running without a Defender
      Then programs of container "worker" print:
        | program | output   |
        | id -u   | 1000     |
        | id -g   | 100      |
        | pwd     | /var/tmp |

  Rule: The agent gives variables, and the user's own win

    @fargate-051 @T50 @core
    Scenario: The variables of the agent
      Given the task definition "web-and-worker" with "containerDefinitions[1].environment" set to [{"name": "AWS_DEFAULT_REGION", "value": "eu-west-1"}]
      And the task is running without a Defender
      Then programs of container "worker" print:
        | program                                                                                               | output          |
        | printenv AWS_EXECUTION_ENV AWS_REGION                                                                 | AWS_ECS_FARGATE us-east-1 |
        | printenv AWS_DEFAULT_REGION                                                                           | eu-west-1       |
        | bash -c "printenv ECS_CONTAINER_METADATA_URI \| grep -cE '^http://169.254.170.2/v3/[0-9a-f]{32}-[0-9]+$'"    | 1 |
        | bash -c "printenv ECS_CONTAINER_METADATA_URI_V4 \| grep -cE '^http://169.254.170.2/v4/[0-9a-f]{32}-[0-9]+$'" | 1 |
        | bash -c "printenv ECS_AGENT_URI \| grep -cE '^http://169.254.170.2/api/[0-9a-f]{32}-[0-9]+$'"                | 1 |
        | bash -c "printenv AWS_CONTAINER_CREDENTIALS_RELATIVE_URI \| grep -cE '^/v2/credentials/[0-9a-f-]{36}$'"      | 1 |

  Rule: Credentials are there with a task role, and only then

    @fargate-052 @T52 @core
    Scenario: With a task role
      Given the task definition "web-and-worker"
      And the task is running without a Defender
      Then programs of container "worker" print:
        | program                                                                                                          | output |
        | bash -c "curl -s 169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI \| grep -oE 'AccessKeyId\|Expiration\|RoleArn\|SecretAccessKey\|Token' \| sort" | AccessKeyId Expiration RoleArn SecretAccessKey Token |
        | curl -s -o /dev/null -w %{http_code} http://169.254.170.2/v2/credentials/nobody                                  | 400    |

    @fargate-053 @T52 @core
    Scenario: Without a task role
      Given the task definition "plain"
      And the task is running without a Defender
      Then programs of container "worker" print:
        | program                                                                  | output |
        | bash -c "printenv AWS_CONTAINER_CREDENTIALS_RELATIVE_URI \|\| echo none" | none   |

  Rule: The metadata of a container is found under its own id, and under no other

    @fargate-054 @T83 @T85 @core
    Scenario: Two containers and nobody
      Given the task definition "two-apps"
      And the task is running without a Defender
      Then programs of container "first" print:
        | program                                                                          | output         |
        | bash -c "curl -s $ECS_CONTAINER_METADATA_URI_V4 \| grep -oE '.Name.:.[a-z]+.' \| head -1"   | "Name":"first" |
        | curl -s -o /dev/null -w %{http_code} http://169.254.170.2/v4/nobody              | 404            |
      And programs of container "second" print:
        | program                                                                          | output          |
        | bash -c "curl -s $ECS_CONTAINER_METADATA_URI_V4 \| grep -oE '.Name.:.[a-z]+.' \| head -1"   | "Name":"second" |
