@waas @access @needs:waas
Feature: Who may come, by address
  Network lists give names to IPv4 addresses and blocks. An app denies the lists that it names, or allows those only; other lists are exempt
  from that control, or from everything. The client is the one behind the load balancer.

  Background:
    Given the task definition "web-and-worker"
    And the network list "office" with "203.0.113.0/28"
    And the network list "scanners" with "198.51.100.7, 198.51.100.9"

  Rule: A listed client is denied or told of; one in both is denied

    @waas-310 @W86 @core
    Scenario Outline: A client at <client>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"networkControls": {"subnets": {"enabled": true, "alert": ["office", "scanners"], "prevent": ["scanners"]}}}
        """
      And the protected task is running
      When a client at "<client>" requests "GET /" on port 80
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | client       | status | number |
        | 203.0.113.15 | 200    | 1      |
        | 203.0.113.16 | 200    | 0      |
        | 198.51.100.7 | 403    | 1      |
        | 198.51.100.8 | 200    | 0      |
        | 198.51.100.9 | 403    | 1      |

    @waas-311 @W86 @core
    Scenario: The audit of a denied client, behind a load balancer
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"networkControls": {"subnets": {"enabled": true, "prevent": ["scanners"]}}}
        """
      And the protected task is running
      When a client at "203.0.113.77" requests "GET /" on port 80 with headers:
        | X-Forwarded-For | 198.51.100.7 |
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type       | deniedIP      |
        | effect     | prevent       |
        | protection | accessControl |
        | subnet     | 198.51.100.7  |

  Rule: In allow mode everybody else has the fallback effect, unless exempt from the control

    @waas-312 @W87 @W89 @core
    Scenario Outline: A client at <client> asks for <target>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"networkControls": {
          "networkControlsExceptionSubnets": {"subnets": ["scanners"]},
          "subnets": {"enabled": true, "allowMode": true, "allow": ["office"], "fallbackEffect": "<fallback>"}}}
        """
      And the protected task is running
      When a client at "<client>" requests "GET <target>" on port 80
      Then the response has status <status>
      And <number> audits tell of it

      Examples: Allowed, and not
        | client       | target                | fallback | status | number |
        | 203.0.113.2  | /                     | prevent  | 200    | 0      |
        | 203.0.113.99 | /                     | prevent  | 403    | 1      |
        | 203.0.113.99 | /                     | alert    | 200    | 1      |
      Examples: Exempt from the control, and not from the protections
        | client       | target                | fallback | status | number |
        | 198.51.100.7 | /                     | prevent  | 200    | 0      |
        | 198.51.100.7 | /?id=1'%20or%20'1'='1 | prevent  | 403    | 1      |

  Rule: Of a client in an exception list nothing is looked at

    @waas-313 @W88 @core
    Scenario Outline: An attack of a client at <client>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"networkControls": {"exceptionSubnets": ["office"],
          "subnets": {"enabled": true, "prevent": ["office"]}}}
        """
      And the protected task is running
      When a client at "<client>" requests "GET /?id=1'%20or%20'1'='1" on port 80
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | client       | status | number |
        | 203.0.113.2  | 200    | 0      |
        | 203.0.113.99 | 403    | 1      |
