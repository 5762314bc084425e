//! One scenario of the page. Its evidence is drawn by the script, when it is opened.

use super::words::{dot, duration, lines, slug};
use crate::checks::Blame;
use crate::verdict::{FindingResult, ScenarioResult, StepResult, Verdict};
use maud::{Markup, html};

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
        @if let Some(rule) = &meta.rule { p.rule { span.eyebrow { "Rule" } (rule) } }
        p.where {
            a.anchor href={ "#" (meta.id) } { "#" (meta.id) }
            span.mono { (meta.file) ":" (meta.line) }
            @for id in &meta.requirements { a.chip href={ "#req-" (id) } { (id) } }
            @if result.attempts > 1 { span { (result.attempts) " attempts" } }
        }
        @if !result.cause.is_empty() {
            div class={ "cause v-" (slug(result.verdict)) } {
                p.eyebrow { (result.verdict) }
                p.text { (lines(&result.cause)) }
            }
        }
    }
}

/// A message is told once: in the cause, or else in the finding, or else in the step.
fn told(result: &ScenarioResult, message: &str) -> bool {
    result.cause.contains(message)
}

fn steps(result: &ScenarioResult) -> Markup {
    let steps: &[StepResult] = &result.steps;
    let news = |m: &&String| !told(result, m) && !result.findings.iter().any(|f| f.message == **m);
    html! {
        @if !steps.is_empty() {
            section.steps {
                h4 { "Steps" }
                ol {
                    @for step in steps {
                        li class={ "s-" (step.status) } {
                            (dot(as_verdict(&step.status)))
                            span.step { span.keyword { (step.keyword) } " " (step.text) }
                            span.time { (duration(step.elapsed_ms)) }
                            @if let Some(argument) = &step.argument { pre.argument { (argument) } }
                            @if let Some(message) = step.message.as_ref().filter(news) { p.message { (lines(message)) } }
                        }
                    }
                }
            }
        }
    }
}

fn as_verdict(status: &str) -> Verdict {
    match status {
        "passed" => Verdict::Passed,
        "failed" => Verdict::Failed,
        "skipped" => Verdict::NotApplicable,
        _ => Verdict::Error,
    }
}

fn findings(result: &ScenarioResult) -> Markup {
    let findings = &result.findings;
    html! {
        @if !findings.is_empty() {
            section.findings {
                h4 { "Findings" }
                ul {
                    @for finding in findings {
                        @let verdict = found(finding);
                        li class={ "v-" (slug(verdict)) } {
                            (dot(verdict))
                            div {
                                p.check {
                                    (finding.check.replace('_', " "))
                                    @if !finding.holds { span.blame { (blamed(finding.blame)) } }
                                }
                                @if finding.holds || !told(result, &finding.message) { p.message { (lines(&finding.message)) } }
                                @else { p.message.muted { "See the cause above." } }
                                details.input {
                                    summary { "What was checked" }
                                    pre { (pretty(&finding.expectation)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn found(finding: &FindingResult) -> Verdict {
    match (finding.holds, finding.blame) {
        (true, _) => Verdict::Passed,
        (false, Blame::Defender) => Verdict::Failed,
        (false, Blame::Evidence) => Verdict::Inconclusive,
        (false, Blame::Environment) => Verdict::Error,
    }
}

fn blamed(blame: Blame) -> &'static str {
    match blame {
        Blame::Defender => "the Defender's fault",
        Blame::Evidence => "not enough evidence",
        Blame::Environment => "the environment's fault",
    }
}

fn pretty(value: &serde_json::Value) -> String {
    format!("{value:#}")
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
