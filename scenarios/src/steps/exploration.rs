//! What a seed makes up.

use crate::world::{ScenarioWorld, StepResult};
use cucumber::{then, when};

/// Policies that a seed makes up, one after the other, and under each up to sixty things that it has the containers of a task do: programs are
/// started (`programs`), names are looked up (`names`), or both are (`programs-and-names`), in all ways that the actor knows. What exactly is tried is in
/// the records; `proofhouse explore --seed N --round 0` does the same.
#[when(expr = "{int} things are tried that seed {int} makes up of {word}")]
async fn all_is_tried(world: &mut ScenarioWorld, number: usize, seed: u64, areas: String) -> StepResult {
    world.try_all(number, seed, &areas).await
}

/// Each thing that was tried happened or did not, left the audits that it must, and no other, all as the model says of the policy that was in force.
#[then("all of it comes to what the model says")]
async fn as_the_model_says(world: &mut ScenarioWorld) -> StepResult {
    world.expect_as_modelled()
}
