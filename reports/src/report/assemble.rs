//! From a history to a report.

use super::choices::declared_choices;
use super::header::RunHeader;
use super::run::{Counts, Exit, LevelSummary, NotPassed, Problem, ProblemKind, RunReport, SCHEMA};
use crate::HistoryRecord;
use crate::catalogue::{Catalogue, Level, coverage};
use crate::exit::ExitCode;
use crate::history::by_scenario;
use crate::verdict::{ScenarioMeta, ScenarioResult, Verdict, judge, last_attempt};
use jiff::tz::TimeZone;
use proofhouse_protocol::Observation;
use std::collections::BTreeSet;

/// A history from which no report can be made.
#[derive(Debug, thiserror::Error)]
pub enum AssembleError {
    /// It does not begin as one.
    #[error("the history has no `run_began` record: is it the `history.ndjson` of a run?")]
    NoHeader,
    /// A header or a scenario of another shape.
    #[error("record {sequence} of the history has another shape than this version knows: {source}")]
    Shape {
        /// Number of the record.
        sequence: u64,
        /// Why.
        source: serde_json::Error,
    },
}

/// The report of a history. Equal histories give equal reports: the day on which expectations expire is the day the run
/// began (UTC).
///
/// # Errors
/// When there is no header, or a record of another shape.
pub fn assemble(records: &[HistoryRecord]) -> Result<RunReport, AssembleError> {
    let run = header(records)?;
    let mut problems = problems(records);
    let mut results = results(records)?;
    let suite: BTreeSet<String> = run.suite.iter().cloned().collect();
    let today = TimeZone::UTC.to_datetime(run.started).date();
    let known = (!suite.is_empty()).then_some(&suite);
    problems.extend(run.expectations.apply(&mut results, today, known));
    if run.dry_run {
        problems.push(Problem {
            kind: ProblemKind::Environment,
            text: "this was a dry run: nothing was tested, and nothing has passed".to_owned(),
        });
    }
    let interrupted = records
        .iter()
        .rev()
        .find_map(|r| match r.observation() {
            Observation::RunEnded { interrupted } => Some(*interrupted),
            _ => None,
        })
        .unwrap_or(true);
    let catalogue = Catalogue::embedded();
    let tags: Vec<_> = results.iter().map(|r| (r.meta.id.clone(), r.meta.requirements.clone())).collect();
    let coverage = coverage(&catalogue, &tags, &run.labelled);
    let (first, last) = (records.first(), records.last());
    let span = first.zip(last).map_or(0, |(a, b)| b.monotonic_us.saturating_sub(a.monotonic_us));
    let mut declared = declared_choices(&run.semantics);
    declared.extend(run.choices.iter().cloned());
    Ok(RunReport {
        schema: SCHEMA,
        ended: last.map_or(run.started, |r| r.time),
        // Microseconds of a run are far below 2^52.
        duration_ms: span as f64 / 1000.0,
        interrupted,
        exit: Exit::from(ExitCode::of_run(&results, &problems, interrupted)),
        counts: Counts::of(&results),
        levels: levels(&results),
        problems,
        declared_choices: declared,
        results,
        coverage,
        run,
    })
}

fn header(records: &[HistoryRecord]) -> Result<RunHeader, AssembleError> {
    records
        .iter()
        .find_map(|r| match r.observation() {
            Observation::RunBegan { run } => Some((r.sequence, run)),
            _ => None,
        })
        .ok_or(AssembleError::NoHeader)
        .and_then(|(sequence, run)| {
            serde_json::from_value(run.clone()).map_err(|source| AssembleError::Shape { sequence, source })
        })
}

fn results(records: &[HistoryRecord]) -> Result<Vec<ScenarioResult>, AssembleError> {
    let mut results = Vec::new();
    for (_, own) in by_scenario(records) {
        // Records of a scenario that never began belong to its preparation; there is nothing to judge.
        let Some(Observation::ScenarioBegan { meta, .. }) =
            last_attempt(&own).first().map(HistoryRecord::observation)
        else {
            continue;
        };
        let sequence = own.first().map_or(0, |r| r.sequence);
        let meta: ScenarioMeta = serde_json::from_value(meta.clone())
            .map_err(|source| AssembleError::Shape { sequence, source })?;
        results.push(judge(&own, &meta));
    }
    Ok(results)
}

/// What was wrong with the run as a whole, such as a leak.
fn problems(records: &[HistoryRecord]) -> Vec<Problem> {
    let problem = |r: &HistoryRecord| match r.observation() {
        Observation::Problem { problem, text } => Some(Problem { kind: *problem, text: text.clone() }),
        _ => None,
    };
    records.iter().filter_map(problem).collect()
}

fn levels(results: &[ScenarioResult]) -> Vec<LevelSummary> {
    let summary = |level| {
        let own = || results.iter().filter(move |r| r.meta.level == level);
        let not_passed = own()
            .filter(|r| r.verdict != Verdict::Passed)
            .map(|r| NotPassed { id: r.meta.id.clone(), verdict: r.verdict, cause: r.cause.clone() })
            .collect();
        LevelSummary { level, counts: Counts::of(own()), not_passed }
    };
    Level::ALL.into_iter().map(summary).collect()
}
