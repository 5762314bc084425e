@waas @answers @needs:waas
Feature: What a blocked client gets
  A block page with the event id of the audit. A page and a status of the user's own may take its place, and the header with the id may be
  left out.

  Rule: Every answer has the event id, unless that is switched off

    @waas-120 @W55 @core
    Scenario: A clean request
      Given the task definition "web-and-worker"
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80
      Then the event id of the response is in the audit
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response has status 200
      And the response has an event id

    @waas-121 @W55 @core
    Scenario Outline: Without the header, a request that is answered <status>
      Given the task definition "web-and-worker"
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"disableEventIDHeader": true}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET <target>" on port 80
      Then the response has status <status>
      And the response has no header "X-Prisma-Event-Id"
      And <number> audits tell of it

      Examples:
        | target                | status | number |
        | /?clean=yes           | 200    | 0      |
        | /?id=1'%20or%20'1'='1 | 403    | 1      |

  Rule: The user's own page has the place of the built-in one, with the event id

    @waas-122 @W56 @core
    Scenario: A teapot, effect prevent
      Given the task definition "web-and-worker"
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"customBlockResponse": {"enabled": true, "code": 418,
          "body": "<html><body>I am a teapot. Tell the cook: #eventID, only #eventID</body></html>"}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80
      Then the response has status 418
      And the response has "I am a teapot" in its body
      And the response has its event id in its body
      And the event id of the response is in the audit
      And the app never saw the request
      And exactly one audit tells of it:
        | effect     | prevent |
        | statusCode | 418 |

    @waas-125 @W56 @core
    Scenario: A teapot, effect ban
      Given the task definition "web-and-worker"
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect |
        | sqli       | ban |
      And the app of the firewall rule "front door" also has:
        """
        {"customBlockResponse": {"enabled": true, "code": 418,
          "body": "<html><body>I am a teapot. Tell the cook: #eventID, only #eventID</body></html>"}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80
      Then the response has status 418
      And the response has "I am a teapot" in its body
      And the response has its event id in its body
      And the event id of the response is in the audit
      And the app never saw the request
      And exactly one audit tells of it:
        | effect     | ban |
        | statusCode | 418 |

  Rule: The Console refuses what is no page and no status

    @waas-123 @W57 @core
    Scenario Outline: <what>
      Given the task definition "web-and-worker"
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      When the app of the firewall rule "front door" is put with:
        """
        {"customBlockResponse": {"enabled": true, "code": <code>, "body": "<page>"}}
        """
      Then the Console answers <status> <with>
      And the firewall policy is unchanged

      Examples:
        | what                     | code | page                  | status | with                                   |
        | A text that is no page   | 403  | go away               | 400    | with an error about "customBlockResponse.body" |
        | A page that does not end | 403  | <html>go away         | 400    | with an error about "customBlockResponse.body" |
        | No page                  | 403  |                       | 400    | with an error about "customBlockResponse.body" |
        | A status below 100       | 99   | <html>go away</html>  | 400    | with an error about "customBlockResponse.code" |
        | A status above 599       | 600  | <html>go away</html>  | 400    | with an error about "customBlockResponse.code" |

    @waas-124 @W57 @core
    Scenario: A page and a status
      Given the task definition "web-and-worker"
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      When the app of the firewall rule "front door" is put with:
        """
        {"customBlockResponse": {"enabled": true, "code": 599, "body": "<html>go away</html>"}}
        """
      Then the Console answers 200
