@load @needs:processes
Feature: Load
  However many programs start at once or in a row, each start of a denied one is decided and told: nothing is let
  through because much is pending, and no audit is lost in silence.

  Background:
    Given the task definition "web-and-worker"
    And the runtime rule "no directories" for container "worker":
      | section   | effect  | denied |
      | processes | prevent | mkdir  |
    And the protected task is running

  Rule: A fork bomb of allowed programs hides no start of a denied one

    @load-001 @P1 @extended
    Scenario: Sixty-four leaves, each with two denied programs among allowed ones
      When container "worker" runs "sh -c 'b() { if [ $1 -gt 0 ]; then b $(($1-1)) & b $(($1-1)) & wait; else /usr/bin/true; mkdir /tmp/$TOKEN; mkdir /tmp/$TOKEN; fi; }; b 6; echo over'"
      Then the program ran and exited with 0
      And its output is "over"
      And "/tmp/$TOKEN" does not exist in container "worker"
      And 128 audits tell of it

  Rule: Two thousand denied starts as fast as they go are two thousand audits

    @load-002 @P1 @extended
    Scenario: Two thousand denied starts in a row
      When container "worker" runs "sh -c 'n=0; while [ $n -lt 2000 ]; do mkdir /tmp/$TOKEN; n=$((n+1)); done; echo over'"
      Then the program ran and exited with 0
      And its output is "over"
      And "/tmp/$TOKEN" does not exist in container "worker"
      And 2000 audits tell of it
