@waas @needs:waas
Feature: What a protection skips
  An exception frees one place from one protection: a path, a parameter, cookie, header or field by its name, a value by its text, or a
  path in a JSON or XML body. Names and values are RE2 patterns. Everything else of the request is inspected as before.

  Background:
    Given the task definition "web-and-worker"

  Rule: An exception of a parameter, cookie or header goes by its name

    @waas-040 @W47 @W48 @W49 @W52 @core
    Scenario Outline: Exception "<location>" with "<key>": <what>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"sqli": {"exceptionFields": [{"location": "<location>", "key": "<key>"}]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET <target>" on port 80 with headers:
        | <header> | <value> |
      Then the response has status <status>
      And <number> audits tell of it

      Examples: Parameters, by name
        | location | key        | what             | target                            | header | value | status | number |
        | query    | ^comment$  | that one         | /?comment=1'%20or%20'1'='1        | X-None | x     | 200    | 0      |
        | query    | ^comment$  | another          | /?id=1'%20or%20'1'='1             | X-None | x     | 403    | 1      |
        | query    | ^comment$  | a longer name    | /?comments=1'%20or%20'1'='1       | X-None | x     | 403    | 1      |
        | query    | ^comment$  | both             | /?comment=1'%20or%20'1'='1&id=1'%20or%20'1'='1 | X-None | x | 403 | 1 |
      Examples: Parameters, by value
        | location    | key       | what    | target                      | header | value | status | number |
        | queryValues | ^1' or    | it fits | /?id=1'%20or%20'1'='1       | X-None | x     | 200    | 0      |
        | queryValues | ^1' or    | another | /?id=2'%20or%20'2'='2       | X-None | x     | 403    | 1      |
      Examples: Cookies and headers
        | location        | key       | what         | target | header     | value               | status | number |
        | cookie          | ^note$    | that cookie  | /      | Cookie     | note=1' or '1'='1   | 200    | 0      |
        | cookie          | ^note$    | another      | /      | Cookie     | sid=1' or '1'='1    | 403    | 1      |
        | header          | ^X-Note$  | that header  | /      | X-NOTE     | 1' or '1'='1        | 200    | 0      |
        | header          | ^X-Note$  | another      | /      | X-Order    | 1' or '1'='1        | 403    | 1      |
        | UserAgentHeader | ^1' or    | it fits      | /      | User-Agent | 1' or '1'='1        | 200    | 0      |
        | UserAgentHeader | ^1' or    | another      | /      | User-Agent | 2' or '2'='2        | 403    | 1      |
      Examples: Paths
        | location | key     | what        | target                          | header | value | status | number |
        | path     | /search | that path, which the app has not | /search?id=1'%20or%20'1'='1     | X-None | x     | 404    | 0      |
        | path     | /search | another     | /find?id=1'%20or%20'1'='1       | X-None | x     | 403    | 1      |

  Rule: An exception of a body goes by the field, the path of the value, or the text

    @waas-041 @W50 @W51 @W53 @core
    Scenario Outline: Exception "<location>" with "<key>", body of <kind>: <what>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"sqli": {"exceptionFields": [{"location": "<location>", "key": "<key>"}]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" sends "POST /" on port 80 as "<kind>":
        """
        <body>
        """
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | location | key    | what          | kind                              | body                              | status | number |
        | body     | ^note$ | that field    | application/x-www-form-urlencoded | note=1'+or+'1'='1                 | 200    | 0      |
        | body     | ^note$ | another       | application/x-www-form-urlencoded | a=1'+or+'1'='1                    | 403    | 1      |
        | JSONPath | /a/b   | that value    | application/json                  | {"a": {"b": "1' or '1'='1"}}      | 200    | 0      |
        | JSONPath | /a/b   | another       | application/json                  | {"a": {"c": "1' or '1'='1"}}      | 403    | 1      |
        | XMLPath  | /a/b   | that element  | application/xml                   | <a><b>1' or '1'='1</b></a>        | 200    | 0      |
        | XMLPath  | /a/b   | another       | application/xml                   | <a><c>1' or '1'='1</c></a>        | 403    | 1      |
        | rawBody  | ^1' or | it fits       | text/plain                        | 1' or '1'='1                      | 200    | 0      |
        | rawBody  | ^1' or | another       | text/plain                        | 2' or '2'='2                      | 403    | 1      |
        | JSONPath | /a/b   | a longer name | application/json                  | {"a": {"bc": "1' or '1'='1"}}     | 403    | 1      |
        | JSONPath | /a/b   | one beside it | application/json                  | {"b": "1' or '1'='1"}             | 403    | 1      |
        | XMLPath  | /a/b   | a longer name | application/xml                   | <a><bc>1' or '1'='1</bc></a>      | 403    | 1      |
        | body     | ^note$ | a longer name | application/x-www-form-urlencoded | notes=1'+or+'1'='1                | 403    | 1      |

  Rule: An exception of one protection does not free another

    @waas-042 @W54 @core
    Scenario Outline: An exception of SQL injection, and <attack> in the same parameter
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
        | xss        | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"sqli": {"exceptionFields": [{"location": "query", "key": "^comment$"}]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?comment=<payload>" on port 80
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | attack               | payload                                | status | number |
        | SQL injection        | 1'%20or%20'1'='1                       | 200    | 0      |
        | cross-site scripting | %3Cscript%3Ealert(1)%3C/script%3E      | 403    | 1      |
