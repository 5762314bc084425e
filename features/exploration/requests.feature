@exploration @requests @needs:waas
Feature: Whatever is asked through the firewall comes to what the policy says
  A machine makes up policies of the firewall from a seed, and under each of them clients that ask for hundreds of things: attacks of every
  protection and harmless texts that look like them, in the places where applications read, written in the ways that there are, by every method,
  one after the other on a connection or on several, behind load balancers, from network lists and from none. The model says which of them
  reach the app, what each client gets, and what is told of it. `proofhouse explore --area requests` goes on from here with fresh seeds.

  Rule: A request reaches the app as it was sent or never, its client gets the app's answer or the page, and each audit says what it must

    @exploration-010 @W1 @W3 @W4 @W5 @W6 @W7 @W8 @W9 @W10 @W11 @W21 @W22 @W23 @W25 @W27 @W28 @W37 @W47 @W54 @W55 @W56 @W58 @W59 @W72 @W73 @W74 @W75 @W76 @W77 @W78 @W80 @W81 @W86 @W87 @W91 @W93 @W98 @W99 @W100 @W102 @W103 @W108 @core
    Scenario Outline: Requests that seed <seed> makes up
      When 300 things are tried that seed <seed> makes up of requests
      Then all of it comes to what the model says

      Examples:
        | seed |
        | 1    |
        | 2    |
        | 3    |
