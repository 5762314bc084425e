@network @needs:network
Feature: Ports that a container may listen on
  Who listens can be reached. A stream that listens, and a socket of datagrams that is given a port, are decided by that port.

  Background:
    Given the task definition "web-and-worker"

  Rule: On a denied port nobody listens, and one audit tells of who wanted to

    @network-020 @D16 @D18 @extended
    Scenario Outline: A program that <does>, under a rule that denies 9100 to 9102
      Given the runtime rule "our ports" for container "worker":
        | section | effect  | denied              |
        | network | prevent | listening 9100-9102 |
      And the protected task is running
      And container "worker" has the program "/tmp/listen":
        """
        #!/usr/bin/python3
        import socket, sys
        kind, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        one = socket.socket(family, socket.SOCK_STREAM if kind == "stream" else socket.SOCK_DGRAM)
        said = "listens"
        try:
            one.bind((host, port))
            if kind == "stream":
                one.listen(8)
        except OSError:
            # With which errno is not documented.
            said = "refused"
        # Whether anybody can come is what counts.
        other = socket.socket(socket.AF_INET, one.type)
        if kind == "stream":
            print(said, "reached" if other.connect_ex(("127.0.0.1", port)) == 0 else "not reached")
        else:
            other.connect(("127.0.0.1", port))
            other.settimeout(5)
            one.settimeout(5)
            try:
                other.send(b"hello")
                other.send(b"hello")
                print(said, "reached" if one.getsockname()[1] == port and one.recv(9) else "not reached")
            except OSError:
                print(said, "not reached")
        """
      When container "worker" runs "python3 /tmp/listen <kind> <host> <port>"
      Then its output is "<output>"
      And <number> audits tell of it

      Examples:
        | does                                       | kind      | host      | port | output              | number |
        | listens on the port before                 | stream    | 0.0.0.0   | 9099 | listens reached     | 0      |
        | listens on the first                       | stream    | 0.0.0.0   | 9100 | refused not reached | 1      |
        | listens on the last, over IPv6             | stream    | ::        | 9102 | refused not reached | 1      |
        | listens on the port behind                 | stream    | 0.0.0.0   | 9103 | listens reached     | 0      |
        | takes datagrams at the first               | datagrams | 0.0.0.0   | 9100 | refused not reached | 1      |
        | takes datagrams at the last, over IPv6     | datagrams | ::        | 9102 | refused not reached | 1      |
        | takes datagrams at the port behind         | datagrams | 0.0.0.0   | 9103 | listens reached     | 0      |
        | listens on loopback only (declared choice) | stream    | 127.0.0.1 | 9101 | listens reached     | 0      |

    @network-021 @D16 @extended
    Scenario Outline: What is told of a listener under <effect>
      Given the runtime rule "our ports" for container "worker":
        | section | effect   | denied         |
        | network | <effect> | listening 9100 |
      And the protected task is running
      When container "worker" runs "python3 -c 'import socket; one = socket.socket(); one.bind((str(), 9100)); one.listen(); print(1)'"
      Then <outcome>
      And exactly one audit tells of it:
        | type          | network                       |
        | attackType    | explicitlyDeniedListeningPort |
        | effect        | <effect>                      |
        | ruleName      | our ports                     |
        | containerName | worker                        |
        | processPath   | /usr/bin/python3.11           |
        | port          | 9100                          |
        | ip            |                               |
      And the message of the audit matches "Process /usr/bin/python3.11 is listening on port 9100 explicitly denied"

      Examples:
        | effect  | outcome                       |
        | prevent | the program did not succeed   |
        | alert   | the program ran and exited with 0 |

    @network-022 @D16 @extended
    Scenario: A listener that takes whatever port it is given, under an allow list
      Given the runtime rule "our ports" for container "worker":
        | section | effect  | allowed        |
        | network | prevent | listening 9100 |
      And the protected task is running
      When container "worker" runs "python3 -c 'import socket; one = socket.socket(); one.listen(); print(1)'"
      Then the program did not succeed
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedListeningPort |
        | effect     | prevent                       |
