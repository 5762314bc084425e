@network @needs:network
Feature: Addresses and ports that a container may reach
  Lists of addresses and of outbound ports decide what a container may reach, whatever call it makes. Each connection, and each
  datagram, is decided by where it goes.

  Background:
    Given the task definition "web-and-worker"
    And an internet host answers at "198.51.100.66" port 80
    And an internet host answers at "198.51.100.80" port 80

  Rule: What the lists deny is not reached, and one audit tells of it with address and port

    @network-001 @D15 @extended
    Scenario Outline: A connection to an address that is <what>
      Given the runtime rule "our peers" for container "worker":
        | section | effect  | allowed   | denied   |
        | network | prevent | <allowed> | <denied> |
      And the protected task is running
      When container "worker" connects to "198.51.100.66" port 80
      Then the connection is refused
      And 0 connections of the task reached "198.51.100.66" port 80
      And exactly one audit tells of it:
        | type          | network              |
        | attackType    | explicitlyDeniedIP   |
        | effect        | prevent              |
        | ruleName      | our peers            |
        | containerName | worker               |
        | processPath   | /usr/local/bin/actor |
        | ip            | 198.51.100.66        |
        | port          | 80                   |
        | domain        |                      |
      And the message of the audit matches "Outbound connection /usr/local/bin/actor to IP 198.51.100.66 is explicitly denied by a runtime rule"

      Examples:
        | what                      | allowed                      | denied                |
        | on the deny list          |                              | 198.51.100.66         |
        | in a denied block         |                              | 198.51.100.64/30      |
        | on no entry of the others | 198.51.100.80, 203.0.113.0/24 |                       |
        | on both lists             | 198.51.100.0/24              | 198.51.100.66         |
        | in the block of all there are |                          | 0.0.0.0/0             |
        | in half of all there are  |                              | 128.0.0.0/1           |

    @network-002 @D15 @F7 @extended
    Scenario: A connection under alert
      Given the runtime rule "our peers" for container "worker":
        | section | effect | denied        |
        | network | alert  | 198.51.100.66 |
      And the protected task is running
      When container "worker" connects to "198.51.100.66" port 80
      Then the connection is made
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedIP |
        | effect     | alert              |
        | ip         | 198.51.100.66      |
        | port       | 80                 |

    @network-003 @D15 @core
    Scenario Outline: A connection to what <what>
      Given the runtime rule "our peers" for container "worker":
        | section | effect  | allowed   | denied   |
        | network | prevent | <allowed> | <denied> |
      And the protected task is running
      When container "worker" connects to "198.51.100.80" port 80
      Then the connection is made
      And no audit tells of it

      Examples:
        | what                      | allowed                    | denied                     |
        | the allow list has        | 198.51.100.80              |                            |
        | the deny list has not     |                            | 198.51.100.66, outbound 81 |
        | both allow lists have     | 198.51.100.80, outbound 80 |                            |
        | no list is about          |                            | listening 80               |
        | the block of all has      | 0.0.0.0/0                  |                            |
        | the other half has not    | 128.0.0.0/1                | 0.0.0.0/1                  |

    @network-004 @D15 @F1 @core
    Scenario: A disabled section
      Given the runtime rule "off" for container "worker":
        | section | effect  | denied                     |
        | network | disable | 198.51.100.66, outbound 80 |
      And the protected task is running
      When container "worker" connects to "198.51.100.66" port 80
      Then the connection is made
      And no audit tells of it

  Rule: A range of ports has both of its ends

    @network-005 @D15 @D18 @extended
    Scenario Outline: Port <port> under a rule that denies 4312 to 4555
      Given an internet host answers at "198.51.100.66" port <port>
      And the runtime rule "our ports" for container "worker":
        | section | effect | denied             |
        | network | alert  | outbound 4312-4555 |
      And the protected task is running
      When container "worker" connects to "198.51.100.66" port <port>
      Then the connection is made
      And <number> audits tell of it

      Examples:
        | port | number |
        | 4311 | 0      |
        | 4312 | 1      |
        | 4555 | 1      |
        | 4556 | 0      |

    @network-006 @D15 @D18 @extended
    Scenario: A port outside the allowed range
      Given an internet host answers at "198.51.100.66" port 4556
      And the runtime rule "our ports" for container "worker":
        | section | effect  | allowed            |
        | network | prevent | outbound 4312-4555 |
      And the protected task is running
      When container "worker" connects to "198.51.100.66" port 4556
      Then the connection is refused
      And 0 connections of the task reached "198.51.100.66" port 4556
      And exactly one audit tells of it:
        | type       | network                      |
        | attackType | explicitlyDeniedOutboundPort |
        | effect     | prevent                      |
        | ip         | 198.51.100.66                |
        | port       | 4556                         |
      And the message of the audit matches "Outbound connection /usr/local/bin/actor to port 4556 \(IP: 198.51.100.66\) is explicitly denied by a runtime rule"

  Rule: No call is a way around, and an address within IPv6 is the address

    @network-007 @D15 @extended
    Scenario Outline: A denied address, by <way>
      Given the runtime rule "our peers" for container "worker":
        | section | effect  | denied                        |
        | network | prevent | 198.51.100.66, 2001:db8::/32  |
        | dns     | <names> | evil.test                     |
      And the protected task is running
      And container "worker" has the program "/tmp/reach":
        """
        #!/usr/bin/python3
        import ctypes, select, socket, struct, sys
        c = ctypes.CDLL(None, use_errno=True)
        way, host, port = sys.argv[1], sys.argv[2], 80
        six = ":" in host
        family = socket.AF_INET6 if six else socket.AF_INET
        if six:
            to = struct.pack("=HHI16sI", family, socket.htons(port), 0, socket.inet_pton(family, host), 0)
        else:
            to = struct.pack("=HH4s8x", family, socket.htons(port), socket.inet_aton(host))
        address, data = ctypes.create_string_buffer(to, len(to)), ctypes.create_string_buffer(b"hello", 5)
        part = ctypes.create_string_buffer(struct.pack("=QQ", ctypes.addressof(data), 5), 16)
        head = struct.pack("=QIxxxxQQQQixxxx", ctypes.addressof(address), len(to), ctypes.addressof(part), 1, 0, 0, 0)
        streams = ("connect", "non-blocking", "deferred", "fast-open", "multipath")
        one = socket.socket(family, socket.SOCK_STREAM if way in streams else socket.SOCK_DGRAM, 262 if way == "multipath" else 0)
        one.setblocking(way != "non-blocking")
        if way == "deferred":
            one.setsockopt(socket.IPPROTO_TCP, 30, 1)
        def attempt():
            if way in streams or way == "connected":
                if way == "fast-open" and c.sendto(one.fileno(), data, 5, 0x20000000, to, len(to)) >= 0:
                    return 0
                return c.connect(one.fileno(), to, len(to))
            if way == "sendto":
                return c.sendto(one.fileno(), data, 5, 0, to, len(to))
            if way == "sendmsg":
                return c.sendmsg(one.fileno(), ctypes.create_string_buffer(head, 56), 0)
            return c.sendmmsg(one.fileno(), ctypes.create_string_buffer(head + bytes(8), 64), 1, 0)
        # With which errno is not documented.
        print("fine" if attempt() >= 0 else "refused")
        """
      When container "worker" runs "python3 /tmp/reach <call> <address>"
      Then its output is "refused"
      And 0 connections of the task reached "198.51.100.66" port 80
      And exactly one audit tells of it:
        | attackType  | explicitlyDeniedIP  |
        | effect      | prevent             |
        | ip          | <told>              |
        | port        | 80                  |
        | processPath | /usr/bin/python3.11 |

      Examples:
        | way                                    | call         | address              | told          | names   |
        | connect                                | connect      | 198.51.100.66        | 198.51.100.66 | disable |
        | connect without waiting                | non-blocking | 198.51.100.66        | 198.51.100.66 | disable |
        | connect that waits for data            | deferred     | 198.51.100.66        | 198.51.100.66 | disable |
        | data with the connection, or without   | fast-open    | 198.51.100.66        | 198.51.100.66 | disable |
        | connect over several paths             | multipath    | 198.51.100.66        | 198.51.100.66 | disable |
        | a connected socket of datagrams        | connected    | 198.51.100.66        | 198.51.100.66 | disable |
        | sendto                                 | sendto       | 198.51.100.66        | 198.51.100.66 | disable |
        | sendmsg                                | sendmsg      | 198.51.100.66        | 198.51.100.66 | disable |
        | sendmmsg                               | sendmmsg     | 198.51.100.66        | 198.51.100.66 | disable |
        | connect to it within IPv6              | connect      | ::ffff:198.51.100.66 | 198.51.100.66 | disable |
        | sendto to it within IPv6               | sendto       | ::ffff:198.51.100.66 | 198.51.100.66 | disable |
        | connect over IPv6                      | connect      | 2001:db8::66         | 2001:db8::66  | disable |
        | sendmsg over IPv6                      | sendmsg      | 2001:db8::66         | 2001:db8::66  | disable |
        | sendto, where names are governed too   | sendto       | 198.51.100.66        | 198.51.100.66 | prevent |
        | sendto over IPv6, where names are too  | sendto       | 2001:db8::66         | 2001:db8::66  | prevent |
        | sendmsg over IPv6, where names are too | sendmsg      | 2001:db8::66         | 2001:db8::66  | prevent |
        | sendmmsg over IPv6, where names are    | sendmmsg     | 2001:db8::66         | 2001:db8::66  | prevent |
        | sendto within IPv6, where names are too | sendto       | ::ffff:198.51.100.66 | 198.51.100.66 | prevent |
        | connect over IPv6, where names are too | connect      | 2001:db8::66         | 2001:db8::66  | prevent |

    @network-008 @D15 @extended
    Scenario Outline: A denied server, asked by <resolver>
      Given the name "api.example.com" resolves to "198.51.100.80"
      And the runtime rule "our peers" for container "worker":
        | section | effect  | denied  |
        | network | prevent | 8.8.8.8 |
      And the protected task is running
      When container "worker" asks the server "8.8.8.8" for "api.example.com" with <resolver>
      Then the lookup fails within 1000 milliseconds
      And the resolver was never asked for "api.example.com"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedIP |
        | effect     | prevent            |
        | ip         | 8.8.8.8            |
        | port       | 53                 |

      Examples:
        | resolver     |
        | raw UDP      |
        | raw sendto   |
        | raw sendmsg  |
        | raw sendmmsg |
        | raw TCP      |

  Rule: Loopback is nobody's business, and ports are about the internet (declared choices)

    @network-009 @D15 @core
    Scenario: A server of the task's own
      Given the runtime rule "our peers" for container "worker":
        | section | effect  | allowed       | denied      |
        | network | prevent | 198.51.100.80 | outbound 80 |
      And the protected task is running
      And container "worker" has the program "/tmp/own":
        """
        #!/usr/bin/python3
        import socket
        server = socket.create_server(("127.0.0.1", 80))
        print(socket.socket().connect_ex(("127.0.0.1", 80)))
        """
      When container "worker" runs "/tmp/own"
      Then its output is "0"
      And no audit tells of it

    @network-010 @D15 @extended
    Scenario: A port of a private address
      Given the runtime rule "our ports" for container "worker":
        | section | effect  | denied      |
        | network | prevent | outbound 53 |
      And the protected task is running
      When container "worker" connects to "10.0.42.2" port 53
      Then the connection is made
      And no audit tells of it

  Rule: What is allowed works as it does without a rule, names included

    @network-011 @D15 @D3 @core
    Scenario: A service whose name, address and port are allowed
      Given the service "payments.example.com" at "198.51.100.90" answers "/charge" with 200
      And the runtime rule "our services" for container "worker":
        | section | effect  | allowed                                  |
        | dns     | prevent | *.example.com                            |
        | network | prevent | 198.51.100.90, 10.0.42.2, outbound 80    |
      And the protected task is running
      When container "worker" runs "curl -sS --max-time 5 http://payments.example.com/charge"
      Then the program ran and exited with 0
      And its output is "payments.example.com answers"
      And the service "payments.example.com" was asked for "/charge" 1 time
      And no audit tells of it

  Rule: A changed policy decides the next connection

    @network-012 @D15 @U1 @extended
    Scenario: An address that is denied later
      Given the runtime rule "our peers" for container "worker":
        | section | effect  | denied |
        | network | prevent |        |
      And the protected task is running
      When container "worker" connects to "198.51.100.66" port 80
      Then the connection is made
      When the runtime rule "our peers" becomes:
        | section | effect  | denied        |
        | network | prevent | 198.51.100.66 |
      And container "worker" connects to "198.51.100.66" port 80
      Then the connection is refused
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedIP |
        | ruleName   | our peers          |

  Rule: Each address and each port is an attempt of its own, however close behind another

    @network-013 @D15 @A4 @extended
    Scenario Outline: One program that tries <what> at once
      Given an internet host answers at "198.51.100.66" port 81
      And the runtime rule "our peers" for container "worker":
        | section | effect   | denied          |
        | network | <effect> | 198.51.100.0/24 |
      And the protected task is running
      And container "worker" has the program "/tmp/both":
        """
        #!/usr/bin/python3
        import socket, sys
        said = []
        for one in sys.argv[2:]:
            host, port = one.split(":")
            with socket.socket(type=getattr(socket, sys.argv[1])) as peer:
                try:
                    peer.connect((host, int(port)))
                    peer.send(b"hello")
                    said.append("made")
                except OSError:
                    said.append("refused")
        print(*said)
        """
      When container "worker" runs "/tmp/both <kind> <targets>"
      Then its output is "<said>"
      And 2 audits tell of it
      When the runtime audits are read with ""
      Then there are 1 rows with "<member>" "<one>"
      And there are 1 rows with "<member>" "<other>"

      Examples:
        | what                              | effect  | kind        | targets                           | said            | member | one           | other         |
        | two ports of an address           | prevent | SOCK_STREAM | 198.51.100.66:80 198.51.100.66:81 | refused refused | port   | 80            | 81            |
        | two addresses at a port           | prevent | SOCK_STREAM | 198.51.100.66:80 198.51.100.80:80 | refused refused | ip     | 198.51.100.66 | 198.51.100.80 |
        | two ports of an address, watched  | alert   | SOCK_STREAM | 198.51.100.66:80 198.51.100.66:81 | made made       | port   | 80            | 81            |
        | two ports by datagrams            | prevent | SOCK_DGRAM  | 198.51.100.66:80 198.51.100.66:81 | refused refused | port   | 80            | 81            |
