@waas @discovery @needs:waas
Feature: What the firewall learns of an API, and what it counts
  On unless a rule says `skipAPILearning`. Learned are requests without a finding that the app answered without an error, of paths without a file
  extension and with text, JSON or nothing as the answer; values in a path become parameters. What it has learned is told before the answer to a
  fence, when the task stops, and each half hour.

  Background:
    Given the task definition "two-apps"

  Rule: Clean calls of an API are learned

    @waas-760 @W129 @core
    Scenario: Calls, an attack, a missing page and a style sheet
      Given the firewall rule "front door" from port 80 to port 7001:
        | protection | effect |
        | sqli       | alert  |
      And the protected task is running
      When "first" answers "/missing" with:
        """
        404
        Content-Type: application/json

        {}
        """
      And a client at "203.0.113.7" requests "GET /pets/7?page=2" on port 80
      Then the response has status 200
      When a client at "203.0.113.7" requests "GET /pets/8?page=3" on port 80
      Then the response has status 200
      When a client at "203.0.113.7" requests "GET /missing" on port 80
      Then the response has status 404
      When a client at "203.0.113.7" requests "GET /site.css" on port 80
      Then the response has status 200
      When a client at "203.0.113.7" requests "GET /attacked?id=1'%20or%20'1'='1" on port 80
      Then the response has status 200
      When the discovered APIs are read
      Then there are 1 rows with "path" "/pets/{id}"
      And there are 1 rows with "/pathParams/0/type" "integer"
      And there are 1 rows with "/queryParams/0/name" "page"
      And there are 0 rows with "path" "/pets/7"
      And there are 0 rows with "path" "/missing"
      And there are 0 rows with "path" "/site.css"
      And there are 0 rows with "path" "/attacked"

    @waas-761 @W129 @core
    Scenario: A rule that skips it
      Given the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
      And the firewall rule "front door" also has:
        """
        {"skipAPILearning": true}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /pets/7" on port 80
      Then the response has status 200
      When the discovered APIs are read
      Then there are 0 rows

  Rule: What becomes of requests is counted

    @waas-762 @W118 @core
    Scenario: Honest requests, an attack that is blocked and one that is told of
      Given the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
        | xss        | alert   |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response has status 200
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80
      Then the response is the block page
      When a client at "203.0.113.7" requests "GET /?q=%3Cscript%3Ealert(1)%3C/script%3E" on port 80
      Then the response has status 200
      When the monitoring statistics are read
      Then there are 1 rows
      And there are 1 rows with "blockedRequests" "1"
      And there are 1 rows with "/actionCounts/prevent" "1"
      And there are 1 rows with "/actionCounts/alert" "1"
      And there are 1 rows with "/attackTypeStats/sqlInjection" "1"
