//! How a run goes, while it goes.

use owo_colors::{OwoColorize, Stream};
use proofhouse_reports::{ScenarioResult, Verdict};
use proofhouse_scenarios::Progress;
use tokio::sync::mpsc::UnboundedReceiver;

/// Prints a line a scenario to standard error, until the run is over.
pub async fn show(mut events: UnboundedReceiver<Progress>, total: usize, quiet: bool) {
    let mut done = 0;
    while let Some(result) = events.recv().await {
        done += 1;
        if !quiet {
            eprintln!("{}", line(&result, done, total));
        }
    }
}

fn line(result: &ScenarioResult, done: usize, total: usize) -> String {
    let mark = match result.verdict {
        Verdict::Passed => "ok".if_supports_color(Stream::Stderr, |text| text.green()).to_string(),
        Verdict::NotApplicable => "--".to_owned(),
        Verdict::Failed | Verdict::UnexpectedPass => {
            "FAILED".if_supports_color(Stream::Stderr, |text| text.red()).to_string()
        }
        Verdict::Inconclusive | Verdict::Error | Verdict::KnownFailure => {
            result.verdict.as_str().if_supports_color(Stream::Stderr, |text| text.yellow()).to_string()
        }
    };
    let width = total.to_string().len();
    let head = format!("{done:>width$}/{total} {mark} {} {}", result.meta.id, result.meta.title);
    let seconds = format!("{:.1} s", result.duration_ms / 1000.0);
    let seconds = seconds.if_supports_color(Stream::Stderr, |text| text.dimmed()).to_string();
    if result.verdict == Verdict::Passed || result.cause.is_empty() {
        return format!("{head} {seconds}");
    }
    let cause = result.cause.lines().map(|line| format!("      {line}")).collect::<Vec<_>>().join("\n");
    format!("{head} {seconds}\n{cause}")
}
