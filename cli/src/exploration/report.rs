//! The report of an exploration: as JSON, and for people.

use crate::output;
use proofhouse_scenarios::explore::Coverage;
use serde::Serialize;
use std::path::PathBuf;
use tabled::settings::object::Columns;
use tabled::settings::{Style, Width};
use tabled::{Table, Tabled};

/// Something that is not as the model says, reduced.
#[derive(Debug, Serialize)]
pub struct Violation {
    /// Round in which it was found.
    pub round: u32,
    /// What is wrong.
    pub kind: String,
    /// In words, of the least that is left.
    pub said: String,
    /// Clauses by which the model decided.
    pub clauses: Vec<&'static str>,
    /// Findings of the round that it was taken from.
    pub findings: usize,
    /// Whether nothing more could be left out.
    pub least: bool,
    /// How often it was tried to leave something out.
    pub attempts: usize,
    /// Seconds that this took.
    pub seconds: f64,
    /// The feature that was written; none where it did not come again.
    pub feature: Option<PathBuf>,
    /// What came of the feature, run by itself.
    pub confirmed: Option<String>,
}

/// The report, `explore.json`.
#[derive(Serialize)]
pub struct Report<'a> {
    /// Version of the shape.
    pub schema: u32,
    /// What everything was made up from.
    pub seed: u64,
    /// Profile of the declared choices.
    pub profile: &'a str,
    /// Rounds that were run.
    pub rounds: u32,
    /// Seconds that they took, without what was reduced.
    pub seconds: f64,
    /// Trials a minute.
    pub trials_a_minute: f64,
    /// What was reached.
    pub coverage: &'a Coverage,
    /// Clauses of the model that nothing reached, of those that can be.
    pub unreached: Vec<&'static str>,
    /// What cannot be told.
    pub unproved: &'a [String],
    /// What is not as the model says.
    pub violations: &'a [Violation],
}

#[derive(Tabled)]
struct DimensionRow {
    dimension: &'static str,
    values: usize,
    #[tabled(rename = "trials of each value")]
    trials: String,
}

impl Report<'_> {
    /// Prints it for people; what matters comes last.
    pub fn tell(&self) {
        self.tell_coverage();
        for violation in self.violations {
            output::line(&output::bold(&format!("VIOLATION: {}", violation.said)));
            match &violation.feature {
                Some(file) => output::line(&format!(
                    "  reduced in {} attempts, {:.0} s: {}",
                    violation.attempts,
                    violation.seconds,
                    file.display()
                )),
                None if violation.attempts > 0 => {
                    output::line("  it did not come again when it was tried again");
                }
                None => {}
            }
            if let Some(confirmed) = &violation.confirmed {
                output::line(&format!("  {confirmed}"));
            }
        }
        for why in self.unproved.iter().take(5) {
            output::line(&format!("unproved: {why}"));
        }
        let violations = match self.violations.len() {
            0 => "no violation".to_owned(),
            1 => "1 violation".to_owned(),
            several => format!("{several} violations"),
        };
        output::line(&format!(
            "seed {}: {} rounds, {} trials, {} decisions judged in {:.1} s ({:.0} trials a minute): {violations}",
            self.seed,
            self.rounds,
            self.coverage.trials,
            self.coverage.decided,
            self.seconds,
            self.trials_a_minute
        ));
    }

    fn tell_coverage(&self) {
        let rows = self.coverage.dimensions.iter().map(|(dimension, values)| DimensionRow {
            dimension,
            values: values.len(),
            trials: values
                .iter()
                .map(|(value, count)| format!("{value} {count}"))
                .collect::<Vec<_>>()
                .join(", "),
        });
        let mut table = Table::new(rows);
        table.with(Style::blank()).modify(Columns::last(), Width::wrap(100).keep_words(true));
        output::line(&table.to_string());
        let reached = self.coverage.clauses.len();
        output::line(&format!(
            "clauses of the model: {reached} of {} reached; {} out of reach ({})",
            reached + self.unreached.len(),
            self.coverage.out_of_reach().count(),
            self.coverage
                .out_of_reach()
                .map(|(id, why)| format!("{id}: {why}"))
                .collect::<Vec<_>>()
                .join("; ")
        ));
        if !self.unreached.is_empty() {
            output::line(&format!("not reached: {}", self.unreached.join(", ")));
        }
        let apart = self.coverage.met().into_iter().filter(|(.., met, of)| met < of);
        let apart: Vec<_> =
            apart.map(|(one, other, met, of)| format!("{one} x {other} {} of {of}", of - met)).collect();
        if !apart.is_empty() {
            output::line(&format!("pairs of values that never met: {}", apart.join(", ")));
        }
    }
}
