@dns @needs:dns
Feature: What is judged is what a server gets
  A program sends bytes, the kernel sends datagrams. One send can make several of them, and several sends can make one. What
  counts is each datagram that leaves.

  Background:
    Given the task definition "web-and-worker"
    And the name "api.example.com" resolves to "198.51.100.80"
    And the name "evil.test" resolves to "198.51.100.66"
    And the runtime rule "our names" for container "worker":
      | section | effect  | allowed       |
      | dns     | prevent | *.example.com |
    And the protected task is running

  Rule: Each datagram of a segmented send is a question of its own

    @dns-030 @V1 @core
    Scenario Outline: A denied name behind an allowed one, by <resolver>
      When container "worker" looks up "evil.test" with <resolver>
      Then the lookup fails within 1000 milliseconds
      And the resolver was never asked for "evil.test"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |
        | effect     | prevent             |
        | domain     | evil.test           |

      Examples:
        | resolver               |
        | raw segments           |
        | raw segments by option |

    @dns-031 @V1 @core
    Scenario Outline: An allowed name behind another, by <resolver>
      When container "worker" looks up "api.example.com" with <resolver>
      Then the name resolves to "198.51.100.80"
      And no audit tells of it

      Examples:
        | resolver               |
        | raw segments           |
        | raw segments by option |

  Rule: What cannot be taken apart is refused, and told of (declared choice)

    @dns-032 @V2 @core
    Scenario: A question in two parts
      When container "worker" looks up "evil.test" with raw parts
      Then the lookup fails within 1000 milliseconds
      And the resolver was never asked for "evil.test"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |
        | effect     | prevent             |
      And the message of the audit matches "DNS message without a readable question sent by /usr/local/bin/actor"

    @dns-044 @V2 @D1 @core
    Scenario: A question in two parts, under a rule that only watches
      When the runtime rule "our names" becomes:
        | section | effect | allowed       |
        | dns     | alert  | *.example.com |
      And container "worker" looks up "evil.test" with raw parts
      Then the name resolves to "198.51.100.66"
      And one or more audits of type "network" and effect "alert" tell of them

  Rule: Every question counts, in whatever it travels

    @dns-037 @V8 @core
    Scenario Outline: A denied name, <way>
      Given container "worker" has the program "/tmp/ask":
        """
        #!/usr/bin/python3
        import ctypes, socket, struct, sys, time
        way, name, server = sys.argv[1], sys.argv[2], ("10.0.42.2", 53)
        def question(name, number):
            labels = b"".join(bytes([len(one)]) + one.encode() for one in name.split("."))
            return struct.pack(">6H", number, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
        good, bad = question("first.example.com", 1), question(name, 2)
        framed = lambda message: struct.pack(">H", len(message)) + message
        one = socket.socket(type=socket.SOCK_DGRAM)
        def two_questions():
            one.sendto(good[:5] + b"\2" + good[6:] + bad[12:], server)
        def two_messages_of_a_call():
            address = ctypes.create_string_buffer(struct.pack("=HH4s8x", socket.AF_INET, socket.htons(53), socket.inet_aton(server[0])), 16)
            messages, kept = b"", [address]
            for data in good, bad:
                body = ctypes.create_string_buffer(data, len(data))
                part = ctypes.create_string_buffer(struct.pack("=QQ", ctypes.addressof(body), len(data)), 16)
                kept += [body, part]
                messages += struct.pack("=QIxxxxQQQQixxxx", ctypes.addressof(address), 16, ctypes.addressof(part), 1, 0, 0, 0)
                messages += struct.pack("=Ixxxx", 0)
            assert ctypes.CDLL(None).sendmmsg(one.fileno(), ctypes.create_string_buffer(messages, len(messages)), 2, 0) == 2
        def parts_of_memory():
            one.sendmsg([bad[:1], bad[1:15], b"", bad[15:]], [], 0, server)
        def bytes_behind_it():
            one.sendto(bad + b"more", server)
        def datagrams_of_a_connected_send():
            one.connect(server)
            one.setsockopt(17, 103, len(good))
            one.send(good + bad)
        def a_cork_on_a_connected_socket():
            one.setsockopt(17, 1, 1)
            one.connect(server)
            one.send(bad[:20])
            one.send(bad[20:])
            one.setsockopt(17, 1, 0)
        def second_of_a_stream():
            one.connect(server)
            one.sendall(framed(good) + framed(bad))
        def piece_by_piece():
            one.connect(server)
            for byte in framed(bad):
                one.send(bytes([byte]))
                time.sleep(0.02)
        if way in ("second_of_a_stream", "piece_by_piece"):
            one = socket.socket()
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        one.settimeout(5)
        globals()[way]()
        stream = one.makefile("rb") if one.type == socket.SOCK_STREAM else None
        code = None
        while code != 3:
            answer = stream.read(int.from_bytes(stream.read(2), "big")) if stream else one.recv(512)
            code = answer[3] & 15
        print("code", code)
        """
      When container "worker" runs "python3 /tmp/ask <way> evil.test"
      Then its output is "code 3"
      And the resolver was never asked for "evil.test"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |
        | effect     | prevent             |
        | domain     | evil.test           |

      Examples:
        | way                           |
        | two_questions                 |
        | two_messages_of_a_call        |
        | parts_of_memory               |
        | bytes_behind_it               |
        | datagrams_of_a_connected_send |
        | a_cork_on_a_connected_socket  |
        | second_of_a_stream            |
        | piece_by_piece                |
