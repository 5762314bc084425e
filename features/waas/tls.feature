@waas @answers @tls @needs:waas
Feature: Endpoints that speak TLS
  The firewall ends TLS with the certificate of the rule, from the rule's version on, and talks to the app without. Nothing plain is served on
  such a port.

  Background:
    Given the task definition "two-apps"

  Rule: TLS ends at the firewall, with the rule's certificate

    @waas-130 @W109 @core
    Scenario Outline: A request over TLS <version>
      Given the firewall rule "front door" from port 443 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
      And the firewall rule "front door" speaks TLS as "shop.example.com"
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" over TLS <version> to "shop.example.com" on port 443
      Then the response has status 200
      And the response came with the certificate of the firewall rule "front door"
      And the app saw the request
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" over TLS <version> to "shop.example.com" on port 443
      Then the response is the block page
      And the response came with the certificate of the firewall rule "front door"
      And exactly one audit tells of it:
        | type   | sqli    |
        | effect | prevent |

      Examples:
        | version |
        | 1.2     |
        | 1.3     |

    @waas-131 @W109 @core
    Scenario: A plain request to the same port
      Given the firewall rule "front door" from port 443 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
      And the firewall rule "front door" speaks TLS as "shop.example.com"
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 443
      Then the server refused the connection
      When a client at "203.0.113.7" requests "GET /?clean=yes" over TLS 1.3 to "shop.example.com" on port 443
      Then the response has status 200
      And the app saw the request

  Rule: Versions below the rule's are refused

    @waas-132 @W110 @core
    Scenario: TLS 1.2 to a rule that begins at 1.3
      Given the firewall rule "front door" from port 443 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
      And the firewall rule "front door" speaks TLS as "shop.example.com"
      And the app of the firewall rule "front door" also has:
        """
        {"tlsConfig": {"minTLSVersion": "1.3"}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" over TLS 1.2 to "shop.example.com" on port 443
      Then the server refused the connection
      When a client at "203.0.113.7" requests "GET /?clean=yes" over TLS 1.3 to "shop.example.com" on port 443
      Then the response has status 200

    @waas-133 @W110 @core
    Scenario Outline: TLS <version> to a rule that begins at 1.2
      Given the firewall rule "front door" from port 443 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
      And the firewall rule "front door" speaks TLS as "shop.example.com"
      And the app of the firewall rule "front door" also has:
        """
        {"tlsConfig": {"minTLSVersion": "1.2"}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" over TLS <version> to "shop.example.com" on port 443
      Then the server refused the connection
      When a client at "203.0.113.7" requests "GET /?clean=yes" over TLS 1.2 to "shop.example.com" on port 443
      Then the response has status 200

      Examples:
        | version |
        | 1.0     |
        | 1.1     |

  Rule: HSTS keeps browsers at TLS, unless the app says it itself

    @waas-134 @W111 @core
    Scenario: A header with all that it may say
      Given the firewall rule "front door" from port 443 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
      And the firewall rule "front door" speaks TLS as "shop.example.com"
      And the app of the firewall rule "front door" also has:
        """
        {"tlsConfig": {"HSTSConfig": {"enabled": true, "maxAgeSeconds": 600, "includeSubdomains": true, "preload": true}}}
        """
      And the protected task is running
      When "first" answers "/own" with:
        """
        200
        Strict-Transport-Security: max-age=7

        the app's own
        """
      And a client at "203.0.113.7" requests "GET /?clean=yes" over TLS 1.3 to "shop.example.com" on port 443
      Then the response has the header "Strict-Transport-Security" with "max-age=600; includeSubDomains; preload"
      When a client at "203.0.113.7" requests "GET /own" over TLS 1.3 to "shop.example.com" on port 443
      Then the response has the header "Strict-Transport-Security" with "max-age=7"

    @waas-135 @W111 @extended
    Scenario: Switched off
      Given the firewall rule "front door" from port 443 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
      And the firewall rule "front door" speaks TLS as "shop.example.com"
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" over TLS 1.3 to "shop.example.com" on port 443
      Then the response has status 200
      And the response has no header "Strict-Transport-Security"
