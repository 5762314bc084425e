//! What a check says.

use proofhouse_protocol::observation::Blame;
use serde::{Deserialize, Serialize};

/// The four things that a check can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome", content = "by")]
pub enum Outcome {
    /// What it looks at is as it must be, and the evidence suffices to say so.
    Holds,
    /// It is not, and this one is to blame.
    Broken(Blame),
    /// Nobody can tell: a stimulus did not run, a fence did not come out, evidence was lost, a limit of the harness passed.
    Unproved,
    /// The check itself cannot be made: its records contradict each other.
    Error,
}

/// What a check concluded from records, and on which it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conclusion {
    /// What it says.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// In words, the values included; the first line is enough for a list.
    pub said: String,
    /// Numbers of the records that it stands on, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<u64>,
}

impl Conclusion {
    /// It holds.
    pub(super) fn holds(said: impl Into<String>) -> Self {
        Self { outcome: Outcome::Holds, said: said.into(), on: Vec::new() }
    }

    /// Someone broke it.
    pub(super) fn broken(by: Blame, said: impl Into<String>) -> Self {
        Self { outcome: Outcome::Broken(by), said: said.into(), on: Vec::new() }
    }

    /// The evidence does not suffice.
    pub(super) fn unproved(said: impl Into<String>) -> Self {
        Self { outcome: Outcome::Unproved, said: said.into(), on: Vec::new() }
    }

    /// The records contradict each other.
    pub(super) fn error(said: impl Into<String>) -> Self {
        Self { outcome: Outcome::Error, said: said.into(), on: Vec::new() }
    }

    /// It holds, or someone broke it.
    pub(super) fn either(holds: bool, by: Blame, said: impl Into<String>) -> Self {
        if holds { Self::holds(said) } else { Self::broken(by, said) }
    }

    /// The records that it stands on.
    pub(super) fn on(mut self, records: impl IntoIterator<Item = u64>) -> Self {
        self.on.extend(records);
        self.on.sort_unstable();
        self.on.dedup();
        self
    }

    /// Whether it holds.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.outcome == Outcome::Holds
    }
}
