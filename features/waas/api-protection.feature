@waas @api @needs:waas
Feature: What requests may be by the API of the app
  An app may declare its API: paths, methods, and parameters with their place, type and notation. What is outside of it has an effect:
  one for parameters that are not as declared, one for paths and methods that are not, and one for query parameters that are not.

  Background:
    Given the task definition "web-and-worker"

  Rule: A parameter outside its declaration is unexpected, one inside it passes
    What passes reaches the app, which has no such page and says so.

    @waas-503 @W64 @core
    Scenario Outline: A number from 100 to 200, effect <effect>: <method> with <number>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"effect": "<effect>", "fallbackEffect": "prevent", "queryParamFallbackEffect": "prevent", "paths": [
          {"path": "/", "methods": [{"method": "GET"}]},
          {"path": "/api_observation/merchants/big", "methods": [{"method": "<method>", "parameters": [
            {"name": "number", "location": "query", "type": "number", "min": 100, "max": 200}]}]}]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "<method> /api_observation/merchants/big?number=<number>" on port 80
      Then the response has status <status>
      And <audits> audits tell of it

      Examples: Inside and outside
        | effect  | method | number    | status | audits |
        | prevent | GET    | 150       | 404    | 0      |
        | prevent | GET    | 100       | 404    | 0      |
        | prevent | GET    | 200       | 404    | 0      |
        | prevent | GET    | 99        | 403    | 1      |
        | prevent | GET    | 300       | 403    | 1      |
        | prevent | GET    | notnumber | 403    | 1      |
      Examples: What the effects do
        | effect  | method | number | status | audits |
        | disable | GET    | 99     | 404    | 0      |
        | alert   | GET    | 99     | 404    | 1      |
        | ban     | GET    | 99     | 403    | 1      |
      Examples: Every method
        | effect  | method  | number | status | audits |
        | prevent | PUT     | 99     | 403    | 1      |
        | prevent | POST    | 99     | 403    | 1      |
        | prevent | DELETE  | 99     | 403    | 1      |
        | prevent | OPTIONS | 99     | 403    | 1      |
        | prevent | HEAD    | 99     | 403    | 1      |
        | prevent | PATCH   | 99     | 403    | 1      |

    @waas-504 @W64 @core
    Scenario: The audit of a parameter outside its declaration
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"effect": "prevent", "paths": [{"path": "/", "methods": [{"method": "GET", "parameters": [
          {"name": "number", "location": "query", "type": "number", "min": 100, "max": 200}]}]}]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?number=99" on port 80
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type       | unexpectedAPI |
        | effect     | prevent       |
        | protection | firewall      |
      And the event id of the response is in the audit

    @waas-505 @W64 @extended
    Scenario: A client that was banned for a parameter
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"effect": "ban", "paths": [{"path": "/", "methods": [{"method": "GET", "parameters": [
          {"name": "number", "location": "query", "type": "number", "min": 100, "max": 200}]}]}]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?number=99" on port 80
      Then the response is the block page
      When a client at "203.0.113.7" requests "GET /?number=150" on port 80
      Then the response is the block page
      And exactly one audit tells of it:
        | type   | violationsExceeded |
        | effect | ban                |
      When a client at "203.0.113.8" requests "GET /?number=150" on port 80
      Then the response has status 200

    @waas-506 @W64 @extended
    Scenario Outline: A member of a JSON body, whole and up to 9: <body>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"effect": "prevent", "paths": [{"path": "/", "methods": [{"method": "GET"}, {"method": "POST", "parameters": [
          {"name": "age", "location": "json", "type": "integer", "max": 9}]}]}]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" sends "POST /" on port 80 as "application/json":
        """
        <body>
        """
      Then the response has status <status>
      And <audits> audits tell of it

      Examples:
        | body                | status | audits |
        | {"age": 7, "x": 99} | 200    | 0      |
        | {"x": {"age": 99}}  | 200    | 0      |
        | {"age": 10}         | 403    | 1      |
        | {"age": "old"}      | 403    | 1      |

    @waas-507 @W64 @extended
    Scenario: An app without paths
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"effect": "prevent", "fallbackEffect": "prevent", "queryParamFallbackEffect": "prevent"}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?number=99" on port 80
      Then the response has status 200
      And no audit tells of it

  Rule: A path outside the API has the fallback effect

    @waas-509 @W66 @core
    Scenario Outline: Path <path>, fallback effect <effect>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"effect": "disable", "fallbackEffect": "<effect>", "paths": [
          {"path": "/", "methods": [{"method": "GET"}]}, {"path": "/known", "methods": [{"method": "GET"}]}]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET <path>" on port 80
      Then the response has status <status>
      And <audits> audits tell of it

      Examples: What the effects do
        | path     | effect  | status | audits |
        | /unknown | disable | 404    | 0      |
        | /unknown | alert   | 404    | 1      |
        | /unknown | prevent | 403    | 1      |
        | /unknown | ban     | 403    | 1      |
      Examples: What is known
        | path     | effect  | status | audits |
        | /        | prevent | 200    | 0      |
        | /known   | prevent | 404    | 0      |
        | /known/x | prevent | 403    | 1      |
        | /knowns  | prevent | 403    | 1      |

  Rule: A method outside the API has the fallback effect

    @waas-510 @W67 @extended
    Scenario Outline: <method> where GET and PUT are declared, fallback effect <effect>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"effect": "disable", "fallbackEffect": "<effect>", "paths": [
          {"path": "/", "methods": [{"method": "GET"}, {"method": "PUT"}]}]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "<method> /" on port 80
      Then the response has status <status>
      And <audits> audits tell of it

      Examples:
        | method | effect  | status | audits |
        | GET    | prevent | 200    | 0      |
        | PUT    | prevent | 200    | 0      |
        | DELETE | prevent | 403    | 1      |
        | DELETE | alert   | 200    | 1      |
        | DELETE | disable | 200    | 0      |
        | PATCH  | ban     | 403    | 1      |

  Rule: A query parameter outside the API has an effect of its own, where nothing else is wrong

    @waas-511 @W68 @extended
    Scenario Outline: <target>: parameters <effect>, paths <fallback>, others <others>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"effect": "<effect>", "fallbackEffect": "<fallback>", "queryParamFallbackEffect": "<others>", "paths": [
          {"path": "/", "methods": [{"method": "GET", "parameters": [
            {"name": "number", "location": "query", "type": "integer"}]}]}]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET <target>" on port 80
      Then the response has status <status>
      And <audits> audits tell of it

      Examples: What the effects do
        | target         | effect  | fallback | others  | status | audits |
        | /?number=7     | prevent | prevent  | prevent | 200    | 0      |
        | /?number=7&x=1 | prevent | prevent  | disable | 200    | 0      |
        | /?number=7&x=1 | prevent | prevent  | alert   | 200    | 1      |
        | /?number=7&x=1 | prevent | prevent  | prevent | 403    | 1      |
        | /?x=1          | prevent | prevent  | ban     | 403    | 1      |
      Examples: Told once, by what went before
        | target         | effect | fallback | others  | status | audits |
        | /?number=a&x=1 | alert  | alert    | prevent | 200    | 1      |
        | /other?x=1     | alert  | alert    | prevent | 404    | 1      |

  Rule: A resource stands behind the base path of the endpoint
    What is outside of the base path is not inspected.

    @waas-515 @W71 @extended
    Scenario Outline: Base path /api/v2/* and resource /product: <path>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"fallbackEffect": "prevent",
          "endpoints": [{"host": "*", "basePath": "/api/v2/*", "exposedPort": 80, "internalPort": 8080}],
          "paths": [{"path": "/product", "methods": [{"method": "GET"}]}]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET <path>" on port 80
      Then the response has status <status>
      And <audits> audits tell of it

      Examples:
        | path            | status | audits |
        | /api/v2/product | 404    | 0      |
        | /api/v2/other   | 403    | 1      |
        | /api/v2/        | 403    | 1      |
        | /product        | 404    | 0      |
        | /               | 200    | 0      |
