@waas @answers @needs:waas
Feature: Headers of the app's answers
  Hardening against cross-site request forgery, against clickjacking and against fingerprinting, and headers of the user's own: each has
  a switch and no effect. What is switched off leaves the app's answer as it is.

  Background:
    Given the task definition "two-apps"

  Rule: Cookies are bound to their site

    @waas-100 @W42 @core
    Scenario: Every cookie of an answer gets SameSite=Strict, in the place of a SameSite of its own
      Given the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"csrfEnabled": true}
        """
      And the protected task is running
      When "first" answers "/basket" with:
        """
        200
        Set-Cookie: basket=7; Path=/; Secure
        Set-Cookie: theme=dark; SameSite=None
        X-Frame-Options: DENY

        two things
        """
      And a client at "203.0.113.7" requests "GET /basket" on port 80
      Then the response has status 200
      And the response has the header "Set-Cookie" with "basket=7; Path=/; Secure; SameSite=Strict" and with "theme=dark; SameSite=Strict"
      And the response has the header "X-Frame-Options" with "DENY"
      And the response has "two things" in its body

    @waas-101 @W42 @W43 @W44 @core
    Scenario: What is switched off leaves everything as it is
      Given the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"csrfEnabled": false, "clickjackingEnabled": false, "intelGathering": {"removeFingerprintsEnabled": false}}
        """
      And the protected task is running
      When "first" answers "/basket" with:
        """
        200
        Set-Cookie: theme=dark; SameSite=None
        Server: shop/7
        X-Powered-By: PHP/8.2

        two things
        """
      And a client at "203.0.113.7" requests "GET /basket" on port 80
      Then the response has the header "Set-Cookie" with "theme=dark; SameSite=None"
      And the response has the header "Server" with "shop/7"
      And the response has the header "X-Powered-By" with "PHP/8.2"
      And the response has no header "X-Frame-Options"

  Rule: Answers may only be shown in frames of their own site

    @waas-102 @W43 @core
    Scenario Outline: An answer of status <status>
      Given the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"clickjackingEnabled": true}
        """
      And the protected task is running
      When "first" answers "/page" with:
        """
        <status>
        X-Own: kept
        Set-Cookie: a=b

        the page
        """
      And a client at "203.0.113.7" requests "GET /page" on port 80
      Then the response has status <status>
      And the response has the header "X-Frame-Options" with "SAMEORIGIN"
      And the response has the header "X-Own" with "kept"
      And the response has the header "Set-Cookie" with "a=b"

      Examples:
        | status |
        | 200    |
        | 404    |
        | 500    |

  Rule: Headers that tell of the server's software go, and no others

    @waas-103 @W44 @core
    Scenario: The four fingerprints
      Given the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"intelGathering": {"removeFingerprintsEnabled": true}}
        """
      And the protected task is running
      When "first" answers "/page" with:
        """
        200
        Server: shop/7
        X-Powered-By: PHP/8.2
        X-AspNet-Version: 4.0
        X-AspNetMvc-Version: 5.2
        X-Own: kept
        Via: 1.1 cache

        the page
        """
      And a client at "203.0.113.7" requests "GET /page" on port 80
      Then the response has no header "Server"
      And the response has no header "X-Powered-By"
      And the response has no header "X-AspNet-Version"
      And the response has no header "X-AspNetMvc-Version"
      And the response has the header "X-Own" with "kept"
      And the response has the header "Via" with "1.1 cache"

  Rule: Headers of the user's own come on top of the app's, or take their place

    @waas-104 @W112 @core
    Scenario: One header is added, and one replaced
      Given the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"responseHeaderSpecs": [
          {"name": "X-Added", "values": ["ours"], "override": false},
          {"name": "X-Replaced", "values": ["ours"], "override": true},
          {"name": "Content-Security-Policy", "values": ["default-src 'self'"], "override": true}]}
        """
      And the protected task is running
      When "first" answers "/page" with:
        """
        200
        X-Added: theirs
        X-Replaced: theirs

        the page
        """
      And a client at "203.0.113.7" requests "GET /page" on port 80
      Then the response has the header "X-Added" with "theirs" and with "ours"
      And the response has the header "X-Replaced" with "ours"
      And the response has the header "Content-Security-Policy" with "default-src 'self'"
