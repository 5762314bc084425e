@waas @answers @needs:waas
Feature: What an answer must not tell
  The app answers; what it says is looked at before the client gets it. The request was forwarded whatever the effect, so the audit has the
  app's status.

  Background:
    Given the task definition "two-apps"

  Rule: The contents of system files have the effect

    @waas-110 @W45 @core
    Scenario Outline: A file of users, effect <effect>
      Given the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"intelGathering": {"infoLeakageEffect": "<effect>"}}
        """
      And the protected task is running
      When "first" answers "/file" with:
        """
        200
        Content-Type: text/plain

        root:x:0:0:root:/root:/bin/bash
        daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
        """
      And a client at "203.0.113.7" requests "GET /file" on port 80
      Then the response has status <status>
      And the response has "<text>" in its body
      And the app saw the request
      And <number> audits tell of it

      Examples:
        | effect  | status | text                 | number |
        | disable | 200    | root:x:0:0:root      | 0      |
        | alert   | 200    | root:x:0:0:root      | 1      |
        | prevent | 403    | Access denied        | 1      |
        | ban     | 403    | Access denied        | 1      |

    @waas-111 @W45 @core
    Scenario: The audit has the app's status, and the client the block page
      Given the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"intelGathering": {"infoLeakageEffect": "prevent"}}
        """
      And the protected task is running
      When "first" answers "/file" with:
        """
        200
        Content-Type: text/plain

        root:$6$salt$hash:19700:0:99999:7:::
        """
      And a client at "203.0.113.7" requests "GET /file" on port 80
      Then the response is the block page
      And exactly one audit tells of it:
        | type       | informationLeak |
        | effect     | prevent         |
        | statusCode | 200             |
        | protection | firewall        |
      And the event id of the response is in the audit

    @waas-112 @W45 @extended
    Scenario: A client that was banned for what an answer told
      Given the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"intelGathering": {"infoLeakageEffect": "ban"}}
        """
      And the protected task is running
      When "first" answers "/file" with:
        """
        200
        Content-Type: text/plain

        root:x:0:0:root:/root:/bin/bash
        """
      And a client at "203.0.113.7" requests "GET /file" on port 80
      Then the response is the block page
      When a client at "203.0.113.7" requests "GET /clean" on port 80
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type | violationsExceeded |

  Rule: Keys, listings, and what an interpreter tells of itself are known, and a page that only talks of them is not

    @waas-113 @W46 @core
    Scenario Outline: <what>
      Given the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"intelGathering": {"infoLeakageEffect": "prevent"}}
        """
      And the protected task is running
      When "first" answers "/page" with:
        """
        200
        Content-Type: text/html

        <text>
        """
      And a client at "203.0.113.7" requests "GET /page" on port 80
      Then the response has status <status>
      And the app saw the request
      And <number> audits tell of it

      Examples: Leaks
        | what                             | text                                                 | status | number |
        | A private key                    | -----BEGIN RSA PRIVATE KEY----- MIIEow               | 403    | 1      |
        | A listing of a directory         | <html><head><title>Index of /backup</title></head>   | 403    | 1      |
        | What PHP tells of itself         | <html><title>PHP 8.2.7 - phpinfo()</title></html>    | 403    | 1      |
      Examples: None
        | what                             | text                                                 | status | number |
        | A certificate                    | -----BEGIN CERTIFICATE----- MIIDdz                   | 200    | 0      |
        | A page on directories            | <title>How to read an index of /things</title>       | 200    | 0      |
        | A page on PHP                    | <p>Call phpinfo() to learn the version of PHP.</p>   | 200    | 0      |
