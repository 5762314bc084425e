@waas @needs:waas
Feature: What an effect of the firewall does
  Disable does nothing, alert forwards and tells, prevent blocks and tells, ban blocks and goes on to deny the client.

  Background:
    Given the task definition "web-and-worker"

  Rule: Every further request of a banned client to that app is denied, whatever it holds

    @waas-010 @W23 @W25 @core
    Scenario: A client that was banned
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect |
        | sqli       | ban    |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20OR%20'1'='1" on port 80
      Then the response is the block page
      And exactly one audit tells of it:
        | type   | sqli |
        | effect | ban  |
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type   | violationsExceeded |
        | effect | ban                |
        | subnet | 203.0.113.7        |

  Rule: A ban is of one client

    @waas-011 @W23 @core
    Scenario: Another client beside a banned one
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect |
        | sqli       | ban    |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20OR%20'1'='1" on port 80
      Then the response is the block page
      When a client at "203.0.113.8" requests "GET /?clean=yes" on port 80
      Then the response has status 200
      And the app saw the request
      And no audit tells of it

  Rule: Prevent does not ban

    @waas-012 @W23 @extended
    Scenario: A clean request behind a prevented one
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20OR%20'1'='1" on port 80
      Then the response is the block page
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response has status 200
      And the app saw the request
      And no audit tells of it

  Rule: A ban is from the app that was attacked, not from the other apps of the rule

    @waas-013 @W26 @extended
    Scenario: Another app of the same rule
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect |
        | sqli       | ban    |
      And the firewall rule "front door" has another app from port 81 to port 8080:
        | protection | effect |
        | sqli       | ban    |
      And the security group also opens port 81
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20OR%20'1'='1" on port 80
      Then the response is the block page
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 81
      Then the response has status 200
      And the app saw the request
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response is the block page

  Rule: A changed effect decides the next request, and the task goes on

    @waas-014 @W4 @update @core
    Scenario Outline: <before> becomes <after>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect   |
        | sqli       | <before> |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20OR%20'1'='1" on port 80
      Then the response has status <first>
      When the firewall rule "front door" becomes:
        | protection | effect  |
        | sqli       | <after> |
      And a client at "203.0.113.7" requests "GET /?id=2'%20OR%20'2'='2" on port 80
      Then the response has status <second>
      And exactly one audit tells of it:
        | type   | sqli    |
        | effect | <after> |
      And no container was restarted

      Examples:
        | before  | after   | first | second |
        | alert   | prevent | 200   | 403    |
        | prevent | alert   | 403   | 200    |
        | disable | alert   | 200   | 200    |

  Rule: A disabled rule is as if it were not there: the next one in scope decides

    @waas-015 @W3 @update @core
    Scenario: The first rule is disabled
      Given the firewall rule "stop" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the firewall rule "watch" from port 80 to port 8080:
        | protection | effect |
        | sqli       | alert  |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20OR%20'1'='1" on port 80
      Then the response is the block page
      When the firewall rule "stop" is disabled
      And a client at "203.0.113.7" requests "GET /?id=2'%20OR%20'2'='2" on port 80
      Then the response has status 200
      And the app saw the request
      And exactly one audit tells of it:
        | ruleName | watch |
        | effect   | alert |

  Rule: Inspection goes on after an alert, and ends at the first prevent

    @waas-016 @W108 @extended
    Scenario Outline: Two attacks in one request, cross-site scripting at <xss> and SQL injection at <sqli>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect |
        | sqli       | <sqli> |
        | xss        | <xss>  |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?a=1'%20OR%20'1'='1&b=%3Cscript%3Ealert(1)%3C/script%3E" on port 80
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | sqli    | xss     | status | number |
        | alert   | alert   | 200    | 2      |
        | prevent | prevent | 403    | 1      |
        | alert   | prevent | 403    | 2      |

  Rule: Each request of a connection is inspected, and what blocks one does not end the others

    @waas-017 @W108 @core
    Scenario: An attack between two clean requests
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When a client at "203.0.113.7" sends on one connection to port 80:
        """
        GET /?clean=yes HTTP/1.1
        ---
        GET /?id=1'%20OR%20'1'='1 HTTP/1.1
        """
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type   | sqli    |
        | effect | prevent |
      When a client at "203.0.113.7" sends on one connection to port 80:
        """
        GET /?id=1'%20OR%20'1'='1 HTTP/1.1
        ---
        GET /?clean=yes HTTP/1.1
        """
      Then the response has status 200
      And the app saw the request
      And no audit tells of it

  Rule: A policy may become another as a whole

    @waas-018 @W4 @update @extended
    Scenario: Another rule, and other protections
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When the firewall policy becomes:
        """
        {"rules": [{"name": "back door", "collections": [{"name": "All"}], "applicationsSpec": [
          {"appID": "app-0002", "xss": {"effect": "prevent"}, "sqli": {"effect": "alert"},
           "apiSpec": {"endpoints": [{"host": "*", "basePath": "*", "exposedPort": 80, "internalPort": 8080}]}}]}]}
        """
      And a client at "203.0.113.7" requests "GET /?id=1'%20OR%20'1'='1" on port 80
      Then the response has status 200
      And the app saw the request
      And exactly one audit tells of it:
        | effect    | alert     |
        | ruleName  | back door |
        | ruleAppID | app-0002  |
      When a client at "203.0.113.7" requests "GET /?id=%3Cscript%3Ealert(1)%3C/script%3E" on port 80
      Then the response is the block page
      And exactly one audit tells of it:
        | type | xss |
