@waas @api @needs:waas
Feature: How parameters of an API are written
  A parameter of the API of an app stands in the path, the query, a header, a cookie or the body; it may have to be there, and may be a
  list in one of several notations. What is not as declared has the effect for parameters.

  Background:
    Given the task definition "web-and-worker"

  Rule: A parameter that must be there is there

    @waas-508 @W65 @extended
    Scenario Outline: A <place> that must be there, effect <effect>: <target> with <header>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"effect": "<effect>", "paths": [{"path": "/", "methods": [{"method": "GET"}]},
          {"path": "/page", "methods": [{"method": "GET", "parameters": [
            {"name": "X-Key", "location": "<place>", "type": "string", "required": true}]}]}]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET <target>" on port 80 with headers:
        | <header> | <value> |
      Then the response has status <status>
      And <audits> audits tell of it

      Examples:
        | place  | effect  | target        | header  | value   | status | audits |
        | query  | prevent | /page         | X-Other | x       | 403    | 1      |
        | query  | prevent | /page?X-Key   | X-Other | x       | 403    | 1      |
        | query  | alert   | /page         | X-Other | x       | 404    | 1      |
        | query  | disable | /page         | X-Other | x       | 404    | 0      |
        | query  | prevent | /page?X-Key=x | X-Other | x       | 404    | 0      |
        | header | prevent | /page         | X-Other | x       | 403    | 1      |
        | header | prevent | /page         | x-key   | x       | 404    | 0      |
        | cookie | prevent | /page         | Cookie  | a=X-Key | 403    | 1      |
        | cookie | prevent | /page         | Cookie  | X-Key=a | 404    | 0      |

  Rule: A template stands for values that are checked, and a literal path goes before it

    @waas-512 @W69 @extended
    Scenario Outline: /pet/{petId} and /pet/mine: <path>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"effect": "prevent", "fallbackEffect": "prevent", "paths": [{"path": "/", "methods": [{"method": "GET"}]},
          {"path": "/pet/{petId}", "methods": [{"method": "GET", "parameters": [
            {"name": "petId", "location": "path", "type": "integer", "required": true}]}]},
          {"path": "/pet/mine", "methods": [{"method": "GET"}]}]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET <path>" on port 80
      Then the response has status <status>
      And <audits> audits tell of it

      Examples:
        | path      | status | audits |
        | /pet/7    | 404    | 0      |
        | /pet/%37  | 404    | 0      |
        | /pet/mine | 404    | 0      |
        | /pet/x    | 403    | 1      |
        | /pet/7/x  | 403    | 1      |
        | /pet      | 403    | 1      |

    @waas-513 @W69 @extended
    Scenario Outline: A path that applications read in different ways is right in each: <path>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"effect": "prevent", "fallbackEffect": "prevent", "paths": [{"path": "/", "methods": [{"method": "GET"}]},
          {"path": "/pub/{file}", "methods": [{"method": "GET"}]}, {"path": "/pub/{folder}/{file}", "methods": [{"method": "GET"}]}]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET <path>" on port 80
      Then the response has status 403
      And 1 audit tells of it

      Examples:
        | path                  |
        | /pub/..%2fadmin       |
        | /pub/%252e%252e/admin |
        | /pub/..%5cadmin       |
        | /pub/..;/admin        |

  Rule: The values of a list are checked, in each notation

    @waas-514 @W70 @extended
    Scenario Outline: A list of whole numbers, style "<style>", exploded: <explode>: <query>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"effect": "prevent", "paths": [{"path": "/", "methods": [{"method": "GET", "parameters": [
          {"name": "n", "location": "query", "type": "integer", "array": true, "style": "<style>", "explode": <explode>}]}]}]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?<query>" on port 80
      Then the response has status <status>
      And <audits> audits tell of it

      Examples:
        | style          | explode | query   | status | audits |
        | form           | false   | n=1,2   | 200    | 0      |
        | form           | false   | n=1,a   | 403    | 1      |
        | form           | true    | n=1&n=2 | 200    | 0      |
        | form           | true    | n=1&n=a | 403    | 1      |
        | form           | true    | n=1,2   | 403    | 1      |
        | pipeDelimited  | false   | n=1%7C2 | 200    | 0      |
        | pipeDelimited  | false   | n=1%7Ca | 403    | 1      |
        | spaceDelimited | false   | n=1%202 | 200    | 0      |
        | spaceDelimited | false   | n=1%20a | 403    | 1      |
        | tabDelimited   | false   | n=1%092 | 200    | 0      |
        | tabDelimited   | false   | n=1%09a | 403    | 1      |

  Rule: Fields of a body are checked as a reader sees them, in each way to write one

    @waas-516 @W70 @core
    Scenario Outline: A whole number from 1 to 99 as a field of a body (<location>): <body>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"effect": "prevent", "paths": [{"path": "/", "methods": [{"method": "POST", "parameters": [
          {"name": "n", "location": "<location>", "type": "integer", "min": 1, "max": 99, "required": true}]}]}]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" sends "POST /" on port 80 as "<kind>":
        """
        <body>
        """
      Then the response has status <status>
      And <audits> audits tell of it

      Examples: Right
        | location | kind                              | body              | status | audits |
        | formData | application/x-www-form-urlencoded | n=99              | 200    | 0      |
        | json     | application/json                  | {"n": 1}          | 200    | 0      |
        | xml      | application/xml                   | <r><n>7</n></r>   | 200    | 0      |
        | xml      | application/xml                   | <r><n>7<!--an x--></n></r> | 200 | 0 |
      Examples: Out of bounds
        | location | kind                              | body              | status | audits |
        | formData | application/x-www-form-urlencoded | n=100             | 403    | 1      |
        | json     | application/json                  | {"n": 0}          | 403    | 1      |
        | xml      | application/xml                   | <r><n>100</n></r> | 403    | 1      |
      Examples: No number
        | location | kind                              | body              | status | audits |
        | formData | application/x-www-form-urlencoded | n=many            | 403    | 1      |
        | json     | application/json                  | {"n": "many"}     | 403    | 1      |
        | xml      | application/xml                   | <r><n>many</n></r> | 403   | 1      |
      Examples: Missing
        | location | kind                              | body              | status | audits |
        | formData | application/x-www-form-urlencoded | m=7               | 403    | 1      |
        | json     | application/json                  | {"m": 7}          | 403    | 1      |
        | xml      | application/xml                   | <r><m>7</m></r>   | 403    | 1      |
      Examples: Twice, and in pieces
        | location | kind                              | body              | status | audits |
        | formData | application/x-www-form-urlencoded | n=7&n=100         | 403    | 1      |
        | json     | application/json                  | {"n": 7, "n": 100} | 403   | 1      |
        | xml      | application/xml                   | <r><n>7</n><n>100</n></r> | 403 | 1 |
        | xml      | application/xml                   | <r><n>9<!-- -->9<![CDATA[9]]></n></r> | 403 | 1 |
        | xml      | application/xml                   | <r><n>9<b>9</b>9</n></r> | 403 | 1 |
