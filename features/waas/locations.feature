@waas @needs:waas
Feature: Where the firewall looks for attacks
  Every place that an application reads values from is inspected: path, query, headers, cookies, and bodies by their type. The audit
  names the place, and the parameter, header, cookie or path of the value.

  Background:
    Given the task definition "web-and-worker"

  Rule: The path of the URL is inspected

    @waas-030 @W29 @extended
    Scenario Outline: <protection> in the path
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection   | effect  |
        | <protection> | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /<payload>" on port 80
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type              | <protection> |
        | /attackField/type | url          |

      Examples:
        | protection    | payload                   |
        | xss           | %3Cscript%3Ealert(1)      |
        | sqli          | 1'%20OR%20'1'='1          |
        | lfi           | ..%2f..%2fetc%2fpasswd    |
        | cmdi          | a;cat%20%2fetc%2fpasswd   |
        | codeInjection | _$$ND_FUNC$$_             |

  Rule: Headers and cookies are inspected, and named in the audit

    @waas-031 @W31 @W32 @extended
    Scenario Outline: <protection> in <header>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection   | effect  |
        | <protection> | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /" on port 80 with headers:
        | <header> | <value> |
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type              | <protection> |
        | /attackField/type | <type>       |
        | /attackField/key  | <key>        |

      Examples: Cookies
        | protection    | header | value                             | type   | key |
        | sqli          | Cookie | a=1; sid=1' OR '1'='1             | cookie | sid |
        | lfi           | Cookie | sid=../../etc/passwd              | cookie | sid |
        | cmdi          | Cookie | a=b; sid=$(sleep 5)               | cookie | sid |
        | codeInjection | Cookie | sid=_$$ND_FUNC$$_                 | cookie | sid |
      Examples: User-Agent
        | protection    | header     | value                          | type   | key        |
        | sqli          | User-Agent | 1' OR '1'='1                   | header | User-Agent |
        | lfi           | User-Agent | ../../etc/passwd               | header | User-Agent |
        | cmdi          | User-Agent | a; cat /etc/passwd             | header | User-Agent |
      Examples: Headers of the app's own
        | protection    | header  | value                             | type   | key     |
        | sqli          | X-Order | 1' OR '1'='1                      | header | X-Order |
        | xss           | X-Order | <script>alert(1)</script>         | header | X-Order |

  Rule: A body is inspected by its type, and the field is named in the audit

    @waas-032 @W33 @W34 @W35 @W36 @W30 @core
    Scenario Outline: SQL injection in a body of <kind>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When a client at "203.0.113.7" sends "POST /" on port 80 as "<kind>":
        """
        <body>
        """
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type              | sqli   |
        | /attackField/type | <type> |
        | /attackField/key  | <key>  |

      Examples:
        | kind                              | body                                         | type     | key     |
        | application/x-www-form-urlencoded | a=b&order=1'+OR+'1'='1                       | formBody | order   |
        | application/json                  | {"a": {"b": ["x", {"c": "1' OR '1'='1"}]}}   | jsonBody | /a/b/c  |
        | application/xml                   | <a><b>x</b><c>1' OR '1'='1</c></a>           | xmlBody  | /a/c    |
        | application/xml                   | <a><c><![CDATA[1' OR '1'='1]]></c></a>       | xmlBody  | /a/c    |
        | application/xml                   | <a><c>1<![CDATA[' OR ]]>'1'='1</c></a>       | xmlBody  | /a/c    |
        | application/xml                   | <a><c>1' O<!-- or -->R '1'='1</c></a>        | xmlBody  | /a/c    |
        | application/xml                   | <a><c>1' O<b/>R '1'='1</c></a>               | xmlBody  | /a/c    |
        | text/xml                          | <a><c>1&#39; OR &#39;1&#39;=&#39;1</c></a>   | xmlBody  | /a/c    |
        | text/plain                        | 1' OR '1'='1                                 | rawBody  |         |

    @waas-033 @W36 @core
    Scenario: SQL injection in a field of a multipart body
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When a client at "203.0.113.7" sends "POST /" on port 80 as "multipart/form-data; boundary=cut":
        """
        --cut
        Content-Disposition: form-data; name="a"

        b
        --cut
        Content-Disposition: form-data; name="order"

        1' OR '1'='1
        --cut--
        """
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type              | sqli          |
        | /attackField/type | multipartBody |
        | /attackField/key  | order         |

  Rule: A body is inspected in every way that an application may read it

    @waas-034 @W36 @W34 @extended
    Scenario Outline: <what>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When a client at "203.0.113.7" sends "POST /" on port 80 as "<kind>":
        """
        <body>
        """
      Then the response is the block page
      And the app never saw the request

      Examples:
        | what                                    | kind                                       | body                                                                                  |
        | JSON that is sent as text               | text/plain                                 | {"a": "1' OR '1'='1"}                                                                 |
        | a form that is sent as text             | text/plain                                 | a=1'+OR+'1'='1                                                                        |
        | JSON with single quotes                 | application/json                           | {'a': "1' OR '1'='1"}                                                             |
        | two types in one line                   | image/png, application/json                | {"a": "1' OR '1'='1"}                                                                 |
        | the second of two boundaries            | multipart/form-data; boundary=x; boundary=y | --y\nContent-Disposition: form-data; name="a"\n\n1' OR '1'='1\n--y--                  |
        | a part behind the last one              | multipart/form-data; boundary=x            | --x\nContent-Disposition: form-data; name="a"\n\nb\n--x--\n--x\nContent-Disposition: form-data; name="a"\n\n1' OR '1'='1\n--x-- |

  Rule: What is encoded is decoded before it is looked at

    @waas-035 @W38 @W39 @W40 @extended
    Scenario Outline: <encoding>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection   | effect  |
        | <protection> | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "GET /?id=<payload>" on port 80
      Then the response is the block page
      And the app never saw the request
      And exactly one audit tells of it:
        | type              | <protection> |
        | /attackField/key  | id           |

      Examples:
        | encoding                | protection | payload                                        |
        | percent, twice          | sqli       | 1%2527%2520OR%2520%25271%2527%253D%25271       |
        | entities of HTML        | xss        | %26lt;script%26gt;alert(1)%26lt;/script%26gt;  |
        | escapes of JavaScript   | xss        | \\u003cscript\\u003ealert(1)\\u003c/script\\u003e |
        | Base64                  | xss        | PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==           |
        | overlong UTF-8          | lfi        | ..%c0%af..%c0%afetc%c0%afpasswd                |

  Rule: Every method is inspected, a made-up one too

    @waas-036 @W41 @extended
    Scenario Outline: <method>
      Given the firewall rule "front door" from port 80 to port 8080:
        | protection | effect  |
        | sqli       | prevent |
      And the protected task is running
      When a client at "203.0.113.7" requests "<method> /?id=1'%20OR%20'1'='1" on port 80
      Then the response is the block page
      And the app never saw the request
      When a client at "203.0.113.7" requests "<method> /?id=1" on port 80
      Then the response has status 200
      And the app saw the request
      And no audit tells of it

      Examples:
        | method |
        | PUT    |
        | PATCH  |
        | DELETE |
        | REPORT |
        | BREW   |
