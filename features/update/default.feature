@update
Feature: The policy of a fresh Console

  Rule: A fresh Console has the default rule of its profile

    @update-010 @U8 @core
    Scenario: The shipped rule
      When the runtime policy is read
      Then it has the one rule "Default - alert on suspicious runtime behavior"

  Rule: POST appends one rule behind the others

    @update-011 @U5 @core
    Scenario: An appended rule
      When the runtime rule "appended" is posted
      And the runtime policy is read
      Then its last rule is "appended"
      And it still has the rule "Default - alert on suspicious runtime behavior"
