@waas @connections @needs:waas
Feature: Connections through the firewall
  Compressed bodies, HTTP/2 and WebSockets; clients that are slow, apps that are away, a Console that cannot be reached, many clients at once.

  Rule: A compressed body is inspected, and reaches the app as it was sent

    @waas-720 @W37 @core
    Scenario Outline: <what> in <coding>
      Given the task definition "two-apps"
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When a client at "203.0.113.7" sends "POST /" on port 80 as "application/x-www-form-urlencoded" in <coding>:
        """
        <body>
        """
      Then the response has status <status>
      And <number> audits of type "sqli" and effect "prevent" tell of them

      Examples:
        | what      | coding  | body                    | status | number      |
        | An attack | gzip    | id=1'%20or%20'1'='1     | 403    | one or more |
        | An attack | deflate | id=1'%20or%20'1'='1     | 403    | one or more |
        | No attack | gzip    | id=17                   | 200    | no          |
        | An attack | gzip,deflate | id=1'%20or%20'1'='1 | 403   | one or more |
        | An attack | deflate,gzip | id=1'%20or%20'1'='1 | 403   | one or more |
        | No attack | gzip,deflate | id=17              | 200    | no          |

    @waas-721 @W37 @core
    Scenario Outline: What the app gets, in <coding>
      Given the task definition "two-apps"
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When a client at "203.0.113.7" sends "POST /" on port 80 as "text/plain" in <coding>:
        """
        a text that goes through
        """
      Then the response has status 200
      And the app got the body as it was sent

      Examples:
        | coding       |
        | gzip         |
        | deflate      |
        | gzip,deflate |

  Rule: HTTP/2 is inspected as HTTP/1.1 is

    @waas-722 @W113 @core
    Scenario: Requests from the first byte on
      Given the task definition "two-apps"
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"endpoints": [{"host": "*", "basePath": "*", "exposedPort": 80, "internalPort": 7001, "http2": true}]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" over HTTP/2 on port 80
      Then the response has status 200
      And the app saw the request
      And no audit tells of it
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" over HTTP/2 on port 80
      Then the response is the block page
      And exactly one audit tells of it:
        | type | sqli |
      When a client at "203.0.113.7" sends "POST /" over HTTP/2 on port 80 as "application/json":
        """
        {"id": "1' or '1'='1"}
        """
      Then the response is the block page
      And exactly one audit tells of it:
        | type             | sqli     |
        | /attackField/type | jsonBody |

  Rule: A WebSocket passes, and its handshake is inspected

    @waas-723 @W115 @core
    Scenario: Frames there and back
      Given the task definition "two-apps"
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When a client at "203.0.113.7" opens a WebSocket "/live?clean=yes" on port 80 and sends "a text of mine"
      Then the response has status 101
      And the response has "a text of mine" in its body
      And no audit tells of it
      When a client at "203.0.113.7" opens a WebSocket "/live?id=1'%20or%20'1'='1" on port 80 and sends "a text of mine"
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type | sqli |

  Rule: A request has the rule's time to arrive

    @waas-724 @W116 @core
    Scenario: A body that stops coming, and a client beside it
      Given the task definition "two-apps"
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When a client at "203.0.113.7" sends "POST /" on port 80 and stops after 10 of 1000 bytes
      Then the response has status 500
      And the app never saw the request
      When a client at "203.0.113.8" requests "GET /?clean=yes" on port 80
      Then the response has status 200

  Rule: An app that is away is no fault of the client

    @waas-725 @W117 @core
    Scenario: An app that begins to listen later
      Given the task definition "two-apps"
      And the firewall rule "front door" from port 80 to port 7009:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response has status 502
      And no audit tells of it
      When "first" begins to serve on port 7009
      And a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response has status 200
      And the app saw the request

  Rule: Without the Console the last policy decides, and what happened is told later

    @waas-726 @W124 @core
    Scenario: An attack while the Console is away
      Given the task definition "two-apps"
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When the Console cannot be reached any more
      And a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response has status 200
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80
      Then the response is the block page
      When the Console can be reached again
      Then exactly one audit tells of it:
        | type   | sqli    |
        | effect | prevent |

  Rule: Many at once are judged as one is

    @waas-727 @W125 @core
    Scenario: A thousand requests of many clients, 64 at a time
      Given the task definition "two-apps"
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When clients send 1000 requests, 64 at a time, on port 80: "GET /?clean=yes", and every third "GET /?id=1'%20or%20'1'='1"
      Then each "GET /?clean=yes" was answered 200
      And no audits of type "sqli" and effect "prevent" tell of them
      And each "GET /?id=1'%20or%20'1'='1" was answered 403
      And 333 audits tell of it

  Rule: A ban ends its time after the last attack

    @waas-728 @W24 @core
    Scenario: A minute
      Given the task definition "two-apps"
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect |
        | sqli       | ban    |
      And the app of the firewall rule "front door" also has:
        """
        {"banDurationMinutes": 1}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80
      Then the response is the block page
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80 every 2 seconds until it is answered 200
      Then the answer changed from 403 to 200 after 55 to 70 seconds

    @waas-776 @W24 @core
    Scenario Outline: <minutes> minutes, of which one is left
      Given the task definition "two-apps"
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect |
        | sqli       | ban    |
      And the app of the firewall rule "front door" also has:
        """
        {"banDurationMinutes": <minutes>}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80
      Then the response is the block page
      When <before> minutes pass for the firewall
      And a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response is the block page
      And the app never saw the request
      When 2 minutes pass for the firewall
      And a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response has status 200
      And the app saw the request
      And no audit tells of it

      Examples: Minutes, an hour, a day
        | minutes | before |
        | 5       | 4      |
        | 60      | 59     |
        | 1440    | 1439   |

    @waas-777 @W24 @core
    Scenario: Another attack begins the time anew, a clean request does not
      Given the task definition "two-apps"
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect |
        | sqli       | ban    |
      And the app of the firewall rule "front door" also has:
        """
        {"banDurationMinutes": 10}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80
      Then the response is the block page
      When 6 minutes pass for the firewall
      And a client at "203.0.113.7" requests "GET /?id=2'%20or%20'1'='1" on port 80
      Then the response is the block page
      When 6 minutes pass for the firewall
      And a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response is the block page
      And the app never saw the request
      When 5 minutes pass for the firewall
      And a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response has status 200
      And the app saw the request

  Rule: Without the sidecar nothing listens at the firewall's port, and the app's own port is as it was

    @waas-729 @W130 @core
    Scenario: The sidecar is killed
      Given the task definition "two-apps"
      And the embedded sidecar is not essential
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
      And the security group also opens port 7001
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response has status 200
      When container "TwistlockDefender" is killed
      And a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the server refused the connection
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 7001
      Then the response has status 200
      And the app saw the request
