//! The head of the page, and what is known about the run.

use super::words::{dot, duration, lines, rich, slug};
use crate::RunReport;
use crate::verdict::Verdict;
use jiff::tz::TimeZone;
use maud::{Markup, html};
use proofhouse_protocol::FidelityLabel;

/// Verdict of the run, counts, levels.
pub(super) fn hero(report: &RunReport) -> Markup {
    let run = &report.run;
    let open = report.exit.code == 0;
    html! {
        section.hero id="top" aria-labelledby="outcome" {
            p.eyebrow { "Conformance report" }
            h1 { (run.implementation.name) " " span.version { (run.implementation.version) } }
            p.meta {
                time datetime=(run.started) { (when(run.started)) }
                span { (duration(report.duration_ms)) }
                span { "profile " (run.semantics.profile) }
                span { "suite " (run.suite_version) }
                span.mono { (run.run_id) }
                @if !run.selection.is_empty() { span { "selected: " (run.selection) } }
            }
            div.outcome.open[open].shut[!open] {
                div {
                    p.gate id="outcome" { @if open { "Gate open" } @else { "Gate closed" } }
                    p.sentence { (capital(&report.exit.sentence)) "." }
                }
                p.exit { "exit code " strong { (report.exit.code) } }
            }
            (counts(report))
            @if !report.problems.is_empty() {
                ul.problems {
                    @for problem in &report.problems { li { (lines(&problem.text)) } }
                }
            }
        }
    }
}

fn counts(report: &RunReport) -> Markup {
    let present: Vec<_> = Verdict::ALL.into_iter().filter(|v| report.counts.get(*v) > 0).collect();
    html! {
        div.bar aria-hidden="true" {
            @for verdict in &present {
                span class={ "v-" (slug(*verdict)) } style={ "flex-grow:" (report.counts.get(*verdict)) } {}
            }
        }
        ul.legend {
            li.total { span.n { (report.counts.total()) } span { "scenarios" } }
            @for verdict in &present {
                li {
                    button type="button" data-verdict=(slug(*verdict)) {
                        (dot(*verdict))
                        span.n { (report.counts.get(*verdict)) }
                        span { (verdict) }
                    }
                }
            }
        }
        table.levels {
            caption.hidden { "Results by level" }
            thead { tr { th scope="col" { "Level" } th scope="col" { "Passed" } th scope="col" { "Did not pass" } } }
            tbody {
                @for level in report.levels.iter().filter(|l| l.counts.total() > 0) {
                    tr {
                        th scope="row" { (level.level) }
                        td {
                            (level.counts.get(Verdict::Passed)) " of " (level.counts.total())
                            span.percent { (100 * level.counts.get(Verdict::Passed) / level.counts.total().max(1)) "%" }
                        }
                        td.ids {
                            @for missed in &level.not_passed {
                                a class={ "v-" (slug(missed.verdict)) } href={ "#" (missed.id) }
                                    title=(missed.verdict) { (missed.id) }
                            }
                            @if level.not_passed.is_empty() { span.muted { "none" } }
                        }
                    }
                }
            }
        }
    }
}

/// What keeps the gate closed, worst first.
pub(super) fn attention(report: &RunReport) -> Markup {
    let order = [Verdict::Failed, Verdict::Error, Verdict::Inconclusive, Verdict::UnexpectedPass];
    let urgent: Vec<_> =
        order.into_iter().flat_map(|v| report.results.iter().filter(move |r| r.verdict == v)).collect();
    html! {
        @if !urgent.is_empty() {
            section.attention aria-labelledby="attention-title" {
                h2 id="attention-title" { "Needs attention" span.tally { (urgent.len()) } }
                ul {
                    @for result in urgent {
                        li class={ "v-" (slug(result.verdict)) } {
                            a href={ "#" (result.meta.id) } {
                                (dot(result.verdict))
                                span.what {
                                    span.name { (result.meta.title) }
                                    span.why { (lines(&preview(&result.cause))) }
                                }
                                span.id { (result.meta.id) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The first lines of a cause.
fn preview(cause: &str) -> String {
    const MOST: usize = 4;
    let mut first: Vec<_> = cause.lines().take(MOST).collect();
    if cause.lines().count() > MOST {
        first.push("...");
    }
    first.join("\n")
}

/// Implementation, machine, declared choices, fidelity, limits.
pub(super) fn about(report: &RunReport) -> Markup {
    let run = &report.run;
    html! {
        section id="about" aria-labelledby="about-title" {
            h2 id="about-title" { "About this run" }
            div.cards {
                div.card {
                    h3 { "Implementation" }
                    dl {
                        dt { "Name" } dd { (run.implementation.name) }
                        dt { "Version" } dd { (run.implementation.version) }
                        @if !run.implementation.image.is_empty() { dt { "Image" } dd.mono { (run.implementation.image) } }
                        @if !run.implementation.image_digest.is_empty() {
                            dt { "Digest" } dd.mono { (run.implementation.image_digest) }
                        }
                        dt { "Suite" } dd { (run.suite_version) }
                    }
                }
                div.card {
                    h3 { "Environment" }
                    dl { @for (name, value) in run.environment.pairs() { dt { (name) } dd { (value) } } }
                }
                div.card {
                    h3 { "Declared choices" }
                    p.note { "Where public documentation is silent, this run decided. None of these is a fact about any product." }
                    dl.wide { @for c in &report.declared_choices { dt { (rich(&c.question)) } dd { (rich(&c.choice)) } } }
                }
                div.card {
                    h3 { "Fidelity of the simulation" }
                    p.note { "A scenario can pass only on what is enforced or approximated." }
                    ul.fidelity {
                        @for f in &run.fidelity {
                            li {
                                span class={ "label l-" (label(f.label)) } { (f.label) }
                                span { strong { (f.property) } @if !f.how.is_empty() { " " span.muted { (f.how) } } }
                            }
                        }
                    }
                }
                @if !run.not_simulated.is_empty() {
                    div.card.full {
                        h3 { "What this run says nothing about" }
                        ul.plain { @for line in &run.not_simulated { li { (line) } } }
                    }
                }
            }
            footer {
                p { "Proofhouse is an independent project. Names of products only describe compatibility." }
            }
        }
    }
}

fn label(label: FidelityLabel) -> &'static str {
    match label {
        FidelityLabel::Enforced => "enforced",
        FidelityLabel::Approximated => "approximated",
        FidelityLabel::Assumed => "assumed",
        FidelityLabel::NotSimulated => "not-simulated",
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |c| c.to_uppercase().chain(letters).collect())
}

fn when(time: jiff::Timestamp) -> String {
    let local = TimeZone::UTC.to_datetime(time);
    format!("{} {:02}:{:02} UTC", local.date(), local.hour(), local.minute())
}
