//! How long the whole suite took when it last ran. Nothing runs for this.

use super::Results;
use super::lab::Lab;
use crate::failure::Failure;
use proofhouse_reports::RunReport;
use proofhouse_reports::bench::{BenchEntry, Goal};
use proofhouse_reports::write::from_results_json;
use std::collections::BTreeSet;

/// Name.
pub const NAME: &str = "whole suite";

const GOAL: Goal = Goal::ValueAtMost(600.0);

/// Reads it.
///
/// # Errors
/// Never: what cannot be read is left out, with a remark.
pub fn measure(lab: &Lab) -> Result<Results, Failure> {
    let file = lab.report().join("latest/results.json");
    let report = std::fs::read_to_string(&file)
        .map_err(|error| error.to_string())
        .and_then(|text| from_results_json(&text).map_err(|error| error.to_string()))
        .and_then(|report| whole(&report).map(|()| report));
    Ok(match report {
        Ok(report) => {
            let remark =
                format!("\"{NAME}\" is of run {}, started {}", report.run.run_id, report.run.started);
            let entry = BenchEntry::alone(NAME, report.duration_ms / 1e3, "s", Some(GOAL));
            Results { entries: vec![entry], remarks: vec![remark] }
        }
        Err(why) => {
            let remark = format!(
                "\"{NAME}\" is left out, run `make conformance` first: \"{}\": {why}",
                file.display()
            );
            Results { entries: Vec::new(), remarks: vec![remark] }
        }
    })
}

/// Whether every scenario of the suite ran.
fn whole(report: &RunReport) -> Result<(), String> {
    if report.interrupted || report.run.dry_run {
        return Err("the run did not come to its end".to_owned());
    }
    let ran: BTreeSet<&str> = report.results.iter().map(|result| result.meta.id.as_str()).collect();
    let missing = report.run.suite.iter().filter(|id| !ran.contains(id.as_str())).count();
    if missing > 0 || ran.is_empty() {
        return Err(format!("{missing} scenarios of the suite did not run"));
    }
    Ok(())
}
