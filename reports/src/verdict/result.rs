//! The result of a scenario.

use super::meta::ScenarioMeta;
use crate::checks::Conclusion;
use proofhouse_protocol::observation::{Blame, StepStatus};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// How a scenario ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Everything held, and the evidence was complete.
    Passed,
    /// The Defender broke the policy.
    Failed,
    /// The stimulus did not run, or evidence was lost.
    Inconclusive,
    /// The environment or the harness is at fault.
    Error,
    /// The Defender does not have the feature.
    NotApplicable,
    /// Failed, as the expectations file says.
    KnownFailure,
    /// Passed, though the expectations file says that it fails.
    UnexpectedPass,
}

impl Verdict {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 7] = [
        Self::Passed,
        Self::Failed,
        Self::Inconclusive,
        Self::Error,
        Self::KnownFailure,
        Self::UnexpectedPass,
        Self::NotApplicable,
    ];

    /// The word of reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Inconclusive => "inconclusive",
            Self::Error => "error",
            Self::NotApplicable => "not applicable",
            Self::KnownFailure => "known failure",
            Self::UnexpectedPass => "unexpected pass",
        }
    }

    /// Whether the gate stays open.
    #[must_use]
    pub fn opens_the_gate(self) -> bool {
        matches!(self, Self::Passed | Self::KnownFailure | Self::NotApplicable)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A step that was recorded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepResult {
    /// `Given`, `When`, `Then`.
    pub keyword: String,
    /// Text.
    pub text: String,
    /// Its data table or doc string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub argument: Option<String>,
    /// How it ended.
    pub status: StepStatus,
    /// Message of a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Milliseconds.
    pub elapsed_ms: f64,
}

/// A check that was made, and what it concluded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FindingResult {
    /// Number of the record with the check: it was made on those before.
    pub record: u64,
    /// The step that made it, counted from 0; absent for what was checked when the steps were over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// Name of the check.
    pub check: String,
    /// What it concluded.
    #[serde(flatten)]
    pub conclusion: Conclusion,
    /// The check with its input.
    pub input: Value,
}

/// A scenario with its verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScenarioResult {
    /// The scenario.
    #[serde(flatten)]
    pub meta: ScenarioMeta,
    /// Verdict.
    pub verdict: Verdict,
    /// Who is to blame, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blame: Option<Blame>,
    /// Why; empty for a plain pass.
    pub cause: String,
    /// Milliseconds.
    pub duration_ms: f64,
    /// How often it was tried; the last attempt counts.
    pub attempts: u32,
    /// Steps of the last attempt.
    pub steps: Vec<StepResult>,
    /// Findings of the last attempt.
    pub findings: Vec<FindingResult>,
}

impl ScenarioResult {
    /// The verdict with who is to blame: `failed (the Console)`.
    #[must_use]
    pub fn judged(&self) -> String {
        match self.blame {
            Some(by) => format!("{} ({by})", self.verdict),
            None => self.verdict.to_string(),
        }
    }
}
