//! What a checker says.

use proofhouse_protocol::Observation;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who is to blame when something does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Blame {
    /// The Defender did what it must not, or did not do what it must.
    Defender,
    /// Nobody can tell: the stimulus did not run, or evidence is missing.
    Evidence,
    /// The machine, the engine, the harness.
    Environment,
}

impl Blame {
    /// The word of the history.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Defender => "defender",
            Self::Evidence => "evidence",
            Self::Environment => "environment",
        }
    }

    /// The blame of a recorded finding; a word that is not known blames the environment, so that it never passes.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "defender" => Self::Defender,
            "evidence" => Self::Evidence,
            _ => Self::Environment,
        }
    }
}

/// Whether a check holds, and what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whether it holds.
    pub holds: bool,
    /// Who is to blame when it does not.
    pub blame: Blame,
    /// `expected ..., saw ...`.
    pub message: String,
}

impl Outcome {
    /// It holds.
    #[must_use]
    pub fn holds(message: impl Into<String>) -> Self {
        Self { holds: true, blame: Blame::Defender, message: message.into() }
    }

    /// The Defender broke it.
    #[must_use]
    pub fn broken(message: impl Into<String>) -> Self {
        Self { holds: false, blame: Blame::Defender, message: message.into() }
    }

    /// The evidence does not suffice.
    #[must_use]
    pub fn unproved(message: impl Into<String>) -> Self {
        Self { holds: false, blame: Blame::Evidence, message: message.into() }
    }

    /// The environment is at fault.
    #[must_use]
    pub fn disturbed(message: impl Into<String>) -> Self {
        Self { holds: false, blame: Blame::Environment, message: message.into() }
    }
}

/// An outcome with the name and the input of the check that gave it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conclusion {
    /// Name of the check.
    pub check: String,
    /// Whether it holds.
    pub holds: bool,
    /// Who is to blame when it does not.
    pub blame: Blame,
    /// `expected ..., saw ...`.
    pub message: String,
    /// Input of the check, for [`super::recheck`].
    pub expectation: Value,
}

impl Conclusion {
    /// As an observation, to be recorded.
    #[must_use]
    pub fn into_observation(self) -> Observation {
        Observation::Finding {
            check: self.check,
            holds: self.holds,
            blame: self.blame.as_str().to_owned(),
            message: self.message,
            expectation: self.expectation,
        }
    }
}
