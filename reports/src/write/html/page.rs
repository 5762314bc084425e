//! The page.

use super::island::island;
use super::{requirements, scenario, summary};
use crate::history::by_scenario;
use crate::verdict::{ScenarioResult, Verdict, last_attempt};
use crate::write::terminal::by_feature;
use crate::{HistoryRecord, Level, RunReport};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use std::collections::HashMap;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The report as one page without any outside resource; the policy keeps browsers from asking for one.
#[must_use]
pub fn to_html(report: &RunReport, records: &[HistoryRecord]) -> String {
    let title =
        format!("{} {} · Proofhouse", report.run.implementation.name, report.run.implementation.version);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";
                title { (title) }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#scenarios" { "Skip to scenarios" }
                (top())
                main {
                    (summary::hero(report))
                    (summary::attention(report))
                    (scenarios(report))
                    (requirements::section(report))
                    (summary::about(report))
                }
                (islands(report, records))
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    page.into_string()
}

fn top() -> Markup {
    html! {
        header.top {
            a.brand href="#top" { span.mark aria-hidden="true" {} "Proofhouse" }
            nav aria-label="Sections" {
                a href="#scenarios" { "Scenarios" }
                a href="#requirements" { "Requirements" }
                a href="#about" { "About this run" }
            }
            button.theme type="button" id="theme" title="Switch between light and dark" {
                span aria-hidden="true" { "◐" }
                span.hidden { "Switch between light and dark" }
            }
        }
    }
}

fn scenarios(report: &RunReport) -> Markup {
    html! {
        section id="scenarios" aria-labelledby="scenarios-title" {
            h2 id="scenarios-title" { "Scenarios" }
            (filters(report))
            p.count id="count" role="status" aria-live="polite" {}
            @for (feature, results) in by_feature(&report.results) {
                section.feature data-feature=(feature) {
                    h3 { (feature) span.tally { (tally(&results)) } }
                    @for result in results {
                        (scenario::scenario(result, position(report, result)))
                    }
                }
            }
            p.empty id="empty" hidden {
                "No scenario matches. " button.link type="button" data-clear="" { "Clear all filters" }
            }
        }
    }
}

fn tally(results: &[&ScenarioResult]) -> String {
    let passed = results.iter().filter(|r| r.verdict == Verdict::Passed).count();
    format!("{passed} of {} passed", results.len())
}

fn filters(report: &RunReport) -> Markup {
    html! {
        form.filters role="search" id="filters" {
            label.search {
                span.hidden { "Search scenarios" }
                input type="search" id="q" placeholder="Search ids, titles, steps, causes" autocomplete="off";
                kbd aria-hidden="true" { "/" }
            }
            label { span.hidden { "Verdict" }
                select id="verdict" {
                    option value="" { "Any verdict" }
                    option value="attention" { "Needs attention" }
                    @for verdict in Verdict::ALL.into_iter().filter(|v| report.counts.get(*v) > 0) {
                        option value=(super::words::slug(verdict)) { (verdict) " (" (report.counts.get(verdict)) ")" }
                    }
                }
            }
            label { span.hidden { "Feature" }
                select id="feature" {
                    option value="" { "Any feature" }
                    @for (feature, _) in by_feature(&report.results) { option { (feature) } }
                }
            }
            label { span.hidden { "Level" }
                select id="level" {
                    option value="" { "Any level" }
                    @for level in Level::ALL { option { (level) } }
                }
            }
            label { span.hidden { "Requirement" }
                input type="text" id="requirement" list="requirement-ids" placeholder="Requirement" autocomplete="off"
                    size="11";
                datalist id="requirement-ids" {
                    @for covered in report.coverage.iter().filter(|c| !c.scenarios.is_empty()) {
                        option value=(covered.id) { (covered.title) }
                    }
                }
            }
            button type="button" data-clear="" { "Clear" }
        }
    }
}

fn position(report: &RunReport, result: &ScenarioResult) -> usize {
    report.results.iter().position(|r| std::ptr::eq(r, result)).unwrap_or_default()
}

fn islands(report: &RunReport, records: &[HistoryRecord]) -> Markup {
    let groups: HashMap<String, Vec<HistoryRecord>> = by_scenario(records).into_iter().collect();
    html! {
        @for (index, result) in report.results.iter().enumerate() {
            @let own = groups.get(&result.meta.id).map_or(&[][..], |own| last_attempt(own));
            (island(&format!("evidence-{index}"), own))
        }
    }
}
