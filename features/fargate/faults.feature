@task @faults
Feature: Faults that a task injects into its own network
  A program in a container asks the agent, at `$ECS_AGENT_URI`, to disturb the network of its task. The faults act on what the
  containers send and receive. Where they pass is approximated: rules of routing instead of a firewall, and the agent of the
  simulated world instead of a queue of the kernel.

  Rule: The fault endpoints are closed until the definition opens them

    @fargate-101 @T88 @extended
    Scenario: Nothing is said of fault injection
      Given the task definition "two-apps"
      And an internet host answers at "203.0.113.10" port 443
      And the task is running without a Defender
      When container "first" asks for the start of "network-blackhole-port" with {"Port": 443, "Protocol": "tcp", "TrafficType": "egress"}
      Then the fault is answered with 400 and "enableFaultInjection is not enabled for task: arn:aws:ecs:"
      When container "first" asks for the status of "network-latency"
      Then the fault is answered with 400 and "enableFaultInjection is not enabled for task: arn:aws:ecs:"
      When container "first" connects to "203.0.113.10" port 443
      Then the connection is made

    @fargate-102 @T88 @extended
    Scenario: The metadata say that they are open
      Given the task definition "two-apps" with "enableFaultInjection" set to true
      And the task is running without a Defender
      Then programs of container "first" print:
        | program                                                                                        | output                       |
        | bash -c "curl -s $ECS_CONTAINER_METADATA_URI_V4/task \| grep -oE '.FaultInjectionEnabled.:[a-z]+'" | "FaultInjectionEnabled":true |

  Rule: What goes into a black hole vanishes without an answer, and nothing else does

    @fargate-103 @T88 @extended
    Scenario: What leaves for a port
      Given the task definition "two-apps" with "enableFaultInjection" set to true
      And an internet host answers at "203.0.113.10" port 443
      And an internet host answers at "203.0.113.10" port 8443
      And an internet host answers at "203.0.113.11" port 443
      And the task is running without a Defender
      When container "first" asks for the start of "network-blackhole-port" with {"Port": 443, "Protocol": "tcp", "TrafficType": "egress", "SourcesToFilter": ["203.0.113.11"]}
      Then the fault is answered with 200 and "running"
      When container "second" connects to "203.0.113.10" port 443
      Then the connection is never answered
      When container "second" connects to "203.0.113.10" port 8443
      Then the connection is made
      When container "second" connects to "203.0.113.11" port 443
      Then the connection is made
      When container "second" asks for the status of "network-blackhole-port" with {"Port": 443, "Protocol": "tcp", "TrafficType": "egress"}
      Then the fault is answered with 200 and "running"
      When container "second" asks for the stop of "network-blackhole-port" with {"Port": 443, "Protocol": "tcp", "TrafficType": "egress"}
      Then the fault is answered with 200 and "stopped"
      When container "second" connects to "203.0.113.10" port 443
      Then the connection is made
      When container "first" asks for the status of "network-blackhole-port" with {"Port": 443, "Protocol": "tcp", "TrafficType": "egress"}
      Then the fault is answered with 200 and "not-running"

    @fargate-104 @T88 @extended
    Scenario: What comes in for a port
      Given the task definition "two-apps" with "enableFaultInjection" set to true
      And the security group also opens port 7001
      And the security group also opens port 7002
      And the task is running without a Defender
      When container "first" asks for the start of "network-blackhole-port" with {"Port": 7001, "Protocol": "tcp", "TrafficType": "ingress"}
      Then the fault is answered with 200 and "running"
      When a client at "198.51.100.7" requests "GET /" on port 7001
      Then the request is never answered
      When a client at "198.51.100.7" requests "GET /" on port 7002
      Then the response has status 200
      When container "second" connects to "127.0.0.1" port 7001
      Then the connection is never answered
      When container "second" asks for the stop of "network-blackhole-port" with {"Port": 7001, "Protocol": "tcp", "TrafficType": "ingress"}
      Then the fault is answered with 200 and "stopped"
      When a client at "198.51.100.7" requests "GET /" on port 7001
      Then the response has status 200

  Rule: A black hole of port 80 leaves the way to the agent open

    @fargate-105 @T88 @extended
    Scenario: What leaves for port 80
      Given the task definition "two-apps" with "enableFaultInjection" set to true
      And an internet host answers at "203.0.113.10" port 80
      And the task is running without a Defender
      When container "first" asks for the start of "network-blackhole-port" with {"Port": 80, "Protocol": "tcp", "TrafficType": "egress"}
      Then the fault is answered with 200 and "running"
      When container "first" connects to "203.0.113.10" port 80
      Then the connection is never answered
      When container "first" asks for the status of "network-blackhole-port" with {"Port": 80, "Protocol": "tcp", "TrafficType": "egress"}
      Then the fault is answered with 200 and "running"

  Rule: Latency delays what leaves for its sources

    @fargate-106 @T89 @extended
    Scenario: A delay of 1500 milliseconds
      Given the task definition "two-apps" with "enableFaultInjection" set to true
      And an internet host answers at "203.0.113.10" port 443
      And an internet host answers at "203.0.113.11" port 443
      And an internet host answers at "198.51.100.20" port 443
      And the task is running without a Defender
      When container "first" asks for the start of "network-latency" with {"DelayMilliseconds": 1500, "JitterMilliseconds": 0, "Sources": ["203.0.113.0/24"], "SourcesToFilter": ["203.0.113.11"]}
      Then the fault is answered with 200 and "running"
      When container "second" connects to "203.0.113.10" port 443
      Then the connection is made after 1500 to 4900 milliseconds
      When container "second" connects to "203.0.113.11" port 443
      Then the connection is made after 0 to 1400 milliseconds
      When container "second" connects to "198.51.100.20" port 443
      Then the connection is made after 0 to 1400 milliseconds
      When container "first" asks for the stop of "network-latency"
      Then the fault is answered with 200 and "stopped"
      When container "second" connects to "203.0.113.10" port 443
      Then the connection is made after 0 to 1400 milliseconds

  Rule: Packet loss drops what leaves for its sources

    @fargate-107 @T89 @extended
    Scenario: All packets are lost
      Given the task definition "two-apps" with "enableFaultInjection" set to true
      And an internet host answers at "203.0.113.10" port 443
      And an internet host answers at "198.51.100.20" port 443
      And the task is running without a Defender
      When container "first" asks for the start of "network-packet-loss" with {"LossPercent": 100, "Sources": ["203.0.113.10"]}
      Then the fault is answered with 200 and "running"
      When container "second" connects to "203.0.113.10" port 443
      Then the connection is never answered
      When container "second" connects to "198.51.100.20" port 443
      Then the connection is made
      When container "second" asks for the status of "network-packet-loss"
      Then the fault is answered with 200 and "running"
      When container "first" asks for the stop of "network-packet-loss"
      Then the fault is answered with 200 and "stopped"
      When container "second" connects to "203.0.113.10" port 443
      Then the connection is made

  Rule: Latency and packet loss exclude each other

    @fargate-108 @T89 @extended
    Scenario: One is started after the other
      Given the task definition "two-apps" with "enableFaultInjection" set to true
      And the task is running without a Defender
      When container "first" asks for the start of "network-latency" with {"DelayMilliseconds": 10, "JitterMilliseconds": 5, "Sources": ["203.0.113.10"]}
      Then the fault is answered with 200 and "running"
      When container "second" asks for the start of "network-latency" with {"DelayMilliseconds": 10, "JitterMilliseconds": 5, "Sources": ["203.0.113.10"]}
      Then the fault is answered with 409 and "network latency fault running"
      When container "first" asks for the start of "network-packet-loss" with {"LossPercent": 1, "Sources": ["203.0.113.10"]}
      Then the fault is answered with 409 and "network latency fault running"
      When container "first" asks for the status of "network-packet-loss"
      Then the fault is answered with 200 and "not-running"
      When container "first" asks for the stop of "network-latency"
      Then the fault is answered with 200 and "stopped"
      When container "second" asks for the start of "network-packet-loss" with {"LossPercent": 1, "Sources": ["203.0.113.10"]}
      Then the fault is answered with 200 and "running"

  Rule: A request that is not whole or not right is refused, and nothing acts

    @fargate-109 @T89 @extended
    Scenario Outline: A start of <fault> with <case>
      Given the task definition "two-apps" with "enableFaultInjection" set to true
      And the task is running without a Defender
      When container "first" asks for the start of "<fault>" with <body>
      Then the fault is answered with 400 and "<error>"
      When container "first" asks for the status of "<fault>" with {"Port": 443, "Protocol": "tcp", "TrafficType": "egress"}
      Then the fault is answered with 200 and "not-running"

      Examples:
        | fault                  | case                | body                                                                      | error                                             |
        | network-blackhole-port | no port             | {"Protocol": "tcp", "TrafficType": "egress"}                              | required parameter Port is missing                |
        | network-blackhole-port | another protocol    | {"Port": 443, "Protocol": "icmp", "TrafficType": "egress"}                | invalid value icmp for parameter Protocol         |
        | network-latency        | no delay at all     | {"DelayMilliseconds": 0, "JitterMilliseconds": 0, "Sources": ["10.0.0.1"]} | DelayMilliseconds                                |
        | network-packet-loss    | no sources          | {"LossPercent": 10}                                                       | required parameter Sources is missing             |
        | network-packet-loss    | more than there are | {"LossPercent": 101, "Sources": ["10.0.0.1"]}                             | invalid value 101 for parameter LossPercent       |

  Rule: A container is heard once in five seconds by each endpoint

    @fargate-110 @T89 @extended
    Scenario: Asked twice
      Given the task definition "two-apps" with "enableFaultInjection" set to true
      And the task is running without a Defender
      When container "first" asks for the status of "network-latency"
      Then the fault is answered with 200 and "not-running"
      When container "first" asks for the status of "network-latency"
      Then the fault is answered with 429 and ""
      When container "second" asks for the status of "network-latency"
      Then the fault is answered with 200 and "not-running"
      When container "first" asks for the status of "network-packet-loss"
      Then the fault is answered with 200 and "not-running"

  Rule: Nobody is heard under an id that no container has

    @fargate-111 @T89 @extended
    Scenario: An unknown id
      Given the task definition "two-apps" with "enableFaultInjection" set to true
      And the task is running without a Defender
      Then programs of container "first" print:
        | program                                                                                                           | output |
        | curl -s -o /dev/null -w %{http_code} -X POST http://169.254.170.2/api/nobody/fault/v1/network-latency/status      | 404    |
        | curl -s -o /dev/null -w %{http_code} http://169.254.170.2/api/nobody/fault/v1/network-latency/status              | 405    |
