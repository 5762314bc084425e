@waas @clients @bots @needs:waas
Feature: Clients that are no people
  Some say who they are, others are told by what they send. Each class has an effect of its own; the user's own bots go before all classes. Which
  names belong to a class is not published: scenarios use names whose makers say what they are.

  Background:
    Given the task definition "web-and-worker"
    And the network list "partners" with "198.51.100.0/24"

  Rule: Bots that say who they are have the effect of their class

    @waas-420 @W76 @core
    Scenario Outline: A search engine, effect <effect>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"botProtectionSpec": {"knownBotProtectionsSpec": {"searchEngineCrawlers": "<effect>"}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80 with headers:
        | User-Agent | Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html) |
      Then the response has status <status>
      And <number> audits of type "searchEngineCrawler" and effect "<effect>" tell of them

      Examples:
        | effect  | status | number      |
        | disable | 200    | no          |
        | alert   | 200    | one or more |
        | prevent | 403    | one or more |
        | ban     | 403    | one or more |

    @waas-421 @W76 @core
    Scenario Outline: <agent>, where search engines are prevented
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"botProtectionSpec": {"knownBotProtectionsSpec": {"searchEngineCrawlers": "prevent"}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80 with headers:
        | User-Agent | <agent> |
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | agent                                                              | status | number |
        | Mozilla/5.0 (compatible; bingbot/2.0)                              | 403    | 1      |
        | Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko Firefox/115.0      | 200    | 0      |
        | Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/) | 200    | 0      |

  Rule: Clients that say nothing of the kind are told by their tool, each kind with its own effect

    @waas-422 @W77 @W78 @core
    Scenario Outline: <agent> is <type>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"botProtectionSpec": {"unknownBotProtectionSpec": {"<member>": "prevent"}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80 with headers:
        | User-Agent | <agent> |
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type       | <type>  |
        | effect     | prevent |
        | protection | bot     |

      Examples:
        | agent                                                      | member             | type              |
        | curl/7.88.1                                                | httpLibraries      | httpLibrary       |
        | python-requests/2.31.0                                     | httpLibraries      | httpLibrary       |
        | PostmanRuntime/7.32.3                                      | apiLibraries       | apiLibrary        |
        | Mozilla/5.0 (X11) HeadlessChrome/119.0.0.0 Safari/537.36   | webAutomationTools | webAutomationTool |
        | Scrapy/2.11.0 (+https://scrapy.org)                        | webScrapers        | webScraper        |

    @waas-423 @W77 @W78 @core
    Scenario Outline: <agent>, where only <member> are prevented
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"botProtectionSpec": {"unknownBotProtectionSpec": {"<member>": "prevent"}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80 with headers:
        | User-Agent | <agent> |
      Then the response has status 200
      And the app saw the request
      And no audit tells of it

      Examples:
        | agent                               | member             |
        | curl/7.88.1                         | apiLibraries       |
        | PostmanRuntime/7.32.3               | httpLibraries      |
        | Scrapy/2.11.0 (+https://scrapy.org) | webAutomationTools |
        | HeadlessChrome/119.0.0.0            | webScrapers        |

  Rule: A request that no browser sends is odd, more or less

    @waas-424 @W79 @core
    Scenario Outline: A bare request at threshold <threshold>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"botProtectionSpec": {"unknownBotProtectionSpec": {"requestAnomalies": {"effect": "prevent", "threshold": <threshold>}}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80 with headers:
        | X-Odd | 1 |
      Then the response has status <status>
      And <number> audits of type "requestAnomalies" and effect "prevent" tell of them

      Examples:
        | threshold | status | number      |
        | 3         | 403    | one or more |
        | 9         | 200    | no          |

    @waas-425 @W79 @core
    Scenario: What a browser sends is not odd for the strictest
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"botProtectionSpec": {"unknownBotProtectionSpec": {"requestAnomalies": {"effect": "prevent", "threshold": 3}}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80 with headers:
        | Host            | shop.example.com                                                      |
        | User-Agent      | Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0 |
        | Accept          | text/html,application/xhtml+xml                                       |
        | Accept-Language | en-US,en;q=0.5                                                        |
        | Accept-Encoding | gzip, deflate                                                         |
      Then the response has status 200
      And no audit tells of it

  Rule: The user's own bots go before all classes

    @waas-426 @W80 @core
    Scenario Outline: A bot with "<value>" in its header, where "partner-*" is allowed
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"sessionCookieEnabled": true, "botProtectionSpec": {
          "interstitialPage": true, "sessionValidation": "prevent",
          "unknownBotProtectionSpec": {"httpLibraries": "prevent"},
          "userDefinedBots": [{"name": "partner", "headerName": "X-Bot", "headerValues": ["partner-*"], "effect": "allow"}]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80 with headers:
        | User-Agent | curl/7.88.1 |
        | X-Bot      | <value>     |
      Then the response has status <status>
      And <number> audits tell of it
      And the response has no header "Set-Cookie"

      Examples:
        | value     | status | number |
        | partner-7 | 200    | 0      |
        | stranger  | 403    | 1      |

    @waas-427 @W81 @core
    Scenario Outline: A client at <client> with "<value>", where that bot is prevented
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"botProtectionSpec": {"userDefinedBots": [
          {"name": "leech", "headerName": "X-Bot", "headerValues": ["leech-*"], "subnets": ["partners"], "effect": "prevent"}]}}
        """
      And the protected task is running
      When a client at "<client>" requests "GET /?clean=yes" on port 80 with headers:
        | X-Bot | <value> |
      Then the response has status <status>
      And <number> audits of type "userDefinedBot" and effect "prevent" tell of them

      Examples:
        | client       | value   | status | number      |
        | 198.51.100.7 | leech-7 | 403    | one or more |
        | 203.0.113.7  | leech-7 | 200    | no          |
        | 198.51.100.7 | bee-7   | 200    | no          |

  Rule: Bots are looked at before attacks

    @waas-428 @W107 @core
    Scenario: A prevented bot that attacks is told of once
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"botProtectionSpec": {"unknownBotProtectionSpec": {"httpLibraries": "prevent"}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80 with headers:
        | User-Agent | curl/7.88.1 |
      Then the response is the block page
      And exactly one audit tells of it:
        | type   | httpLibrary |
        | effect | prevent     |

    @waas-429 @W107 @core
    Scenario: A bot that is told of and attacks is told of twice
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"botProtectionSpec": {"unknownBotProtectionSpec": {"httpLibraries": "alert"}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80 with headers:
        | User-Agent | curl/7.88.1 |
      Then the response is the block page
      And 2 audits tell of it
      And one or more audits of type "httpLibrary" and effect "alert" tell of them
      And one or more audits of type "sqli" and effect "prevent" tell of them
