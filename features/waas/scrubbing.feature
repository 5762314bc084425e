@waas @scrubbing @needs:waas
Feature: Audits without sensitive data
  The Console keeps one list of the data that no audit of a firewall may tell: by its place and name, or by a pattern wherever it stands. The
  Defender puts a placeholder there before the audit leaves the task; the application gets what was sent.

  Background:
    Given the task definition "web-and-worker"
    And the firewall rule "front door" from port 80 to port 8080:
      | protection | effect |
      | sqli       | alert  |

  Rule: An attack in sensitive data is told without it

    @waas-740 @W122 @extended
    Scenario: A password of the query
      Given the sensitive data "[password]" at "query" with key "^pw$"
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes&pw=hunter2'%20or%20'1'='1" on port 80
      Then the response has status 200
      And exactly one audit tells of it:
        | type               | sqli                                                                                      |
        | effect             | alert                                                                                     |
        | msg                | Detected SQL Injection attack in query parameter, match [password], value [password]      |
        | urlPath            | /                                                                                         |
        | urlQuery           | clean=yes&pw=[password]                                                                   |
        | /attackField/type  | query                                                                                     |
        | /attackField/key   | pw                                                                                        |
        | /attackField/value | [password]                                                                                |
      And the audit never says "hunter2"

  Rule: Sensitive data beside an attack is not told

    @waas-741 @W122 @extended
    Scenario Outline: <location>
      Given the sensitive data "[gone]" at "<location>" with key "<key>"
      And the protected task is running
      When a client at "203.0.113.7" requests "GET <target>id=1'%20or%20'1'='1" on port 80 with headers:
        | Cookie        | theme=dark; sid=hunter2 |
        | Authorization | Bearer hunter3          |
        | User-Agent    | tool of hunter4         |
      Then exactly one audit tells of it:
        | type             | sqli  |
        | /attackField/key | id    |
        | <member>         | <now> |
      And the audit never says "<secret>"
      And the audit never says "<encoded>"

      Examples:
        | location        | key              | target             | member          | now              | secret  | encoded   |
        | path            | card [0-9]+      | /card%204711?      | urlPath         | /[gone]          | 4711    | %204711   |
        | query           | ^token$          | /?token=hunt%65r5& | method          | GET              | hunter5 | hunt%65r5 |
        | queryValues     | hunter[0-9]      | /?q=my+hunter5&    | method          | GET              | hunter5 | my+hunter |
        | cookie          | ^sid$            | /?                 | method          | GET              | hunter2 | sid=hunt  |
        | header          | ^authorization$  | /?                 | method          | GET              | hunter3 | Bearer    |
        | UserAgentHeader | hunter[0-9]      | /?                 | userAgentHeader | tool of [gone]   | hunter4 | hunter4   |

    @waas-742 @W122 @extended
    Scenario Outline: A <kind> body
      Given the sensitive data "[gone]" at "<location>" with key "<key>"
      And the protected task is running
      When a client at "203.0.113.7" sends "POST /" on port 80 as "<kind>":
        """
        <body>
        """
      Then exactly one audit tells of it:
        | type               | sqli   |
        | /attackField/type  | <type> |
        | /attackField/value | [gone] |
      And the audit never says "hunter2"

      Examples:
        | location | key       | kind                              | type     | body                                              |
        | body     | ^pin$     | application/x-www-form-urlencoded | formBody | name=eve&pin=hunter2'+or+'1'='1                   |
        | JSONPath | /user/pin | application/json                  | jsonBody | {"user": {"pin": "hunter2' or '1'='1"}}           |
        | XMLPath  | /user/pin | text/xml                          | xmlBody  | <user><pin>hunter2' or '1'='1</pin></user>        |

  Rule: Patterns look everywhere

    @waas-743 @W122 @extended
    Scenario: A name and a value
      Given the sensitive data:
        """
        [{"name": "tokens", "keyPattern": "(?i)token", "placeholder": "[token]"},
         {"name": "mail", "valuePattern": "[a-z]+@[a-z]+[.]com", "placeholder": "[mail]"}]
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?mail=eve%40example.com&id=1'%20or%20'1'='1" on port 80 with headers:
        | X-Token | hunter2         |
        | X-Own   | eve@example.com |
      Then exactly one audit tells of it:
        | type             | sqli |
        | /attackField/key | id   |
      And the audit never says "hunter2"
      And the audit never says "eve@example"
      And the audit never says "eve%40example"

  Rule: A rule that is disabled hides nothing

    @waas-744 @W122 @extended
    Scenario Outline: A rule with <member>
      Given the sensitive data:
        """
        [{"name": "password", "location": "query", "key": "^pw$", "placeholder": "[password]", "<member>": true}]
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?pw=hunter2&id=1'%20or%20'1'='1" on port 80
      Then exactly one audit tells of it:
        | type     | sqli                              |
        | urlQuery | pw=hunter2&id=1'%20or%20'1'='1    |

      Examples:
        | member           |
        | disabled         |
        | skipLogScrubbing |

  Rule: Some data every Console knows, and a user switches it on

    @waas-745 @W122 @extended
    Scenario Outline: <name>
      Given the sensitive data:
        """
        [{"name": "<name>", "skipLogScrubbing": false}]
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?of=<value>&id=1'%20or%20'1'='1" on port 80
      Then the response has status 200
      And exactly one audit tells of it:
        | type     | sqli                                |
        | urlQuery | of=[<name>]&id=1'%20or%20'1'='1     |
      And the audit never says "<secret>"

      Examples:
        | name             | value                         | secret              |
        | Email            | eve@example.com               | eve@example         |
        | Visa             | 4111%201111%201111%201111     | 4111 1111 1111 1111 |
        | American Express | 378282246310005               | 378282246310005     |

    @waas-746 @W122 @extended
    Scenario: The list of a fresh Console
      When the sensitive data is listed
      Then there are 13 rows
      And there are 13 rows with "skipLogScrubbing" "true"
      And there are 1 rows with "name" "Email"
