//! A reason to reject a definition, or something worth knowing about it.

use super::{Class, Date};
use crate::definition::Span;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a finding means for the definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// It is rejected.
    #[default]
    Rejection,
    /// It is accepted as far as is known, but a reader may want to know this.
    Remark,
}

/// Who refuses the definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusedBy {
    /// ECS, when the definition is registered or run on Fargate.
    #[default]
    Service,
    /// The CLI or an SDK, by the API model, before any call.
    Client,
    /// CloudFormation, by the resource's schema.
    CloudFormation,
    /// Nobody: the definition is not complete, or the finding is a remark.
    Nobody,
}

/// Whose words a message is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wording {
    /// They match what AWS answers.
    #[default]
    Aws,
    /// Ours: that AWS refuses it is documented, in which words is not known.
    Ours,
}

/// A reason to reject a definition, or a remark.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Class of the rejection.
    pub class: Class,
    /// Rejection or remark.
    pub level: Level,
    /// Who refuses.
    pub refused_by: RefusedBy,
    /// What is wrong, in words that a service error of the class would match too.
    pub message: String,
    /// Member, such as `containerDefinitions[1].privileged`, as the user's text spells it.
    pub path: String,
    /// Bytes of the user's text: the member, or what should have had it.
    pub span: Option<Span>,
    /// What to do.
    pub help: String,
    /// Regular expression that the service's message matches.
    pub pattern: String,
    /// Keys of `fargate.md`.
    pub source: String,
    /// Whose words the message is in.
    pub wording: Wording,
    /// First day on which this holds.
    pub valid_from: Date,
}

impl Finding {
    /// Whether the definition is rejected for it.
    #[must_use]
    pub fn rejects(&self) -> bool {
        self.level == Level::Rejection
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {} ({})", self.class, self.path, self.message, self.help)
    }
}
