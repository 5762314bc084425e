//! Faults of the task's network, and what they do to connections.

use crate::world::{ScenarioWorld, StepResult};
use cucumber::{then, when};
use proofhouse_reports::checks::ConnectionExpectation;

/// A program of the container posts to the fault-injection API at `$ECS_AGENT_URI`: `start`, `stop` or `status` of
/// `network-blackhole-port`, `network-latency` or `network-packet-loss`.
#[when(regex = r#"^container "([^"]*)" asks for the (start|stop|status) of "([^"]*)"$"#)]
async fn asks(world: &mut ScenarioWorld, container: String, operation: String, fault: String) -> StepResult {
    world.ask_for_fault(&container, &operation, &fault, "").await
}

/// As before, with a body.
#[when(regex = r#"^container "([^"]*)" asks for the (start|stop|status) of "([^"]*)" with (.+)$"#)]
async fn asks_with(
    world: &mut ScenarioWorld,
    container: String,
    operation: String,
    fault: String,
    body: String,
) -> StepResult {
    world.ask_for_fault(&container, &operation, &fault, &body).await
}

/// Status of the last answer of the fault-injection API, and its `Status` (of a 200, word for word) or a part of its `Error`.
#[then(expr = "the fault is answered with {int} and {string}")]
async fn answered(world: &mut ScenarioWorld, status: u16, text: String) -> StepResult {
    world.expect_fault_answer(status, &text)
}

/// Nothing came back to the last connection before it was given up, after five seconds: neither an acceptance nor a refusal.
#[then("the connection is never answered")]
async fn never_answered(world: &mut ScenarioWorld) -> StepResult {
    world.expect_connection(ConnectionExpectation::Unanswered)
}

/// The last connection was made, and that took so long.
#[then(expr = "the connection is made after {int} to {int} milliseconds")]
async fn made_after(world: &mut ScenarioWorld, least: u64, most: u64) -> StepResult {
    world.expect_connection(ConnectionExpectation::MadeAfter(least, most))
}

/// Nothing came back to the last request of a client before it was given up, after ten seconds.
#[then("the request is never answered")]
async fn request_never_answered(world: &mut ScenarioWorld) -> StepResult {
    world.expect_request_unanswered()
}
