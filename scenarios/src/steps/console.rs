//! The Console's API, and who talks with it.

use super::parameters::Certificate;
use crate::world::{ScenarioWorld, StepResult, tables};
use cucumber::{gherkin::Step, then, when};
use proofhouse_reports::checks::{AnswerExpectation, EmbedExpectation};

/// `GET /defenders` with that query.
#[when(expr = "the list of Defenders is read with {string}")]
async fn defenders(world: &mut ScenarioWorld, query: String) -> StepResult {
    world.call("GET", &format!("/defenders?{query}"), None).await?;
    Ok(())
}

/// `GET /defenders` has no row.
#[then("the list of Defenders is empty")]
async fn no_defender(world: &mut ScenarioWorld) -> StepResult {
    world.call("GET", "/defenders", None).await?;
    world.expect_rows(None, 0)
}

/// The Defender decides by the newest policy of the Console, within the bound of 30 seconds.
#[when("the policy of the Console is in force")]
async fn in_force(world: &mut ScenarioWorld) -> StepResult {
    world.expect_policy_in_force().await
}

/// `GET /defenders/summary`.
#[when("the summary of Defenders is read")]
async fn summary(world: &mut ScenarioWorld) -> StepResult {
    world.call("GET", "/defenders/summary", None).await?;
    Ok(())
}

/// The answer has one Defender, whose `hostname` is the App ID.
#[then("it has one Defender whose host name is the App ID of the task")]
async fn one_defender(world: &mut ScenarioWorld) -> StepResult {
    world.expect_one_defender()
}

/// `<family>:<32 hex digits>`, the task id that the metadata service tells.
#[then("the App ID is the family and the task id")]
async fn app_id(world: &mut ScenarioWorld) -> StepResult {
    world.expect_app_id_shape()
}

/// How many connections to the Console's Defender port came out of the task.
#[then(expr = "the Console had exactly {int} connection(s) from the task")]
async fn connections(world: &mut ScenarioWorld, number: usize) -> StepResult {
    world.expect_console_connections(number).await
}

/// Every REST call was made by this harness.
#[then("no REST call came from the task")]
async fn no_rest_call(world: &mut ScenarioWorld) -> StepResult {
    world.expect_no_rest_call_from_task().await
}

/// No variable of the container's app holds a user name, password or token of the Console.
#[then(expr = "no variable of container {string} looks like a credential of the Console")]
async fn no_credential(world: &mut ScenarioWorld, container: String) -> StepResult {
    world.expect_no_credential(&container)
}

/// Opens the Defender link with or without a client certificate, and says hello.
#[when(expr = "a stranger opens the Defender link with {certificate}")]
async fn stranger(world: &mut ScenarioWorld, certificate: Certificate) -> StepResult {
    world.open_link_as_stranger(certificate).await
}

/// The stranger's connection was refused before any message.
#[then("the stranger gets no policy")]
async fn no_policy(world: &mut ScenarioWorld) -> StepResult {
    world.expect_stranger_refused().await
}

/// `GET /profiles/app-embedded`.
#[when("the profiles are read")]
async fn profiles(world: &mut ScenarioWorld) -> StepResult {
    world.call("GET", "/profiles/app-embedded", None).await?;
    Ok(())
}

/// The answer has one profile for each of these containers, with that image.
#[then(expr = "there is one profile each for containers {string} with image {string}")]
async fn one_profile_each(world: &mut ScenarioWorld, containers: String, image: String) -> StepResult {
    world.expect_profiles(&containers, &image)
}

/// `GET /policies/runtime/app-embedded`.
#[when("the runtime policy is read")]
async fn policy_read(world: &mut ScenarioWorld) -> StepResult {
    world.call("GET", "/policies/runtime/app-embedded", None).await?;
    Ok(())
}

/// `POST /policies/runtime/app-embedded` with a rule of that name for collection All.
#[when(expr = "the runtime rule {string} is posted")]
async fn posted(world: &mut ScenarioWorld, name: String) -> StepResult {
    world.post_rule(&name).await
}

/// `POST /policies/firewall/app/apispec` with this OpenAPI or Swagger document, YAML or JSON.
#[when("this document is imported as an API:")]
async fn imported(world: &mut ScenarioWorld, step: &Step) -> StepResult {
    world.import_api(&tables::text(step)?).await
}

/// The last answer is a document that has these members, in the form of the Console's API; it may have more, but not in lists, and what is
/// off or empty may be absent.
#[then("the answer has:")]
async fn answer_has(world: &mut ScenarioWorld, step: &Step) -> StepResult {
    world.expect_document(&tables::text(step)?)
}

/// The policy has that rule and no other.
#[then(expr = "it has the one rule {string}")]
async fn one_rule(world: &mut ScenarioWorld, name: String) -> StepResult {
    world.expect_rules(AnswerExpectation::OnlyRules(vec![name]))
}

/// The policy has no rule.
#[then("it has no rule")]
async fn no_rule(world: &mut ScenarioWorld) -> StepResult {
    world.expect_rules(AnswerExpectation::OnlyRules(Vec::new()))
}

/// The last rule of the policy.
#[then(expr = "its last rule is {string}")]
async fn last_rule(world: &mut ScenarioWorld, name: String) -> StepResult {
    world.expect_rules(AnswerExpectation::LastRule(name))
}

/// A rule of the policy.
#[then(expr = "it still has the rule {string}")]
async fn still_has(world: &mut ScenarioWorld, name: String) -> StepResult {
    world.expect_rules(AnswerExpectation::HasRule(name))
}

/// Puts the scenario's policy with another effect in one section of its first rule.
#[when(expr = "the runtime policy is put with effect {string} for {string}")]
async fn put_effect(world: &mut ScenarioWorld, effect: String, section: String) -> StepResult {
    world.put_effect(&effect, &section).await
}

/// Puts the scenario's policy with that collection instead of those of its first rule.
#[when(expr = "the runtime policy is put with collection {string}")]
async fn put_collection(world: &mut ScenarioWorld, name: String) -> StepResult {
    world.put_collection(&name).await
}

/// Puts the scenario's policy with a custom rule attached to its first rule, with an effect.
#[when(expr = "the runtime policy is put with custom rule {int} attached with {string}")]
async fn put_attached(world: &mut ScenarioWorld, id: u64, effect: String) -> StepResult {
    world.put_attached(id, &effect).await
}

/// The policy is what it was before the last write.
#[then("the runtime policy is unchanged")]
async fn unchanged(world: &mut ScenarioWorld) -> StepResult {
    world.expect_policy_unchanged().await
}

/// Puts the scenario's firewall policy with settings, in the form of the Console's API, over those of the last app of that rule.
#[when(expr = "the app of the firewall rule {string} is put with:")]
async fn put_app(world: &mut ScenarioWorld, rule: String, step: &Step) -> StepResult {
    world.put_firewall_app(&rule, &tables::text(step)?).await
}

/// Puts a custom rule for requests, of that number, with this script.
#[when(expr = "the custom rule {int} is put with the script:")]
async fn put_custom_rule(world: &mut ScenarioWorld, id: u64, step: &Step) -> StepResult {
    world.put_custom_rule(id, tables::text(step)?.trim()).await
}

/// Asks the Console for its custom rules.
#[when("the custom rules are listed")]
async fn list_custom_rules(world: &mut ScenarioWorld) -> StepResult {
    world.list_custom_rules().await
}

/// Asks the Console for the data that no audit of a firewall may tell.
#[when("the sensitive data is listed")]
async fn list_sensitive_data(world: &mut ScenarioWorld) -> StepResult {
    world.list_sensitive_data().await
}

/// So many rows of the last answer have that owner.
#[then(expr = "there are {int} of owner {string}")]
async fn of_owner(world: &mut ScenarioWorld, count: usize, owner: String) -> StepResult {
    world.expect_rows(Some(("owner", &owner)), count)
}

/// The firewall policy is what it was before the last write.
#[then("the firewall policy is unchanged")]
async fn firewall_unchanged(world: &mut ScenarioWorld) -> StepResult {
    world.expect_firewall_unchanged().await
}

/// Status of the last answer of the Console.
#[then(expr = "the Console answers {int}")]
async fn answers(world: &mut ScenarioWorld, status: u16) -> StepResult {
    world.expect_console_answer(status, None)
}

/// Status of the last answer, whose body is `{"err": ...}`.
#[then(expr = "the Console answers {int} with an error")]
async fn answers_error(world: &mut ScenarioWorld, status: u16) -> StepResult {
    world.expect_console_answer(status, Some(""))
}

/// Status of the last answer, whose error has that text.
#[then(expr = "the Console answers {int} with an error about {string}")]
async fn answers_error_about(world: &mut ScenarioWorld, status: u16, text: String) -> StepResult {
    world.expect_console_answer(status, Some(&text))
}

/// The members of the environment of a container in the embedded definition, by name and value.
#[then(expr = "container {string} ends its environment with:")]
async fn environment_ends(world: &mut ScenarioWorld, container: String, step: &Step) -> StepResult {
    let variables = tables::rows_of_two(step)?;
    world.expect_embedded(EmbedExpectation::EnvironmentEndsWith { container, variables })
}

/// The names of the environment of a container in the embedded definition, all of them in this order.
#[then(expr = "the variables of container {string} are, in order:")]
async fn environment_names(world: &mut ScenarioWorld, container: String, step: &Step) -> StepResult {
    let names = tables::column(step)?;
    world.expect_embedded(EmbedExpectation::EnvironmentNames { container, names })
}
