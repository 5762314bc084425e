//! `proofhouse doctor`.

use super::Done;
use crate::arguments::DoctorArguments;
use crate::output;
use proofhouse_harness::doctor::{Health, examine};
use proofhouse_harness::engine::{self, EngineError};
use proofhouse_harness::images::Assets;
use proofhouse_reports::ExitCode;
use tabled::settings::object::Columns;
use tabled::settings::{Style, Width};
use tabled::{Table, Tabled};

#[derive(Tabled)]
struct Row<'a> {
    what: &'a str,
    state: String,
    found: &'a str,
}

/// Looks at the machine, and says what to do.
pub async fn doctor(arguments: &DoctorArguments) -> Done {
    let engine = engine::connect().await;
    let engine: Result<_, &EngineError> = engine.as_ref().map(AsRef::as_ref);
    let found = examine(engine, &Assets::new(&arguments.assets)).await;
    let broken = found.iter().any(|one| one.health == Health::Broken);
    let exit = if broken { ExitCode::Environment } else { ExitCode::Passed };
    if arguments.json {
        output::json(&found)?;
        return Ok(exit);
    }
    let rows =
        found.iter().map(|one| Row { what: &one.what, state: one.health.to_string(), found: &one.found });
    let mut table = Table::new(rows);
    table.with(Style::blank()).modify(Columns::last(), Width::wrap(80).keep_words(true));
    output::line(&table.to_string());
    for one in found.iter().filter(|one| !one.advice.is_empty()) {
        output::line(&format!("{}: {}", output::bold(&one.what), one.advice));
    }
    output::line(if broken {
        "scenarios cannot run on this machine yet"
    } else {
        "scenarios can run on this machine"
    });
    Ok(exit)
}
