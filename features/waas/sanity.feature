@waas @needs:waas
Feature: The firewall in front of the app
  WAAS listens on the exposed port, inspects what arrives, and forwards to the app's port in the shared network
  namespace, unless it finds an attack and the effect is prevent.

  Background:
    Given the task definition "web-and-worker"

  Rule: A request without an attack reaches the app, and its answer comes back byte for byte

    @waas-001 @W1 @core
    Scenario: A plain GET
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
        | xss        | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /" on port 80
      Then the response has status 200
      And the app saw the request
      And no audit tells of it
      And the answer equals what the app itself sends on port 8080

  Rule: An attack is not forwarded under prevent: block page, event id, one audit

    @waas-002 @core
    Scenario Outline: <type> prevented
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection   | effect  |
        | <protection> | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "<request>" on port 80
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type          | <type>       |
        | effect        | prevent      |
        | ruleName      | front door   |
        | subnet        | 203.0.113.7  |
        | firewallType  | app-embedded |
        | protection    | firewall     |
        | statusCode    | 403          |
        | host          | true         |
        | count         | 1            |
        | time          | within the stimulus |
      And the event id of the response is in the audit

      @W12
      Examples:
        | protection | type | request                     |
        | sqli       | sqli | GET /?id=1'%20OR%20'1'='1   |
      @W13
      Examples:
        | protection | type | request                                  |
        | xss        | xss  | GET /?id=%3Cscript%3Ealert(1)%3C/script%3E |
      @W14
      Examples:
        | protection | type | request                           |
        | cmdi       | cmdi | GET /?id=%3B+%2Fsbin%2Fshutdown   |
      @W15
      Examples:
        | protection    | type          | request             |
        | codeInjection | codeInjection | GET /?id=phpinfo()  |
      @W16
      Examples:
        | protection | type | request                  |
        | lfi        | lfi  | GET /?id=../etc/passwd   |

    @waas-003 @W17 @core
    Scenario: An attack tool is prevented
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection  | effect  |
        | attackTools | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /" on port 80 with headers:
        | User-Agent | sqlmap/1.7 |
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type   | attackTools |
        | effect | prevent     |

  Rule: Under alert the request is forwarded, and one audit tells of it

    @waas-004 @W21 @core
    Scenario: SQL injection alerted
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect |
        | sqli       | alert  |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20OR%20'1'='1" on port 80
      Then the response has status 200
      And the app saw the request
      And exactly one audit tells of it:
        | type   | sqli  |
        | effect | alert |

  Rule: The app's own port is not protected

    @waas-005 @W2 @core
    Scenario: An attack on the app's port
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the security group also opens port 8080
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20OR%20'1'='1" on port 8080
      Then the response has status 200
      And the app saw the request
      And no audit tells of it

  Rule: The firewall is scoped by App ID

    @waas-006 @W5 @core
    Scenario Outline: A firewall rule for <app>
      Given the firewall rule "front door" for app "<app>" from port 80 to port 8080:
        | protection | effect |
        | sqli       | alert  |
      And the firewall rule "behind it" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20OR%20'1'='1" on port 80
      Then the response has status 200
      And <number> audits tell of it

      Examples:
        | app             | number |
        | web-and-worker* | 1      |
        | other*          | 0      |
        | WEB-and-Worker* | 1      |

  Rule: With everything on, a path traversal is told of as local file inclusion and not as command injection

    @waas-007 @W16 @core
    Scenario: Every protection at once
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
        | xss        | prevent |
        | cmdi       | prevent |
        | lfi        | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=../etc/passwd" on port 80
      Then the response is the block page
      And exactly one audit tells of it:
        | type | lfi |

  Rule: A disabled protection lets the attack through without an audit

    @waas-008 @W22 @core
    Scenario: SQL injection with the protection off
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
        | xss        | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20OR%20'1'='1" on port 80
      Then the response has status 200
      And the app saw the request
      And no audit tells of it

  Rule: The first rule in scope decides

    @waas-009 @W6 @core
    Scenario: Two firewall rules in scope
      Given the firewall rule "watch" from port 80 to port 8080:
        | protection | effect |
        | sqli       | alert  |
      And the firewall rule "stop" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20OR%20'1'='1" on port 80
      Then the response has status 200
      And exactly one audit tells of it:
        | ruleName | watch |
        | effect   | alert |
