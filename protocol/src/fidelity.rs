//! How far a simulated property can be trusted.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How a property is simulated (`fargate.md` section 5). A scenario may pass on the first two alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FidelityLabel {
    /// As on Fargate, by the same kernel mechanism or the same rule.
    Enforced,
    /// In another way, to the same end.
    Approximated,
    /// Nobody outside knows how it is on Fargate.
    Assumed,
    /// Not at all.
    NotSimulated,
}

impl FidelityLabel {
    /// Whether a scenario that leans on it may pass.
    #[must_use]
    pub fn can_carry_a_pass(self) -> bool {
        matches!(self, Self::Enforced | Self::Approximated)
    }
}

impl fmt::Display for FidelityLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Enforced => "enforced",
            Self::Approximated => "approximated",
            Self::Assumed => "assumed",
            Self::NotSimulated => "not simulated",
        })
    }
}
