//! What becomes of the app's answers (sections 2.3, 2.7 and 2.13).
//!
//! Whether an answer tells what no client may see is no matter of the policy: who asks says what the app answers, and whether that is a leak.

mod clauses;
mod headers;
mod leak;

use serde::{Deserialize, Serialize};

pub(crate) use clauses::CLAUSES;
pub use headers::Headers;
pub(super) use headers::{as_of_app, governed, perhaps_governed};
pub(super) use leak::{KIND as LEAK, leaks};

/// What the app answers, as far as a policy decides on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppAnswer {
    /// Headers, as the app sends them, but for its framing and its connection.
    pub headers: Vec<(String, String)>,
    /// Bytes of its body, if it is asked for one.
    #[serde(default)]
    pub body_bytes: usize,
    /// Whether its body has what no client may see.
    #[serde(default)]
    pub leaks: bool,
}

#[cfg(test)]
mod tests;
