//! The report as a value, and as the conformance report of `results.json`.

use super::choices::Choice;
use super::header::RunHeader;
use crate::catalogue::{Coverage, Level};
use crate::exit::ExitCode;
use crate::history::WriteError;
use crate::verdict::{ScenarioResult, Verdict};
use jiff::Timestamp;
pub use proofhouse_protocol::observation::ProblemKind;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the report's shape.
pub const SCHEMA: u32 = 2;

/// A problem of the run as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Kind.
    pub kind: ProblemKind,
    /// A sentence.
    pub text: String,
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        Self { kind: ProblemKind::History, text: error.to_string() }
    }
}

/// How many scenarios have each verdict; none for those that have no scenario.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Counts(pub BTreeMap<Verdict, usize>);

impl Counts {
    /// Counts results.
    #[must_use]
    pub fn of<'a>(results: impl IntoIterator<Item = &'a ScenarioResult>) -> Self {
        let mut counts = BTreeMap::new();
        for result in results {
            *counts.entry(result.verdict).or_default() += 1;
        }
        Self(counts)
    }

    /// With this verdict.
    #[must_use]
    pub fn get(&self, verdict: Verdict) -> usize {
        self.0.get(&verdict).copied().unwrap_or(0)
    }

    /// In all.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.values().sum()
    }

    /// `42 scenarios: 39 passed, 2 failed, 1 not applicable`.
    #[must_use]
    pub fn line(&self) -> String {
        let parts: Vec<_> = Verdict::ALL
            .into_iter()
            .filter(|v| *v == Verdict::Passed || self.get(*v) > 0)
            .map(|v| format!("{} {v}", self.get(v)))
            .collect();
        let noun = if self.total() == 1 { "scenario" } else { "scenarios" };
        format!("{} {noun}: {}", self.total(), parts.join(", "))
    }
}

/// A scenario that did not pass.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotPassed {
    /// Scenario.
    pub id: String,
    /// Verdict.
    pub verdict: Verdict,
    /// Cause.
    pub cause: String,
}

/// The results of one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelSummary {
    /// Level.
    pub level: Level,
    /// Counts.
    pub counts: Counts,
    /// Every scenario that did not pass.
    pub not_passed: Vec<NotPassed>,
}

/// The exit code with its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// Name.
    pub status: ExitCode,
    /// Number.
    pub code: u8,
    /// Meaning.
    pub sentence: String,
}

impl From<ExitCode> for Exit {
    fn from(status: ExitCode) -> Self {
        Self { status, code: status.code(), sentence: status.sentence().to_owned() }
    }
}

/// The report of a run. Its JSON form is the conformance report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    /// [`SCHEMA`].
    pub schema: u32,
    /// What was tested by what, where.
    pub run: RunHeader,
    /// When the last record was made.
    pub ended: Timestamp,
    /// Milliseconds from the first record to the last.
    pub duration_ms: f64,
    /// Whether the run was stopped or cut off.
    pub interrupted: bool,
    /// How the command ends.
    pub exit: Exit,
    /// All counts.
    pub counts: Counts,
    /// The same by level, with every scenario that did not pass.
    pub levels: Vec<LevelSummary>,
    /// What is wrong with the run as a whole.
    pub problems: Vec<Problem>,
    /// The declared choices in words.
    pub declared_choices: Vec<Choice>,
    /// Every scenario, in the order of the run.
    pub results: Vec<ScenarioResult>,
    /// Every requirement.
    pub coverage: Vec<Coverage>,
}
