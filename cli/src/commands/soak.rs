//! `proofhouse soak`.

use super::Done;
use super::explore::fresh_seed;
use crate::arguments::SoakArguments;
use crate::failure::Failure;
use crate::soak::{Settings, Soak};
use proofhouse_protocol::Semantics;
use proofhouse_reports::ExitCode;
use proofhouse_scenarios::rig::{Stage, StageOptions};
use std::sync::Arc;

/// Runs rounds of a seed until so much was killed.
pub async fn soak(arguments: &SoakArguments) -> Done {
    let interruption = super::interruption()?;
    let stage = Stage::prepare(StageOptions {
        assets: arguments.assets.assets.clone(),
        defender: arguments.assets.defender.clone(),
        features: "features".into(),
        semantics: Semantics::named(arguments.profile.as_str()).unwrap_or_default(),
        acted_in: true,
        saboteur: None,
    })
    .await
    .map_err(|error| Failure::machine(&error))?;
    let stage = Arc::new(stage);
    let settings = Settings {
        seed: arguments.seed.unwrap_or_else(fresh_seed),
        kills: arguments.kills as usize,
        first_round: arguments.round,
        assets: arguments.assets.clone(),
        profile: arguments.profile,
        folder: arguments.report.clone(),
        json: arguments.json,
    };
    let mut soak = Soak::new(Arc::clone(&stage), settings)?;
    let outcome = tokio::select! {
        outcome = soak.run() => Some(outcome),
        () = interruption => None,
    };
    let swept = stage.sweep().await;
    let interrupted = outcome.is_none();
    outcome.transpose()?;
    soak.publish()?;
    if interrupted {
        eprintln!("interrupted: `--seed {} --round {}` goes on", soak.seed(), soak.next_round());
        return Ok(ExitCode::Interrupted);
    }
    swept.map_err(|error| Failure::environment(&error, "`proofhouse clean` removes what is left"))?;
    Ok(soak.exit())
}
