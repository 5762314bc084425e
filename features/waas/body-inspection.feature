@waas @needs:waas
Feature: How much of a body is inspected
  The first 131,072 bytes are, unless the app says otherwise. What a longer body leads to is an effect of its own; what is forwarded is
  always the whole body.

  Background:
    Given the task definition "web-and-worker"

  Rule: A body beyond the limit has its own effect

    @waas-050 @W58 @W59 @core
    Scenario Outline: A body of 150,000 letters as <kind>, effect <effect>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"body": {"inspectionSizeBytes": 131072, "inspectionLimitExceededEffect": "<effect>"}}
        """
      And the protected task is running
      When a client at "203.0.113.7" sends "POST /" on port 80 as "<kind>", 150000 letters and then "."
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | kind                              | effect  | status | number |
        | text/plain                        | disable | 200    | 0      |
        | text/plain                        | alert   | 200    | 1      |
        | application/x-www-form-urlencoded | prevent | 403    | 1      |
        | application/json                  | ban     | 403    | 1      |

    @waas-051 @W59 @extended
    Scenario: The audit of a body beyond the limit
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"body": {"inspectionSizeBytes": 1000, "inspectionLimitExceededEffect": "prevent"}}
        """
      And the protected task is running
      When a client at "203.0.113.7" sends "POST /" on port 80 as "text/plain", 1000 letters and then "."
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type   | inspectionLimitExceeded |
        | effect | prevent                 |
      When a client at "203.0.113.7" sends "POST /" on port 80 as "text/plain", 999 letters and then "."
      Then the response has status 200
      And the app saw the request
      And no audit tells of it

  Rule: What stands behind the limit is not inspected

    @waas-052 @W60 @core
    Scenario Outline: An attack behind 2,000 letters, limit <limit>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"body": {"inspectionSizeBytes": <limit>, "inspectionLimitExceededEffect": "disable"}}
        """
      And the protected task is running
      When a client at "203.0.113.7" sends "POST /" on port 80 as "application/x-www-form-urlencoded", 2000 letters and then "&q=1'+or+'1'='1"
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | limit | status | number |
        | 1000  | 200    | 0      |
        | 3000  | 403    | 1      |

  Rule: With body inspection off bodies pass, and the rest of the request is inspected

    @waas-053 @W61 @core
    Scenario: An attack in a body, and one in the query
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"body": {"inspectionSizeBytes": 131072, "skip": true}}
        """
      And the protected task is running
      When a client at "203.0.113.7" sends "POST /" on port 80 as "text/plain":
        """
        1' or '1'='1
        """
      Then the response has status 200
      And the app saw the request
      And no audit tells of it
      When a client at "203.0.113.7" sends "POST /?id=1'%20or%20'1'='1" on port 80 as "text/plain":
        """
        words
        """
      Then the response is the block page
      And the app never saw the request

  Rule: A request with more values than there is room for has the effect of the limit, and is inspected as one text
    About one value for every 32 bytes of the limit; here the limit is the default, and no value is longer than a few letters.

    @waas-054 @W59 @core
    Scenario Outline: <number> values<what>, effect <effect>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"body": {"inspectionSizeBytes": 131072, "inspectionLimitExceededEffect": "<effect>"}}
        """
      And the protected task is running
      And container "worker" has the program "/tmp/many":
        """
        #!/usr/bin/python3
        import urllib.request, urllib.error
        body = "&".join(f"n{number}=1" for number in range(<number>)) + "<end>"
        assert len(body) < 131072
        try:
            print(urllib.request.urlopen("http://127.0.0.1/", body.encode()).status)
        except urllib.error.HTTPError as error:
            print(error.code)
        """
      When container "worker" runs "/tmp/many"
      Then its output is "<status>"
      When the firewall audits are read with ""
      Then there are <audits> rows
      And there are <limit> rows with "type" "inspectionLimitExceeded"
      And there are <sqli> rows with "type" "sqli"

      Examples:
        | number | what       | end                     | effect  | status | audits | limit | sqli |
        | 500    |            |                         | prevent | 200    | 0      | 0     | 0    |
        | 12000  |            |                         | disable | 200    | 0      | 0     | 0    |
        | 12000  |            |                         | alert   | 200    | 1      | 1     | 0    |
        | 12000  |            |                         | prevent | 403    | 1      | 1     | 0    |
        | 12000  | , one bad, | &z=1%27+or+%271%27=%271 | disable | 403    | 1      | 0     | 1    |
