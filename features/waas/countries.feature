@waas @access @needs:waas
Feature: Who may come, by country
  An app denies the countries that it names, or allows those only. The country is that of the client behind the load balancer, as the
  Defender's own database has it. The database of the reference Defender has the documentation ranges: 203.0.113.0/24 is in Australia,
  198.51.100.0/24 in the United States and 192.0.2.0/24 in Germany.

  Background:
    Given the task definition "web-and-worker"
    And the network list "office" with "203.0.113.0/28"

  Rule: A client of a listed country is denied or told of; one of a country in both is denied

    @waas-330 @W90 @extended
    Scenario Outline: A client at <client>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"networkControls": {"countries": {"enabled": true, "alert": ["US", "AU"], "prevent": ["AU"]}}}
        """
      And the protected task is running
      When a client at "198.51.100.77" requests "GET /" on port 80 with headers:
        | X-Forwarded-For | <client> |
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | client       | status | number |
        | 203.0.113.15 | 403    | 1      |
        | 198.51.100.7 | 200    | 1      |
        | 192.0.2.7    | 200    | 0      |

    @waas-331 @W90 @extended
    Scenario: The audit of a client of a denied country
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"networkControls": {"countries": {"enabled": true, "prevent": ["US"]}}}
        """
      And the protected task is running
      When a client at "198.51.100.7" requests "GET /" on port 80
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type       | deniedCountry |
        | effect     | prevent       |
        | protection | accessControl |
        | subnet     | 198.51.100.7  |
        | country    | US            |

    @waas-332 @W90 @extended
    Scenario: An attack tells of the country too
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"networkControls": {"countries": {"enabled": true, "prevent": ["US"]}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80
      Then the response is the block page
      And exactly one audit tells of it:
        | type    | sqli |
        | country | AU   |

  Rule: Behind a load balancer the first public address of X-Forwarded-For has the country

    @waas-333 @W90 @extended
    Scenario Outline: X-Forwarded-For: <header>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"networkControls": {"countries": {"enabled": true, "prevent": ["AU"]}}}
        """
      And the protected task is running
      When a client at "<client>" requests "GET /" on port 80 with headers:
        | X-Forwarded-For | <header> |
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | client       | header                              | status | number |
        | 198.51.100.7 | 10.0.0.9, 203.0.113.7, 198.51.100.9 | 403    | 1      |
        | 198.51.100.7 | 10.0.0.9, 198.51.100.9, 203.0.113.7 | 200    | 0      |
        | 203.0.113.7  | 10.0.0.9, 172.16.0.9                | 403    | 1      |
        | 203.0.113.7  | 198.51.100.9                        | 200    | 0      |

    @waas-334 @W90 @extended
    Scenario Outline: A public address of the United States or of Australia: <client>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"networkControls": {"countries": {"enabled": true, "prevent": ["US", "AU"]}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /" on port 80 with headers:
        | X-Forwarded-For | <client> |
      Then the response is the block page
      And exactly one audit tells of it:
        | type   | deniedCountry |
        | subnet | <client>      |

      Examples:
        | client        |
        | 46.33.80.185  |
        | 1.159.255.255 |

  Rule: In allow mode every other country has the fallback effect

    @waas-335 @W90 @extended
    Scenario Outline: A client at <client>, where others have <fallback>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"networkControls": {"countries": {"enabled": true, "allowMode": true, "allow": ["US", "DE"], "fallbackEffect": "<fallback>"}}}
        """
      And the protected task is running
      When a client at "<client>" requests "GET /" on port 80
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | client       | fallback | status | number |
        | 198.51.100.7 | prevent  | 200    | 0      |
        | 203.0.113.7  | prevent  | 403    | 1      |
        | 203.0.113.7  | alert    | 200    | 1      |

  Rule: An address that is in no country is in none that is denied, and in none that is allowed

    @waas-336 @W90 @extended
    Scenario Outline: An unknown address, where <mode> decides
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"networkControls": {"countries": <countries>}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /" on port 80 with headers:
        | X-Forwarded-For | 198.18.0.1 |
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | mode       | countries                                                                               | status | number |
        | denial     | {"enabled": true, "prevent": ["AU", "US", "DE"]}                                        | 200    | 0      |
        | permission | {"enabled": true, "allowMode": true, "allow": ["AU", "US"], "fallbackEffect": "prevent"} | 403    | 1      |

  Rule: A network list frees from the control of countries, and not from the protections

    @waas-337 @W90 @W89 @extended
    Scenario Outline: A client at <client> asks for <target>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"networkControls": {
          "networkControlsExceptionSubnets": {"subnets": ["office"]},
          "countries": {"enabled": true, "prevent": ["AU"]}}}
        """
      And the protected task is running
      When a client at "<client>" requests "GET <target>" on port 80
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | client       | target                | status | number |
        | 203.0.113.2  | /                     | 200    | 0      |
        | 203.0.113.99 | /                     | 403    | 1      |
        | 203.0.113.2  | /?id=1'%20or%20'1'='1 | 403    | 1      |
