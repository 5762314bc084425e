//! Whether a feature that was written fails, run like any other.

use proofhouse_reports::history::History;
use proofhouse_reports::{ScenarioResult, Verdict};
use proofhouse_scenarios::rig::Stage;
use proofhouse_scenarios::suite::{Suite, SuiteError};
use proofhouse_scenarios::{RunOptions, run};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

const LIMIT: Duration = Duration::from_secs(120);

/// Runs the one scenario of a file; what came of it.
pub async fn run_alone(stage: &Arc<Stage>, file: &Path) -> Result<Option<ScenarioResult>, SuiteError> {
    let suite = Suite::load(file)?;
    let (progress, mut results) = mpsc::unbounded_channel();
    run(RunOptions {
        suite,
        history: History::in_memory(),
        stage: Arc::clone(stage),
        jobs: 1,
        time_limit: LIMIT,
        take_down_limit: LIMIT,
        fail_fast: false,
        progress,
    })
    .await;
    Ok(results.recv().await.map(|result| *result))
}

/// In words.
pub fn in_words(result: &ScenarioResult) -> String {
    match result.verdict {
        Verdict::Failed => {
            format!("run by itself, it fails: {}", result.cause.lines().next().unwrap_or_default())
        }
        other => format!("run by itself, it is {}: {}", other.as_str(), result.cause),
    }
}
