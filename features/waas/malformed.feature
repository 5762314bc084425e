@waas @needs:waas
Feature: Requests that are attacks by their form
  Tools and broken requests are known by what they look like; a request that two readers could end at different places never reaches the
  app.

  Background:
    Given the task definition "web-and-worker"

  Rule: Shellshock is looked for in headers

    @waas-060 @W18 @core
    Scenario Outline: A function definition in <header>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | shellshock | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /" on port 80 with headers:
        | <header> | () { :; }; /bin/eject |
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type             | shellshock |
        | /attackField/key | <header>   |

      Examples:
        | header     |
        | User-Agent |
        | Referer    |
        | X-Order    |

  Rule: A body where none belongs, and none announced where one belongs, is a malformed request

    @waas-061 @W19 @core
    Scenario Outline: GET with a body, effect <effect>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection   | effect   |
        | malformedReq | <effect> |
      And the protected task is running
      When a client at "203.0.113.7" sends "GET /" on port 80 as "application/json":
        """
        {"coco": "momo"}
        """
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | effect  | status | number |
        | disable | 200    | 0      |
        | alert   | 200    | 1      |
        | prevent | 403    | 1      |

    @waas-062 @W20 @extended
    Scenario: POST without a length
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection   | effect  |
        | malformedReq | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "POST /" on port 80
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type | malformedRequest |

  Rule: What contradicts itself is answered 400 whatever the effect, and the app never sees it

    @waas-063 @W128 @core
    Scenario Outline: <what>, effect <effect>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection   | effect   |
        | malformedReq | <effect> |
      And the protected task is running
      When a client at "203.0.113.7" requests "POST /" on port 80 with headers:
        | <one>   | <first>  |
        | <other> | <second> |
      Then the response has status 400
      And the app never saw the request
      And <number> audits tell of it

      Examples: It is told of, unless the protection is off
        | what                  | effect  | one            | first | other             | second  | number |
        | a length and chunks   | prevent | Content-Length | 0     | Transfer-Encoding | chunked | 1      |
        | a length and chunks   | alert   | Content-Length | 0     | Transfer-Encoding | chunked | 1      |
        | a length and chunks   | disable | Content-Length | 0     | Transfer-Encoding | chunked | 0      |
      Examples: Every kind
        | what                  | effect  | one               | first     | other             | second    | number |
        | two lengths           | prevent | Content-Length    | 0         | Content-Length    | 4         | 1      |
        | the same length twice | prevent | Content-Length    | 0         | Content-Length    | 0         | 1      |
        | a signed length       | prevent | Content-Length    | +0        | X-None            | x         | 1      |
        | two lengths in one    | prevent | Content-Length    | 0, 0      | X-None            | x         | 1      |
        | an unknown coding     | prevent | Transfer-Encoding | xchunked  | X-None            | x         | 1      |
        | a hidden coding       | prevent | Transfer-Encoding | "chunked" | X-None            | x         | 1      |
        | two codings           | prevent | Transfer-Encoding | identity  | Transfer-Encoding | chunked   | 1      |
        | two hosts             | prevent | Host              | a         | Host              | b         | 1      |
        | a host that is none   | prevent | Host              | a/b       | X-None            | x         | 1      |
