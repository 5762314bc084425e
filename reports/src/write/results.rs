//! `results.json`: the conformance report.

use crate::RunReport;

/// The conformance report.
///
/// # Panics
/// Never: a report has string keys only.
#[must_use]
pub fn to_results_json(report: &RunReport) -> String {
    let mut text = serde_json::to_string_pretty(report).expect("a report has string keys only");
    text.push('\n');
    text
}

/// Reads a conformance report back.
///
/// # Errors
/// When it has another shape.
pub fn from_results_json(text: &str) -> Result<RunReport, serde_json::Error> {
    serde_json::from_str(text)
}
