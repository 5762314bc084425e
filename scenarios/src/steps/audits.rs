//! Audits of the last stimulus.

use crate::world::{ScenarioWorld, StepResult, tables};
use cucumber::{gherkin::Step, given, then, when};

/// After a fence has come out, exactly one audit is explained by the last stimulus, and it has these members. `$APP_ID` stands
/// for the App ID of the task; `any` for anything, an empty cell for a member that is absent; `within the stimulus` for a time between
/// its beginning and its end, `of the program` for the id of the process.
#[then("exactly one audit tells of it:")]
async fn exactly_one(world: &mut ScenarioWorld, step: &Step) -> StepResult {
    world.expect_audits(1, &tables::rows_of_two(step)?).await
}

/// After a fence has come out, no audit is explained by the last stimulus.
#[then("no audit tells of it")]
async fn no_audit(world: &mut ScenarioWorld) -> StepResult {
    world.expect_audits(0, &[]).await
}

/// After a fence has come out, at least one audit with that text is explained by the last stimulus.
#[then(expr = "one or more audits with message {string} tell of them")]
async fn audits_that_say(world: &mut ScenarioWorld, message: String) -> StepResult {
    world.expect_audit_that_says(&message).await
}

/// After a fence has come out, audits of that type and effect are explained by the last stimulus, or none is.
#[then(regex = r#"^(no|one or more) audits of type "([^"]*)" and effect "([^"]*)" tell of them$"#)]
async fn audits_of(world: &mut ScenarioWorld, many: String, kind: String, effect: String) -> StepResult {
    world.expect_audits_of(many != "no", &kind, &effect).await
}

/// After a fence has come out, each of the last so many programs that were denied is told of by one audit, and these came, and happened, in
/// the order of the programs.
#[then(expr = "one audit each tells of the last {int} denied programs, in their order")]
async fn in_order(world: &mut ScenarioWorld, number: usize) -> StepResult {
    world.expect_audits_in_order(number).await
}

/// A counter of the Defender (docs/link.md) is above zero.
#[then(expr = "the Defender has counted {string}")]
async fn counted(world: &mut ScenarioWorld, name: String) -> StepResult {
    world.expect_counted(&name).await
}

/// After a fence has come out, so many audits are explained by the last stimulus.
#[then(regex = r"^(\d+) audits? tells? of it$")]
async fn so_many(world: &mut ScenarioWorld, number: usize) -> StepResult {
    world.expect_audits(number, &[]).await
}

/// Every member of the audit is one of the published schema, with a value that the schema allows.
#[then("the audit has only members and values of the schema")]
async fn schema(world: &mut ScenarioWorld) -> StepResult {
    world.expect_audit_schema().await
}

/// Each audit is a line of the Console's syslog, with its tag and type and every documented key that has a value, and none besides.
/// The table names keys with what they say; nothing, where the key is not there.
#[then("a line of the Console's syslog tells the same:")]
async fn syslog(world: &mut ScenarioWorld, step: &Step) -> StepResult {
    world.expect_syslog(tables::pairs(step)?).await
}

/// The audit names that collection.
#[then(expr = "the audit is in collection {string}")]
async fn collection(world: &mut ScenarioWorld, name: String) -> StepResult {
    world.expect_audit_collection(&name).await
}

/// Nowhere in the audit stands that text.
#[then(expr = "the audit never says {string}")]
async fn never_says(world: &mut ScenarioWorld, text: String) -> StepResult {
    world.expect_audit_without(&text).await
}

/// The message of the audit matches the pattern.
#[then(expr = "the message of the audit matches {string}")]
async fn message(world: &mut ScenarioWorld, pattern: String) -> StepResult {
    world.expect_audit_message(&pattern).await
}

/// `GET /audits/runtime/app-embedded` with that query lists so many audits.
#[then(expr = "the Console lists {int} runtime audits for {string}")]
async fn listed(world: &mut ScenarioWorld, number: usize, query: String) -> StepResult {
    world.expect_listed(number, &query).await
}

/// The Console folds equal audits into one row, as it does for people; elsewhere each is a row of its own.
#[given("the Console folds equal audits")]
async fn folds(world: &mut ScenarioWorld) -> StepResult {
    world.fold_equal_audits().await
}

/// Reads the firewall's audits of the Console, once those that were decided until now have come; with a query, or none.
#[when(expr = "the firewall audits are read with {string}")]
async fn firewall_audits(world: &mut ScenarioWorld, query: String) -> StepResult {
    world.read_firewall_audits(&format!("?{query}")).await
}

/// Reads the runtime audits of the Console, once those that were decided until now have come; with a query, or none.
#[when(expr = "the runtime audits are read with {string}")]
async fn runtime_audits(world: &mut ScenarioWorld, query: String) -> StepResult {
    world.read_told(&format!("/audits/runtime/app-embedded?{query}")).await
}

/// The same as CSV.
#[when("the runtime audits are downloaded")]
async fn runtime_csv(world: &mut ScenarioWorld) -> StepResult {
    world.read_told("/audits/runtime/app-embedded/download").await
}

/// Reads what the firewall has learned of APIs, once that of the requests until now has come.
#[when("the discovered APIs are read")]
async fn discovered_apis(world: &mut ScenarioWorld) -> StepResult {
    world.read_told("/waas/discovered-apis").await
}

/// Reads what the firewall has counted, once that of the requests until now has come.
#[when("the monitoring statistics are read")]
async fn monitoring(world: &mut ScenarioWorld) -> StepResult {
    world.read_told("/waas/monitoring-stats").await
}

/// Reads the incidents that the Console has raised, once the audits that were decided until now have come.
#[when("the incidents are read")]
async fn incidents(world: &mut ScenarioWorld) -> StepResult {
    world.read_told("/audits/incidents").await
}

/// Has the Console and the firewall of the task count from 0 on.
#[when("the monitoring statistics are reset")]
async fn reset_monitoring(world: &mut ScenarioWorld) -> StepResult {
    world.reset_monitoring().await
}

/// Exports what the Console knows of the APIs as an OpenAPI document, imports that, and has the last app of that rule protect it: each
/// violation has that effect. Waits until that is in force.
#[when(
    expr = "the discovered APIs are exported, and protect the app of the firewall rule {string} with effect {string}"
)]
async fn protect_discovered(world: &mut ScenarioWorld, rule: String, effect: String) -> StepResult {
    world.protect_discovered(&rule, &effect).await
}

/// The same as CSV.
#[when("the firewall audits are downloaded")]
async fn firewall_csv(world: &mut ScenarioWorld) -> StepResult {
    world.read_firewall_audits("/download").await
}

/// Counts of the firewall's audits over time.
#[when(expr = "the timeslice of the firewall audits is read with {string}")]
async fn firewall_timeslice(world: &mut ScenarioWorld, query: String) -> StepResult {
    world.read_firewall_audits(&format!("/timeslice?{query}")).await
}

/// Rows of the list that was read last.
#[then(expr = "there are {int} rows")]
async fn rows(world: &mut ScenarioWorld, count: usize) -> StepResult {
    world.expect_rows(None, count)
}

/// Those with that value in a member, which a JSON pointer may name.
#[then(expr = "there are {int} rows with {string} {string}")]
async fn rows_with(world: &mut ScenarioWorld, count: usize, member: String, value: String) -> StepResult {
    world.expect_rows(Some((&member, &value)), count)
}

/// Counts of the buckets that were read last.
#[then(expr = "the buckets add up to {int}")]
async fn buckets(world: &mut ScenarioWorld, sum: u64) -> StepResult {
    world.expect_buckets(sum)
}

/// The whole text that was read last.
#[then(expr = "the Console answers with the text {string}")]
async fn text_of(world: &mut ScenarioWorld, text: String) -> StepResult {
    world.expect_text(&text)
}

/// A part of the text that was read last.
#[then(expr = "the Console answers with a text that has {string}")]
async fn text_has(world: &mut ScenarioWorld, part: String) -> StepResult {
    world.expect_text_part(&part)
}
