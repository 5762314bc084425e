//! `cucumber.json`: for tools that read Cucumber's JSON.

use super::terminal::by_feature;
use crate::RunReport;
use crate::verdict::{ScenarioResult, StepResult, Verdict};
use proofhouse_protocol::observation::StepStatus;
use serde_json::{Value, json};

/// The report as Cucumber's JSON.
///
/// A history has no lines of steps, so each step has the line of its scenario. A verdict that no step shows stands in an
/// `after` hook, with its cause as the error message; a known failure is `pending`.
///
/// # Panics
/// Never: the value has string keys only.
#[must_use]
pub fn to_cucumber_json(report: &RunReport) -> String {
    let features: Vec<_> = by_feature(&report.results)
        .into_iter()
        .map(|(name, results)| {
            json!({
                "uri": results.first().map_or("", |r| r.meta.file.as_str()),
                "id": slug(name),
                "keyword": "Feature",
                "name": name,
                "description": "",
                "line": 1,
                "tags": [],
                "elements": results.into_iter().map(element).collect::<Vec<_>>(),
            })
        })
        .collect();
    let mut text = serde_json::to_string_pretty(&features).expect("the value has string keys only");
    text.push('\n');
    text
}

fn element(result: &ScenarioResult) -> Value {
    let meta = &result.meta;
    let tags: Vec<_> =
        meta.tags.iter().map(|tag| json!({"name": format!("@{tag}"), "line": meta.line})).collect();
    let steps: Vec<_> = result.steps.iter().map(|s| step(result, s)).collect();
    let shown = result.steps.iter().any(|s| cucumber_status(result, s) != "passed");
    let mut element = json!({
        "id": format!("{};{}", slug(&meta.feature), meta.id),
        "keyword": "Scenario",
        "type": "scenario",
        "name": meta.title,
        "description": meta.rule.clone().unwrap_or_default(),
        "line": meta.line,
        "tags": tags,
        "steps": steps,
    });
    if !shown && result.verdict != Verdict::Passed {
        let status = match result.verdict {
            Verdict::NotApplicable => "skipped",
            Verdict::KnownFailure => "pending",
            _ => "failed",
        };
        element["after"] = json!([{
            "match": {"location": "proofhouse verdict"},
            "result": {"status": status, "duration": 0, "error_message": cause(result)},
        }]);
    }
    element
}

fn step(result: &ScenarioResult, step: &StepResult) -> Value {
    let status = cucumber_status(result, step);
    let nanoseconds = (step.elapsed_ms.max(0.0) * 1_000_000.0).round();
    // The cast saturates, and no step takes 500 years.
    let mut outcome = json!({"status": status, "duration": nanoseconds as u64});
    if !matches!(status, "passed" | "skipped") {
        outcome["error_message"] = Value::from(step.message.clone().unwrap_or_else(|| cause(result)));
    }
    json!({
        "keyword": format!("{} ", step.keyword),
        "name": step.text,
        "line": result.meta.line,
        "match": {"location": result.meta.file},
        "result": outcome,
    })
}

fn cucumber_status(result: &ScenarioResult, step: &StepResult) -> &'static str {
    match step.status {
        StepStatus::Passed => "passed",
        StepStatus::Skipped => "skipped",
        StepStatus::Undefined => "undefined",
        _ if result.verdict == Verdict::KnownFailure => "pending",
        _ => "failed",
    }
}

fn cause(result: &ScenarioResult) -> String {
    format!("{}: {}", result.judged(), result.cause)
}

fn slug(name: &str) -> String {
    name.to_lowercase().split_whitespace().collect::<Vec<_>>().join("-")
}
