@waas @lists @needs:waas
Feature: Firewall audits at the Console
  The Console folds equal audits that come within five minutes into one row with a count; equal are address, host, path, method, user agent and
  type. Lists are filtered, cut and turned around by the query; a timeslice counts what the list has.

  Background:
    Given the task definition "web-and-worker"

  Rule: Equal audits are one row with a count

    @waas-700 @W119 @core
    Scenario: Five equal attacks, and one with another user agent
      Given the Console folds equal audits
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80 5 times
      Then every response has status 403
      When the firewall audits are read with ""
      Then there are 1 rows
      And there are 1 rows with "count" "5"
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80 with headers:
        | User-Agent | another |
      Then the response is the block page
      When the firewall audits are read with ""
      Then there are 2 rows
      And there are 1 rows with "count" "5"
      And there are 1 rows with "userAgentHeader" "another"

  Rule: The query filters, cuts and turns around

    @waas-701 @W120 @core
    Scenario Outline: <query>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
        | xss        | alert   |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80
      And a client at "203.0.113.8" requests "GET /?id=1'%20or%20'1'='1" on port 80
      And a client at "203.0.113.7" requests "GET /?q=%3Cscript%3Ealert(1)%3C/script%3E" on port 80
      And the firewall audits are read with "<query>"
      Then there are <rows> rows
      And there are <rows> rows with "<member>" "<value>"

      Examples:
        | query                                 | rows | member | value       |
        | type=sqli                             | 2    | type   | sqli        |
        | type=xss                              | 1    | type   | xss         |
        | type=sqli,xss&subnet=203.0.113.7      | 2    | subnet | 203.0.113.7 |
        | effect=alert                          | 1    | effect | alert       |
        | appID=nobody                          | 0    | type   | sqli        |
        | eventID=nobody                        | 0    | type   | sqli        |
        | limit=1&type=sqli                     | 1    | subnet | 203.0.113.7 |
        | limit=1&offset=1&type=sqli            | 1    | subnet | 203.0.113.8 |
        | limit=1&type=sqli&reverse=true        | 1    | subnet | 203.0.113.8 |
        | to=2020-01-01T00:00:00Z               | 0    | type   | sqli        |
        | from=2020-01-01T00:00:00Z&type=xss    | 1    | type   | xss         |

  Rule: A timeslice counts what the list has, and a download shows it

    @waas-702 @W121 @core
    Scenario: Three audits in ten buckets
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80
      And a client at "203.0.113.8" requests "GET /?id=1'%20or%20'1'='1" on port 80
      And a client at "203.0.113.9" requests "GET /?id=1'%20or%20'1'='1" on port 80
      And the timeslice of the firewall audits is read with "from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z&buckets=10"
      Then there are 10 rows
      And the buckets add up to 3
      When the timeslice of the firewall audits is read with "buckets=10"
      Then the Console answers 400 with an error about "missing `to` and/or `from` parameters"

    @waas-703 @W121 @core
    Scenario: A Console without audits
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When the firewall audits are read with ""
      Then the Console answers with the text "null"
      When the firewall audits are downloaded
      Then the Console answers with the text "no data"

  Rule: An audit says all that is known

    @waas-704 @W118 @core
    Scenario: Every member of an audit
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect |
        | lfi        | alert  |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /lost?file=../../etc/passwd" on port 80 with headers:
        | Host            | shop.example.com |
        | User-Agent      | browser/7        |
        | X-Forwarded-For | 198.51.100.9     |
      Then the response has status 404
      And exactly one audit tells of it:
        | type             | lfi                           |
        | effect           | alert                         |
        | protection       | firewall                      |
        | firewallType     | app-embedded                  |
        | ruleName         | front door                    |
        | ruleAppID        | app-0001                      |
        | host             | true                          |
        | hostname         | $APP_ID                       |
        | appID            | $APP_ID                       |
        | /resource/appIDs/0 | $APP_ID                     |
        | containerName    |                               |
        | containerId      |                               |
        | method           | GET                           |
        | url              | shop.example.com/lost         |
        | urlPath          | /lost                         |
        | urlQuery         | file=../../etc/passwd         |
        | requestHost      | shop.example.com              |
        | userAgentHeader  | browser/7                     |
        | subnet           | 198.51.100.9                  |
        | statusCode       | 404                           |
        | /attackField/type  | query                       |
        | /attackField/key   | file                        |
        | /attackField/value | ../../etc/passwd            |
        | attackTechniques | exploitPublicFacingApplication |
        | requestHeaders   | any                           |
        | /requestHeaderNames/0  | User-Agent              |
        | /responseHeaderNames/0 | any                     |
        | eventID          | any                           |
        | provider         | aws                           |
        | time             | within the stimulus           |
      And the audit has only members and values of the schema

  Rule: What tells of no injection does not claim to

    @waas-705 @W118 @core
    Scenario: A client that is denied
      Given the network list "scanners" with "203.0.113.0/28"
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"networkControls": {"subnets": {"enabled": true, "prevent": ["scanners"]}}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then exactly one audit tells of it:
        | type       | deniedIP      |
        | protection | accessControl |
        | owaspTop10 |               |

  Rule: Each audit is a line of the Console's syslog, without keys that have no value

    @waas-706 @W123 @core
    Scenario: An attack with quotes and a line break
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect |
        | sqli       | alert  |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1'%22%20type=%22x%0Aeffect=%22" on port 80
      Then the response has status 200
      And a line of the Console's syslog tells the same:
        | type                  | app_embedded_app_firewall_audit |
        | effect                | alert                           |
        | log_type              | sqli                            |
        | source_ip             | 203.0.113.7                     |
        | request_method        | GET                             |
        | request_path          | /                               |
        | status_code           |                                 |
        | response_header_names |                                 |

    @waas-707 @W123 @core
    Scenario: What an answer says
      Given the task definition "two-apps"
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"intelGathering": {"infoLeakageEffect": "alert"}}
        """
      And the protected task is running
      When "first" answers "/file" with:
        """
        203
        Content-Type: text/plain

        root:x:0:0:root:/root:/bin/bash
        daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
        """
      And a client at "203.0.113.7" requests "GET /file" on port 80
      Then the response has status 203
      And a line of the Console's syslog tells the same:
        | log_type     | informationLeak |
        | request_path | /file           |
        | status_code  | 203             |
