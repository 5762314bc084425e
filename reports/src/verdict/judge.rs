//! The verdict of a scenario, from its records alone.

use super::meta::ScenarioMeta;
use super::result::{FindingResult, ScenarioResult, StepResult, Verdict};
use crate::HistoryRecord;
use crate::checks::{Attribution, AuditCount, Blame, Check, losses, recheck};
use proofhouse_protocol::Observation;
use serde_json::Value;

/// Judges a scenario by its recorded findings and steps, on its last attempt.
///
/// In this order: not applicable; failed (a finding blames the Defender, an audit has no cause, or a step failed without
/// any finding that says why); error (a finding blames the environment, a step could not be carried out, the scenario
/// was cut off); inconclusive (a finding blames the evidence, evidence was lost, no stimulus ran, or the scenario leans
/// on something that is only assumed); passed. A failure on positive evidence is not undone by what is missing elsewhere;
/// checkers themselves blame the evidence where a loss could explain what they miss.
#[must_use]
pub fn judge(records: &[HistoryRecord], meta: &ScenarioMeta) -> ScenarioResult {
    let attempt = last_attempt(records);
    decide(records, attempt, meta, recorded_findings(attempt))
}

/// Judges a recording again: each finding that names a known check is made anew, on what had been recorded when it was
/// first made. The second value has a sentence for each finding that could not be, and was kept as recorded.
#[must_use]
pub fn judge_again(records: &[HistoryRecord], meta: &ScenarioMeta) -> (ScenarioResult, Vec<String>) {
    let attempt = last_attempt(records);
    let mut kept = Vec::new();
    let mut findings = Vec::new();
    for (index, record) in attempt.iter().enumerate() {
        let Some(old) = finding(record) else { continue };
        match recheck(&old.check, &old.expectation, &attempt[..index]) {
            Ok(new) => findings.push(FindingResult {
                check: new.check,
                holds: new.holds,
                blame: new.blame,
                message: new.message,
                expectation: new.expectation,
            }),
            Err(error) => {
                kept.push(error.to_string());
                findings.push(old);
            }
        }
    }
    (decide(records, attempt, meta, findings), kept)
}

/// The records of the last attempt: from the last `scenario_began` on, or all of them.
#[must_use]
pub fn last_attempt(records: &[HistoryRecord]) -> &[HistoryRecord] {
    let began = records.iter().rposition(|r| matches!(r.observation(), Observation::ScenarioBegan { .. }));
    &records[began.unwrap_or(0)..]
}

fn finding(record: &HistoryRecord) -> Option<FindingResult> {
    let Observation::Finding { check, holds, blame, message, expectation } = record.observation() else {
        return None;
    };
    Some(FindingResult {
        check: check.clone(),
        holds: *holds,
        blame: Blame::from_word(blame),
        message: message.clone(),
        expectation: expectation.clone(),
    })
}

fn recorded_findings(records: &[HistoryRecord]) -> Vec<FindingResult> {
    records.iter().filter_map(finding).collect()
}

fn decide(
    records: &[HistoryRecord],
    attempt: &[HistoryRecord],
    meta: &ScenarioMeta,
    mut findings: Vec<FindingResult>,
) -> ScenarioResult {
    let steps = steps(attempt);
    findings.extend(stray_audits(attempt, &findings));
    let attempts = records
        .iter()
        .filter_map(|r| match r.observation() {
            Observation::ScenarioBegan { attempt, .. } => Some(*attempt),
            _ => None,
        })
        .max()
        .unwrap_or(1);
    let (verdict, mut cause) = match &meta.not_applicable {
        Some(reason) => (Verdict::NotApplicable, reason.clone()),
        None => verdict(attempt, meta, &steps, &findings),
    };
    if verdict == Verdict::Passed && attempts > 1 {
        cause = format!("passed at attempt {attempts}; the attempts before did not");
    }
    let span = |r: &[HistoryRecord]| match (r.first(), r.last()) {
        (Some(a), Some(b)) => b.monotonic_us.saturating_sub(a.monotonic_us),
        _ => 0,
    };
    // Microseconds of a run are far below 2^52.
    let duration_ms = span(attempt) as f64 / 1000.0;
    ScenarioResult { meta: meta.clone(), verdict, cause, duration_ms, attempts, steps, findings }
}

fn steps(records: &[HistoryRecord]) -> Vec<StepResult> {
    let step = |r: &HistoryRecord| match r.observation() {
        Observation::Step { keyword, text, argument, status, message, elapsed_ms } => Some(StepResult {
            argument: argument.clone(),
            keyword: keyword.trim().to_owned(),
            text: text.clone(),
            status: status.clone(),
            message: message.clone(),
            elapsed_ms: *elapsed_ms,
        }),
        _ => None,
    };
    records.iter().filter_map(step).collect()
}

/// The finding that an audit has no cause, unless a check has already said so. An audit that a check without a token
/// expected, and found, has its cause: the scenario says so.
fn stray_audits(records: &[HistoryRecord], findings: &[FindingResult]) -> Option<FindingResult> {
    let check = Check::NoUnexplainedAudits {};
    let expected: Vec<AuditCount> = findings
        .iter()
        .filter(|f| f.holds && f.check == "audit_count")
        .filter_map(|f| serde_json::from_value(f.expectation.clone()).ok())
        .filter(|input: &AuditCount| input.token.is_none())
        .collect();
    let attribution = Attribution::new(records);
    let strays =
        attribution.unexplained().filter(|audit| !expected.iter().any(|input| input.covers(audit))).count();
    if strays == 0 || findings.iter().any(|f| f.check == "no_unexplained_audits") {
        return None;
    }
    let said = check.judge(records);
    Some(FindingResult {
        check: said.check,
        holds: said.holds,
        blame: said.blame,
        message: said.message,
        expectation: said.expectation,
    })
}

fn verdict(
    records: &[HistoryRecord],
    meta: &ScenarioMeta,
    steps: &[StepResult],
    findings: &[FindingResult],
) -> (Verdict, String) {
    let blamed = |blame| {
        let broken: Vec<_> = findings.iter().filter(|f| !f.holds && f.blame == blame).collect();
        broken.first().map(|first| match broken.len() {
            1 => first.message.clone(),
            n => format!("{}\nand {} more of {} findings", first.message, n - 1, findings.len()),
        })
    };
    let step = |wanted: &[&str]| steps.iter().find(|s| wanted.contains(&s.status.as_str()));
    let told = |s: &StepResult| {
        let why = s.message.as_deref().unwrap_or("no message");
        format!("step `{} {}`: {why}", s.keyword, s.text)
    };

    if let Some(cause) = blamed(Blame::Defender) {
        return (Verdict::Failed, cause);
    }
    let explained = findings.iter().any(|f| !f.holds);
    if let Some(failed) = step(&["failed"]).filter(|_| !explained) {
        return (Verdict::Failed, told(failed));
    }
    if let Some(cause) = blamed(Blame::Environment) {
        return (Verdict::Error, cause);
    }
    if let Some(undefined) = step(&["undefined", "ambiguous"]) {
        let cause = format!("step `{} {}` is {}", undefined.keyword, undefined.text, undefined.status);
        return (Verdict::Error, cause);
    }
    if let Some(odd) = steps.iter().find(|s| !matches!(s.status.as_str(), "passed" | "failed" | "skipped")) {
        return (Verdict::Error, told(odd));
    }
    if steps.is_empty() {
        return (Verdict::Error, "no step ran".to_owned());
    }
    let count = |wanted: fn(&Observation) -> bool| records.iter().filter(|r| wanted(r.observation())).count();
    let began = count(|o| matches!(o, Observation::ScenarioBegan { .. }));
    let ended = count(|o| matches!(o, Observation::ScenarioEnded { .. }));
    if began > ended {
        return (Verdict::Error, "the run ended before the scenario did".to_owned());
    }
    if let Some(cause) = blamed(Blame::Evidence) {
        return (Verdict::Inconclusive, cause);
    }
    if let Some(loss) = losses(records) {
        return (Verdict::Inconclusive, format!("evidence was lost: {loss}"));
    }
    if let Some(skipped) = step(&["skipped"]) {
        return (Verdict::Inconclusive, format!("step `{} {}` was skipped", skipped.keyword, skipped.text));
    }
    if !findings.is_empty() && !any_stimulus(records) {
        return (Verdict::Inconclusive, "no stimulus ran, so that nothing was tested".to_owned());
    }
    if let Some((token, error)) = idle_stimulus(records) {
        return (Verdict::Inconclusive, format!("the actor could not carry out stimulus `{token}`: {error}"));
    }
    if let Some(weak) = meta.relies_on.iter().find(|f| !f.label.can_carry_a_pass()) {
        return (Verdict::Inconclusive, format!("`{}` is {}: {}", weak.property, weak.label, weak.how));
    }
    (Verdict::Passed, String::new())
}

/// Whether anything was done to the task or to the Console. A definition that is embedded is a stimulus, too.
fn any_stimulus(records: &[HistoryRecord]) -> bool {
    records.iter().any(|r| {
        matches!(
            r.observation(),
            Observation::Stimulus { .. }
                | Observation::Act { .. }
                | Observation::HttpExchange { .. }
                | Observation::ConsoleCall { .. }
        )
    })
}

/// A stimulus of which the actor did nothing at all.
fn idle_stimulus(records: &[HistoryRecord]) -> Option<(&str, &str)> {
    let results = |token| {
        records.iter().filter(move |r| r.token() == Some(token)).filter_map(|r| match r.observation() {
            Observation::Act { result, .. } => Some(result),
            _ => None,
        })
    };
    let failed = |v: &Value| v.get("reply").and_then(Value::as_str) == Some("failed");
    records.iter().filter(|r| matches!(r.observation(), Observation::Stimulus { .. })).find_map(|r| {
        let token = r.token()?;
        let last = results(token).next_back()?;
        let error = last.get("error").and_then(Value::as_str).unwrap_or("no reason");
        results(token).all(failed).then_some((token, error))
    })
}
