@audits
Feature: Audits that tell the truth

  Background:
    Given the task definition "web-and-worker"
    And the runtime rule "watch" for container "worker":
      | section   | effect | denied    |
      | processes | alert  | mkdir     |
      | dns       | alert  | evil.test |
    And the name "evil.test" resolves to "198.51.100.66"

  Rule: An audit has the members of the published schema, and names the workload

    @audits-001 @A1 @A3 @core
    Scenario: A process audit
      Given the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then exactly one audit tells of it:
        | hostname      | $APP_ID             |
        | appID         | $APP_ID             |
        | imageName     | proofhouse/userland |
        | containerName | worker              |
        | ruleName      | watch               |
        | user          | root                |
        | pid           | of the program      |
      And the audit has only members and values of the schema
      And the audit is in collection "All"

  Rule: A DNS event is an audit of type network

    @audits-002 @A2 @core
    Scenario: A DNS audit
      Given the protected task is running
      When container "worker" looks up "evil.test" with raw UDP
      Then exactly one audit tells of it:
        | type       | network             |
        | attackType | explicitlyDeniedDNS |
        | domain     | evil.test           |
      And the audit has only members and values of the schema
      And the message of the audit matches "DNS resolution of domain name evil\.test triggered by /usr/local/bin/actor explicitly denied by"

  Rule: The message says what happened, in the published words

    @audits-003 @A8 @core
    Scenario: The message of a process audit
      Given the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then exactly one audit tells of it:
        | attackType | explicitlyDeniedProcess |
      And the message of the audit matches "mkdir.* launched and is explicitly denied by runtime rule.*Full command"

  Rule: Filters narrow the list

    @audits-004 @A4 @core
    Scenario Outline: Audits filtered by <filter>
      Given the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      And container "worker" looks up "evil.test" with raw UDP
      Then the Console lists <number> runtime audits for "<filter>"

      Examples:
        | filter                             | number |
        | attackType=explicitlyDeniedProcess | 1      |
        | type=network                       | 1      |
        | container=worker                   | 2      |
        | effect=prevent                     | 0      |
        | ruleName=watch                     | 2      |

  Rule: No audit is an empty list or null, and a client accepts both

    @audits-005 @A6 @core
    Scenario: Nothing happened
      Given the protected task is running
      Then the Console lists 0 runtime audits for ""

  Rule: The process audit carries its MITRE technique, the DNS audit none

    @audits-006 @A12 @extended
    Scenario: Techniques
      Given the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then exactly one audit tells of it:
        | attackTechniques | nativeBinaryExecution |
      When container "worker" looks up "evil.test" with raw UDP
      Then exactly one audit tells of it:
        | attackTechniques |  |

  Rule: A list of audits is read by pages, sorted by a member, either way round

    @audits-007 @A5 @extended
    Scenario: Three audits, one at a time
      Given the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      And container "worker" looks up "evil.test" with raw UDP
      And the runtime audits are read with "sort=time&limit=1"
      Then there are 1 rows
      And there are 1 rows with "attackType" "explicitlyDeniedProcess"
      When the runtime audits are read with "sort=time&limit=1&offset=1"
      Then there are 1 rows with "attackType" "explicitlyDeniedDNS"
      When the runtime audits are read with "sort=time&limit=1&reverse=true"
      Then there are 1 rows with "attackType" "explicitlyDeniedDNS"
      When the runtime audits are read with "sort=time&limit=50&offset=2"
      Then there are 0 rows
      When the runtime audits are read with "limit=some"
      Then the Console answers 400 with an error about "limit"

  Rule: Audits come as CSV with a column of apps, and as words where there are none

    @audits-008 @A7 @extended
    Scenario: A download
      Given the protected task is running
      When the runtime audits are downloaded
      Then the Console answers with the text "no data"
      When container "worker" runs "mkdir /tmp/$TOKEN"
      And the runtime audits are downloaded
      Then the Console answers with a text that has "Time,Apps,Container,Image,Rule,Type,Attack Type,Effect,"
      And the Console answers with a text that has ",worker,proofhouse/userland,watch,processes,explicitlyDeniedProcess,alert,"

  Rule: A burst is told by its first five audits, a marker, and a summary ten minutes later

    @audits-009 @A9 @extended
    Scenario: Twenty times the same
      Given the Console folds equal audits
      And the protected task is running
      When container "worker" runs "sh -c 'for n in $(seq 20); do mkdir /tmp/$n; done'"
      And the runtime audits are read with ""
      Then there are 6 rows
      And there are 6 rows with "count" "1"
      When 11 minutes pass on the clock of the Console
      And the runtime audits are read with ""
      Then there are 7 rows
      And there are 1 rows with "count" "14"

  Rule: A secret on a command line does not reach the audit

    @audits-010 @A11 @needs:processes @extended
    Scenario Outline: A secret as <how>
      Given the protected task is running
      When container "worker" runs "mkdir -p /tmp/$TOKEN <arguments>"
      Then exactly one audit tells of it:
        | attackType | explicitlyDeniedProcess |
      And the audit never says "s3cr3t-and-long"

      Examples:
        | how                  | arguments                           |
        | an option            | --password=s3cr3t-and-long          |
        | the word behind one  | --api-key s3cr3t-and-long           |
        | the user of an URL   | https://me:s3cr3t-and-long@a.test/x |
        | the word behind an option with one dash | -password s3cr3t-and-long |
