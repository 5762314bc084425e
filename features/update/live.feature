@update
Feature: A policy that changes while the task runs
  Policies arrive dynamically. The next decision is made by the new policy, and nothing is restarted.

  Background:
    Given the task definition "web-and-worker"

  Rule: A changed policy decides the next program, without a restart

    @update-001 @U1 @U2 @core
    Scenario: Tightened, then loosened
      Given the runtime rule "watch" for container "worker":
        | section   | effect | denied |
        | processes | alert  | mkdir  |
      And the protected task is running
      When the runtime rule "watch" becomes:
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program never ran
      And exactly one audit tells of it:
        | effect   | prevent |
        | ruleName | watch   |
      When the runtime rule "watch" becomes:
        | section   | effect  | denied |
        | processes | disable | mkdir  |
      And container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      And no audit tells of it
      And no container was restarted

    @update-002 @U1 @core
    Scenario: A name that is allowed later
      Given the name "later.example.org" resolves to "198.51.100.81"
      And the runtime rule "names" for container "worker":
        | section | effect  | allowed       |
        | dns     | prevent | *.example.com |
      And the protected task is running
      When container "worker" looks up "later.example.org" with python
      Then the lookup fails within 1000 milliseconds
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |
      When the runtime rule "names" becomes:
        | section | effect  | allowed                      |
        | dns     | prevent | *.example.com, *.example.org |
      And container "worker" looks up "later.example.org" with python
      Then the name resolves to "198.51.100.81"
      And no audit tells of it
      And no container was restarted

  Rule: PUT replaces every rule

    @update-003 @U4 @core
    Scenario: A cleared policy
      Given the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When the runtime policy is cleared
      And container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      And no audit tells of it

  Rule: A renamed rule is named by its new name

    @update-004 @U3 @extended
    Scenario: The same rule under another name
      Given the runtime rule "old name" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When the runtime rule "old name" is renamed to "new name"
      And container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program never ran
      And exactly one audit tells of it:
        | ruleName | new name |

  Rule: The firewall follows its policy as well

    @update-005 @U7 @W3 @W4 @core
    Scenario: From alert to prevent to nothing
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect |
        | sqli       | alert  |
      And the protected task is running
      When the firewall rule "front door" becomes:
        | protection | effect  |
        | sqli       | prevent |
      And a client at "203.0.113.7" requests "GET /?id=1'%20OR%20'1'='1" on port 80
      Then the response is the block page
      And exactly one audit tells of it:
        | type   | sqli    |
        | effect | prevent |
      When the firewall rule "front door" becomes:
        | protection | effect  |
        | sqli       | disable |
      And a client at "203.0.113.7" requests "GET /?id=1'%20OR%20'1'='1" on port 80
      Then the response has status 200
      And the app saw the request
      And no audit tells of it
      And no container was restarted

  Rule: A process from before a tighter policy is left alone (declared choice)

    @update-006 @U6 @needs:processes @provisional
    Scenario: A program that has run since before
      Given the runtime rule "watch" for container "worker":
        | section   | effect | denied |
        | processes | alert  | mkdir  |
      And the protected task is running
      And container "worker" has run "sh -c 'setsid sleep 600 < /dev/null > /dev/null 2>&1 & echo $! > /tmp/before; until grep -q sleep /proc/$!/comm; do :; done'"
      When the runtime rule "watch" becomes:
        | section   | effect  | denied |
        | processes | prevent | sleep  |
      And container "worker" runs "sh -c 'kill -0 $(cat /tmp/before) && echo alive'"
      Then its output is "alive"
      And no audit tells of it
      When container "worker" runs "sleep 0"
      Then the program never ran
      And exactly one audit tells of it:
        | effect | prevent |

  Rule: An edited collection takes effect as an edited policy does

    @update-007 @U9 @needs:processes @core
    Scenario: A rule moves from one container to another
      Given the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When the collection of the runtime rule "no directories" becomes container "web"
      And container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      And no audit tells of it
      When container "web" runs "mkdir /tmp/$TOKEN"
      Then the program never ran
      And exactly one audit tells of it:
        | ruleName      | no directories |
        | containerName | web            |
      And no container was restarted
