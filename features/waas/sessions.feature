@waas @clients @sessions @needs:waas
Feature: Sessions of clients
  A client without a session gets a page that starts one and loads itself again. The cookie is good for the client that it was made for. How it is
  called, and what the page looks like, is not documented.

  Background:
    Given the task definition "web-and-worker"

  Rule: The first page starts the session, and with it requests pass

    @waas-440 @W82 @core
    Scenario: The page, and the request behind it
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"sessionCookieEnabled": true, "botProtectionSpec": {"interstitialPage": true, "sessionValidation": "prevent"}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=first" on port 80
      Then the response sets a cookie
      And the app never saw the request
      And no audit tells of it
      When a client at "203.0.113.7" requests "GET /?clean=second" on port 80 with the cookie that was set
      Then the response has status 200
      And the app saw the request
      And no audit tells of it

    @waas-441 @W82 @core
    Scenario: Without sessions there is no page
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"sessionCookieEnabled": false, "botProtectionSpec": {"interstitialPage": false, "sessionValidation": "prevent"}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=first" on port 80
      Then the response has status 200
      And the response has no header "Set-Cookie"
      And the app saw the request

  Rule: Where no page can ask for it, a missing cookie has the effect

    @waas-442 @W83 @core
    Scenario Outline: A <method> without a cookie, effect <effect>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"sessionCookieEnabled": true, "botProtectionSpec": {"interstitialPage": true, "sessionValidation": "<effect>"}}
        """
      And the protected task is running
      When a client at "203.0.113.7" sends "<method> /" on port 80 as "application/x-www-form-urlencoded":
        """
        clean=yes
        """
      Then the response has status <status>
      And <number> audits of type "missingCookie" and effect "<effect>" tell of them

      Examples:
        | method | effect  | status | number      |
        | POST   | disable | 200    | no          |
        | POST   | alert   | 200    | one or more |
        | POST   | prevent | 403    | one or more |
        | PUT    | prevent | 403    | one or more |
        | DELETE | prevent | 403    | one or more |

  Rule: A cookie that was changed, or is another client's, has the effect

    @waas-443 @W84 @core
    Scenario Outline: <what>, effect prevent
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"sessionCookieEnabled": true, "botProtectionSpec": {"interstitialPage": true, "sessionValidation": "prevent"}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=first" on port 80
      Then the response sets a cookie
      When a client at "<client>" requests "GET /?clean=second" on port 80 with <cookie>
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type       | sessionValidation |
        | effect     | prevent           |
        | protection | bot               |

      Examples:
        | what                           | client      | cookie                            |
        | The cookie of another client   | 203.0.113.8 | the cookie that was set           |
        | A cookie with a letter changed | 203.0.113.7 | a changed cookie                  |

    @waas-447 @W84 @provisional
    Scenario: The cookie of another browser at the same address (declared choice: what a cookie is made for)
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"sessionCookieEnabled": true, "botProtectionSpec": {"interstitialPage": true, "sessionValidation": "prevent"}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=first" on port 80
      Then the response sets a cookie
      When a client at "203.0.113.7" requests "GET /?clean=second" on port 80 with headers:
        | Cookie     | $COOKIE   |
        | User-Agent | other/1.0 |
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type | sessionValidation |

  Rule: A cookie is found among others, in whatever line it stands

    @waas-448 @W82 @core
    Scenario Outline: A session cookie <where>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"sessionCookieEnabled": true, "botProtectionSpec": {"interstitialPage": true, "sessionValidation": "prevent"}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=first" on port 80
      Then the response sets a cookie
      When a client at "203.0.113.7" requests "GET /?clean=second" on port 80 with headers:
        | Cookie | <first>  |
        | Cookie | <second> |
      Then the response has status 200
      And the app saw the request
      And no audit tells of it

      Examples:
        | where                            | first               | second     |
        | in the first line of two         | $COOKIE             | theme=dark |
        | in the second line of two        | theme=dark          | $COOKIE    |
        | behind another one of its line   | theme=dark; $COOKIE | a=b        |
        | before another one of its line   | $COOKIE; theme=dark | a=b        |

  Rule: A ban may be of the session instead of the address

    @waas-444 @W85 @core
    Scenario Outline: Another session of the same address, sessionCookieBan <by session>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect |
        | sqli       | ban    |
      And the app of the firewall rule "front door" also has:
        """
        {"sessionCookieEnabled": true, "sessionCookieBan": <by session>,
         "botProtectionSpec": {"interstitialPage": true, "sessionValidation": "prevent"}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=first" on port 80
      Then the response sets a cookie
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80 with the cookie that was set
      Then the response is the block page
      When a client at "203.0.113.7" requests "GET /?clean=second" on port 80 with the cookie that was set
      Then the response is the block page
      When a client at "203.0.113.7" requests "GET /?clean=third" on port 80
      Then the response has status <first>
      And <number> audits of type "violationsExceeded" and effect "ban" tell of them

      Examples:
        | by session | first | number      |
        | true       | 200   | no          |
        | false      | 403   | one or more |
