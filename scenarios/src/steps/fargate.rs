//! What Fargate accepts and rejects, before anything of it exists.

use crate::world::{ScenarioWorld, StepResult, tables};
use cucumber::{gherkin::Step, given, then, when};
use proofhouse_reports::checks::AcceptanceExpectation;

/// A task definition of `features/task-definitions` with one member set to a value in JSON. The member is named by its
/// path, such as `containerDefinitions[0].privileged`; what is missing on the way is made.
#[given(regex = r#"^the task definition "([^"]*)" with "([^"]*)" set to (.+)$"#)]
async fn definition_with(world: &mut ScenarioWorld, name: String, path: String, value: String) -> StepResult {
    world.use_definition_with(&name, &path, &value)
}

/// Another member of the scenario's definition, in the same way.
#[given(regex = r#"^"([^"]*)" of it set to (.+)$"#)]
async fn also_with(world: &mut ScenarioWorld, path: String, value: String) -> StepResult {
    world.set_member(&path, &value)
}

/// A task definition of `features/task-definitions` without one of its members.
#[given(expr = "the task definition {string} without {string}")]
async fn definition_without(world: &mut ScenarioWorld, name: String, path: String) -> StepResult {
    world.use_definition_without(&name, &path)
}

/// A task definition of `features/task-definitions` that is as long as that in bytes of compact JSON: its first container has as
/// many further variables as it takes.
#[given(expr = "the task definition {string} at a length of {int} bytes")]
async fn definition_of_length(world: &mut ScenarioWorld, name: String, bytes: usize) -> StepResult {
    world.use_definition_of_length(&name, bytes)
}

/// A value that stands in for a secret of Secrets Manager or Parameter Store, by what `valueFrom` says.
#[given(expr = "the secret {string} is {string}")]
async fn secret(world: &mut ScenarioWorld, name: String, value: String) -> StepResult {
    world.give_secret(&name, &value).await
}

/// A text that stands in for an environment file in S3, by its ARN.
#[given(expr = "the environment file {string} has:")]
async fn environment_file(world: &mut ScenarioWorld, arn: String, step: &Step) -> StepResult {
    world.give_environment_file(&arn, &tables::text(step)?).await
}

/// As RegisterTaskDefinition: the rules of today are asked, and nothing is started.
#[when("Fargate is asked to register it")]
async fn register(world: &mut ScenarioWorld) -> StepResult {
    world.ask_to_register()?;
    Ok(())
}

/// As RunTask: the rules of today are asked, and what they accept is started.
#[when("Fargate is asked to run it")]
async fn run(world: &mut ScenarioWorld) -> StepResult {
    world.ask_to_run().await
}

/// RegisterTaskDefinition and RunTask of the ECS API, with `overrides` that are as long as that in characters of compact JSON.
/// What would be started is not.
#[when(expr = "ECS is asked to run it with overrides of {int} characters")]
async fn run_with_overrides(world: &mut ScenarioWorld, characters: usize) -> StepResult {
    world.ask_to_run_with_overrides(characters).await
}

/// The definition as the Console has just embedded it, as RegisterTaskDefinition.
#[when("Fargate is asked to register the result")]
async fn register_embedded(world: &mut ScenarioWorld) -> StepResult {
    world.ask_to_register_embedded()
}

/// No rule rejects it.
#[then("Fargate accepts it")]
async fn accepts(world: &mut ScenarioWorld) -> StepResult {
    world.expect_of_fargate(AcceptanceExpectation::Accepted)
}

/// That class of rejection, such as `E01`, and no other.
#[then(expr = "Fargate rejects it as {string}")]
async fn rejects(world: &mut ScenarioWorld, class: String) -> StepResult {
    world.expect_rejected(&class, None)
}

/// That class of rejection and no other, at that member.
#[then(expr = "Fargate rejects it as {string} at {string}")]
async fn rejects_at(world: &mut ScenarioWorld, class: String, path: String) -> StepResult {
    world.expect_rejected(&class, Some(&path))
}

/// The engine has no container and no volume of this scenario.
#[then("nothing was created")]
async fn nothing_created(world: &mut ScenarioWorld) -> StepResult {
    world.expect_nothing_created().await
}

/// The size as the simulated task has it.
#[then(expr = "the task has {int} CPU units and {int} MiB of memory")]
async fn size(world: &mut ScenarioWorld, units: u64, mib: u64) -> StepResult {
    world.expect_of_fargate(AcceptanceExpectation::Size(units, mib))
}

/// The size of the task's disk, said or not.
#[then(expr = "the task has a disk of {int} GiB")]
async fn disk(world: &mut ScenarioWorld, gib: i64) -> StepResult {
    world.expect_of_fargate(AcceptanceExpectation::Disk(gib))
}

/// Rows of CPU units and memory under a header. The definition is registered with every pair, and with the memory 1 and 512
/// MiB below and above each: those that are not listed must be rejected as E04.
#[then("Fargate accepts it with these sizes, and rejects it with those beside them:")]
async fn accepts_sizes(world: &mut ScenarioWorld, step: &Step) -> StepResult {
    world.expect_sizes(&tables::pairs(step)?)
}

/// The answer of DescribeTaskDefinition, with its wrapper and its nine further members, gives the same plan.
#[then("it gives the same task as it is described")]
async fn same_when_described(world: &mut ScenarioWorld) -> StepResult {
    world.expect_same_when_described()
}
