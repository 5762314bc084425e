//! A reason to reject a definition.

use super::Class;
use crate::definition::Span;
use serde::Serialize;
use std::fmt;

/// A reason to reject a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Class of the rejection.
    pub class: Class,
    /// What is wrong, in words that a service error of the class would match too.
    pub message: String,
    /// Member, such as `containerDefinitions[1].privileged`.
    pub path: String,
    /// Bytes of the user's text: the member, or what should have had it.
    pub span: Option<Span>,
    /// What to do.
    pub help: String,
    /// Regular expression that the service's message matches.
    pub pattern: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {} ({})", self.class, self.path, self.message, self.help)
    }
}
