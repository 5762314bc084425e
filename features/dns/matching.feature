@dns @needs:dns
Feature: Which names an entry means

  Background:
    Given the task definition "web-and-worker"
    And the name "example.com" resolves to "198.51.100.79"
    And the name "api.example.com" resolves to "198.51.100.80"
    And the name "evil.test" resolves to "198.51.100.66"

  Rule: A leading wildcard covers the names below, and not the name itself (declared choice)

    @dns-010 @D6 @extended
    Scenario: The apex of a wildcard
      Given the runtime rule "our names" for container "worker":
        | section | effect  | allowed       |
        | dns     | prevent | *.example.com |
      And the protected task is running
      When container "worker" looks up "example.com" with raw UDP
      Then the lookup fails within 1000 milliseconds
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |

  Rule: An entry without a wildcard means that name only (declared choice)

    @dns-011 @D8 @extended
    Scenario: A name below a plain entry
      Given the runtime rule "our names" for container "worker":
        | section | effect  | allowed     |
        | dns     | prevent | example.com |
      And the protected task is running
      When container "worker" looks up "api.example.com" with raw UDP
      Then the lookup fails within 1000 milliseconds
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |

  Rule: Case and a trailing dot make no difference

    @dns-012 @D9 @core
    Scenario Outline: The same name written as <spelling>
      Given the runtime rule "our names" for container "worker":
        | section | effect  | allowed         |
        | dns     | prevent | api.example.com |
      And the protected task is running
      When container "worker" looks up "<spelling>" with raw UDP
      Then the name resolves to "198.51.100.80"
      And no audit tells of it

      Examples:
        | spelling         |
        | API.Example.COM  |
        | api.example.com. |

  Rule: An international name may be written in its letters or encoded

    @dns-018 @D9 @extended
    Scenario Outline: The question <question> under an entry <entry>
      Given the name "<question>" resolves to "198.51.100.81"
      And the runtime rule "our names" for container "worker":
        | section | effect  | allowed |
        | dns     | prevent | <entry> |
      And the protected task is running
      When container "worker" looks up "<question>" with raw UDP
      Then the name resolves to "198.51.100.81"
      And no audit tells of it

      Examples:
        | entry                 | question                  |
        | bücher.example        | xn--bcher-kva.example     |
        | xn--bcher-kva.example | XN--BCHER-KVA.example     |
        | *.BÜCHER.example      | www.xn--bcher-kva.example |

    @dns-019 @D9 @extended
    Scenario Outline: A question that an entry <entry> does not mean
      Given the name "<question>" resolves to "198.51.100.81"
      And the runtime rule "our names" for container "worker":
        | section | effect  | allowed |
        | dns     | prevent | <entry> |
      And the protected task is running
      When container "worker" looks up "<question>" with raw UDP
      Then the lookup fails within 1000 milliseconds
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |
        | domain     | <question>          |

      Examples:
        | entry                 | question              |
        | bücher.example        | bucher.example        |
        | xn--bcher-kva.example | xn--bcher-kva.test    |

  Rule: Of several wildcards in one entry the right-most counts (declared choice)

    @dns-022 @D7 @provisional
    Scenario Outline: <question> under the entry <entry>
      Given the name "<question>" resolves to "198.51.100.81"
      And the runtime rule "our names" for container "worker":
        | section | effect  | allowed |
        | dns     | prevent | <entry> |
      And the protected task is running
      When container "worker" looks up "<question>" with raw UDP
      Then the name resolves to "198.51.100.81"
      And no audit tells of it

      Examples:
        | entry              | question           |
        | *.*.example.com    | www.example.com    |
        | *.*.example.com    | a.www.example.com  |
        | *.s3.*.example.com | bucket.example.com |

    @dns-023 @D7 @provisional
    Scenario Outline: <question> is not covered by the entry <entry>
      Given the name "<question>" resolves to "198.51.100.81"
      And the runtime rule "our names" for container "worker":
        | section | effect  | allowed |
        | dns     | prevent | <entry> |
      And the protected task is running
      When container "worker" looks up "<question>" with raw UDP
      Then the lookup fails within 1000 milliseconds
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |
        | domain     | <question>          |

      Examples:
        | entry              | question              |
        | *.*.example.com    | example.com           |
        | *.s3.*.example.com | bucket.s3.example.org |

  Rule: What is asked for counts, and not what that stands for

    @dns-026 @D3 @extended
    Scenario: An allowed name that is an alias of one that is not
      Given the name "www.example.com" is an alias of "evil.test"
      And the runtime rule "our names" for container "worker":
        | section | effect  | allowed       |
        | dns     | prevent | *.example.com |
      And the protected task is running
      When container "worker" looks up "www.example.com" with python
      Then the name resolves to "198.51.100.66"
      And no audit tells of it

    @dns-027 @D13 @extended
    Scenario: An alias that is denied, of a name that is not
      Given the name "tracker.test" is an alias of "api.example.com"
      And the runtime rule "not there" for container "worker":
        | section | effect  | denied |
        | dns     | prevent | *.test |
      And the protected task is running
      When container "worker" looks up "tracker.test" with python
      Then the lookup fails within 1000 milliseconds
      And the resolver was never asked for "tracker.test"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |
        | domain     | tracker.test        |

  Rule: The container's own short name is a name like another

    @dns-024 @D12 @provisional
    Scenario Outline: A container asks for itself, and the list has <allowed>
      Given the runtime rule "our names" for container "worker":
        | section | effect  | allowed   |
        | dns     | prevent | <allowed> |
      And the protected task is running
      When container "worker" runs "sh -c 'exec dig +noall +comments +time=2 +tries=1 $(hostname -s)'"
      Then the program ran and exited with 0
      And <number> audits tell of it

      Examples:
        | allowed                       | number |
        | *.example.com                 | 1      |
        | *.example.com, ip-10-0-42-7   | 0      |

  Rule: A deny list stops the names on it and lets all others through

    @dns-013 @D13 @extended
    Scenario: A denied name
      Given the runtime rule "not there" for container "worker":
        | section | effect  | denied |
        | dns     | prevent | *.test |
      And the protected task is running
      When container "worker" looks up "evil.test" with python
      Then the lookup fails within 1000 milliseconds
      And the resolver was never asked for "evil.test"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |
        | effect     | prevent             |

    @dns-014 @D13 @extended
    Scenario: A name that the deny list does not have
      Given the runtime rule "not there" for container "worker":
        | section | effect  | denied |
        | dns     | prevent | *.test |
      And the protected task is running
      When container "worker" looks up "api.example.com" with python
      Then the name resolves to "198.51.100.80"
      And no audit tells of it

  Rule: Both record types of one lookup are decided

    @dns-015 @D10 @core
    Scenario: The AAAA record of a name that is not allowed
      Given the runtime rule "our names" for container "worker":
        | section | effect  | allowed       |
        | dns     | prevent | *.example.com |
      And the protected task is running
      When container "worker" asks for the AAAA record of "evil.test"
      Then the lookup fails within 1000 milliseconds
      And the resolver was never asked for "evil.test"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |

    @dns-042 @D10 @core
    Scenario Outline: The <record> record of a name that is denied
      Given the runtime rule "not these" for container "worker":
        | section | effect  | denied    |
        | dns     | prevent | evil.test |
      And the protected task is running
      When container "worker" asks for the <record> record of "evil.test"
      Then the lookup fails within 1000 milliseconds
      And the resolver was never asked for "evil.test"
      And exactly one audit tells of it:
        | attackType | explicitlyDeniedDNS |
        | effect     | prevent             |

      Examples:
        | record |
        | TXT    |
        | MX     |
        | CNAME  |
        | HTTPS  |
        | PTR    |
        | ANY    |

  Rule: A connection to a literal address needs no name, and no DNS rule sees it

    @dns-016 @D17 @core
    Scenario: Connecting to an address
      Given the runtime rule "our names" for container "worker":
        | section | effect  | allowed       |
        | dns     | prevent | *.example.com |
      And an internet host answers at "198.51.100.66" port 80
      And the protected task is running
      When container "worker" connects to "198.51.100.66" port 80
      Then the connection is made
      And no audit tells of it

  Rule: A name that does not exist is no matter of policy

    @dns-017 @X13 @core
    Scenario: An allowed name that does not exist
      Given the runtime rule "our names" for container "worker":
        | section | effect  | allowed       |
        | dns     | prevent | *.example.com |
      And the protected task is running
      When container "worker" looks up "missing.example.com" with python
      Then the lookup fails within 1000 milliseconds
      And the resolver was asked for "missing.example.com"
      And no audit tells of it
