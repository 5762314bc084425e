//! The summary at the end of a run.

use crate::RunReport;
use crate::report::Counts;
use crate::verdict::{ScenarioResult, Verdict};
use std::fmt::Write as _;
use tabled::builder::Builder;
use tabled::settings::object::{Columns, Rows};
use tabled::settings::{Alignment, Style};

/// Results by feature, in the order of their first scenario.
pub(super) fn by_feature(results: &[ScenarioResult]) -> Vec<(&str, Vec<&ScenarioResult>)> {
    let mut features: Vec<(&str, Vec<&ScenarioResult>)> = Vec::new();
    for result in results {
        match features.iter_mut().find(|(name, _)| *name == result.meta.feature) {
            Some((_, own)) => own.push(result),
            None => features.push((&result.meta.feature, vec![result])),
        }
    }
    features
}

/// Counts for each feature, every scenario that did not pass with its cause, and one closing line of counts.
///
/// `color` adds ANSI colours.
#[must_use]
pub fn to_summary(report: &RunReport, color: bool) -> String {
    let mut text = String::new();
    if !report.results.is_empty() {
        text.push_str(&table(&report.results));
        text.push_str("\n\n");
    }
    for result in &report.results {
        if result.verdict == Verdict::Passed || result.verdict == Verdict::NotApplicable {
            continue;
        }
        let meta = &result.meta;
        let verdict = paint(result.verdict, result.verdict.as_str(), color);
        let by = result.blame.map_or_else(String::new, |by| format!(" ({by})"));
        let requirements = meta.requirements.join(" ");
        let spaced = if requirements.is_empty() { String::new() } else { format!("  [{requirements}]") };
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{verdict}{by}: {}  {}{spaced}", meta.id, meta.title);
        let _ = writeln!(text, "    {}:{}", meta.file, meta.line);
        for line in result.cause.lines() {
            let _ = writeln!(text, "    {line}");
        }
        text.push('\n');
    }
    for problem in &report.problems {
        let _ = writeln!(text, "{}: {}\n", paint(Verdict::Error, "problem", color), problem.text);
    }
    let _ = writeln!(text, "{}", closing(report));
    text
}

fn closing(report: &RunReport) -> String {
    let seconds = report.duration_ms / 1000.0;
    let line = format!("{} in {seconds:.1} s", report.counts.line());
    if report.exit.code == 0 {
        line
    } else {
        format!("{line} (exit {}: {})", report.exit.code, report.exit.sentence)
    }
}

fn table(results: &[ScenarioResult]) -> String {
    let all = Counts::of(results);
    let shown: Vec<_> =
        Verdict::ALL.into_iter().filter(|v| *v == Verdict::Passed || all.get(*v) > 0).collect();
    let row = |name: &str, counts: &Counts, ms: f64| {
        let number = |n: usize| if n == 0 { String::new() } else { n.to_string() };
        let mut cells = vec![name.to_owned()];
        cells.extend(shown.iter().map(|v| number(counts.get(*v))));
        cells.push(format!("{:.1} s", ms / 1000.0));
        cells
    };
    let mut builder = Builder::new();
    let head = ["feature".to_owned()].into_iter().chain(shown.iter().map(ToString::to_string));
    builder.push_record(head.chain(["time".to_owned()]));
    let features = by_feature(results);
    for (name, own) in &features {
        let ms = own.iter().map(|r| r.duration_ms).sum();
        builder.push_record(row(name, &Counts::of(own.iter().copied()), ms));
    }
    if features.len() > 1 {
        builder.push_record(row("all", &all, results.iter().map(|r| r.duration_ms).sum()));
    }
    let mut table = builder.build();
    table
        .with(Style::sharp())
        .modify(Columns::new(1..), Alignment::right())
        .modify(Rows::first(), Alignment::left());
    table.to_string()
}

fn paint(verdict: Verdict, word: &str, color: bool) -> String {
    if !color {
        return word.to_owned();
    }
    let code = match verdict {
        Verdict::Passed => "32",
        Verdict::Failed | Verdict::UnexpectedPass => "1;31",
        Verdict::Error => "1;35",
        Verdict::Inconclusive | Verdict::KnownFailure => "33",
        Verdict::NotApplicable => "2",
    };
    format!("\x1b[{code}m{word}\x1b[0m")
}
