//! A write that changes nothing, and says why.

use super::mistake::{Mistake, Mistakes};
use serde_json::Value;

/// Why a call was refused; the text is the `err` of the answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Text for people; for mistakes in a document a line for each.
    pub message: String,
    /// What is wrong with the document that was sent, in its order, if that is the reason.
    pub mistakes: Vec<Mistake>,
}

impl Refusal {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), mistakes: Vec::new() }
    }

    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    pub(crate) fn unknown(message: impl Into<String>) -> Self {
        Self::new(404, message)
    }

    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(409, message)
    }
}

impl Mistakes {
    /// Refuses the document if anything was found.
    pub(super) fn refuse(self, document: &Value) -> Result<(), Refusal> {
        let mistakes = self.in_order_of(document);
        if mistakes.is_empty() {
            return Ok(());
        }
        let lines: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
        Err(Refusal { status: 400, message: lines.join("\n"), mistakes })
    }
}
