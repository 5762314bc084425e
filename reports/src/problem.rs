//! What is wrong with a run as a whole.

use crate::history::WriteError;
pub use proofhouse_protocol::observation::ProblemKind;
use serde::{Deserialize, Serialize};

/// A problem of the run as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What kind.
    pub kind: ProblemKind,
    /// For people.
    pub text: String,
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        Self { kind: ProblemKind::History, text: error.to_string() }
    }
}
