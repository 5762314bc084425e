//! `proofhouse judge`: a recording, judged again.

use super::Done;
use crate::arguments::JudgeArguments;
use crate::failure::{Failure, Message, chain};
use crate::output;
use proofhouse_reports::history::{HistoryRecord, read};
use proofhouse_reports::report::assemble;
use proofhouse_reports::verdict::{Difference, compare};
use proofhouse_reports::{ExitCode, RunReport, write};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tabled::settings::{Style, Width};
use tabled::{Table, Tabled};

/// What a run leaves in its folder.
const HISTORY: &str = "history.ndjson";

#[derive(Tabled)]
struct Row {
    scenario: String,
    here: String,
    there: String,
    what: String,
}

/// Makes every check of a recording again, without an engine, and says what comes of it.
pub fn judge(arguments: &JudgeArguments) -> Done {
    let file = history_of(&arguments.history);
    let records = selected(load(&file)?, &arguments.scenarios)?;
    let report = assembled(&records, &file)?;
    if let Some(folder) = &arguments.report {
        write::write_folder(folder, &report, &records).map_err(|error| {
            Failure::new(
                ExitCode::Environment,
                Message::new(chain(&error)).help("name a folder that can be written by `--report`"),
            )
        })?;
    }
    if let Some(other) = &arguments.against {
        return against(arguments, &report, &history_of(other));
    }
    if arguments.json {
        output::json(&report)?;
    } else {
        output::line(&write::to_summary(&report, output::coloured()));
        if let Some(folder) = &arguments.report {
            output::line(&format!("report: {}", folder.join("report.html").display()));
        }
    }
    Ok(report.exit.status)
}

/// The file itself, or that of the folder of a run.
fn history_of(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(HISTORY) } else { path.to_owned() }
}

fn load(file: &Path) -> Result<Vec<HistoryRecord>, Failure> {
    read(file).map_err(|error| {
        Failure::input(chain(&error), "name the `history.ndjson` of a run, or its folder of reports")
    })
}

fn assembled(records: &[HistoryRecord], file: &Path) -> Result<RunReport, Failure> {
    assemble(records).map_err(|error| {
        let what = format!("could not judge \"{}\": {}", file.display(), chain(&error));
        Failure::input(what, "name the `history.ndjson` of a run, or its folder of reports")
    })
}

/// The records of these scenarios, and those of the run as a whole.
fn selected(records: Vec<HistoryRecord>, scenarios: &[String]) -> Result<Vec<HistoryRecord>, Failure> {
    if scenarios.is_empty() {
        return Ok(records);
    }
    let known: BTreeSet<&str> = records.iter().filter_map(|record| record.scenario.as_deref()).collect();
    if let Some(stranger) = scenarios.iter().find(|id| !known.contains(id.as_str())) {
        return Err(Failure::input(
            format!("the recording has no scenario \"{stranger}\""),
            format!("it has {}", known.into_iter().collect::<Vec<_>>().join(", ")),
        ));
    }
    let wanted = |record: &HistoryRecord| record.scenario.as_ref().is_none_or(|id| scenarios.contains(id));
    Ok(records.into_iter().filter(wanted).collect())
}

fn against(arguments: &JudgeArguments, report: &RunReport, other: &Path) -> Done {
    let records = selected(load(other)?, &arguments.scenarios)?;
    let differences = compare(&report.results, &assembled(&records, other)?.results);
    if arguments.json {
        output::json(&differences)?;
    } else if differences.is_empty() {
        output::line(&format!("{} scenarios, judged alike", report.results.len()));
    } else {
        let rows = differences.iter().map(|Difference { id, here, there, what }| Row {
            scenario: id.clone(),
            here: here.clone(),
            there: there.clone(),
            what: what.clone(),
        });
        let mut table = Table::new(rows);
        table.with(Style::blank()).with(Width::wrap(140).keep_words(true));
        output::line(&table.to_string());
        output::line(&format!("{} scenarios are judged differently", differences.len()));
    }
    Ok(if differences.is_empty() { ExitCode::Passed } else { ExitCode::Differs })
}
