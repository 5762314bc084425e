//! Requirements and their coverage.

use super::words::{dot, slug};
use crate::RunReport;
use crate::catalogue::{Coverage, CoverageStatus};
use crate::verdict::{ScenarioResult, Verdict};
use maud::{Markup, html};
use std::collections::HashMap;

/// The worst first.
const WORST: [Verdict; 7] = [
    Verdict::Failed,
    Verdict::Error,
    Verdict::Inconclusive,
    Verdict::UnexpectedPass,
    Verdict::KnownFailure,
    Verdict::Passed,
    Verdict::NotApplicable,
];

/// Areas of the catalogue by letter.
fn area(letter: char) -> &'static str {
    match letter {
        'E' => "Embedding",
        'S' => "Sidecar and Console link",
        'P' => "Process policy",
        'D' => "DNS and network policy",
        'C' => "Scopes",
        'F' => "Effects",
        'A' => "Audits",
        'U' => "Live updates",
        'X' => "Failure modes",
        'W' => "WAAS",
        'T' => "The Fargate task",
        'V' => "Evasion",
        'Z' => "What an app notices of the Defender",
        _ => "More",
    }
}

/// A map of all requirements, and a table for each area.
pub(super) fn section(report: &RunReport) -> Markup {
    let results: HashMap<&str, &ScenarioResult> =
        report.results.iter().map(|r| (r.meta.id.as_str(), r)).collect();
    let areas = areas(&report.coverage);
    let covered = report.coverage.iter().filter(|c| c.status == CoverageStatus::Covered).count();
    html! {
        section id="requirements" aria-labelledby="requirements-title" {
            h2 id="requirements-title" {
                "Requirements" span.tally { (covered) " of " (report.coverage.len()) " covered by this run" }
            }
            @for (letter, rows) in areas {
                @let have = rows.iter().filter(|c| c.status == CoverageStatus::Covered).count();
                details.area id={ "area-" (letter) } {
                    summary {
                        span.letter { (letter) }
                        span.title { (area(letter)) }
                        span.map aria-hidden="true" {
                            @for row in &rows { i class=(tone(row, &results)) title={ (row.id) " " (row.title) } {} }
                        }
                        span.tally { (have) " of " (rows.len()) }
                    }
                    div.scroll { table {
                        thead {
                            tr { th scope="col" { "Id" } th scope="col" { "Requirement" } th scope="col" { "Level" }
                                th scope="col" { "Status" } th scope="col" { "Scenarios" } }
                        }
                        tbody { @for row in &rows { (line(row, &results)) } }
                    } }
                }
            }
            p.key aria-hidden="true" {
                @for (class, text) in [
                    ("v-passed", "passes"), ("v-failed", "fails"), ("v-inconclusive", "not judged"),
                    ("v-known-failure", "known failure"), ("labelled", "labelled"), ("missing", "no scenario in this run"),
                ] { span { i class=(class) {} (text) } }
            }
        }
    }
}

fn line(row: &Coverage, results: &HashMap<&str, &ScenarioResult>) -> Markup {
    html! {
        tr id={ "req-" (row.id) } {
            th scope="row" { (row.id) }
            td { (row.title) }
            td.muted { (row.level) }
            td {
                @match worst(row, results) {
                    Some(verdict) => { (dot(verdict)) " " (verdict) },
                    None => span.muted { (row.status) },
                }
            }
            td.ids {
                @for id in &row.scenarios {
                    @let verdict = results.get(id.as_str()).map(|r| slug(r.verdict));
                    a class=[verdict.map(|v| format!("v-{v}"))] href={ "#" (id) } { (id) }
                }
                @if row.scenarios.is_empty() { span.muted { (row.why.as_deref().unwrap_or_default()) } }
            }
        }
    }
}

fn worst(row: &Coverage, results: &HashMap<&str, &ScenarioResult>) -> Option<Verdict> {
    let seen: Vec<_> =
        row.scenarios.iter().filter_map(|id| results.get(id.as_str())).map(|r| r.verdict).collect();
    WORST.into_iter().find(|v| seen.contains(v))
}

fn tone(row: &Coverage, results: &HashMap<&str, &ScenarioResult>) -> String {
    match (worst(row, results), row.status) {
        (Some(verdict), _) => format!("v-{}", slug(verdict)),
        (None, CoverageStatus::Labelled) => "labelled".to_owned(),
        (None, _) => "missing".to_owned(),
    }
}

fn areas(coverage: &[Coverage]) -> Vec<(char, Vec<&Coverage>)> {
    let mut areas: Vec<(char, Vec<&Coverage>)> = Vec::new();
    for row in coverage {
        let letter = row.id.chars().next().unwrap_or('?');
        match areas.iter_mut().find(|(l, _)| *l == letter) {
            Some((_, rows)) => rows.push(row),
            None => areas.push((letter, vec![row])),
        }
    }
    areas
}
