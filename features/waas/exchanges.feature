@waas @exchanges @needs:waas
Feature: Requests and answers on one connection
  A connection has more than one request, a request more than a body, and an answer may come before its request has ended. The app behind the
  firewall says of each request what has reached it; the clients are scripts that send bytes of their own, and a library's for HTTP/2.

  Background:
    Given the task definition "web-and-worker" with the command "exchange-app 7001" for container "web"
    And the firewall rule "front door" from port 80 to port 7001:
      | protection | effect  |
      | sqli       | prevent |

  Rule: A request that is blocked ends nothing but itself

    @waas-770 @W113 @core
    Scenario Outline: A connection with three requests, <how>
      Given the protected task is running
      And container "worker" has the program "/tmp/three":
        """
        #!/usr/bin/python3
        import socket
        one = socket.create_connection(("127.0.0.1", 80), 20)
        reader = one.makefile("rb")
        asked = [b"GET %s HTTP/1.1\r\nHost: shop.test\r\n\r\n" % target for target in (b"/first", b"/?id=1%27%20or%20%271%27=%271", b"/third")]
        def answer():
            status, headers = reader.readline().split()[1].decode(), {}
            while (line := reader.readline().strip()):
                headers[line.partition(b":")[0].lower()] = line.partition(b":")[2].strip()
            reader.read(int(headers[b"content-length"]))
            return status, headers.get(b"x-asked", b"-").decode()
        if <at once>:
            one.sendall(b"".join(asked))
            print(*[" ".join(answer()) for _ in asked])
        else:
            said = []
            for request in asked:
                one.sendall(request)
                said.append(" ".join(answer()))
            print(*said)
        """
      When container "worker" runs "/tmp/three"
      Then its output is "200 /first 403 - 200 /third"
      When the firewall audits are read with ""
      Then there are 1 rows
      And there are 1 rows with "type" "sqli"

      Examples:
        | how                 | at once |
        | one after the other | False   |
        | all at once         | True    |

  Rule: A client of HTTP/1.0, and one that says that it has no more to say, get their answer

    @waas-771 @W113 @core
    Scenario Outline: <what>
      Given the protected task is running
      And container "worker" has the program "/tmp/last":
        """
        #!/usr/bin/python3
        import socket
        one = socket.create_connection(("127.0.0.1", 80), 20)
        one.sendall(b"GET /last HTTP/<version>\r\nHost: shop.test\r\n\r\n")
        if <half>:
            one.shutdown(socket.SHUT_WR)
        came = b""
        while (more := one.recv(65536)):
            came += more
        print(came.split()[1].decode(), came.rsplit(b"\r\n\r\n", 1)[1].decode())
        """
      When container "worker" runs "/tmp/last"
      Then its output is "200 GET /last body [] trailers []"
      And no audit tells of it

      Examples:
        | what                         | version | half  |
        | HTTP/1.0                     | 1.0     | False |
        | Nothing more from the client | 1.1     | True  |

  Rule: An answer that comes before the end of its request reaches the client

    @waas-772 @W113 @core
    Scenario: An upload that the app does not want
      Given the protected task is running
      And container "worker" has the program "/tmp/upload":
        """
        #!/usr/bin/python3
        import socket
        one = socket.create_connection(("127.0.0.1", 80), 20)
        one.sendall(b"POST /early HTTP/1.1\r\nHost: shop.test\r\nContent-Type: text/plain\r\nContent-Length: 100000000\r\n\r\n" + b"a" * 400000)
        # The rest never comes: whoever waits for it waits for ever.
        came = b""
        while not came.endswith(b"too much"):
            more = one.recv(65536)
            if not more:
                break
            came += more
        print(came.split()[1].decode(), came.rsplit(b"\r\n\r\n", 1)[1].decode())
        """
      When container "worker" runs "/tmp/upload"
      Then its output is "413 too much"

  Rule: Trailers of a request end at the firewall: they come when it was decided on

    @waas-773 @W37 @W113 @core
    Scenario: A field behind the last chunk
      Given the protected task is running
      And container "worker" has the program "/tmp/trailers":
        """
        #!/usr/bin/python3
        import socket
        one = socket.create_connection(("127.0.0.1", 80), 20)
        one.sendall(b"POST /with HTTP/1.1\r\nHost: shop.test\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nTrailer: X-Role\r\n"
                    b"Connection: close\r\n\r\n4\r\nfour\r\n0\r\nX-Role: admin\r\n\r\n")
        came = b""
        while (more := one.recv(65536)):
            came += more
        print(came.split()[1].decode(), came.rsplit(b"\r\n\r\n", 1)[1].decode())
        """
      When container "worker" runs "/tmp/trailers"
      Then its output is "200 POST /with body [four] trailers []"
      And no audit tells of it

  Rule: What a chunk says beside its length is for nobody

    @waas-778 @W113 @extended
    Scenario: Chunks with extensions
      Given the protected task is running
      And container "worker" has the program "/tmp/extensions":
        """
        #!/usr/bin/python3
        import socket
        one = socket.create_connection(("127.0.0.1", 80), 20)
        one.sendall(b"POST /with HTTP/1.1\r\nHost: shop.test\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                    b"4;kind=new\r\nfour\r\n5;a=\"b c\"\r\n five\r\n0;last\r\n\r\n")
        came = b""
        while (more := one.recv(65536)):
            came += more
        print(came.split()[1].decode(), came.rsplit(b"\r\n\r\n", 1)[1].decode())
        """
      When container "worker" runs "/tmp/extensions"
      Then its output is "200 POST /with body [four five] trailers []"
      And no audit tells of it

  Rule: Streams of one HTTP/2 connection are judged each, and none waits for another

    Background:
      Given the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"endpoints": [{"host": "*", "basePath": "*", "exposedPort": 80, "internalPort": 7001, "http2": true}]}}
        """
      And the protected task is running

    @waas-774 @W113 @core
    Scenario: A slow answer, and others beside it
      When container "worker" runs "h2-say 80 /slow /a +/?id=1%27%20or%20%271%27=%271 +/release"
      Then its output is "/slow 200 released, /a 200 GET, /?id=1%27%20or%20%271%27=%271 403, /release 200 GET"
      When the firewall audits are read with ""
      Then there are 1 rows
      And there are 1 rows with "type" "sqli"

    @waas-775 @W113 @core
    Scenario: Streams that the client gives up
      When container "worker" runs "h2-say 80 /slow! /a /slow! +/b"
      Then its output is "/a 200 GET, /b 200 GET"
