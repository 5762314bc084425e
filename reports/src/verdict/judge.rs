//! The verdict of a scenario, from its records alone.

use super::meta::ScenarioMeta;
use super::result::{FindingResult, ScenarioResult, StepResult, Verdict};
use crate::HistoryRecord;
use crate::checks::{Check, Conclusion, Outcome};
use proofhouse_protocol::actor::Reply;
use proofhouse_protocol::observation::{Blame, Observation, StepStatus};

/// Judges a scenario: makes each check of its last attempt on what had been recorded before it.
///
/// In this order: not applicable; failed (a check is broken, and the Defender, the simulated Fargate or the Console are to
/// blame); error (a check is broken by the harness or cannot be made, a step could not be carried out, the scenario was cut
/// off); inconclusive (a check is unproved, none was made, no stimulus ran, or the scenario leans on something that is only
/// assumed); passed. What is broken on positive evidence is not undone by what is missing elsewhere; checks themselves say
/// `unproved` where a loss could explain what they miss.
#[must_use]
pub fn judge(records: &[HistoryRecord], meta: &ScenarioMeta) -> ScenarioResult {
    let attempt = last_attempt(records);
    let mut findings = findings(attempt);
    findings.extend(stray_audits(attempt, &findings));
    let steps = steps(attempt);
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
    let blame = match verdict {
        Verdict::Failed => {
            findings.iter().find_map(|f| blamed(&f.conclusion).filter(|by| *by != Blame::Harness))
        }
        Verdict::Error => Some(Blame::Harness),
        _ => None,
    };
    let span = |r: &[HistoryRecord]| match (r.first(), r.last()) {
        (Some(a), Some(b)) => b.monotonic_us.saturating_sub(a.monotonic_us),
        _ => 0,
    };
    // Microseconds of a run are far below 2^52.
    let duration_ms = span(attempt) as f64 / 1000.0;
    ScenarioResult { meta: meta.clone(), verdict, blame, cause, duration_ms, attempts, steps, findings }
}

/// The records of the last attempt: from the last `scenario_began` on, or all of them.
#[must_use]
pub fn last_attempt(records: &[HistoryRecord]) -> &[HistoryRecord] {
    let began = records.iter().rposition(|r| matches!(r.observation(), Observation::ScenarioBegan { .. }));
    &records[began.unwrap_or(0)..]
}

fn blamed(conclusion: &Conclusion) -> Option<Blame> {
    match conclusion.outcome {
        Outcome::Broken(by) => Some(by),
        _ => None,
    }
}

/// Each check that was recorded, made on the records before it.
fn findings(records: &[HistoryRecord]) -> Vec<FindingResult> {
    let finding = |(index, record): (usize, &HistoryRecord)| {
        let Observation::Check { step, check } = record.observation() else { return None };
        let (name, conclusion) = match serde_json::from_value::<Check>(check.clone()) {
            Ok(known) => (known.name(), known.judge(&records[..index])),
            Err(error) => (
                check["check"].as_str().unwrap_or("unknown").to_owned(),
                Conclusion {
                    outcome: Outcome::Error,
                    said: format!("the check is not one that this version can make: {error}"),
                    on: Vec::new(),
                },
            ),
        };
        Some(FindingResult {
            record: record.sequence,
            step: *step,
            check: name,
            conclusion,
            input: check.clone(),
        })
    };
    records.iter().enumerate().filter_map(finding).collect()
}

fn steps(records: &[HistoryRecord]) -> Vec<StepResult> {
    let step = |r: &HistoryRecord| match r.observation() {
        Observation::Step { keyword, text, argument, status, message, elapsed_ms } => Some(StepResult {
            argument: argument.clone(),
            keyword: keyword.trim().to_owned(),
            text: text.clone(),
            status: *status,
            message: message.clone(),
            elapsed_ms: *elapsed_ms,
        }),
        _ => None,
    };
    records.iter().filter_map(step).collect()
}

/// The finding that an audit has no cause, unless a check has already said so.
fn stray_audits(records: &[HistoryRecord], findings: &[FindingResult]) -> Option<FindingResult> {
    let check = Check::NoUnexplainedAudits {};
    let name = check.name();
    let any = records.iter().any(|r| matches!(r.observation(), Observation::Audit { .. }));
    if !any || findings.iter().any(|f| f.check == name) {
        return None;
    }
    let conclusion = check.judge(records);
    if conclusion.is_held() {
        return None;
    }
    let Observation::Check { check: input, .. } = check.to_observation(None) else { return None };
    let record = records.last().map_or(0, |r| r.sequence);
    Some(FindingResult { record, step: None, check: name, conclusion, input })
}

fn verdict(
    records: &[HistoryRecord],
    meta: &ScenarioMeta,
    steps: &[StepResult],
    findings: &[FindingResult],
) -> (Verdict, String) {
    let said = |wanted: &dyn Fn(Outcome) -> bool| {
        let all: Vec<_> = findings.iter().filter(|f| wanted(f.conclusion.outcome)).collect();
        all.first().map(|first| match all.len() {
            1 => first.conclusion.said.clone(),
            n => format!("{}\nand {} more of {} findings", first.conclusion.said, n - 1, findings.len()),
        })
    };
    let told = |s: &StepResult| {
        let why = s.message.as_deref().unwrap_or("no message");
        format!("step `{} {}`: {why}", s.keyword, s.text)
    };

    if let Some(cause) = said(&|o| matches!(o, Outcome::Broken(by) if by != Blame::Harness)) {
        return (Verdict::Failed, cause);
    }
    if let Some(cause) = said(&|o| matches!(o, Outcome::Error | Outcome::Broken(Blame::Harness))) {
        return (Verdict::Error, cause);
    }
    if let Some(odd) = steps.iter().find(|s| matches!(s.status, StepStatus::Error | StepStatus::Undefined)) {
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
    if let Some(cause) = said(&|o| o == Outcome::Unproved) {
        return (Verdict::Inconclusive, cause);
    }
    if let Some(failed) = steps.iter().find(|s| s.status == StepStatus::Failed) {
        return (Verdict::Error, format!("a step failed, and no check says why: {}", told(failed)));
    }
    if let Some(skipped) = steps.iter().find(|s| s.status == StepStatus::Skipped) {
        return (Verdict::Inconclusive, format!("step `{} {}` was skipped", skipped.keyword, skipped.text));
    }
    if !findings.iter().any(|f| f.step.is_some()) {
        return (Verdict::Inconclusive, "no step made a check, so that nothing was concluded".to_owned());
    }
    if !any_stimulus(records) {
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
                | Observation::ConsoleAnswer { .. }
        )
    })
}

/// A stimulus of which the actor did nothing at all.
fn idle_stimulus(records: &[HistoryRecord]) -> Option<(&str, &str)> {
    let results = |token| {
        records.iter().filter(move |r| r.token() == Some(token)).filter_map(|r| match r.observation() {
            Observation::Act { result, .. } => Some(&**result),
            _ => None,
        })
    };
    records.iter().filter(|r| matches!(r.observation(), Observation::Stimulus { .. })).find_map(|r| {
        let token = r.token()?;
        let Reply::Failed { error, .. } = results(token).next_back()? else { return None };
        results(token).all(|reply| matches!(reply, Reply::Failed { .. })).then_some((token, error.as_str()))
    })
}
