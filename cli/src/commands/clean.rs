//! `proofhouse clean`.

use super::Done;
use crate::arguments::CleanArguments;
use crate::ca_file;
use crate::failure::Failure;
use crate::output;
use proofhouse_harness::clean::{self, Scope};
use proofhouse_harness::engine::{self, EngineError};
use proofhouse_reports::ExitCode;

/// Removes what earlier runs left behind.
pub async fn clean(arguments: &CleanArguments) -> Done {
    let scope = if arguments.all { Scope::All } else { Scope::Dead };
    let refused = |error: EngineError| Failure::machine(&error);
    let engine = engine::connect().await.map_err(refused)?;
    let mut cleaned = clean::clean_whole(engine.as_ref(), &scope).await.map_err(refused)?;
    if arguments.all {
        cleaned.images = clean::images(engine.as_ref()).await.map_err(refused)?;
    }
    let files = ca_file::remove_orphans();
    if arguments.json {
        let mut value = serde_json::to_value(&cleaned).unwrap_or_default();
        value["files"] = files.iter().map(|file| file.display().to_string()).collect();
        return output::json(&value);
    }
    let mut gone = cleaned.describe();
    gone.extend(files.iter().map(|file| format!("file {}", file.display())));
    for line in &gone {
        output::line(&format!("removed {line}"));
    }
    if gone.is_empty() {
        output::line("nothing was left behind");
    }
    Ok(ExitCode::Passed)
}
