@waas @needs:waas
Feature: Which app of a rule decides about a request
  An app names endpoints: host, base path, and the WAAS port with the app's port behind it. The first app in order that covers a
  request decides; a request that no endpoint covers is forwarded without being inspected.

  Background:
    Given the task definition "web-and-worker"

  Rule: The first app in order wins

    @waas-020 @W7 @core
    Scenario: Two apps that cover the request
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect |
        | sqli       | alert  |
      And the firewall rule "front door" has another app from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20OR%20'1'='1" on port 80
      Then the response has status 200
      And exactly one audit tells of it:
        | ruleAppID | app-0001 |
        | effect    | alert    |

  Rule: An endpoint with a host covers that host, in every way that it can be written, and no other

    @waas-021 @W8 @W9 @core
    Scenario Outline: Host "<host>" of an endpoint, request for "<asked>"
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"endpoints": [{"host": "<host>", "basePath": "*", "exposedPort": 80, "internalPort": 8080}]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20OR%20'1'='1" on port 80 with headers:
        | Host | <asked> |
      Then the response has status <status>
      And <number> audits tell of it

      Examples: The same host
        | host           | asked              | status | number |
        | a.example.site | a.example.site     | 403    | 1      |
        | a.example.site | A.Example.Site     | 403    | 1      |
        | a.example.site | a.example.site:80  | 403    | 1      |
        | a.example.site | a.example.site.    | 403    | 1      |
        | a.example.site | a.example.site.:80 | 403    | 1      |
      Examples: Another one
        | host           | asked               | status | number |
        | a.example.site | b.example.site      | 200    | 0      |
        | a.example.site | aa.example.site     | 200    | 0      |
        | a.example.site | a.example.site.test | 200    | 0      |
      Examples: A wildcard covers sub-domains, not the domain
        | host           | asked            | status | number |
        | *.example.site | a.example.site   | 403    | 1      |
        | *.example.site | a.b.example.site | 403    | 1      |
        | *.example.site | example.site     | 200    | 0      |
        | *.example.site | badexample.site  | 200    | 0      |

  Rule: A base path covers itself; with an asterisk all that begins so, in every way that an application may read it
    What is not covered reaches the app, which has no such page and says so.

    @waas-022 @W10 @core
    Scenario Outline: Base path "<base>", request for "<path>"
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"endpoints": [{"host": "*", "basePath": "<base>", "exposedPort": 80, "internalPort": 8080}]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET <path>?id=1'%20OR%20'1'='1" on port 80
      Then the response has status <status>
      And <number> audits tell of it

      Examples: Exactly that path
        | base   | path     | status | number |
        | /admin | /admin   | 403    | 1      |
        | /admin | /admin/x | 404    | 0      |
        | /      | /        | 403    | 1      |
        | /      | /x       | 404    | 0      |
      Examples: All below it
        | base     | path      | status | number |
        | /admin/* | /admin/x  | 403    | 1      |
        | /admin/* | /adminx/y | 404    | 0      |
        | /admin/* | /x/admin/ | 404    | 0      |
      Examples: Other ways to write it
        | base     | path                | status | number |
        | /admin/* | //admin/x           | 403    | 1      |
        | /admin/* | /pub/../admin/x     | 403    | 1      |
        | /admin/* | /%61dmin/x          | 403    | 1      |
        | /admin/* | /%2561dmin/x        | 403    | 1      |
        | /admin/* | /ADMIN/x            | 403    | 1      |
        | /admin/* | /admin;v=1/x        | 403    | 1      |
        | /admin/* | /pub/..;/admin/x    | 403    | 1      |
        | /admin/* | /admin%5Cx          | 403    | 1      |

  Rule: Each endpoint has its own WAAS port, and leads to its own port of the app

    @waas-023 @W11 @extended
    Scenario Outline: An endpoint on port <port>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"apiSpec": {"endpoints": [
          {"host": "*", "basePath": "*", "exposedPort": 80, "internalPort": 8080},
          {"host": "*", "basePath": "*", "exposedPort": 81, "internalPort": 8080}]}}
        """
      And the security group also opens port 81
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port <port>
      Then the response has status 200
      And the app saw the request
      When a client at "203.0.113.7" requests "GET /?id=1'%20OR%20'1'='1" on port <port>
      Then the response is the block page
      And the app never saw the request

      Examples:
        | port |
        | 80   |
        | 81   |
