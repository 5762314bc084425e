//! What a rule does when it matches.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Effect of one section of a runtime rule (`runtime.RuleEffect`).
///
/// `block` is a word of the schema that App-Embedded Defenders do not support; the Console refuses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleEffect {
    /// Would stop the whole container; refused for App-Embedded.
    Block,
    /// The operation does not happen; an audit is emitted.
    Prevent,
    /// The operation happens; an audit is emitted.
    Alert,
    /// Neither enforcement nor audit.
    Disable,
}

/// Effect of one WAAS protection (`waas.Effect`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
pub enum WaasEffect {
    /// As `prevent`, and the source stays denied for the ban duration.
    #[serde(rename = "ban")]
    Ban,
    /// The request is answered with the block page and never forwarded.
    #[serde(rename = "prevent")]
    Prevent,
    /// The request is forwarded; an audit is emitted.
    #[serde(rename = "alert")]
    Alert,
    /// Inspection ends, without audit.
    #[serde(rename = "allow")]
    Allow,
    /// Nothing.
    #[default]
    #[serde(rename = "disable", alias = "")]
    Disable,
    /// The client is challenged.
    #[serde(rename = "reCAPTCHA")]
    ReCaptcha,
}

impl fmt::Display for RuleEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Block => "block",
            Self::Prevent => "prevent",
            Self::Alert => "alert",
            Self::Disable => "disable",
        })
    }
}

impl fmt::Display for WaasEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ban => "ban",
            Self::Prevent => "prevent",
            Self::Alert => "alert",
            Self::Allow => "allow",
            Self::Disable => "disable",
            Self::ReCaptcha => "reCAPTCHA",
        })
    }
}
