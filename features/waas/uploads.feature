@waas @access @needs:waas
Feature: Files that clients may send
  A file is allowed if its extension and its first bytes are both of an allowed type, or if the user has allowed its extension whatever it
  holds. Effects are disable, alert and prevent.

  Background:
    Given the task definition "web-and-worker"

  Rule: Extension and content must be of one allowed type

    @waas-320 @W95 @W96 @core
    Scenario Outline: <what>, where pdf and png are allowed
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"maliciousUpload": {"effect": "prevent", "allowedFileTypes": ["pdf", "png"], "allowedExtensions": [".abc"]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" sends "POST /" on port 80 as "multipart/form-data; boundary=x":
        """
        --x
        Content-Disposition: form-data; name="doc"; filename="<name>"
        Content-Type: application/pdf

        <content>
        --x--
        """
      Then the response has status <status>
      And <number> audits of type "disallowedFile" and effect "prevent" tell of them

      Examples: Allowed
        | what                                   | name       | content              | status | number      |
        | A document                             | report.pdf | %PDF-1.7 the report  | 200    | no          |
        | A document in capitals                 | REPORT.PDF | %PDF-1.7 the report  | 200    | no          |
      Examples: Not allowed
        | what                                   | name       | content              | status | number      |
        | A script                               | run.py     | print(1)             | 403    | one or more |
        | A program that is called a picture     | photo.png  | MZ this is a program | 403    | one or more |
        | A document that is called a picture    | photo.png  | %PDF-1.7 the report  | 403    | one or more |
        | A document that is called a script     | run.py     | %PDF-1.7 the report  | 403    | one or more |
        | An archive                             | all.zip    | PK                   | 403    | one or more |

    @waas-321 @W97 @core
    Scenario Outline: <name>, where ".abc" is allowed whatever it holds
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"maliciousUpload": {"effect": "prevent", "allowedFileTypes": ["pdf"], "allowedExtensions": [".abc"]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" sends "POST /" on port 80 as "multipart/form-data; boundary=x":
        """
        --x
        Content-Disposition: form-data; name="doc"; filename="<name>"

        MZ this is a program
        --x--
        """
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | name      | status | number |
        | data.abc  | 200    | 0      |
        | data.abcd | 403    | 1      |

  Rule: Every file of a body is looked at

    @waas-323 @W96 @core
    Scenario Outline: <what>, where pdf is allowed
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"maliciousUpload": {"effect": "prevent", "allowedFileTypes": ["pdf"]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" sends "POST /" on port 80 as "multipart/form-data; boundary=x":
        """
        --x
        Content-Disposition: form-data; name="note"

        print(1)
        --x
        Content-Disposition: form-data; name="one"; filename="<first>"

        <content>
        --x
        Content-Disposition: form-data; name="other"; filename="<second>"

        <other>
        --x--
        """
      Then the response has status <status>
      And <number> audits of type "disallowedFile" and effect "prevent" tell of them

      Examples:
        | what                    | first      | content             | second     | other               | status | number      |
        | Two documents           | report.pdf | %PDF-1.7 the report | annex.pdf  | %PDF-1.7 the annex  | 200    | no          |
        | A document and a script | report.pdf | %PDF-1.7 the report | run.py     | print(1)            | 403    | one or more |
        | A script and a document | run.py     | print(1)            | report.pdf | %PDF-1.7 the report | 403    | one or more |

  Rule: The effect is that of the setting

    @waas-322 @W96 @core
    Scenario Outline: A script, effect <effect>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"maliciousUpload": {"effect": "<effect>", "allowedFileTypes": ["pdf"]}}
        """
      And the protected task is running
      When a client at "203.0.113.7" sends "POST /" on port 80 as "multipart/form-data; boundary=x":
        """
        --x
        Content-Disposition: form-data; name="doc"; filename="run.py"

        print(1)
        --x--
        """
      Then the response has status <status>
      And <number> audits of type "disallowedFile" and effect "<effect>" tell of them

      Examples:
        | effect  | status | number      |
        | disable | 200    | no          |
        | alert   | 200    | one or more |
        | prevent | 403    | one or more |
