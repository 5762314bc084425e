@filesystem @needs:filesystem
Feature: Rules on files sleep where the task was not embedded for them

  Background:
    Given the task definition "web-and-worker"

  Rule: Without file system monitoring at the embed a rule on files does nothing, whatever it says

    @filesystem-060 @F6 @E25 @extended
    Scenario Outline: <command>, in a task that was embedded without
      Given the runtime rule "no such files" for container "worker":
        | section    | effect  | denied | option                       |
        | filesystem | prevent | /opt   | backdoorFiles, checkNewFiles |
      And the protected task is running
      When container "worker" runs "<command>"
      Then the program ran and exited with 0
      And no audit tells of it

      Examples:
        | command                                            |
        | cp /usr/bin/true /opt/$TOKEN                       |
        | sh -c 'echo $TOKEN::0:0::/:/bin/sh >> /etc/passwd' |

    @filesystem-061 @F6 @E25 @extended
    Scenario Outline: The word is missing on one side, that of <side>
      Given the embed asks for file system monitoring
      And "<side>" is left without file system monitoring
      And the runtime rule "no such files" for container "worker":
        | section    | effect  | denied |
        | filesystem | prevent | /opt   |
      And the protected task is running
      When container "worker" runs "touch /opt/$TOKEN"
      Then the program ran and exited with 0
      And no audit tells of it

      Examples:
        | side              |
        | worker            |
        | TwistlockDefender |

  Rule: A policy on files that comes while the task runs is in force at once

    @filesystem-062 @F6 @U1 @extended
    Scenario: A path is denied while the task runs
      Given the embed asks for file system monitoring
      And the runtime rule "files" for container "worker":
        | section    | effect  |
        | filesystem | disable |
      And the protected task is running
      When container "worker" runs "touch /opt/first-$TOKEN"
      Then the program ran and exited with 0
      And no audit tells of it
      When the runtime rule "files" becomes:
        | section    | effect  | denied |
        | filesystem | prevent | /opt   |
      And container "worker" runs "touch /opt/$TOKEN"
      Then the program did not succeed
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedFile |
        | effect     | prevent              |
        | ruleName   | files                |
