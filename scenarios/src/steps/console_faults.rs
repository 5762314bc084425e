//! The Console as Defenders may find it: away, slow, mistaken.

use crate::world::{ScenarioWorld, StepResult};
use cucumber::{given, when};

/// Links to the Console are closed, and new ones refused.
#[given("the Console cannot be reached")]
#[when("the Console cannot be reached any more")]
async fn unreachable(world: &mut ScenarioWorld) -> StepResult {
    world.cut_console_off().await
}

/// Links to the Console are served again, and a Defender has come back, or had its time to.
#[when("the Console can be reached again")]
async fn reachable(world: &mut ScenarioWorld) -> StepResult {
    world.reconnect_console().await
}

/// A fault of the Console, by its name in docs/link.md: `link-slow:60000`, `link-lose-acks`, `certificate-expired`. Those that concern
/// connections count for new ones, those that concern messages at once.
#[given(expr = "the Console has the fault {string}")]
#[when(expr = "the Console has the fault {string}")]
async fn begins(world: &mut ScenarioWorld, fault: String) -> StepResult {
    world.begin_console_fault(&fault).await
}

/// The fault is over; what it has held back may still take its time.
#[when(expr = "the Console no longer has the fault {string}")]
async fn ends(world: &mut ScenarioWorld, fault: String) -> StepResult {
    world.end_console_fault(&fault)
}

/// The links of Defenders are closed. They may connect again at once.
#[when("the Console closes its links")]
async fn closes(world: &mut ScenarioWorld) -> StepResult {
    world.close_links().await
}

/// A Defender has connected, or had a minute to.
#[when("the Defender has connected again")]
async fn connected(world: &mut ScenarioWorld) -> StepResult {
    world.await_link().await
}

/// A saboteur (`proofhouse run --saboteur help`) does something to what passes between the Defender and its surroundings, whichever
/// Defender it is: `drop-audits`, `delay-fences:500`, `alter-audits:ruleName`, `late-dns:1500`.
#[given(expr = "the saboteur {string}")]
#[when(expr = "the saboteur {string} comes")]
async fn saboteur_comes(world: &mut ScenarioWorld, name: String) -> StepResult {
    world.send_saboteur(&name).await
}

/// The saboteur is called back; what is late by then still comes late.
#[when(expr = "the saboteur {string} goes")]
async fn saboteur_goes(world: &mut ScenarioWorld, name: String) -> StepResult {
    world.call_saboteur_back(&name)
}
