@exploration @needs:processes @needs:dns
Feature: Whatever is tried comes to what the policy says
  Other features try one thing each, and read well. Here a machine makes up policies from a seed, and under each of them hundreds of things
  to do: programs started by name, path, link, copy and script, by the calls and the launchers that there are; names asked for in many
  spellings, by many resolvers. The model, a plain statement of what a policy means, says what must come of each, and of all audits.
  `proofhouse explore` goes on from here with fresh seeds.

  Rule: Each decision, and each audit with all that it says, is as the model of the policy has it, and nothing else is told

    @exploration-001 @P1 @P2 @P3 @P4 @P5 @P7 @P8 @P9 @C5 @C6 @C7 @C8 @C9 @A2 @core
    Scenario Outline: Programs that seed <seed> makes up
      When 600 things are tried that seed <seed> makes up of programs
      Then all of it comes to what the model says

      Examples:
        | seed |
        | 1    |
        | 2    |
        | 3    |

    @exploration-002 @D1 @D2 @D3 @D6 @D8 @D10 @D11 @D13 @C5 @C6 @C7 @C8 @C9 @core
    Scenario Outline: Names that seed <seed> makes up
      When 600 things are tried that seed <seed> makes up of names
      Then all of it comes to what the model says

      Examples:
        | seed |
        | 1    |
        | 2    |
        | 3    |

    @exploration-003 @U1 @C8 @core
    Scenario Outline: Programs and names that seed <seed> makes up
      When 600 things are tried that seed <seed> makes up of programs-and-names
      Then all of it comes to what the model says

      Examples:
        | seed |
        | 4    |
        | 5    |

    @exploration-004 @P1 @P2 @extended
    Scenario: A few things that a seed makes up
      When 4 things are tried that seed 34 makes up of programs-and-names
      Then all of it comes to what the model says
