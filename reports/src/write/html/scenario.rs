//! One scenario of the page. Its evidence is drawn by the script, when it is opened.

use super::words::{dot, duration, lines, rich, slug};
use crate::checks::{Conclusion, Outcome};
use crate::verdict::{FindingResult, ScenarioResult, Verdict};
use maud::{Markup, html};
use proofhouse_protocol::observation::{Blame, StepStatus};

/// So many links to records are shown under a finding.
const MOST_RECORDS: usize = 6;

/// A row that opens.
pub(super) fn scenario(result: &ScenarioResult, index: usize) -> Markup {
    let meta = &result.meta;
    html! {
        details.scenario id=(meta.id) data-verdict=(slug(result.verdict)) data-level=(meta.level)
            data-requirements=(meta.requirements.join(" ")) data-q=(haystack(result)) data-evidence={ "evidence-" (index) } {
            summary {
                (dot(result.verdict))
                span.title { (meta.title) }
                span.tags {
                    @for id in &meta.requirements { span.chip { (id) } }
                    span.level { (meta.level) }
                }
                span.id { (meta.id) }
                span.time { (duration(result.duration_ms)) }
            }
            div.body {
                (head(result))
                (steps(result))
                (findings(result))
                div.evidence data-slot="" {
                    noscript { p.muted { "The evidence needs a browser with scripts; it is in history.ndjson, too." } }
                }
            }
        }
    }
}

fn head(result: &ScenarioResult) -> Markup {
    let meta = &result.meta;
    html! {
        @if let Some(rule) = &meta.rule { p.rule { span.eyebrow { "Rule" } (rich(rule)) } }
        p.where {
            a.anchor href={ "#" (meta.id) } { "#" (meta.id) }
            span.mono { (meta.file) ":" (meta.line) }
            @for id in &meta.requirements { a.chip href={ "#req-" (id) } { (id) } }
            @if result.attempts > 1 { span { (result.attempts) " attempts" } }
        }
        @if !result.cause.is_empty() {
            div class={ "cause v-" (slug(result.verdict)) } {
                p.eyebrow { (result.verdict) @if let Some(by) = result.blame { ": " (by) } }
                p.text { (lines(&result.cause)) }
            }
        }
    }
}

/// Each step, and under it what was checked there, in words.
fn steps(result: &ScenarioResult) -> Markup {
    let of = |step: usize| result.findings.iter().filter(move |f| f.step == Some(step));
    html! {
        @if !result.steps.is_empty() {
            section.steps {
                h4 { "Steps" }
                ol {
                    @for (place, step) in result.steps.iter().enumerate() {
                        li class={ "s-" (step.status) } {
                            (dot(as_verdict(step.status)))
                            span.step { span.keyword { (step.keyword) } " " (step.text) }
                            span.time { (duration(step.elapsed_ms)) }
                            @if let Some(argument) = &step.argument {
                                pre.argument.table[argument.starts_with('|')] { (argument) }
                            }
                            @if let Some(message) = step.message.as_ref().filter(|m| !result.cause.contains(*m)) {
                                p.message { (lines(message)) }
                            }
                            @for finding in of(place) { (found(result, finding)) }
                        }
                    }
                }
            }
        }
    }
}

fn as_verdict(status: StepStatus) -> Verdict {
    match status {
        StepStatus::Passed => Verdict::Passed,
        StepStatus::Failed => Verdict::Failed,
        StepStatus::Skipped => Verdict::NotApplicable,
        StepStatus::Error | StepStatus::Undefined => Verdict::Error,
    }
}

/// What was checked when the steps were over.
fn findings(result: &ScenarioResult) -> Markup {
    let behind = || result.findings.iter().filter(|f| f.step.is_none_or(|step| step >= result.steps.len()));
    html! {
        @if behind().next().is_some() {
            section.findings {
                h4 { "Behind the last step" }
                @for finding in behind() { (found(result, finding)) }
            }
        }
    }
}

/// One finding, with links to the records that it stands on.
fn found(result: &ScenarioResult, finding: &FindingResult) -> Markup {
    let Conclusion { outcome, said, on } = &finding.conclusion;
    let verdict = verdict_of(*outcome);
    html! {
        div class={ "finding v-" (slug(verdict)) } {
            (dot(verdict))
            div {
                // What is in the cause already is told once.
                @if *outcome == Outcome::Holds || !result.cause.contains(said.as_str()) { p.said { (lines(said)) } }
                @else { p.said.muted { "See the cause above." } }
                p.on {
                    @if let Some(words) = blamed(*outcome) { span.blame { (words) } }
                    @if !on.is_empty() {
                        "Stands on "
                        @for (place, record) in on.iter().take(MOST_RECORDS).enumerate() {
                            @if place > 0 { ", " }
                            a href={ "#record-" (record) } data-record=(record) { "record " (record) }
                        }
                        @if on.len() > MOST_RECORDS { " and " (on.len() - MOST_RECORDS) " more" }
                    }
                    details.input {
                        summary { (finding.check.replace('_', " ")) }
                        pre { (format!("{:#}", finding.input)) }
                    }
                }
            }
        }
    }
}

fn verdict_of(outcome: Outcome) -> Verdict {
    match outcome {
        Outcome::Holds => Verdict::Passed,
        Outcome::Broken(Blame::Harness) | Outcome::Error => Verdict::Error,
        Outcome::Broken(_) => Verdict::Failed,
        Outcome::Unproved => Verdict::Inconclusive,
    }
}

fn blamed(outcome: Outcome) -> Option<String> {
    match outcome {
        Outcome::Holds => None,
        Outcome::Broken(by) => Some(format!("broken by {by}")),
        Outcome::Unproved => Some("unproved".to_owned()),
        Outcome::Error => Some("could not be checked".to_owned()),
    }
}

fn haystack(result: &ScenarioResult) -> String {
    let meta = &result.meta;
    let mut parts =
        vec![meta.id.as_str(), &meta.title, &meta.feature, meta.level.as_str(), result.verdict.as_str()];
    parts.extend(meta.rule.as_deref());
    parts.extend(meta.requirements.iter().chain(&meta.tags).map(String::as_str));
    parts.extend(result.steps.iter().map(|s| s.text.as_str()));
    parts.push(&result.cause);
    parts.join(" ").to_lowercase()
}
