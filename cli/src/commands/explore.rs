//! `proofhouse explore`.

use super::Done;
use crate::arguments::ExploreArguments;
use crate::exploration::{Exploration, Settings};
use crate::failure::Failure;
use proofhouse_protocol::Semantics;
use proofhouse_reports::ExitCode;
use proofhouse_scenarios::rig::{Stage, StageOptions};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

/// Tries what a seed makes up until the time is over; what is not as the model says is reduced and written as a feature.
pub async fn explore(arguments: &ExploreArguments) -> Done {
    let interruption = super::interruption()?;
    let stage = Stage::prepare(StageOptions {
        assets: arguments.assets.assets.clone(),
        defender: arguments.assets.defender.clone(),
        features: arguments.features.clone(),
        semantics: Semantics::named(arguments.profile.as_str()).unwrap_or_default(),
        acted_in: true,
        saboteur: None,
    })
    .await
    .map_err(|error| Failure::machine(&error))?;
    let stage = Arc::new(stage);
    let settings = Settings {
        areas: arguments.area.clone(),
        seed: arguments.seed.unwrap_or_else(fresh_seed),
        time: Duration::from_secs(u64::from(arguments.seconds)),
        first_round: arguments.round.unwrap_or(0),
        one_round: arguments.round.is_some(),
        most_violations: usize::from(arguments.violations),
        reduces: !arguments.no_reduce,
        folder: arguments.report.clone(),
        json: arguments.json,
    };
    let mut exploration = Exploration::new(Arc::clone(&stage), settings)?;
    let outcome = tokio::select! {
        outcome = exploration.run() => Some(outcome),
        () = interruption => None,
    };
    let swept = stage.sweep().await;
    let Some(outcome) = outcome else {
        eprintln!("interrupted: what was found until now is in the report");
        exploration.publish()?;
        return Ok(ExitCode::Interrupted);
    };
    outcome?;
    exploration.publish()?;
    swept.map_err(|error| Failure::environment(&error, "`proofhouse clean` removes what is left"))?;
    Ok(exploration.exit())
}

/// A seed that is short enough to be said.
pub(super) fn fresh_seed() -> u64 {
    RandomState::new().build_hasher().finish() % 1_000_000
}
