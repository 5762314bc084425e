//! Exit codes: they are API.
//!
//! When several apply, the first in [`ExitCode::PRECEDENCE`] is used. An interrupted run comes first, because what it
//! counted is not the whole; then what is certain about the Defender; then what kept the gate from judging.

use crate::problem::{Problem, ProblemKind};
use crate::verdict::{ScenarioResult, Verdict};
use serde::{Deserialize, Serialize};

/// How `proofhouse` ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExitCode {
    /// Every scenario that applies has passed, or failed as expected.
    Passed,
    /// Proofhouse itself failed in a way it did not foresee.
    Internal,
    /// The command line, a feature, a task definition, a policy or another input cannot be used.
    Usage,
    /// At least one scenario failed: the Defender broke its policy.
    Failed,
    /// At least one scenario could not be judged, because a stimulus did not run or evidence is missing.
    Inconclusive,
    /// The environment is at fault: Docker, the machine, a leak, or a report that could not be written.
    Environment,
    /// No scenario ran: nothing was selected, or nothing applies to this Defender.
    NothingRan,
    /// The expectations do not hold: a known failure passed, or an entry has expired or names no scenario.
    Expectations,
    /// The task of `proofhouse up` stopped by itself.
    TaskStopped,
    /// `judge --against` found a difference.
    Differs,
    /// `bite` sent a saboteur that no scenario noticed, or some scenario did not bear one that breaks no promise.
    Uncaught,
    /// The run was interrupted; its report is not complete.
    Interrupted,
}

impl ExitCode {
    /// The order in which they win over each other.
    pub const PRECEDENCE: [Self; 12] = [
        Self::Usage,
        Self::Internal,
        Self::Interrupted,
        Self::Failed,
        Self::Environment,
        Self::Inconclusive,
        Self::Expectations,
        Self::NothingRan,
        Self::TaskStopped,
        Self::Differs,
        Self::Uncaught,
        Self::Passed,
    ];

    /// The number that the shell sees.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Failed => 3,
            Self::Inconclusive => 4,
            Self::Environment => 5,
            Self::NothingRan => 6,
            Self::Expectations => 7,
            Self::TaskStopped => 8,
            Self::Differs => 9,
            Self::Uncaught => 10,
            Self::Interrupted => 130,
        }
    }

    /// What it means.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Passed => "every scenario that applies has passed, or failed as expected",
            Self::Internal => "proofhouse itself failed in a way it did not foresee",
            Self::Usage => "the command line or an input file cannot be used",
            Self::Failed => {
                "at least one scenario failed; each says whether the Defender, the simulated Fargate or the Console broke it"
            }
            Self::Inconclusive => "at least one scenario could not be judged, because evidence is missing",
            Self::Environment => {
                "the environment is at fault: Docker, the machine, a leak, or a report that could not be written"
            }
            Self::NothingRan => "no scenario ran",
            Self::Expectations => {
                "the expectations do not hold: a known failure passed, or an entry has expired or names no scenario"
            }
            Self::Differs => "the two recordings are judged differently",
            Self::Uncaught => {
                "a saboteur was noticed by no scenario, or one that breaks no promise was held against the Defender"
            }
            Self::TaskStopped => "the task of `proofhouse up` stopped by itself",
            Self::Interrupted => "the run was interrupted, and its report is not complete",
        }
    }

    /// The exit code of a run.
    #[must_use]
    pub fn of_run(results: &[ScenarioResult], problems: &[Problem], interrupted: bool) -> Self {
        let any = |verdict| results.iter().any(|r| r.verdict == verdict);
        let problem = |test: fn(ProblemKind) -> bool| problems.iter().any(|p| test(p.kind));
        let applies = |code: &Self| match code {
            Self::Usage | Self::Internal | Self::TaskStopped | Self::Differs | Self::Uncaught => false,
            Self::Interrupted => interrupted,
            Self::Failed => any(Verdict::Failed),
            Self::Environment => any(Verdict::Error) || problem(|k| k != ProblemKind::Expectations),
            Self::Inconclusive => any(Verdict::Inconclusive),
            Self::Expectations => any(Verdict::UnexpectedPass) || problem(|k| k == ProblemKind::Expectations),
            Self::NothingRan => results.iter().all(|r| r.verdict == Verdict::NotApplicable),
            Self::Passed => true,
        };
        Self::PRECEDENCE.into_iter().find(applies).unwrap_or(Self::Internal)
    }
}
