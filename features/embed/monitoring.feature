@embed
Feature: Whether files are monitored is settled by the embed
  The sensor of the file system is off by default, and cannot be switched on in a task that runs: the embed writes a word into the
  environment of every container.

  Background:
    Given the task definition "web-and-worker"

  Rule: File system monitoring is a word in the environment of the sidecar and of every container

    @embed-030 @E25 @extended
    Scenario Outline: The embed is asked with filesystemMonitoring=<asked>
      When the Console is asked to embed it with "filesystemMonitoring" set to "<asked>"
      Then container "<container>" ends its environment with:
        | FILESYSTEM_MONITORING | <word> |
        | FIPS_ENABLED          | false  |

      Examples:
        | asked | container         | word  |
        | true  | web               | true  |
        | true  | worker            | true  |
        | true  | TwistlockDefender | true  |
        | false | worker            | false |
        | false | TwistlockDefender | false |

    @embed-031 @E25 @extended
    Scenario Outline: The embed is not asked
      When the Console embeds it
      Then container "<container>" ends its environment with:
        | FILESYSTEM_MONITORING | false |
        | FIPS_ENABLED          | false |

      Examples:
        | container         |
        | worker            |
        | TwistlockDefender |

    @embed-032 @E25 @extended
    Scenario Outline: The embed is not asked, and the Console's own setting is on
      Given the Console monitors files unless an embed says otherwise
      When the Console embeds it
      Then container "<container>" ends its environment with:
        | FILESYSTEM_MONITORING | true  |
        | FIPS_ENABLED          | false |

      Examples:
        | container         |
        | worker            |
        | TwistlockDefender |
