//! The task: definition, start, stop, containers.

use crate::world::{ScenarioWorld, StepResult, tables};
use cucumber::{gherkin::Step, given, then, when};
use proofhouse_protocol::observation::ContainerHappening;
use proofhouse_reports::checks::FactExpectation;

/// A task definition of `features/task-definitions`.
#[given(expr = "the task definition {string}")]
async fn named_definition(world: &mut ScenarioWorld, name: String) -> StepResult {
    world.use_definition(&name)
}

/// A task definition in the scenario itself.
#[given("the task definition:")]
async fn written_definition(world: &mut ScenarioWorld, step: &Step) -> StepResult {
    world.use_definition_text(&tables::text(step)?)
}

/// A task definition of the folder, with another command (split as a shell would) for one container.
#[given(expr = "the task definition {string} with the command {string} for container {string}")]
async fn definition_with_command(
    world: &mut ScenarioWorld,
    name: String,
    command: String,
    container: String,
) -> StepResult {
    world.use_definition(&name)?;
    world.change_command(&container, &command)
}

/// The Console embeds the definition, the simulated task runs it, and everything is ready: containers, ports, actors,
/// and the policy of the scenario is the one that the Defender decides by.
#[given("the protected task is running")]
async fn protected_task(world: &mut ScenarioWorld) -> StepResult {
    world.start_protected().await
}

/// As before, but nobody waits for a Defender to tell of its containers or of its policy: the Console may never hear of it.
#[given("the protected task is running, whatever the Console hears of it")]
async fn unheard_task(world: &mut ScenarioWorld) -> StepResult {
    world.come_up_protected().await
}

/// A member of the embedded definition, by its path, as JSON: what someone did to it after the embed.
#[given(regex = r#"^"([^"]*)" of the embedded definition set to (.+)$"#)]
async fn embedded_member(world: &mut ScenarioWorld, path: String, value: String) -> StepResult {
    world.change_embedded(&path, &value)
}

/// The simulated Fargate runs the definition as it is, without a Defender, and every container has started.
#[given("the task is running without a Defender")]
async fn bare_task(world: &mut ScenarioWorld) -> StepResult {
    world.start_bare().await
}

/// Health checks and restart periods of tasks that are started after this are so many times as fast as their definition
/// says: both are approximated then.
#[given(expr = "health checks and restart periods run {int} times as fast")]
async fn hasten(world: &mut ScenarioWorld, times: u32) -> StepResult {
    world.hasten(times).await
}

/// The sidecar that the Console embeds is made one that the task can do without (`essential: false`).
#[given("the embedded sidecar is not essential")]
async fn sidecar_may_go(world: &mut ScenarioWorld) -> StepResult {
    world.sidecar_may_go = true;
    Ok(())
}

/// The container has written a line with that text: the app in it is as far.
#[given(expr = "container {string} has written {string}")]
async fn has_written(world: &mut ScenarioWorld, container: String, text: String) -> StepResult {
    world.expect_log(&container, &text).await
}

/// Lets the outside reach a further port of the task; by default it reaches the exposed ports of the firewall only.
#[given(expr = "the security group also opens port {int}")]
async fn open_port(world: &mut ScenarioWorld, port: u16) -> StepResult {
    world.open_ports.push(port);
    Ok(())
}

/// Runs the definition as it is, without a Defender, until its containers have exited.
#[when("the task runs to its end without a Defender")]
async fn runs_bare(world: &mut ScenarioWorld) -> StepResult {
    world.run_bare_to_its_end().await
}

/// Runs the definition as the Console embeds it until its app containers have exited.
#[when("the task runs to its end protected")]
async fn runs_protected(world: &mut ScenarioWorld) -> StepResult {
    world.run_protected_to_its_end().await
}

/// The steps behind it look at what the containers do by themselves, from the start of the task to its stop.
#[when("the task does what it does by itself")]
async fn by_itself(world: &mut ScenarioWorld) -> StepResult {
    world.look_at_what_the_task_does()
}

/// Stops the task the way StopTask does: dependents first, SIGTERM, then SIGKILL after the stop timeout.
#[when("the task is stopped")]
async fn stopped(world: &mut ScenarioWorld) -> StepResult {
    world.stop_task().await
}

/// Takes the task away with all that belongs to it, whatever state it is in.
#[when("the task is removed")]
async fn removed(world: &mut ScenarioWorld) -> StepResult {
    world.remove_task().await
}

/// Sends SIGKILL to the container's main process.
#[when(expr = "container {string} is killed")]
async fn killed(world: &mut ScenarioWorld, container: String) -> StepResult {
    world.signal(&container, "SIGKILL").await
}

/// Sends a signal to the container's main process from outside, as an operator of the machine could: `SIGSTOP` freezes it, `SIGCONT` lets
/// it go on. For what a task's own stop does there is another step.
#[when(expr = "container {string} gets the signal {string}")]
async fn signalled(world: &mut ScenarioWorld, container: String, signal: String) -> StepResult {
    world.signal(&container, &signal).await
}

/// No container of the task has exited.
#[then("every container is still running")]
async fn all_running(world: &mut ScenarioWorld) -> StepResult {
    world.expect_running(true).await
}

/// No container of the task was started twice, or has exited.
#[then("no container was restarted")]
async fn none_restarted(world: &mut ScenarioWorld) -> StepResult {
    world.expect_running(true).await
}

/// The exit code of a container, as soon as it has exited.
#[then(expr = "container {string} exited with {int}")]
async fn exited_with(world: &mut ScenarioWorld, container: String, code: i64) -> StepResult {
    world.expect_exit_code(&container, code).await
}

/// The engine saw the first container exit before the second was sent its stop signal.
#[then(expr = "container {string} exited before container {string} was signalled")]
async fn exited_before(world: &mut ScenarioWorld, first: String, second: String) -> StepResult {
    world.expect_order((&first, ContainerHappening::Exited), (&second, ContainerHappening::Signalled))
}

/// The first container exited before the second did, whether that was told to or ended by itself.
#[then(expr = "container {string} exited before container {string} exited")]
async fn ended_before(world: &mut ScenarioWorld, first: String, second: String) -> StepResult {
    world.expect_order((&first, ContainerHappening::Exited), (&second, ContainerHappening::Exited))
}

/// The first container exited before the second was started.
#[then(expr = "container {string} exited before container {string} started")]
async fn exited_before_start(world: &mut ScenarioWorld, first: String, second: String) -> StepResult {
    world.expect_order((&first, ContainerHappening::Exited), (&second, ContainerHappening::Started))
}

/// The first container was created before the second was.
#[then(expr = "container {string} was created before container {string}")]
async fn created_before(world: &mut ScenarioWorld, first: String, second: String) -> StepResult {
    world.expect_order((&first, ContainerHappening::Created), (&second, ContainerHappening::Created))
}

/// The first container was started before the second was.
#[then(expr = "container {string} started before container {string} started")]
async fn started_before(world: &mut ScenarioWorld, first: String, second: String) -> StepResult {
    world.expect_order((&first, ContainerHappening::Started), (&second, ContainerHappening::Started))
}

/// The first container was told to stop before the second had exited.
#[then(expr = "container {string} was signalled before container {string} exited")]
async fn signalled_before(world: &mut ScenarioWorld, first: String, second: String) -> StepResult {
    world.expect_order((&first, ContainerHappening::Signalled), (&second, ContainerHappening::Exited))
}

/// The container was told to stop, and was killed so many seconds later, not before.
#[then(expr = "container {string} was killed {int} second(s) after it was told to stop")]
async fn killed_after(world: &mut ScenarioWorld, container: String, seconds: u64) -> StepResult {
    world.expect_killed_after(&container, seconds)
}

/// How often the container was started: the first time, and each restart. It is waited for.
#[then(expr = "container {string} was started {int} time(s)")]
async fn started_times(world: &mut ScenarioWorld, container: String, times: u32) -> StepResult {
    world.expect_starts(&container, times).await
}

/// The time from SIGTERM to SIGKILL that the plan of the definition gives the container.
#[then(expr = "container {string} would have {int} seconds to stop")]
async fn stop_timeout(world: &mut ScenarioWorld, container: String, seconds: u64) -> StepResult {
    world.expect_stop_timeout(&container, seconds)
}

/// The engine's own account of an exit: the kernel killed a process of the container for want of memory.
#[then(expr = "the engine says that container {string} ran out of memory")]
async fn out_of_memory(world: &mut ScenarioWorld, container: String) -> StepResult {
    world.expect_fact(&container, FactExpectation::OutOfMemory).await
}

/// The engine runs no health check of the container by itself, whatever its image says.
#[then(expr = "nobody runs the health check of the image of container {string}")]
async fn no_image_check(world: &mut ScenarioWorld, container: String) -> StepResult {
    world.expect_fact(&container, FactExpectation::NoHealthCheckOfTheEngine).await
}

/// The share of processor time of the container, as its control group has it. The size of the task counts as 1024.
#[then(expr = "container {string} has {int} CPU shares")]
async fn cpu_shares(world: &mut ScenarioWorld, container: String, shares: u64) -> StepResult {
    world.expect_cpu_shares(&container, shares).await
}

/// No container and no volume of the task is there, those without a label included.
#[then("nothing of the task is left")]
async fn nothing_left(world: &mut ScenarioWorld) -> StepResult {
    world.expect_nothing_left().await
}

/// All states of the task that is over, in order, and each at a later time than the one before.
#[then(expr = "the task went through {string}")]
async fn went_through(world: &mut ScenarioWorld, states: String) -> StepResult {
    world.expect_states(&states).await
}

/// No process of the container was ever started.
#[then(expr = "container {string} never ran")]
async fn container_never_ran(world: &mut ScenarioWorld, container: String) -> StepResult {
    world.expect_container_never_ran(&container).await
}

/// The reason that the simulated Fargate gives for a container has that text; its class stands in front.
#[then(expr = "the reason of container {string} has {string}")]
async fn reason_has(world: &mut ScenarioWorld, container: String, text: String) -> StepResult {
    world.expect_reason(&container, &text).await
}

/// The stop code of the task that is over, and a part of its stopped reason.
#[then(expr = "the task stopped with {string} because {string}")]
async fn stopped_because(world: &mut ScenarioWorld, code: String, reason: String) -> StepResult {
    world.expect_stopped(&code, &reason).await
}

/// The health check of the container fails as often as its definition allows, and is noticed.
#[then(expr = "container {string} becomes unhealthy")]
async fn becomes_unhealthy(world: &mut ScenarioWorld, container: String) -> StepResult {
    world.expect_health(&container, "UNHEALTHY").await
}

/// `HEALTHY`, `UNHEALTHY` or `UNKNOWN`, as soon as the container is that.
#[then(expr = "the health of container {string} becomes {string}")]
async fn health_becomes(world: &mut ScenarioWorld, container: String, health: String) -> StepResult {
    world.expect_health(&container, &health).await
}

/// The health of the task, which is that of its essential containers.
#[then(expr = "the health of the task is {string}")]
async fn task_health(world: &mut ScenarioWorld, health: String) -> StepResult {
    world.expect_task_health(&health)
}

/// The task runs, and nothing has told it to stop.
#[then("the task is still running")]
async fn still_running(world: &mut ScenarioWorld) -> StepResult {
    world.expect_running(false).await
}

/// The first container was healthy before the second was started.
#[then(expr = "container {string} was healthy before container {string} started")]
async fn healthy_before(world: &mut ScenarioWorld, first: String, second: String) -> StepResult {
    world.expect_order((&first, ContainerHappening::Healthy), (&second, ContainerHappening::Started))
}

/// The task ends by itself with stop code `EssentialContainerExited`.
#[then("the task stops because an essential container exited")]
async fn essential_exit(world: &mut ScenarioWorld) -> StepResult {
    world.expect_stopped("EssentialContainerExited", "").await
}

/// The engine takes what the container writes into a buffer, and the container never waits for it; what does not fit is lost.
#[then(expr = "container {string} never waits for its log, with a buffer of {string}")]
async fn never_waits(world: &mut ScenarioWorld, container: String, buffer: String) -> StepResult {
    let expect = FactExpectation::LogMode { mode: "non-blocking".to_owned(), buffer: Some(buffer) };
    world.expect_fact(&container, expect).await
}

/// The engine keeps every line, and the container waits until it has.
#[then(expr = "container {string} waits for its log")]
async fn waits(world: &mut ScenarioWorld, container: String) -> StepResult {
    let expect = FactExpectation::LogMode { mode: "blocking".to_owned(), buffer: None };
    world.expect_fact(&container, expect).await
}

/// A line of the container's log has that text.
#[then(expr = "the log of container {string} has {string}")]
async fn log_has(world: &mut ScenarioWorld, container: String, text: String) -> StepResult {
    world.expect_log(&container, &text).await
}
