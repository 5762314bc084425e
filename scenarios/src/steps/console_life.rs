//! The Console itself, where it is not the usual one: version, declared choices, clock, bundles.

use super::parameters::{Bundle, Unit};
use crate::world::{ScenarioWorld, StepResult};
use cucumber::{given, when};

/// A profile of declared choices for this scenario alone: `current`, `allow-only-21` or `legacy-20`.
#[given(expr = "the Console has the profile {string}")]
async fn profile(world: &mut ScenarioWorld, name: String) -> StepResult {
    world.choose_profile(&name)
}

/// One declared choice, by its name in a policy revision (`semantics` in docs/link.md), for this scenario alone.
#[given(expr = "the declared choice {string} is {string}")]
async fn choice(world: &mut ScenarioWorld, name: String, value: String) -> StepResult {
    world.choose(&name, &value)
}

/// The version of the scenario's Console, such as `38.00.100`.
#[given(expr = "the Console has version {string}")]
async fn version(world: &mut ScenarioWorld, text: String) -> StepResult {
    world.choose_console_version(&text)
}

/// The Console becomes one of that version, with all that it has; every Defender has to connect again.
#[when(expr = "the Console is upgraded to version {string}")]
async fn upgraded(world: &mut ScenarioWorld, version: String) -> StepResult {
    world.upgrade_console(&version).await
}

/// The Console's clock is put forward; nobody waits.
#[when(expr = "{int} minutes pass on the clock of the Console")]
async fn minutes_pass(world: &mut ScenarioWorld, minutes: i64) -> StepResult {
    world.pass_minutes(minutes).await
}

/// Seconds, minutes or hours pass for what the firewall measures in time: rates, bans, sessions. Where the Defender's profile says that its firewall has a
/// clock that can be put forward nobody waits; else the scenario waits, for three minutes at most, and is inconclusive where that is too short.
#[when(expr = "{int} {unit} pass(es) for the firewall")]
async fn time_passes(world: &mut ScenarioWorld, count: u64, unit: Unit) -> StepResult {
    world.pass_time_of_firewall(count, unit).await
}

/// The sidecar is started with another install bundle than the Console gave: `that is none`, `that is cut off`, `that has expired` or
/// `of another Console`.
#[given(expr = "the sidecar has an install bundle {bundle}")]
async fn bundle(world: &mut ScenarioWorld, kind: Bundle) -> StepResult {
    world.exchange_bundle(kind).await
}
