//! `proofhouse list`.

use super::Done;
use crate::arguments::ListArguments;
use crate::output;
use crate::selection;
use proofhouse_harness::fidelity;
use proofhouse_reports::catalogue::{CoverageStatus, coverage};
use proofhouse_reports::{Catalogue, ExitCode};
use tabled::settings::{Style, Width};
use tabled::{Table, Tabled};

#[derive(Tabled)]
struct Row {
    id: String,
    level: String,
    requirements: String,
    title: String,
}

/// Lists scenarios, or requirements.
pub fn list(arguments: &ListArguments) -> Done {
    let (whole, selected) =
        selection::select(&arguments.features, &arguments.names, arguments.tags.as_deref(), None)?;
    if arguments.requirements {
        let scenarios: Vec<_> =
            whole.cases().map(|case| (case.meta.id.clone(), case.meta.requirements.clone())).collect();
        let coverage = coverage(&Catalogue::embedded(), &scenarios, &fidelity::reasons());
        if arguments.json {
            return output::json(&coverage);
        }
        for row in &coverage {
            let by = if row.scenarios.is_empty() {
                row.why.clone().unwrap_or_default()
            } else {
                row.scenarios.join(", ")
            };
            output::line(&format!(
                "{:<5} {:<12} {:<9} {}  {}",
                row.id,
                row.level,
                row.status,
                row.title,
                output::dim(&by)
            ));
        }
        let count = |status| coverage.iter().filter(|row| row.status == status).count();
        output::line(&format!(
            "{} of {} requirements are covered, {} have a label that says why not",
            count(CoverageStatus::Covered),
            coverage.len(),
            count(CoverageStatus::Labelled)
        ));
        return Ok(ExitCode::Passed);
    }
    if arguments.json {
        return output::json(&selected.cases().collect::<Vec<_>>());
    }
    let rows = selected.cases().map(|case| Row {
        id: case.meta.id.clone(),
        level: case.meta.level.to_string(),
        requirements: case.meta.requirements.join(" "),
        title: case.meta.title.clone(),
    });
    let mut table = Table::new(rows);
    table.with(Style::blank()).with(Width::wrap(110).keep_words(true));
    output::line(&table.to_string());
    output::line(&format!("{} scenarios", selected.len()));
    Ok(ExitCode::Passed)
}
