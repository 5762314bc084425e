//! The embed: the task definition before and after.

use crate::world::{ScenarioWorld, StepResult, tables};
use cucumber::{gherkin::Step, given, then, when};
use proofhouse_reports::checks::EmbedExpectation;

/// `POST /defenders/fargate.json` with the definition; it must succeed.
#[when("the Console embeds it")]
async fn embeds(world: &mut ScenarioWorld) -> StepResult {
    world.embed_it().await
}

/// The same call with the result of the last one.
#[when("the Console embeds the result again")]
async fn embeds_again(world: &mut ScenarioWorld) -> StepResult {
    world.embed_again().await
}

/// The same call, whatever its answer.
#[when("the Console is asked to embed it")]
async fn asked(world: &mut ScenarioWorld) -> StepResult {
    world.embed(&[]).await
}

/// The same call without one of its query parameters.
#[when(expr = "the Console is asked to embed it without {string}")]
async fn asked_without(world: &mut ScenarioWorld, parameter: String) -> StepResult {
    world.embed(&[(&parameter, None)]).await
}

/// The same call with a further query parameter.
#[when(expr = "the Console is asked to embed it with {string} set to {string}")]
async fn asked_with(world: &mut ScenarioWorld, parameter: String, value: String) -> StepResult {
    world.embed(&[(&parameter, Some(&value))]).await
}

/// The embed of the task that is started asks for file system monitoring, which is off otherwise.
#[given("the embed asks for file system monitoring")]
async fn monitored(world: &mut ScenarioWorld) -> StepResult {
    world.files_monitored = true;
    Ok(())
}

/// In the embedded definition, one container is told that its files are not monitored.
#[given(expr = "{string} is left without file system monitoring")]
async fn not_monitored(world: &mut ScenarioWorld, container: String) -> StepResult {
    world.not_monitored = Some(container);
    Ok(())
}

/// The Console's setting that counts where an embed says nothing of it.
#[given("the Console monitors files unless an embed says otherwise")]
async fn monitored_by_default(world: &mut ScenarioWorld) -> StepResult {
    world.monitor_files_by_default().await
}

/// The same call by another user; `auditor` may read and do nothing else.
#[when(expr = "the user {string} asks the Console to embed it")]
async fn asked_by(world: &mut ScenarioWorld, user: String) -> StepResult {
    world.embed_as(&user).await
}

/// Name of the last container.
#[then(expr = "the last container is {string}")]
async fn last(world: &mut ScenarioWorld, name: String) -> StepResult {
    world.expect_embedded(EmbedExpectation::LastContainer(name))
}

/// The embed adds one container, however often it is done.
#[then("there is one container more than before")]
async fn one_more(world: &mut ScenarioWorld) -> StepResult {
    world.expect_embedded(EmbedExpectation::OneContainerMore)
}

/// A member of a container, as JSON; members may stand in any order, elements of lists may not.
#[then(expr = "{string} of container {string} is:")]
async fn member_is(world: &mut ScenarioWorld, member: String, container: String, step: &Step) -> StepResult {
    world.expect_member(&container, &member, &tables::text(step)?)
}

/// The wrapper's three elements, then the original entry point element by element.
#[then(expr = "{string} of container {string} is the Defender's wrapper before the original")]
async fn wrapped(world: &mut ScenarioWorld, member: String, container: String) -> StepResult {
    world.expect_embedded(EmbedExpectation::Wrapped { container, member })
}

/// A member of a container is what it was, byte for byte.
#[then(expr = "{string} of container {string} is as before")]
async fn as_before(world: &mut ScenarioWorld, member: String, container: String) -> StepResult {
    world.expect_embedded(EmbedExpectation::MemberAsBefore { container, member })
}

/// A member of the task is what it was.
#[then(expr = "{string} of the task is as before")]
async fn task_as_before(world: &mut ScenarioWorld, member: String) -> StepResult {
    world.expect_embedded(EmbedExpectation::TaskMemberAsBefore(member))
}

/// All members of the task but one are what they were, with their types and in their order.
#[then(expr = "every member of the task but {string} is as before")]
async fn all_but(world: &mut ScenarioWorld, member: String) -> StepResult {
    world.expect_embedded(EmbedExpectation::TaskAsBeforeBut(member))
}

/// All members of a container but these, which stand with commas between, are what they were.
#[then(expr = "every member of container {string} but {string} is as before")]
async fn container_as_before(world: &mut ScenarioWorld, container: String, but: String) -> StepResult {
    let but = but.split(", ").map(str::to_owned).collect();
    world.expect_embedded(EmbedExpectation::ContainerAsBeforeBut { container, but })
}

/// `defender_<version with underscores>`.
#[then("the tag of the sidecar's image is the Console's version with underscores")]
async fn tag(world: &mut ScenarioWorld) -> StepResult {
    world.expect_sidecar_tag()
}
