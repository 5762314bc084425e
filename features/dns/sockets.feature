@dns @needs:dns
Feature: What a socket looks like that leads to a DNS server
  A Defender that answers for a server stands between it and the app. The app sees its own address and the server's, as without
  it, and takes the answer from whom it asked.

  Background:
    Given the task definition "web-and-worker"
    And the name "api.example.com" resolves to "198.51.100.80"
    And the name "evil.test" resolves to "198.51.100.66"

  Rule: Own address, peer and sender are those of the way to the server

    @dns-033 @Z2 @core
    Scenario Outline: The usual way to find out one's own address, under a rule on <section>
      Given the runtime rule "our rule" for container "worker":
        | section   | effect  | denied    |
        | <section> | prevent | <denied>  |
      And the protected task is running
      And container "worker" has the program "/tmp/look":
        """
        #!/usr/bin/python3
        import socket
        for host, port in ("8.8.8.8", 53), ("8.8.8.8", 80), ("1.1.1.1", 53):
            one = socket.socket(type=socket.SOCK_DGRAM)
            one.connect((host, port))
            print(one.getsockname()[0], *one.getpeername())
        stream = socket.create_connection(("10.0.42.2", 53), 5)
        print(stream.getsockname()[0], *stream.getpeername())
        bound = socket.socket(type=socket.SOCK_DGRAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth1")
        bound.connect(("8.8.8.8", 53))
        print(bound.getsockname()[0], bound.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16)[:4].decode())
        """
      Then programs of container "worker" print:
        | program   | output                                                                                                        |
        | /tmp/look | 10.0.42.7 8.8.8.8 53 10.0.42.7 8.8.8.8 80 10.0.42.7 1.1.1.1 53 10.0.42.7 10.0.42.2 53 10.0.42.7 eth1 |

      Examples:
        | section   | denied    |
        | processes | mkdir     |
        | dns       | evil.test |

    @dns-034 @Z2 @core
    Scenario: A resolver that takes an answer only from whom it asked
      Given the runtime rule "our names" for container "worker":
        | section | effect  | denied    |
        | dns     | prevent | evil.test |
      And the protected task is running
      And container "worker" has the program "/tmp/careful":
        """
        #!/usr/bin/python3
        import socket, struct
        def ask(name):
            labels = b"".join(bytes([len(one)]) + one.encode() for one in name.split("."))
            question = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
            one = socket.socket(type=socket.SOCK_DGRAM)
            one.settimeout(5)
            one.connect(("10.0.42.2", 53))
            one.send(question)
            answer, sender = one.recvfrom(512)
            return sender, answer[3] & 15
        print(ask("api.example.com"), ask("evil.test"))
        """
      Then programs of container "worker" print:
        | program      | output                                         |
        | /tmp/careful | (('10.0.42.2', 53), 0) (('10.0.42.2', 53), 3) |

    @dns-039 @D9 @Z2 @core
    Scenario Outline: A resolver that mixes case, <addition>, and wants its question back
      Given the runtime rule "our names" for container "worker":
        | section | effect  | allowed       |
        | dns     | prevent | *.example.com |
      And the protected task is running
      And container "worker" has the program "/tmp/mixed":
        """
        #!/usr/bin/python3
        import socket, struct, sys
        extended = sys.argv[1] == "extended"
        def ask(name):
            labels = b"".join(bytes([len(one)]) + one.encode() for one in name.split("."))
            asked = labels + b"\0" + struct.pack(">2H", 1, 1)
            question = struct.pack(">6H", 7, 0x100, 1, 0, 0, int(extended)) + asked
            if extended:
                question += b"\0" + struct.pack(">HHIH", 41, 1232, 0, 12) + struct.pack(">HH8s", 10, 8, b"a cookie")
            one = socket.socket(type=socket.SOCK_DGRAM)
            one.settimeout(5)
            one.sendto(question, ("10.0.42.2", 53))
            answer, sender = one.recvfrom(1232)
            return "code %d of %s, %s" % (answer[3] & 15, sender[0], "as asked" if answer[12:12 + len(asked)] == asked else "otherwise")
        print(ask("aPi.ExAmPlE.cOm"), ask("eViL.tEsT"), sep="; ")
        """
      When container "worker" runs "/tmp/mixed <kind>"
      Then its output is "code 0 of 10.0.42.2, as asked; code 3 of 10.0.42.2, as asked"
      And the resolver was never asked for "evil.test"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |
        | effect     | prevent             |
        | domain     | evil.test           |

      Examples:
        | addition                 | kind     |
        | in a plain question      | plain    |
        | in an extended one (EDNS) | extended |

  Rule: Where nobody serves, the app knows at once

    A bare app hears from its own socket that a port is closed. Behind a Defender an error of the socket, the end of the
    stream and an answer that says so (SERVFAIL) are as good; to wait for a time-out is not.

    @dns-041 @Z2 @D11 @core
    Scenario Outline: A server that is not there, asked over <way>
      Given the runtime rule "our names" for container "worker":
        | section | effect  | denied    |
        | dns     | prevent | evil.test |
      And the protected task is running
      And container "worker" has the program "/tmp/astray":
        """
        #!/usr/bin/python3
        import socket, struct, sys, time
        labels = b"".join(bytes([len(one)]) + one.encode() for one in "api.example.com".split("."))
        question = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
        way, nobody = sys.argv[1], ("127.0.0.1", 53)
        began = time.monotonic()
        one = socket.socket(type=socket.SOCK_STREAM if way == "stream" else socket.SOCK_DGRAM)
        one.settimeout(5)
        try:
            if way == "stream":
                one.connect(nobody)
                one.sendall(struct.pack(">H", len(question)) + question)
                told = one.recv(514)[2:]
            else:
                one.connect(nobody)
                one.send(question)
                told = one.recv(512)
            said = "nothing" if not told else "SERVFAIL" if len(told) >= 12 and told[:2] == question[:2] and told[3] & 15 == 2 else "nonsense"
        except TimeoutError:
            said = "silence"
        except OSError:
            said = "an error"
        good = said in ("SERVFAIL", "an error") or said == "nothing" and way == "stream"
        print("told" if good else said, "in time" if time.monotonic() - began < 1 else "late")
        """
      When container "worker" runs "/tmp/astray <kind>"
      Then its output is "told in time"

      Examples:
        | way        | kind     |
        | a datagram | datagram |
        | a stream   | stream   |

  Rule: A rule on names governs the sockets that are older than it

    @dns-035 @Z3 @core
    Scenario: A socket that was connected before
      Given the runtime rule "our names" for container "worker":
        | section | effect  | denied |
        | dns     | disable |        |
      And the protected task is running
      And container "worker" has the program "/tmp/patient":
        """
        #!/usr/bin/python3
        import os, socket, struct, sys, time
        def question(name):
            labels = b"".join(bytes([len(one)]) + one.encode() for one in name.split("."))
            return struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
        one = socket.socket(type=socket.SOCK_DGRAM)
        one.settimeout(5)
        one.connect(("10.0.42.2", 53))
        if os.fork():
            os._exit(0)
        for stream in 0, 1, 2:
            os.close(stream)
        while not os.path.exists("/tmp/go"):
            time.sleep(0.01)
        one.send(question(open("/tmp/go").read().strip()))
        with open("/tmp/answer.new", "w") as answer:
            answer.write("rcode %d" % (one.recv(512)[3] & 15))
        os.rename("/tmp/answer.new", "/tmp/answer")
        """
      And container "worker" has run "/tmp/patient"
      When the runtime rule "our names" becomes:
        | section | effect  | denied    |
        | dns     | prevent | evil.test |
      And container "worker" runs "sh -c 'echo evil.test > /tmp/new; mv /tmp/new /tmp/go; until [ -e /tmp/answer ]; do sleep 0.01; done; cat /tmp/answer'"
      Then its output is "rcode 3"
      And the resolver was never asked for "evil.test"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |
        | effect     | prevent             |
        | domain     | evil.test           |

    @dns-038 @Z3 @core
    Scenario: A stream that was opened before
      Given the runtime rule "our names" for container "worker":
        | section | effect  | denied |
        | dns     | disable |        |
      And the protected task is running
      And container "worker" has the program "/tmp/patient":
        """
        #!/usr/bin/python3
        import os, socket, struct, time
        def question(name):
            labels = b"".join(bytes([len(one)]) + one.encode() for one in name.split("."))
            message = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
            return struct.pack(">H", len(message)) + message
        one = socket.create_connection(("10.0.42.2", 53), 5)
        if os.fork():
            os._exit(0)
        for stream in 0, 1, 2:
            os.close(stream)
        while not os.path.exists("/tmp/go"):
            time.sleep(0.01)
        try:
            one.sendall(question(open("/tmp/go").read().strip()))
            answer = one.recv(512)
        except OSError:
            answer = b""
        with open("/tmp/answer.new", "w") as told:
            told.write("resolved" if answer and answer[5] & 15 == 0 else "denied")
        os.rename("/tmp/answer.new", "/tmp/answer")
        """
      And container "worker" has run "/tmp/patient"
      When the runtime rule "our names" becomes:
        | section | effect  | denied    |
        | dns     | prevent | evil.test |
      And container "worker" runs "sh -c 'echo evil.test > /tmp/new; mv /tmp/new /tmp/go; until [ -e /tmp/answer ]; do sleep 0.01; done; cat /tmp/answer'"
      Then its output is "denied"
      And the resolver was never asked for "evil.test"

  Rule: What remains to be seen (declared limit)

    @dns-036 @Z2 @extended
    Scenario: What recvmsg names, a stream to nobody or from a port of one's own, and a device that comes later
      Given the runtime rule "our names" for container "worker":
        | section | effect  | denied    |
        | dns     | prevent | evil.test |
      And the protected task is running
      And container "worker" has the program "/tmp/rest":
        """
        #!/usr/bin/python3
        import socket, struct
        question = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + b"\x04evil\x04test\0" + struct.pack(">2H", 1, 1)
        one = socket.socket(type=socket.SOCK_DGRAM)
        one.settimeout(5)
        one.connect(("10.0.42.2", 53))
        one.send(question)
        answer, _, _, sender = one.recvmsg(512)
        print("code", answer[3] & 15, "of the server:", sender[0] == "10.0.42.2")
        print("a stream to nobody:", socket.socket().connect_ex(("198.51.100.99", 53)))
        stream = socket.socket()
        stream.bind(("0.0.0.0", 4096))
        stream.connect(("10.0.42.2", 53))
        print("from", stream.getsockname()[0])
        one.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth1")
        one.settimeout(1)
        try:
            one.send(question)
            print(one.recv(512))
        except OSError:
            print("cut off")
        """
      Then programs of container "worker" print:
        | program   | output                                                                     |
        | /tmp/rest | code 3 of the server: False a stream to nobody: 0 from 127.0.0.1 cut off |

  Rule: A socket that is connected to one server may ask another one, which is then asked, or not

    @dns-045 @D8 @Z2 @extended
    Scenario: A question by the way, to a server that nobody connected to
      Given the runtime rule "our names" for container "worker":
        | section | effect  | denied    |
        | dns     | prevent | evil.test |
      And the protected task is running
      And container "worker" has the program "/tmp/by-the-way":
        """
        #!/usr/bin/python3
        import socket, struct, sys
        def question(name):
            labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
            return struct.pack(">6H", 7, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
        one = socket.socket(type=socket.SOCK_DGRAM)
        one.settimeout(2)
        one.connect((sys.argv[1], 53))
        one.sendto(question(sys.argv[3]), (sys.argv[2], 53))
        try:
            # Bare, nothing comes: the socket takes answers from its peer alone.
            one.recv(512)
        except OSError:
            pass
        """
      When container "worker" runs "/tmp/by-the-way 10.0.42.2 8.8.8.8 evil.test"
      Then the program ran and exited with 0
      And the resolver was never asked for "evil.test"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |
        | domain     | evil.test           |
      When container "worker" runs "/tmp/by-the-way 198.51.100.9 10.0.42.2 api.example.com"
      Then the program ran and exited with 0
      And the server "10.0.42.2" was asked for "api.example.com"
      When container "worker" runs "/tmp/by-the-way 10.0.42.2 8.8.8.8 api.example.com"
      Then the program ran and exited with 0
      And the server "8.8.8.8" was asked for "api.example.com"

  Rule: A denied question ends nothing but itself

    @dns-043 @D9 @D12 @Z2 @extended
    Scenario Outline: <what>
      Given the runtime rule "our names" for container "worker":
        | section | effect  | denied    |
        | dns     | prevent | evil.test |
      And the protected task is running
      And container "worker" has the program "/tmp/several":
        """
        #!/usr/bin/python3
        import socket, struct, sys
        kind, names = sys.argv[1], sys.argv[2:]
        one = socket.socket(type=socket.SOCK_STREAM if kind == "stream" else socket.SOCK_DGRAM)
        one.settimeout(5)
        one.connect(("10.0.42.2", 53))
        said = []
        for number, name in enumerate(names, 1):
            labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
            question = struct.pack(">6H", number, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
            if kind == "stream":
                one.sendall(struct.pack(">H", len(question)) + question)
                whole = one.makefile("rb")
                answer = whole.read(int.from_bytes(whole.read(2), "big"))
            else:
                one.send(question)
                answer = one.recv(512)
            said.append(answer[3] & 15 if answer[:2] == question[:2] else "another")
        print(*said)
        """
      When container "worker" runs "/tmp/several <kind> evil.test api.example.com evil.test api.example.com"
      Then its output is "3 0 3 0"
      And the resolver was never asked for "evil.test"
      And the resolver was asked for "api.example.com"

      Examples:
        | what                        | kind     |
        | A stream to a DNS server    | stream   |
        | A socket of datagrams to it | datagram |

  Rule: An answer comes as long as it is

    @dns-046 @D11 @Z2 @extended
    Scenario Outline: An answer of more than 512 bytes, by <kind>
      Given the name "long.example.com" is an alias of "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.one.test"
      And the name "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.one.test" is an alias of "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.two.test"
      And the name "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.two.test" is an alias of "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.three.test"
      And the name "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.three.test" resolves to "198.51.100.81"
      And the runtime rule "our names" for container "worker":
        | section | effect  | denied    |
        | dns     | prevent | evil.test |
      And the protected task is running
      And container "worker" has the program "/tmp/long":
        """
        #!/usr/bin/python3
        import socket, struct, sys
        labels = b"".join(bytes([len(part)]) + part.encode() for part in "long.example.com".split("."))
        question = struct.pack(">6H", 7, 0x100, 1, 0, 0, 1) + labels + b"\0" + struct.pack(">2H", 1, 1)
        question += b"\0" + struct.pack(">HHIH", 41, 4096, 0, 0)
        stream = sys.argv[1] == "stream"
        one = socket.socket(type=socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
        one.settimeout(5)
        one.connect(("10.0.42.2", 53))
        if stream:
            one.sendall(struct.pack(">H", len(question)) + question)
            whole = one.makefile("rb")
            answer = whole.read(int.from_bytes(whole.read(2), "big"))
        else:
            one.send(question)
            answer = one.recv(65535)
        there = socket.inet_aton("198.51.100.81") in answer
        print("long" if len(answer) > 512 else "short", "cut off" if answer[2] & 2 else "whole", "with" if there else "without", "its address")
        """
      When container "worker" runs "/tmp/long <kind>"
      Then its output is "long whole with its address"

      Examples:
        | kind     |
        | datagram |
        | stream   |
