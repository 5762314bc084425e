@dns @needs:dns
Feature: What the allow list means for an app that calls a service
  An app does not look names up for their own sake: it calls services. A service that the policy does not name is never
  reached by its name, and one that it names is reached as if no Defender were there.

  Background:
    Given the task definition "web-and-worker"
    And the service "payments.example.com" at "198.51.100.90" answers "/charge" with 200
    And the service "collector.test" at "198.51.100.91" answers "/upload" with 200
    And the runtime rule "our services" for container "worker":
      | section | effect  | allowed       |
      | dns     | prevent | *.example.com |
    And the protected task is running

  Rule: A call to an allowed service goes through

    @dns-020 @D3 @core
    Scenario: The app calls a service that the policy names
      When container "worker" runs "curl -sS --max-time 5 http://payments.example.com/charge"
      Then the program ran and exited with 0
      And its output is "payments.example.com answers"
      And the service "payments.example.com" was asked for "/charge" 1 time
      And no audit tells of it

  Rule: One script may call what is allowed, and nothing else

    @dns-025 @D5 @extended
    Scenario: The vendor's acceptance test, with names of our own
      Given container "worker" has the program "/tmp/both":
        """
        #!/bin/sh
        for place in "$@"; do
          said="$said $(curl -sS --max-time 5 "http://$place" 2> /dev/null || echo denied)"
        done
        echo $said
        """
      When container "worker" runs "/tmp/both payments.example.com/charge collector.test/upload"
      Then its output is "payments.example.com answers denied"
      And the service "payments.example.com" was asked for "/charge" 1 time
      And the service "collector.test" was asked for "/upload" 0 times
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |
        | effect     | prevent             |
        | domain     | collector.test      |

  Rule: A call to another service never reaches it

    @dns-021 @D1 @core
    Scenario: The app calls a service that the policy does not name
      When container "worker" runs "curl -sS --max-time 5 http://collector.test/upload"
      Then the program did not succeed
      And the service "collector.test" was asked for "/upload" 0 times
      And the resolver was never asked for "collector.test"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |
        | effect     | prevent             |
        | domain     | collector.test      |
        | ruleName   | our services        |
