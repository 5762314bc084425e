//! `proofhouse explore`.

use super::Done;
use crate::arguments::ExploreArguments;
use crate::failure::{Failure, Message, chain};
use crate::output;
use proofhouse_generators::{Area, Campaign};
use proofhouse_protocol::Semantics;
use proofhouse_reports::ExitCode;
use proofhouse_reports::history::History;
use proofhouse_scenarios::explore::{CONTAINERS, Explorer, places};
use proofhouse_scenarios::rig::{Stage, StageOptions};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Tries what a seed makes up until the time is over.
pub async fn explore(arguments: &ExploreArguments) -> Done {
    let interruption = super::interruption()?;
    let seed = arguments.seed.unwrap_or_else(fresh_seed);
    let stage = Stage::prepare(StageOptions {
        assets: arguments.assets.assets.clone(),
        defender: arguments.assets.defender.clone(),
        features: arguments.features.clone(),
        semantics: Semantics::named(arguments.profile.as_str()).unwrap_or_default(),
        acted_in: true,
    })
    .await
    .map_err(|error| Failure::machine(&error))?;
    let stage = Arc::new(stage);
    output::line(&format!("seed {seed}"));
    let campaign = Campaign::of(seed, &[Area::Programs, Area::Names], places(), CONTAINERS);
    let mut explorer = Explorer::new(Arc::clone(&stage), campaign);
    let begun = Instant::now();
    let limit = Duration::from_secs(u64::from(arguments.seconds));
    let mut number = 0;
    let work = async {
        while begun.elapsed() < limit {
            std::fs::create_dir_all("/tmp/ex").ok();
            let history = History::to_file(&std::path::PathBuf::from(format!("/tmp/ex/{seed}-{number}.ndjson"))).map_err(|e| Failure::new(ExitCode::Environment, Message::new(chain(&e))))?;
            let done = explorer.round(number, &history).await.map_err(|error| {
                Failure::new(ExitCode::Environment, Message::new(chain(&error)))
            })?;
            let rate = explorer.coverage().trials as f64 / begun.elapsed().as_secs_f64() * 60.0;
            output::line(&format!(
                "round {number}: {} trials, {} findings, {} unproved, {:.0} a minute",
                done.check.tried.len(), done.judgement.findings.len(), done.judgement.unproved.len(), rate
            ));
            for finding in done.judgement.findings.iter().take(8) {
                output::line(&format!("  {:?} {}", finding.kind, finding.said));
            }
            for why in done.judgement.unproved.iter().take(3) {
                output::line(&format!("  unproved {why}"));
            }
            let _ = history.finish();
            if done.judgement.findings.is_empty() { let _ = std::fs::remove_file(format!("/tmp/ex/{seed}-{number}.ndjson")); }
            number += 1;
        }
        Ok::<(), Failure>(())
    };
    let outcome = tokio::select! {
        outcome = work => outcome,
        () = interruption => Ok(()),
    };
    stage.sweep().await.map_err(|error| Failure::machine(&error))?;
    outcome?;
    output::line(&format!("{} clauses unreached: {:?}", explorer.coverage().unreached().len(), explorer.coverage().unreached()));
    Ok(ExitCode::Passed)
}

fn fresh_seed() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _, RandomState};
    RandomState::new().build_hasher().finish() & 0xffff_ffff
}
