//! Requests to the task from outside.

use crate::world::{ScenarioWorld, StepResult, tables};
use cucumber::{gherkin::Step, then, when};

/// A client outside, with that address, sends a request (`GET /path?query`) to a port of the task.
#[when(expr = "a client at {string} requests {string} on port {int}")]
async fn requests(world: &mut ScenarioWorld, client: String, request: String, port: u16) -> StepResult {
    world.request(&client, &request, port, &[], "").await
}

/// As before, with these headers.
#[when(expr = "a client at {string} requests {string} on port {int} with headers:")]
async fn requests_with(
    world: &mut ScenarioWorld,
    client: String,
    request: String,
    port: u16,
    step: &Step,
) -> StepResult {
    world.request(&client, &request, port, &tables::rows_of_two(step)?, "").await
}

/// As before, with that content type and this body.
#[when(expr = "a client at {string} sends {string} on port {int} as {string}:")]
async fn sends(
    world: &mut ScenarioWorld,
    client: String,
    request: String,
    port: u16,
    kind: String,
    step: &Step,
) -> StepResult {
    let headers = [("Content-Type".to_owned(), kind)];
    world.request(&client, &request, port, &headers, tables::text(step)?.trim_end_matches('\n')).await
}

/// As before, with so many letters and then that text as the body.
#[when(
    expr = "a client at {string} sends {string} on port {int} as {string}, {int} letters and then {string}"
)]
async fn sends_long(
    world: &mut ScenarioWorld,
    client: String,
    request: String,
    port: u16,
    kind: String,
    letters: usize,
    end: String,
) -> StepResult {
    let headers = [("Content-Type".to_owned(), kind)];
    // Words of all letters: no two neighbours alike, and nothing that a rule knows.
    let body: String = ('a'..='z').cycle().step_by(7).take(letters).chain(end.chars()).collect();
    world.request(&client, &request, port, &headers, &body).await
}

/// Status of the last answer.
#[then(expr = "the response has status {int}")]
async fn response_status(world: &mut ScenarioWorld, status: u16) -> StepResult {
    world.expect_status(status).await
}

/// The last answer is 403, HTML that says the access was denied, with an event id in header and page.
#[then("the response is the block page")]
async fn block_page(world: &mut ScenarioWorld) -> StepResult {
    world.expect_block_page().await
}

/// The app behind the firewall has seen the last request.
#[then("the app saw the request")]
async fn app_saw(world: &mut ScenarioWorld) -> StepResult {
    world.expect_app_saw(true).await
}

/// The app behind the firewall has not seen the last request; a later request that it did see proves that none is on its way.
#[then("the app never saw the request")]
async fn app_never_saw(world: &mut ScenarioWorld) -> StepResult {
    world.expect_app_saw(false).await
}

/// The last request, sent to the app's own port, gives the same status, headers and body; date and event id aside.
#[then(expr = "the answer equals what the app itself sends on port {int}")]
async fn same_answer(world: &mut ScenarioWorld, port: u16) -> StepResult {
    world.expect_same_answer_on(port).await
}

/// The audit of the last request carries the event id of its answer.
#[then("the event id of the response is in the audit")]
async fn event_id(world: &mut ScenarioWorld) -> StepResult {
    world.expect_event_id_in_audit().await
}
