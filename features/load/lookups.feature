@load @needs:dns
Feature: Load of lookups
  However fast names are asked for, each denied one is refused and told, none comes outside, and each allowed one is answered.

  Rule: A thousand denied questions among a thousand allowed ones are a thousand audits

    @load-003 @D11 @D14 @extended
    Scenario Outline: Two thousand questions as fast as they go, over <way>
      Given the task definition "web-and-worker"
      And the name "api.example.com" resolves to "198.51.100.80"
      And the name "evil.test" resolves to "198.51.100.66"
      And the runtime rule "our names" for container "worker":
        | section | effect  | denied    |
        | dns     | prevent | evil.test |
      And the protected task is running
      And container "worker" has the program "/tmp/flood":
        """
        #!/usr/bin/python3
        import collections, socket, struct, sys, time
        def question(name, number):
            labels = b"".join(bytes([len(one)]) + one.encode() for one in name.split("."))
            return struct.pack(">6H", number, 0x100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
        stream = sys.argv[1] == "stream"
        one = socket.socket(type=socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
        one.settimeout(5)
        one.connect(("10.0.42.2", 53))
        file = one.makefile("rb")
        def ask(message):
            if not stream:
                one.send(message)
                return one.recv(512)
            one.sendall(struct.pack(">H", len(message)) + message)
            return file.read(struct.unpack(">H", file.read(2))[0])
        came = collections.Counter()
        for number in range(2000):
            name = "evil.test" if number % 2 else "api.example.com"
            message = question(name, number)
            began = time.monotonic()
            answer = ask(message)
            assert answer[:2] == message[:2], "an answer to another question"
            assert time.monotonic() - began < 1, "late"
            came[name, answer[3] & 15, answer[-4:] == bytes([198, 51, 100, 80])] += 1
        print(*(f"{name} {code} {known} {count}" for (name, code, known), count in sorted(came.items())), sep="; ")
        """
      When container "worker" runs "/tmp/flood <kind> $TOKEN"
      Then its output is "api.example.com 0 True 1000; evil.test 3 False 1000"
      And the resolver was asked for "api.example.com"
      And the resolver was never asked for "evil.test"
      And 1000 audits tell of it

      Examples:
        | way        | kind     |
        | datagrams  | datagram |
        | one stream | stream   |
