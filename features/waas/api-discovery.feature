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
      And "first" answers "/refused" with:
        """
        400
        Content-Type: application/json

        {}
        """
      And "first" answers "/broken" with:
        """
        500
        Content-Type: application/json

        {}
        """
      And a client at "203.0.113.7" requests "GET /pets/7?page=2" on port 80
      Then the response has status 200
      When a client at "203.0.113.7" requests "GET /pets/8?page=3" on port 80
      Then the response has status 200
      When a client at "203.0.113.7" requests "GET /missing" on port 80
      Then the response has status 404
      When a client at "203.0.113.7" requests "GET /refused" on port 80
      Then the response has status 400
      When a client at "203.0.113.7" requests "GET /broken" on port 80
      Then the response has status 500
      When a client at "203.0.113.7" requests "GET /site.css" on port 80
      Then the response has status 200
      When a client at "203.0.113.7" requests "GET /attacked?id=1'%20or%20'1'='1" on port 80
      Then the response has status 200
      When the discovered APIs are read
      Then there are 1 rows
      And there are 1 rows with "path" "/pets/{id}"
      And there are 1 rows with "method" "GET"
      And there are 1 rows with "port" "80"
      And there are 1 rows with "/pathParams/0/type" "integer"
      And there are 1 rows with "/queryParams/0/name" "page"
      And there are 1 rows with "/queryParams/0/type" "integer"
      And there are 1 rows with "statuses" "[200]"
      And there are 1 rows with "contentTypes" '["application/json"]'

    @waas-763 @W129 @core
    Scenario: Statuses and types of several answers
      Given the firewall rule "front door" from port 80 to port 7001:
        | protection | effect |
        | sqli       | alert  |
      And the protected task is running
      When "first" answers "/pets/9" with:
        """
        201
        Content-Type: text/html; charset=utf-8

        made
        """
      And a client at "203.0.113.7" requests "GET /pets/7?page=2" on port 80
      Then the response has status 200
      When a client at "203.0.113.7" requests "GET /pets/9?page=all" on port 80
      Then the response has status 201
      When the discovered APIs are read
      Then there are 1 rows
      And there are 1 rows with "statuses" "[200,201]"
      And there are 1 rows with "contentTypes" '["application/json","text/html"]'
      And there are 1 rows with "/pathParams/0/type" "integer"
      And there are 1 rows with "/queryParams/0/type" "string"

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

  Rule: What was learned, exported and imported, protects the API

    @waas-764 @W129 @W62 @core
    Scenario: A call like those that were learned, and others
      Given the firewall rule "front door" from port 80 to port 7001:
        | protection | effect |
        | sqli       | alert  |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /pets/7?page=2" on port 80
      Then the response has status 200
      When a client at "203.0.113.7" requests "GET /pets/8?page=3" on port 80
      Then the response has status 200
      When a client at "203.0.113.7" requests "GET /" on port 80
      Then the response has status 200
      When the discovered APIs are exported, and protect the app of the firewall rule "front door" with effect "prevent"
      And a client at "203.0.113.7" requests "GET /pets/9?page=4" on port 80
      Then the response has status 200
      And the app saw the request
      And no audit tells of it
      When a client at "203.0.113.7" requests "GET /pets/rex?page=4" on port 80
      Then the response is the block page
      And the app never saw the request
      When a client at "203.0.113.7" requests "GET /pets/9?page=last" on port 80
      Then the response is the block page
      When a client at "203.0.113.7" requests "GET /pets/9?page=4&debug=1" on port 80
      Then the response is the block page
      When a client at "203.0.113.7" requests "DELETE /pets/9" on port 80
      Then the response is the block page
      When a client at "203.0.113.7" requests "GET /owners" on port 80
      Then the response is the block page

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
      And there are 1 rows with "totalRequests" "3"
      And there are 1 rows with "forwardedRequests" "2"
      And there are 1 rows with "blockedRequests" "1"
      And there are 1 rows with "totalErrs" "0"
      And there are 1 rows with "/actionCounts/prevent" "1"
      And there are 1 rows with "/actionCounts/alert" "1"
      And there are 1 rows with "/attackTypeStats/sqlInjection" "1"
      And there are 1 rows with "/attackTypeStats/xss" "1"

    @waas-766 @W118 @core
    Scenario: A ban is counted as one, and what it refuses later too
      Given the firewall rule "front door" from port 80 to port 7001:
        | protection | effect |
        | sqli       | ban    |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80
      Then the response is the block page
      When the monitoring statistics are read
      Then there are 1 rows with "totalRequests" "1"
      And there are 1 rows with "blockedRequests" "1"
      And there are 1 rows with "/actionCounts/ban" "1"
      And there are 1 rows with "/actionCounts/prevent" "0"

    @waas-765 @W118 @core
    Scenario: A reset, and an app that does not answer
      Given the firewall rule "front door" from port 80 to port 7009:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80
      Then the response is the block page
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response has status 502
      When the monitoring statistics are read
      Then there are 1 rows with "totalRequests" "2"
      And there are 1 rows with "totalErrs" "1"
      And there are 1 rows with "/lastErrs/0/route" "GET /"
      When the monitoring statistics are reset
      And a client at "203.0.113.7" requests "GET /later" on port 80
      Then the response has status 502
      When the monitoring statistics are read
      Then there are 1 rows with "totalRequests" "1"
      And there are 1 rows with "blockedRequests" "0"
      And there are 1 rows with "/actionCounts/prevent" "0"
      And there are 1 rows with "totalErrs" "1"
      And there are 1 rows with "/lastErrs/0/route" "GET /later"
