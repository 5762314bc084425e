@waas @access @needs:waas
Feature: Who and what is let in
  Access control looks at the headers of a request before any protection looks for attacks in it. Its effects are alert and
  prevent.

  Background:
    Given the task definition "web-and-worker"

  Rule: A header must not have a denied value

    @waas-300 @W91 @extended
    Scenario Outline: X-Env must not be "coco" or begin with "test-", effect <effect>: <value>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"headerSpecs": [{"name": "X-Env", "values": ["coco", "test-*"], "allow": false, "effect": "<effect>"}]}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /" on port 80 with headers:
        | X-Env | <value> |
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | effect  | value  | status | number |
        | prevent | coco   | 403    | 1      |
        | prevent | test-7 | 403    | 1      |
        | prevent | cocoa  | 200    | 0      |
        | prevent | live   | 200    | 0      |
        | alert   | coco   | 200    | 1      |

    @waas-301 @W91 @extended
    Scenario: The audit of a denied value
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"headerSpecs": [{"name": "X-Env", "values": ["coco"], "allow": false, "effect": "prevent"}]}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /" on port 80 with headers:
        | X-Env | coco |
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type       | header        |
        | protection | accessControl |
        | effect     | prevent       |

  Rule: Access control goes before bots (declared choice: its place is not documented)

    @waas-306 @W107 @provisional
    Scenario: A bot with a denied value
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"headerSpecs": [{"name": "X-Env", "values": ["coco"], "allow": false, "effect": "prevent"}],
         "botProtectionSpec": {"unknownBotProtectionSpec": {"httpLibraries": "prevent"}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /" on port 80 with headers:
        | X-Env      | coco        |
        | User-Agent | curl/7.88.1 |
      Then the response is the block page
      And exactly one audit tells of it:
        | type   | header  |
        | effect | prevent |

  Rule: A required header must be there

    @waas-302 @W92 @extended
    Scenario Outline: X-Key, required: <required>, and a request with <header>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"headerSpecs": [{"name": "X-Key", "values": ["*"], "allow": true, "required": <required>, "effect": "prevent"}]}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /" on port 80 with headers:
        | <header> | x |
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | required | header  | status | number |
        | true     | X-Other | 403    | 1      |
        | true     | X-Key   | 200    | 0      |
        | false    | X-Other | 200    | 0      |

  Rule: Where values are allowed, any other has the effect

    @waas-303 @W93 @extended
    Scenario Outline: X-Env may be "live" or "spare", effect <effect>: <value>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"headerSpecs": [{"name": "X-Env", "values": ["live", "spare"], "allow": true, "effect": "<effect>"}]}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /" on port 80 with headers:
        | X-Env | <value> |
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | effect  | value | status | number |
        | prevent | live  | 200    | 0      |
        | prevent | spare | 200    | 0      |
        | prevent | coco  | 403    | 1      |
        | alert   | coco  | 200    | 1      |

  Rule: Commas make a list of which each element is matched

    @waas-304 @W94 @extended
    Scenario Outline: X-Env must not be "coco": <value>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"headerSpecs": [{"name": "X-Env", "values": ["coco"], "allow": false, "effect": "prevent"}]}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /" on port 80 with headers:
        | X-Env | <value> |
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | value      | status | number |
        | live, coco | 403    | 1      |
        | live, cold | 200    | 0      |

    @waas-305 @W94 @extended
    Scenario Outline: X-Env must not be "coco", in two lines: <first> and <second>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"headerSpecs": [{"name": "X-Env", "values": ["coco"], "allow": false, "effect": "prevent"}]}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /" on port 80 with headers:
        | X-Env | <first>  |
        | X-Env | <second> |
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | first | second     | status | number |
        | live  | coco       | 403    | 1      |
        | coco  | live       | 403    | 1      |
        | live  | cold, coco | 403    | 1      |
        | live  | cold       | 200    | 0      |
