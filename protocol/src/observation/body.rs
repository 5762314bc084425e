//! Bodies: kept whole up to a size, and always with their hash.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// As much of a body as is kept, in bytes.
pub const KEPT: usize = 64 * 1024;

/// A body as the history has it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Body {
    /// The body, or its start, as text: bytes that are no UTF-8 are replaced.
    pub text: String,
    /// Length of the whole body in bytes.
    pub bytes: u64,
    /// SHA-256 of the whole body, in hexadecimal.
    pub sha256: String,
    /// Whether `text` is all of it.
    pub whole: bool,
}

impl Body {
    /// Keeps a body.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let start = &bytes[..bytes.len().min(KEPT)];
        Self {
            text: String::from_utf8_lossy(start).into_owned(),
            bytes: bytes.len() as u64,
            sha256: sha256(bytes),
            whole: bytes.len() <= KEPT,
        }
    }

    /// The body as JSON; none where it is none, or where not all of it was kept.
    #[must_use]
    pub fn json(&self) -> Option<serde_json::Value> {
        if self.whole { serde_json::from_str(&self.text).ok() } else { None }
    }
}

/// SHA-256 in hexadecimal.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
