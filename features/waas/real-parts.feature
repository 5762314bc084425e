@waas @real-parts @needs:waas
Feature: Clients and servers that people use, on both sides of the firewall
  gRPC, WebSockets and HTTP/2 by the libraries that apps are made of: what is allowed is as it is without a firewall, and what is denied
  ends as the client's library says it.

  Rule: A gRPC call reaches a gRPC server, with its trailers, and its fields are inspected

    @waas-750 @W114 @core
    Scenario: Calls of one message
      Given the task definition "web-and-worker" with the command "grpc-echo 7001" for container "web"
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | xss        | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"endpoints": [{"host": "*", "basePath": "*", "exposedPort": 80, "internalPort": 7001, "grpc": true}]}}
        """
      And the protected task is running
      When container "worker" runs "grpc-say 80 Tell 'two of the red ones'"
      Then the program ran and exited with 0
      And its output is "two of the red ones OK grpc-echo"
      When container "worker" runs "grpc-say 80 Tell '<script>alert(1)</script>'"
      Then its output is "PERMISSION_DENIED"
      When the firewall audits are read with ""
      Then there are 1 rows
      And there are 1 rows with "type" "xss"
      And there are 1 rows with "/attackField/key" "/1"
      And there are 1 rows with "method" "POST"
      And there are 1 rows with "urlPath" "/shop.Orders/Tell"
      And there are 1 rows with "subnet" "127.0.0.1"
      And there are 1 rows with "requestHost" "127.0.0.1:80"
      And there are 1 rows with "effect" "prevent"

    @waas-751 @W114 @core
    Scenario: Each message of a stream, before the app has it
      Given the task definition "web-and-worker" with the command "grpc-echo 7001" for container "web"
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | xss        | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"endpoints": [{"host": "*", "basePath": "*", "exposedPort": 80, "internalPort": 7001, "grpc": true}]}}
        """
      And the protected task is running
      When container "worker" runs "grpc-say 80 Exchange one two three"
      Then its output is "one two three OK grpc-echo"
      When container "worker" runs "grpc-say --hold 80 Exchange one '<script>alert(1)</script>' three"
      Then its output is "one INTERNAL"
      When the firewall audits are read with ""
      Then there are 1 rows
      And there are 1 rows with "type" "xss"
      And there are 1 rows with "/attackField/key" "/1"
      And there are 1 rows with "method" "POST"
      And there are 1 rows with "urlPath" "/shop.Orders/Exchange"
      And there are 1 rows with "subnet" "127.0.0.1"
      And there are 1 rows with "requestHost" "127.0.0.1:80"
      And there are 1 rows with "effect" "prevent"

    @waas-759 @W114 @W59 @core
    Scenario: A message beyond the limit, alone and in a stream
      Given the task definition "web-and-worker" with the command "grpc-echo 7001" for container "web"
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | xss        | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"endpoints": [{"host": "*", "basePath": "*", "exposedPort": 80, "internalPort": 7001, "grpc": true}]},
         "body": {"inspectionSizeBytes": 60, "inspectionLimitExceededEffect": "prevent"}}
        """
      And the protected task is running
      When container "worker" runs "grpc-say 80 Tell 'two of the red ones'"
      Then its output is "two of the red ones OK grpc-echo"
      When container "worker" runs "grpc-say 80 Tell 'two of the red ones, and of the blue ones as many as there are, if there are any left'"
      Then its output is "PERMISSION_DENIED"
      When the firewall audits are read with ""
      Then there are 1 rows
      And there are 1 rows with "type" "inspectionLimitExceeded"
      When container "worker" runs "grpc-say --hold 80 Exchange one 'two of the red ones, and of the blue ones as many as there are, if there are any left' three"
      Then its output is "one INTERNAL"
      When the firewall audits are read with ""
      Then there are 2 rows with "type" "inspectionLimitExceeded"

    @waas-755 @W114 @W98 @core
    Scenario: A custom rule sees each message, and tells of the head once
      Given the task definition "web-and-worker" with the command "grpc-echo 7001" for container "web"
      And the custom rule 101 "words" for requests, with message "a word":
        """
        req.body contains "forbidden"
        """
      And the custom rule 102 "orders" for requests, with message "an order":
        """
        req.path startswith "/shop.Orders"
        """
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | xss        | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"customRules": [{"_id": 101, "action": "audit", "effect": "prevent"}, {"_id": 102, "action": "audit", "effect": "alert"}],
         "apiSpec": {"endpoints": [{"host": "*", "basePath": "*", "exposedPort": 80, "internalPort": 7001, "grpc": true}]}}
        """
      And the protected task is running
      When container "worker" runs "grpc-say --hold 80 Exchange one two three"
      Then its output is "one two three OK grpc-echo"
      When the firewall audits are read with ""
      Then there are 1 rows
      And there are 1 rows with "msg" "an order"
      When container "worker" runs "grpc-say --hold 80 Exchange one forbidden three"
      Then its output is "one INTERNAL"
      When the firewall audits are read with ""
      Then there are 3 rows
      And there are 2 rows with "msg" "an order"
      And there are 1 rows with "msg" "a word"

  Rule: A WebSocket of a library's passes, and its handshake is inspected

    @waas-752 @W115 @core
    Scenario: Texts there and back
      Given the task definition "web-and-worker" with the command "websocket-echo 7001" for container "web"
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When container "worker" runs "websocket-say 80 /live one two"
      Then the program ran and exited with 0
      And its output is "one two"
      When container "worker" runs "websocket-say 80 /live?id=1%27%20or%20%271%27=%271 one"
      Then its output is "refused 403"
      When the firewall audits are read with ""
      Then there are 1 rows
      And there are 1 rows with "type" "sqli"

    @waas-756 @W115 @core
    Scenario: A frame in one segment with the handshake
      Given the task definition "web-and-worker" with the command "websocket-echo 7001" for container "web"
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      And container "worker" has the program "/tmp/eager":
        """
        #!/usr/bin/python3
        import socket
        one = socket.create_connection(("127.0.0.1", 80), 20)
        head = "GET /live HTTP/1.1\r\nHost: shop.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" \
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: cHJvb2Zob3VzZS1rZXktMQ==\r\n\r\n"
        frame = lambda text: bytes([0x81, 0x80 | len(text)]) + bytes(4) + text
        one.sendall(head.encode() + frame(b"eager"))
        came = b""
        while b"\r\n\r\n" not in came or not came.split(b"\r\n\r\n", 1)[1].endswith(b"eager"):
            more = one.recv(1000)
            if not more:
                break
            came += more
        one.sendall(frame(b"later"))
        print(came.split()[1].decode(), came.split(b"\r\n\r\n", 1)[1][2:].decode(), one.recv(1000)[2:].decode())
        """
      When container "worker" runs "/tmp/eager"
      Then its output is "101 eager later"

  Rule: An app that speaks HTTP/2 gets HTTP/2 from an endpoint with `http2`, on one connection for all

    @waas-757 @W113 @core
    Scenario Outline: nginx that speaks nothing else, and curl by <how>
      Given the task definition "web-and-worker" with the command "nginx -c /etc/nginx/http2.conf -g 'daemon off;'" for container "web"
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"endpoints": [{"host": "*", "basePath": "*", "exposedPort": 80, "internalPort": 7001, "http2": true}]}}
        """
      And the protected task is running
      And container "worker" has the program "/tmp/many":
        """
        #!/bin/bash
        # As many clients at once. What comes last of an answer is which connection of the server's it was.
        for n in {1..40}; do
          curl -s <how> -H 'Host: shop.test' "http://127.0.0.1/?n=$n" > /tmp/answer.$n &
        done
        wait
        sort /tmp/answer.* | uniq -c | sed 's/^ *//; s/ [0-9]*$//'
        """
      When container "worker" runs "/tmp/many"
      Then its output is "40 HTTP/2.0 shop.test"
      When container "worker" runs "curl -s -o /dev/null -w '%{http_code}' <how> http://127.0.0.1/?id=1%27%20or%20%271%27=%271"
      Then its output is "403"

      Examples:
        | how                     |
        | --http2-prior-knowledge |
        | --http1.1               |

  Rule: A hint of the app reaches the client before the answer

    @waas-758 @W113 @core
    Scenario Outline: 103 Early Hints, and curl by <how>
      Given the task definition "web-and-worker" with the command "early-hints 7001" for container "web"
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"endpoints": [{"host": "*", "basePath": "*", "exposedPort": 80, "internalPort": 7001, "http2": true}]}}
        """
      And the protected task is running
      And container "worker" has the program "/tmp/hinted":
        """
        #!/bin/bash
        # The app answers once it is told that the hint has come.
        curl -s -D - <how> http://127.0.0.1/ | while IFS= read -r line || [ -n "$line" ]; do
          line=${line%$'\r'}
          case $line in
            HTTP/*) set -- $line; echo -n "$2 " ;;
            [Ll]ink:*) echo "$line" | grep -o '/[a-z.]*' | tr '\n' ' '; curl -s -o /dev/null http://127.0.0.1:7001/seen ;;
            after* | too*) echo "$line" ;;
          esac
        done
        """
      When container "worker" runs "/tmp/hinted"
      Then its output is "103 /site.css 200 after the hint"

      Examples:
        | how                     |
        | --http2-prior-knowledge |
        | --http1.1               |

  Rule: curl speaks HTTP/2 to the firewall, whatever the server behind it speaks

    @waas-753 @W113 @core
    Scenario Outline: curl, before <server>
      Given the task definition "web-and-worker" with the command "<command>" for container "web"
      And the firewall rule "front door" from port 80 to port <port>:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"endpoints": [{"host": "*", "basePath": "*", "exposedPort": 80, "internalPort": <port>, "http2": true}]}}
        """
      And the protected task is running
      When container "worker" runs "curl -s -o /dev/null -w '%{http_version} %{http_code}' <how> http://127.0.0.1/"
      Then its output is "<version> 200"
      When container "worker" runs "curl -s -o /dev/null -w '%{http_version} %{http_code}' <how> http://127.0.0.1/?id=1%27%20or%20%271%27=%271"
      Then its output is "<version> 403"
      When the firewall audits are read with ""
      Then there are 1 rows
      And there are 1 rows with "type" "sqli"

      Examples:
        | server        | command                                              | port | how                     | version |
        | nginx         | nginx -g 'daemon off;'                               | 8080 | --http2-prior-knowledge | 2       |
        | nginx         | nginx -g 'daemon off;'                               | 8080 | --http1.1               | 1.1     |
        | a Python app  | python3 -m http.server --bind 127.0.0.1 7001         | 7001 | --http2-prior-knowledge | 2       |

  Rule: Ten thousand connections that rest are served again when they speak

    @waas-754 @W125 @extended
    Scenario: A request on each, then nothing, then requests on some
      Given the task definition "web-and-worker"
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      And container "worker" has the program "/tmp/rest":
        """
        #!/usr/bin/python3
        import socket, time
        def ask(one, target):
            one.sendall(f"GET {target} HTTP/1.1\r\nHost: shop.test\r\n\r\n".encode())
            head = one.recv(65536)
            length = int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])
            body = len(head.split(b"\r\n\r\n", 1)[1])
            while body < length:
                body += len(one.recv(65536))
            return head.split()[1].decode()
        rest = [socket.create_connection(("127.0.0.1", 80)) for _ in range(10000)]
        print(sorted({ask(one, "/") for one in rest}), end=" ")
        time.sleep(1)
        print(sorted({ask(one, "/") for one in rest[::100]}), sorted({ask(one, "/?id=1%27%20or%20%271%27=%271") for one in rest[1::1000]}))
        """
      When container "worker" runs "/tmp/rest"
      Then its output is "['200'] ['200'] ['403']"
      When the firewall audits are read with ""
      Then there are 10 rows
