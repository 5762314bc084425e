@waas @clients @needs:waas
Feature: Clients that send too much
  A client has a rate over five seconds and one over two minutes. Above one pair it is told of, above the other it is banned. Scenarios send
  ten times as much as is allowed, or half: where exactly a window begins is not documented.

  Background:
    Given the task definition "web-and-worker"
    And the network list "office" with "203.0.113.0/28"

  Rule: Ten times the rate is told of, and half of it is not

    @waas-400 @W72 @core
    Scenario Outline: <count> requests at once where 2 a second over five seconds are allowed
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"dosConfig": {"enabled": true, "alert": {"burst": 2}}}
        """
      And the protected task is running
      When a client at "203.0.113.77" requests "GET /?clean=yes" on port 80 <count> times
      Then every response has status 200
      And <audits> audits of type "dos" and effect "alert" tell of them

      Examples:
        | count | audits      |
        | 100   | one or more |
        | 5     | no          |

  Rule: Above the other rate the client is banned, and no other

    @waas-401 @W73 @core
    Scenario: 240 requests at once where one a second over two minutes is allowed
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"dosConfig": {"enabled": true, "ban": {"average": 1}}}
        """
      And the protected task is running
      When a client at "203.0.113.77" requests "GET /?clean=yes" on port 80 240 times
      Then the response has status 403
      And one or more audits of type "dos" and effect "ban" tell of them
      When a client at "203.0.113.77" requests "GET /?clean=yes" on port 80
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type | violationsExceeded |
      When a client at "203.0.113.78" requests "GET /?clean=yes" on port 80
      Then the response has status 200
      And the app saw the request

    @waas-402 @W73 @core
    Scenario: Half of what is allowed over two minutes
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"dosConfig": {"enabled": true, "ban": {"average": 1}}}
        """
      And the protected task is running
      When a client at "203.0.113.77" requests "GET /?clean=yes" on port 80 60 times
      Then every response has status 200
      And no audits of type "dos" and effect "ban" tell of them

  Rule: Who is above both rates is banned

    @waas-409 @W72 @W73 @core
    Scenario: 240 requests at once where ten would be told of, and 120 are the most
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"dosConfig": {"enabled": true, "alert": {"burst": 2, "average": 1}, "ban": {"burst": 2, "average": 1}}}
        """
      And the protected task is running
      When a client at "203.0.113.77" requests "GET /?clean=yes" on port 80 240 times
      Then the response has status 403
      And one or more audits of type "dos" and effect "ban" tell of them
      When a client at "203.0.113.77" requests "GET /?clean=yes" on port 80
      Then the response is the block page
      And the app never saw the request

  Rule: What was sent before the window counts no more

    @waas-405 @W72 @core
    Scenario Outline: <count> requests, three times, with <pause> seconds between, where 2 a second over five seconds are allowed
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"dosConfig": {"enabled": true, "alert": {"burst": 2}}}
        """
      And the protected task is running
      When a client at "203.0.113.77" requests "GET /?clean=yes" on port 80 <count> times
      And <pause> seconds pass for the firewall
      And a client at "203.0.113.77" requests "GET /?clean=yes" on port 80 <count> times
      And <pause> seconds pass for the firewall
      And a client at "203.0.113.77" requests "GET /?clean=yes" on port 80 <count> times
      Then every response has status 200
      And <audits> audits of type "dos" and effect "alert" tell of them

      Examples:
        | count | pause | audits      |
        | 6     | 10    | no          |
        | 60    | 10    | one or more |

    @waas-406 @W73 @core
    Scenario: 80 requests, three times, with 150 seconds between, where one a second over two minutes is allowed
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"dosConfig": {"enabled": true, "ban": {"average": 1}}}
        """
      And the protected task is running
      When a client at "203.0.113.77" requests "GET /?clean=yes" on port 80 80 times
      And 150 seconds pass for the firewall
      And a client at "203.0.113.77" requests "GET /?clean=yes" on port 80 80 times
      Then every response has status 200
      And no audits of type "dos" and effect "ban" tell of them
      When 150 seconds pass for the firewall
      And a client at "203.0.113.77" requests "GET /?clean=yes" on port 80 80 times
      Then every response has status 200
      And no audits of type "dos" and effect "ban" tell of them

    @waas-408 @W73 @core
    Scenario: The same with 15 seconds between
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"dosConfig": {"enabled": true, "ban": {"average": 1}}}
        """
      And the protected task is running
      When a client at "203.0.113.77" requests "GET /?clean=yes" on port 80 80 times
      And 15 seconds pass for the firewall
      And a client at "203.0.113.77" requests "GET /?clean=yes" on port 80 80 times
      And 15 seconds pass for the firewall
      And a client at "203.0.113.77" requests "GET /?clean=yes" on port 80 80 times
      And a client at "203.0.113.77" requests "GET /?clean=yes" on port 80
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type | violationsExceeded |

  Rule: A client that is banned for its rate is let in again when its time is over

    @waas-407 @W73 @W24 @core
    Scenario: A ban of ten minutes
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"banDurationMinutes": 10, "dosConfig": {"enabled": true, "ban": {"average": 1}}}
        """
      And the protected task is running
      When a client at "203.0.113.77" requests "GET /?clean=yes" on port 80 240 times
      Then the response has status 403
      When 9 minutes pass for the firewall
      And a client at "203.0.113.77" requests "GET /?clean=yes" on port 80
      Then the response is the block page
      And the app never saw the request
      When 2 minutes pass for the firewall
      And a client at "203.0.113.77" requests "GET /?clean=yes" on port 80
      Then the response has status 200
      And the app saw the request
      And no audit tells of it

  Rule: Where conditions are given, only requests that meet one count

    @waas-403 @W74 @core
    Scenario Outline: <count> times <request>, where <what> counts
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"dosConfig": {"enabled": true, "alert": {"burst": 1}, "matchConditions": [<condition>]}}
        """
      And the protected task is running
      When a client at "203.0.113.77" requests "<request>" on port 80 <count> times
      Then every response has status <status>
      And <audits> audits of type "dos" and effect "alert" tell of them

      Examples:
        | what                    | condition                                  | request         | count | status | audits      |
        | a method                | {"methods": ["POST"]}                      | POST /          | 50    | 200    | one or more |
        | a method                | {"methods": ["POST"]}                      | GET /           | 50    | 200    | no          |
        | an extension            | {"fileTypes": [".php"]}                    | GET /login.php  | 50    | 404    | one or more |
        | an extension            | {"fileTypes": [".php"]}                    | GET /login.phps | 50    | 404    | no          |
        | a status                | {"responseCodeRanges": [{"start": 404}]}   | GET /lost       | 50    | 404    | one or more |
        | a status                | {"responseCodeRanges": [{"start": 404}]}   | GET /           | 50    | 200    | no          |
        | a method and a status   | {"methods": ["GET"], "responseCodeRanges": [{"start": 400, "end": 499}]} | GET /lost | 50 | 404 | one or more |
        | a method and a status   | {"methods": ["POST"], "responseCodeRanges": [{"start": 400, "end": 499}]} | GET /lost | 50 | 404 | no |

  Rule: Clients of an excluded list are not counted

    @waas-404 @W75 @core
    Scenario Outline: A client at <client>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"dosConfig": {"enabled": true, "alert": {"burst": 1}, "excludedNetworkLists": ["office"]}}
        """
      And the protected task is running
      When a client at "<client>" requests "GET /?clean=yes" on port 80 50 times
      Then every response has status 200
      And <audits> audits of type "dos" and effect "alert" tell of them

      Examples:
        | client       | audits      |
        | 203.0.113.2  | no          |
        | 203.0.113.77 | one or more |
