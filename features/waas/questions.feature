@waas @clients @questions @needs:waas
Feature: The question that only people answer
  reCAPTCHA v2, as an effect of bot protection or for every session. How the page looks is not documented: it has the site key, and posts the
  answer of the service's widget. Which service is asked is said to the reference Defender by a variable of its own (`docs/defender.md`).

  Background:
    Given the task definition "web-and-worker"
    And the firewall rule "front door" from port 80 to port 8080:
      | protection | effect  |
      | sqli       | prevent |

  Rule: Who has to answer gets a page for GET, and is refused otherwise

    @waas-430 @B1 @core
    Scenario Outline: <agent>, where HTTP libraries have to answer
      Given the firewall rule "front door" asks for reCAPTCHA with site key "6LcSiteKey", and the service "captcha.example" at "198.51.100.9" accepts "human"
      And the app of the firewall rule "front door" also has:
        """
        {"botProtectionSpec": {"unknownBotProtectionSpec": {"httpLibraries": "reCAPTCHA"}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80 with headers:
        | User-Agent | <agent> |
      Then the response has status 200
      And the response has "<text>" in its body
      And <number> audits of type "httpLibrary" and effect "reCAPTCHA" tell of them

      Examples:
        | agent                                                        | text       | number      |
        | curl/7.88.1                                                  | 6LcSiteKey | one or more |
        | Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko Firefox/115.0 | everyone   | no          |

    @waas-431 @B1 @core
    Scenario: The page instead of the app
      Given the firewall rule "front door" asks for reCAPTCHA with site key "6LcSiteKey", and the service "captcha.example" at "198.51.100.9" accepts "human"
      And the app of the firewall rule "front door" also has:
        """
        {"botProtectionSpec": {"reCAPTCHASpec": {"allSessions": true, "type": "invisible"}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response has "6LcSiteKey" in its body
      And the response sets a cookie
      And the app never saw the request
      And no audit tells of it

    @waas-432 @B1 @core
    Scenario Outline: <method> of who has not answered, where all sessions have to
      Given the firewall rule "front door" asks for reCAPTCHA with site key "6LcSiteKey", and the service "captcha.example" at "198.51.100.9" accepts "human"
      And the app of the firewall rule "front door" also has:
        """
        {"botProtectionSpec": {"reCAPTCHASpec": {"allSessions": true}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" sends "<method> /" on port 80 as "application/x-www-form-urlencoded":
        """
        clean=yes
        """
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type       | recaptchaRequired |
        | protection | bot               |

      Examples:
        | method |
        | POST   |
        | PUT    |

    @waas-433 @B1 @core
    Scenario: A page of the user's own
      Given the firewall rule "front door" asks for reCAPTCHA with site key "6LcSiteKey", and the service "captcha.example" at "198.51.100.9" accepts "human"
      And the app of the firewall rule "front door" also has:
        """
        {"botProtectionSpec": {"reCAPTCHASpec": {"allSessions": true,
          "customPageSpec": {"enabled": true, "body": "<html><body>Please wait at the door.</body></html>"}}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response has status 200
      And the response has "Please wait at the door." in its body
      And the app never saw the request

  Rule: A right answer lets its client through

    @waas-434 @B2 @provisional
    Scenario: A session, an answer, and the app
      Given the firewall rule "front door" asks for reCAPTCHA with site key "6LcSiteKey", and the service "captcha.example" at "198.51.100.9" accepts "human"
      And the app of the firewall rule "front door" also has:
        """
        {"botProtectionSpec": {"reCAPTCHASpec": {"allSessions": true}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=first" on port 80
      Then the response sets a cookie
      When a client at "203.0.113.7" requests "GET /?clean=second" on port 80 with the cookie that was set
      Then the response has "6LcSiteKey" in its body
      And the app never saw the request
      When a client at "203.0.113.7" answers the question of "/?clean=second" on port 80 with "human"
      Then the response sets a cookie
      And the response has the header "Location" with "/?clean=second"
      And the app never saw the request
      And no audit tells of it
      When a client at "203.0.113.7" requests "GET /?clean=third" on port 80 with the cookie that was set
      Then the response has status 200
      And the app saw the request
      When a client at "203.0.113.7" requests "POST /" on port 80 with the cookie that was set
      Then the response has status 200
      And the app saw the request
      And no audit tells of it

    @waas-435 @B2 @provisional
    Scenario Outline: <what>, sessions not validated
      Given the firewall rule "front door" asks for reCAPTCHA with site key "6LcSiteKey", and the service "captcha.example" at "198.51.100.9" accepts "human"
      And the app of the firewall rule "front door" also has:
        """
        {"botProtectionSpec": {"sessionValidation": "disable", "reCAPTCHASpec": {"allSessions": true}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=first" on port 80
      Then the response sets a cookie
      When a client at "203.0.113.7" answers the question of "/?clean=first" on port 80 with "human"
      Then the response sets a cookie
      When a client at "<client>" requests "GET /?clean=second" on port 80 with <cookie>
      Then the response has "6LcSiteKey" in its body
      And the app never saw the request

      Examples:
        | what                           | client      | cookie                  |
        | The answer of another client   | 203.0.113.8 | the cookie that was set |
        | A cookie with a letter changed | 203.0.113.7 | a changed cookie        |

  Rule: A right answer counts for the hours of successExpirationHours, 24 where nothing is said

    @waas-446 @B2 @provisional
    Scenario Outline: <hours> hours
      Given the firewall rule "front door" asks for reCAPTCHA with site key "6LcSiteKey", and the service "captcha.example" at "198.51.100.9" accepts "human"
      And the app of the firewall rule "front door" also has:
        """
        {"botProtectionSpec": {"reCAPTCHASpec": {"allSessions": true<said>}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=first" on port 80
      And a client at "203.0.113.7" answers the question of "/?clean=first" on port 80 with "human"
      Then the response sets a cookie
      When <before> hours pass for the firewall
      And a client at "203.0.113.7" requests "GET /?clean=before" on port 80 with the cookie that was set
      Then the response has status 200
      And the app saw the request
      When 2 hours pass for the firewall
      And a client at "203.0.113.7" requests "GET /?clean=after" on port 80 with the cookie that was set
      Then the response has "6LcSiteKey" in its body
      And the app never saw the request

      Examples: Of its own, and not said
        | hours | said                          | before |
        | 6     | , "successExpirationHours": 6 | 5      |
        | 24    |                               | 23     |

  Rule: Who has not answered right is not let through

    @waas-436 @B2 @provisional
    Scenario: A wrong answer
      Given the firewall rule "front door" asks for reCAPTCHA with site key "6LcSiteKey", and the service "captcha.example" at "198.51.100.9" accepts "human"
      And the app of the firewall rule "front door" also has:
        """
        {"botProtectionSpec": {"reCAPTCHASpec": {"allSessions": true}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=first" on port 80
      Then the response sets a cookie
      When a client at "203.0.113.7" answers the question of "/?clean=first" on port 80 with "machine"
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type       | recaptchaVerificationFailed |
        | protection | bot                         |
      When a client at "203.0.113.7" requests "GET /?clean=second" on port 80 with the cookie that was set
      Then the response has "6LcSiteKey" in its body
      And the app never saw the request

    @waas-437 @B2 @provisional
    Scenario: A service that is out of order
      Given the firewall rule "front door" asks for reCAPTCHA with site key "6LcSiteKey", and the service "captcha.example" at "198.51.100.9" fails with 503
      And the app of the firewall rule "front door" also has:
        """
        {"botProtectionSpec": {"reCAPTCHASpec": {"allSessions": true}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=first" on port 80
      Then the response sets a cookie
      When a client at "203.0.113.7" answers the question of "/?clean=first" on port 80 with "human"
      Then the response is the block page
      And exactly one audit tells of it:
        | type       | recaptchaVerificationFailed |
        | protection | bot                         |
      When a client at "203.0.113.7" requests "GET /?clean=second" on port 80 with the cookie that was set
      Then the response has "6LcSiteKey" in its body
      And the app never saw the request

    @waas-438 @B2 @provisional
    Scenario: An answer that was right before
      Given the firewall rule "front door" asks for reCAPTCHA with site key "6LcSiteKey", and the service "captcha.example" at "198.51.100.9" accepts "human"
      And the app of the firewall rule "front door" also has:
        """
        {"botProtectionSpec": {"reCAPTCHASpec": {"allSessions": true}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=first" on port 80
      Then the response sets a cookie
      When a client at "203.0.113.7" answers the question of "/?clean=first" on port 80 with "human"
      Then the response sets a cookie
      When a client at "203.0.113.8" requests "GET /?clean=second" on port 80
      Then the response sets a cookie
      When a client at "203.0.113.8" answers the question of "/?clean=second" on port 80 with "human"
      Then the response is the block page
      And exactly one audit tells of it:
        | type       | recaptchaVerificationFailed |
        | protection | bot                         |

  Rule: Questions are counted

    @waas-439 @B1 @core
    Scenario: A page, and a request that is refused
      Given the firewall rule "front door" asks for reCAPTCHA with site key "6LcSiteKey", and the service "captcha.example" at "198.51.100.9" accepts "human"
      And the app of the firewall rule "front door" also has:
        """
        {"botProtectionSpec": {"reCAPTCHASpec": {"allSessions": true}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response has "6LcSiteKey" in its body
      When a client at "203.0.113.7" requests "DELETE /?clean=yes" on port 80
      Then the response is the block page
      When the monitoring statistics are read
      Then there are 1 rows
      And there are 1 rows with "reCAPTCHAs" "1"
      And there are 1 rows with "blockedRequests" "1"

  Rule: The Console refuses a question that nobody could ask

    @waas-445 @B1 @extended
    Scenario Outline: <what>
      When the app of the firewall rule "front door" is put with:
        """
        {"sessionCookieEnabled": <sessions>, "botProtectionSpec": {"reCAPTCHASpec": {"enabled": true, <settings>}}}
        """
      Then the Console answers 400 with an error about "<place>"
      And the firewall policy is unchanged

      Examples:
        | what                   | sessions | settings                                                                            | place                               |
        | Nothing remembers      | false    | "siteKey": "6LcSiteKey"                                                             | sessionCookieEnabled                |
        | No site key            | true     | "siteKey": ""                                                                       | reCAPTCHASpec.siteKey               |
        | No secret key          | true     | "siteKey": "6LcSiteKey"                                                             | reCAPTCHASpec.secretKey             |
        | More than thirty days  | true     | "siteKey": "6LcSiteKey", "successExpirationHours": 721                              | reCAPTCHASpec.successExpirationHours |
        | A page that is none    | true     | "siteKey": "6LcSiteKey", "customPageSpec": {"enabled": true, "body": "<p>wait</p>"} | customPageSpec.body                 |
