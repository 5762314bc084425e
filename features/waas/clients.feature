@waas @needs:waas
Feature: Who the client is
  Behind a load balancer every connection comes from the balancer. The client is the first public address of X-Forwarded-For; without one
  it is the peer.

  Background:
    Given the task definition "web-and-worker"

  Rule: The audit names the first public address, and the whole chain

    @waas-070 @W28 @core
    Scenario Outline: X-Forwarded-For: <header>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80 with headers:
        | X-Forwarded-For | <header> |
      Then the response is the block page
      And exactly one audit tells of it:
        | subnet | <client> |

      Examples:
        | header                                | client       |
        | 198.51.100.9                          | 198.51.100.9 |
        | 198.51.100.9, 198.51.100.10           | 198.51.100.9 |
        | 10.0.0.1, 198.51.100.9                | 198.51.100.9 |
        | 10.0.0.1                              | 203.0.113.7  |
        | 192.168.3.4, 172.16.0.1               | 203.0.113.7  |

    @waas-073 @W28 @provisional
    Scenario Outline: X-Forwarded-For: <header> (declared choice: what is public, and how an address is written)
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80 with headers:
        | X-Forwarded-For | <header> |
      Then the response is the block page
      And exactly one audit tells of it:
        | subnet | <client> |

      Examples: Of nobody on the internet
        | header                    | client       |
        | 100.64.0.9, 198.51.100.9  | 198.51.100.9 |
        | 100.127.255.254           | 203.0.113.7  |
        | 169.254.1.9, 198.51.100.9 | 198.51.100.9 |
        | 127.0.0.1                 | 203.0.113.7  |
        | fd00::9, 198.51.100.9     | 198.51.100.9 |
        | ::1                       | 203.0.113.7  |
      Examples: Just beside
        | header          | client          |
        | 100.63.255.254  | 100.63.255.254  |
        | 100.128.0.1     | 100.128.0.1     |
        | 172.32.0.1      | 172.32.0.1      |
      Examples: Written otherwise
        | header                    | client       |
        | 198.51.100.9:4711         | 198.51.100.9 |
        | [2001:db8::9]:4711        | 2001:db8::9  |
        | ::ffff:198.51.100.9       | 198.51.100.9 |
        | unknown, 198.51.100.9     | 198.51.100.9 |

  Rule: A ban is of the client behind the balancer

    @waas-071 @W27 @core
    Scenario: Two clients behind one peer
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect |
        | sqli       | ban    |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=1'%20or%20'1'='1" on port 80 with headers:
        | X-Forwarded-For | 198.51.100.7 |
      Then the response is the block page
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80 with headers:
        | X-Forwarded-For | 198.51.100.8 |
      Then the response has status 200
      And the app saw the request
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80 with headers:
        | X-Forwarded-For | 198.51.100.7 |
      Then the response is the block page
      And exactly one audit tells of it:
        | type   | violationsExceeded |
        | subnet | 198.51.100.7       |

  Rule: The whole chain reaches the app

    @waas-072 @W28 @core
    Scenario: In two lines
      Given the task definition "two-apps"
      And the firewall rule "front door" from port 80 to port 7001:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /way?clean=yes" on port 80 with headers:
        | X-Forwarded-For | 198.51.100.7         |
        | X-Forwarded-For | 10.0.0.9, 192.0.2.44 |
        | X-Request-Tag   | one                  |
        | X-Request-Tag   | two                  |
      Then the response has status 200
      And the app saw the request
      And the response has "198.51.100.7" in its body
      And the response has "10.0.0.9, 192.0.2.44" in its body
      And the response has "one" in its body
      And the response has "two" in its body
      And no audit tells of it
