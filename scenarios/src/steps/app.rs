//! The same app, bare and protected.

use crate::world::{ScenarioWorld, StepResult};
use cucumber::then;

/// The app described itself in both runs: argument vector, working directory, user and group are equal.
#[then(expr = "both runs of container {string} show the same arguments, working directory and user")]
async fn same_description(world: &mut ScenarioWorld, container: String) -> StepResult {
    world.expect_same_description(&container)
}

/// The environments are equal but for the six variables of the embed, and what differs from task to task.
#[then("the environment differs only by what the embed adds")]
async fn same_environment(world: &mut ScenarioWorld) -> StepResult {
    world.expect_same_environment()
}

/// What the container wrote to its outputs, line by line. A run in which it wrote nothing proves nothing.
#[then(expr = "both runs of container {string} wrote the same")]
async fn same_output(world: &mut ScenarioWorld, container: String) -> StepResult {
    world.expect_same_output(&container)
}

/// The exit code of both runs.
#[then(expr = "both runs of container {string} exited with {int}")]
async fn both_exited(world: &mut ScenarioWorld, container: String, code: i64) -> StepResult {
    world.expect_both_exited(&container, code)
}
