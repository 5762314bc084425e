@scope
Feature: Which rule a container is under
  A rule has a scope. For each container the first rule in scope decides, and it alone.

  Background:
    Given the task definition "web-and-worker"

  Rule: A rule for one container leaves its neighbours alone

    @scope-001 @C1 @C4 @core
    Scenario: The web container may run what the worker may not
      Given the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When container "web" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      And "/tmp/$TOKEN" exists in container "web"
      And no audit tells of it

  Rule: A rule may be scoped by image

    @scope-002 @C2 @core
    Scenario: A rule for the image of the container
      Given the runtime rule "by image" for image "proofhouse/userland*":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program never ran
      And exactly one audit tells of it:
        | ruleName  | by image            |
        | imageName | proofhouse/userland |

    @scope-003 @C2 @C10 @core
    Scenario: A rule for another image
      Given the runtime rule "by image" for image "other/image*":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      And no audit tells of it

    @scope-011 @C2 @C10 @extended
    Scenario Outline: A container of <image>, and a rule for <scope>
      Given "containerDefinitions[1].image" of it set to "<image>"
      And the runtime rule "by image" for image "<scope>":
        | section   | effect | denied |
        | processes | alert  | mkdir  |
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      And <number> audits tell of it

      Examples:
        | image                                | scope                              | number |
        | proofhouse/userland:latest           | proofhouse/userland                | 1      |
        | proofhouse/userland                  | proofhouse/userland:latest         | 1      |
        | proofhouse/userland                  | docker.io/proofhouse/userland      | 1      |
        | proofhouse/userland:latest           | index.docker.io/proofhouse/userl*  | 1      |
        | docker.io/proofhouse/userland        | proofhouse/userland:latest         | 1      |
        | docker.io/proofhouse/userland:latest | Proofhouse/Userland                | 1      |
        | proofhouse/userland                  | proofhouse/userland:21             | 0      |
        | proofhouse/userland:latest           | library/userland                   | 0      |
        | proofhouse/userland                  | registry.example/proofhouse/userland | 0    |

  Rule: A rule may be scoped by the beginning of the App ID

    @scope-004 @C3 @core
    Scenario Outline: A rule for <app>
      Given the runtime rule "by app" for app "<app>":
        | section   | effect | denied |
        | processes | alert  | mkdir  |
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      And <number> audits tell of it

      Examples:
        | app             | number |
        | web-and-worker* | 1      |
        | WEB-AND-*       | 1      |
        | another-family* | 0      |

  Rule: The first rule in scope decides, and no other is consulted

    @scope-005 @C8 @core
    Scenario: Two rules in scope
      Given the runtime rule "first" for container "worker":
        | section   | effect | denied |
        | processes | alert  | mkdir  |
      And the runtime rule "second" for every container:
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      And exactly one audit tells of it:
        | ruleName | first |
        | effect   | alert |

  Rule: A disabled rule is passed over

    @scope-006 @C9 @core
    Scenario: The first rule is disabled
      Given the disabled runtime rule "first" for container "worker":
        | section   | effect | denied |
        | processes | alert  | mkdir  |
      And the runtime rule "second" for every container:
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program never ran
      And exactly one audit tells of it:
        | ruleName | second  |
        | effect   | prevent |

  Rule: An exclusion comes before everything else in its scope

    @scope-007 @C7 @extended
    Scenario: A container that is excluded
      Given the runtime rule "all but the web" for container "*, -web":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When container "web" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      And no audit tells of it

  Rule: A star at either end of a scope widens it, and case does not count

    @scope-008 @C5 @extended
    Scenario Outline: The scope <scope>
      Given the runtime rule "scoped" for container "<scope>":
        | section   | effect | denied |
        | processes | alert  | mkdir  |
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      And <number> audits tell of it

      Examples:
        | scope    | number |
        | worker   | 1      |
        | WorKer   | 1      |
        | work*    | 1      |
        | WORK*    | 1      |
        | *ker     | 1      |
        | *KER     | 1      |
        | *ork*    | 1      |
        | *ORK*    | 1      |
        | work     | 0      |
        | orker    | 0      |
        | *work    | 0      |
        | ker*     | 0      |
        | *workers | 0      |
        | w*r      | 0      |

  Rule: Fields of a collection must all match, one value of a field is enough, and so is one collection

    @scope-009 @C6 @extended
    Scenario Outline: A rule for <scope>
      Given the runtime rule "scoped" for <scope>:
        | section   | effect | denied |
        | processes | alert  | mkdir  |
      And the protected task is running
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program ran and exited with 0
      And <number> audits tell of it

      Examples:
        | scope                                                                          | number |
        | container "worker" and app "web-and-worker*"                                   | 1      |
        | container "worker" and app "another*"                                          | 0      |
        | container "web" and app "web-and-worker*"                                      | 0      |
        | container "web" and app "another*"                                             | 0      |
        | container "web, worker" and app "another*, web-and-worker*"                    | 1      |
        | container "web, cache" and app "another*, web-and-worker*"                     | 0      |
        | container "web" and app "web-and-worker*" or container "worker"                | 1      |
        | container "web" and app "web-and-worker*" or container "worker" and app "an*"  | 0      |
        | image "other/image" or image "proofhouse/userland" and app "web-and-worker*"   | 1      |
        | image "proofhouse/userland" and app "another*" or image "other/image"          | 0      |

  Rule: A policy that names an unknown collection is refused, and what was in force stays in force

    @scope-010 @C12 @provisional
    Scenario: A collection that nobody has made
      Given the runtime rule "no directories" for container "worker":
        | section   | effect  | denied |
        | processes | prevent | mkdir  |
      And the protected task is running
      When the runtime policy is put with collection "nobody-made-it"
      Then the Console answers 400 with an error about "nobody-made-it"
      And the runtime policy is unchanged
      When container "worker" runs "mkdir /tmp/$TOKEN"
      Then the program never ran
      And exactly one audit tells of it:
        | ruleName | no directories |
        | effect   | prevent        |
