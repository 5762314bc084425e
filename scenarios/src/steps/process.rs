//! Programs that containers run.

use super::parameters::Way;
use crate::world::{ScenarioWorld, StepResult, tables};
use cucumber::{gherkin::Step, given, then, when};
use proofhouse_protocol::actor::Spawn;
use proofhouse_reports::checks::ProgramExpectation;

/// Prepares something with a program, which must succeed; the steps behind it do not look at it.
#[given(expr = "container {string} has run {string}")]
async fn has_run(world: &mut ScenarioWorld, container: String, command: String) -> StepResult {
    world.prepare(&container, &command).await
}

/// Writes a program with these lines into a running container.
#[given(expr = "container {string} has the program {string}:")]
async fn has_program(world: &mut ScenarioWorld, container: String, path: String, step: &Step) -> StepResult {
    world.write_program(&container, &path, &tables::text(step)?).await
}

/// A process of the container runs a command line (split as a shell would) to its end. `$TOKEN` stands for the token of
/// this stimulus, which its audits are known by.
#[when(expr = "container {string} runs {string}")]
async fn runs(world: &mut ScenarioWorld, container: String, command: String) -> StepResult {
    world.run_program(&container, &command, Spawn::Fork).await
}

/// As before, started by a certain system call or arrangement of processes.
#[when(expr = "container {string} runs {string} by {way}")]
async fn runs_by(world: &mut ScenarioWorld, container: String, command: String, way: Way) -> StepResult {
    world.run_program(&container, &command, way.0).await
}

/// Starts a program the way ECS Exec does: from outside the tree of the entry point.
#[when(expr = "someone starts {string} in container {string} from outside")]
async fn starts_from_outside(world: &mut ScenarioWorld, command: String, container: String) -> StepResult {
    world.run_from_outside(&container, &command).await
}

/// The program did not execute an instruction: it could not be started or was killed, and wrote nothing.
#[then("the program never ran")]
async fn never_ran(world: &mut ScenarioWorld) -> StepResult {
    world.expect_program(ProgramExpectation::NeverRan)
}

/// The program was started, whatever its exit code.
#[then("the program ran")]
async fn ran(world: &mut ScenarioWorld) -> StepResult {
    world.expect_program(ProgramExpectation::Ran(None))
}

/// The program was started and exited with that code.
#[then(expr = "the program ran and exited with {int}")]
async fn ran_with(world: &mut ScenarioWorld, code: i32) -> StepResult {
    world.expect_program(ProgramExpectation::Ran(Some(code)))
}

/// The program did not exit with 0, for whatever reason.
#[then("the program did not succeed")]
async fn did_not_succeed(world: &mut ScenarioWorld) -> StepResult {
    world.expect_program(ProgramExpectation::DidNotSucceed)
}

/// The program was over so soon after it was begun, whether it ran or was denied.
#[then(expr = "the program was over within {int} milliseconds")]
async fn over_within(world: &mut ScenarioWorld, limit: u64) -> StepResult {
    world.expect_program(ProgramExpectation::Within(limit))
}

/// What the program wrote to standard output, without surrounding white space.
#[then(expr = "its output is {string}")]
async fn output_is(world: &mut ScenarioWorld, text: String) -> StepResult {
    world.expect_program(ProgramExpectation::Output(text))
}

/// What programs of a container write, each run by itself. Columns `program` and `output`; all white space counts as one blank.
#[then(expr = "programs of container {string} print:")]
async fn programs_print(world: &mut ScenarioWorld, container: String, step: &Step) -> StepResult {
    world.expect_printed(&container, &tables::pairs(step)?).await
}

/// Both limits of open files in a container are Fargate's 65535 or, where the engine gives less, the most that it gives, which
/// the plan and the report name.
#[then(expr = "container {string} may have as many files open as on Fargate, or as the engine gives")]
async fn open_files(world: &mut ScenarioWorld, container: String) -> StepResult {
    world.expect_open_files(&container).await
}

/// A program writes the same in two containers, and it writes something.
#[then(expr = "{string} prints the same in containers {string} and {string}")]
async fn prints_the_same(
    world: &mut ScenarioWorld,
    command: String,
    one: String,
    other: String,
) -> StepResult {
    world.expect_printed_alike(&command, &one, &other).await
}

/// A path exists in the container.
#[then(expr = "{string} exists in container {string}")]
async fn exists(world: &mut ScenarioWorld, path: String, container: String) -> StepResult {
    world.expect_path(&container, &path, true).await
}

/// A path does not exist in the container.
#[then(expr = "{string} does not exist in container {string}")]
async fn does_not_exist(world: &mut ScenarioWorld, path: String, container: String) -> StepResult {
    world.expect_path(&container, &path, false).await
}

/// Two files in two containers have the same bytes.
#[then(expr = "{string} in container {string} is the same file as {string} in container {string}")]
async fn same_file(
    world: &mut ScenarioWorld,
    path: String,
    container: String,
    other_path: String,
    other: String,
) -> StepResult {
    world.expect_same_file((&container, &path), (&other, &other_path)).await
}
