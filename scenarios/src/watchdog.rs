//! The watchdog of a scenario: whatever a step waits for, the scenario ends.
//!
//! Every wait has a deadline of its own, and tells more when it is missed. The watchdog is for the wait that has none:
//! the language engine knows no time, and one step that never returns would hold the whole run.

use crate::suite::StepMatch;
use crate::world::ScenarioWorld;
use cucumber::World as _;
use cucumber::step::{Collection, Context, Step};
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use regex::Regex;

thread_local! {
    /// The steps as they are written.
    static STEPS: Collection<ScenarioWorld> = ScenarioWorld::collection();
}

// ---------------------------------------------------------------------------------------------------------------------

/// How many steps mean a text.
#[must_use]
pub fn find_step(step: &gherkin::Step) -> StepMatch {
    STEPS.with(|steps| match steps.find(step) {
        Ok(Some(_)) => StepMatch::One,
        Ok(None) => StepMatch::None,
        Err(error) => StepMatch::Several(error.to_string().replace('\n', " ")),
    })
}

/// Every step, under the watchdog.
///
/// The engine takes plain functions, so one function stands for all steps and looks the real one up. A text that no step
/// means was refused when the suite was loaded.
pub(crate) fn watched_steps() -> Collection<ScenarioWorld> {
    let any = Regex::new("(?s)^.*$").expect("the expression is a constant");
    Collection::new()
        .given(None, any.clone(), watched)
        .when(None, any.clone(), watched)
        .then(None, any, watched)
}

fn watched(world: &mut ScenarioWorld, context: Context) -> LocalBoxFuture<'_, ()> {
    async move {
        let (step, context) = written(&context.step);
        world.begin_step();
        let Some(allowance) = world.allowance() else { return step(world, context).await };
        if tokio::time::timeout_at(allowance.end(), step(world, context)).await.is_err() {
            panic!("{}", allowance.missed());
        }
    }
    .boxed_local()
}

fn written(step: &gherkin::Step) -> (Step<ScenarioWorld>, Context) {
    STEPS.with(|steps| match steps.find(step) {
        Ok(Some((function, _, _, context))) => (*function, context),
        Ok(None) => panic!("no step means \"{}\"", step.value),
        Err(error) => panic!("several steps mean \"{}\": {error}", step.value),
    })
}
