//! Requests to the task from outside.

use crate::world::{ScenarioWorld, StepResult, tables};
use cucumber::{gherkin::Step, given, then, when};
use proofhouse_harness::services::TlsOffer;

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

/// As the first, with the cookie that the last answer that set one has set.
#[when(expr = "a client at {string} requests {string} on port {int} with the cookie that was set")]
async fn with_cookie(world: &mut ScenarioWorld, client: String, request: String, port: u16) -> StepResult {
    let cookie = world.cookie_that_was_set()?;
    world.request(&client, &request, port, &[("Cookie".to_owned(), cookie)], "").await
}

/// The same, with one letter in the middle of the cookie's value another.
#[when(expr = "a client at {string} requests {string} on port {int} with a changed cookie")]
async fn with_changed_cookie(
    world: &mut ScenarioWorld,
    client: String,
    request: String,
    port: u16,
) -> StepResult {
    let cookie = world.changed_cookie()?;
    world.request(&client, &request, port, &[("Cookie".to_owned(), cookie)], "").await
}

/// As the first, so many times, one after the other.
#[when(expr = "a client at {string} requests {string} on port {int} {int} times")]
async fn requests_times(
    world: &mut ScenarioWorld,
    client: String,
    request: String,
    port: u16,
    times: usize,
) -> StepResult {
    world.request_times(&client, &request, port, times).await
}

/// Each of the requests that were sent so was answered with that status.
#[then(expr = "every response has status {int}")]
async fn every_status(world: &mut ScenarioWorld, status: u16) -> StepResult {
    world.expect_every_status(status).await
}

/// As the first, over TLS of that version, to a server of that name. Whatever certificate it shows is taken; a step behind asks whose
/// it is.
#[when(expr = "a client at {string} requests {string} over TLS {word} to {string} on port {int}")]
async fn requests_over_tls(
    world: &mut ScenarioWorld,
    client: String,
    request: String,
    version: String,
    server_name: String,
    port: u16,
) -> StepResult {
    let headers = [("Host".to_owned(), server_name.clone())];
    let offer = TlsOffer { version, server_name };
    world.request_by(&client, &request, port, (&headers, ""), Some(offer)).await
}

/// The app in a container, which is an actor, answers requests of a path so from now on: a status, headers, an empty line, the body.
#[given(expr = "{string} answers {string} with:")]
#[when(expr = "{string} answers {string} with:")]
async fn answers(world: &mut ScenarioWorld, container: String, path: String, step: &Step) -> StepResult {
    world.answer_with(&container, &path, &tables::text(step)?).await
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

/// The last answer has one line of a header, with that value.
#[then(expr = "the response has the header {string} with {string}")]
async fn response_header(world: &mut ScenarioWorld, name: String, value: String) -> StepResult {
    world.expect_header(&name, &[&value]).await
}

/// The last answer has two lines of a header, with these values in that order.
#[then(expr = "the response has the header {string} with {string} and with {string}")]
async fn response_headers(
    world: &mut ScenarioWorld,
    name: String,
    value: String,
    other: String,
) -> StepResult {
    world.expect_header(&name, &[&value, &other]).await
}

/// The last answer sets a cookie.
#[then("the response sets a cookie")]
async fn sets_cookie(world: &mut ScenarioWorld) -> StepResult {
    world.expect_some_header("Set-Cookie").await
}

/// The last answer has no such header.
#[then(expr = "the response has no header {string}")]
async fn no_response_header(world: &mut ScenarioWorld, name: String) -> StepResult {
    world.expect_header(&name, &[]).await
}

/// A text stands in the body of the last answer.
#[then(expr = "the response has {string} in its body")]
async fn in_body(world: &mut ScenarioWorld, text: String) -> StepResult {
    world.expect_in_body(&text).await
}

/// The last answer has an event id.
#[then("the response has an event id")]
async fn has_event_id(world: &mut ScenarioWorld) -> StepResult {
    world.expect_event_id().await
}

/// The event id of the last answer stands in its body, too.
#[then("the response has its event id in its body")]
async fn event_id_in_body(world: &mut ScenarioWorld) -> StepResult {
    world.expect_event_id_in_body().await
}

/// The last answer came over TLS, from a server with the certificate of that rule.
#[then(expr = "the response came with the certificate of the firewall rule {string}")]
async fn with_certificate(world: &mut ScenarioWorld, rule: String) -> StepResult {
    world.expect_certificate_of(&rule).await
}

/// The server ended the connection of the last request without an answer.
#[then("the server refused the connection")]
async fn refused(world: &mut ScenarioWorld) -> StepResult {
    world.expect_refused().await
}
