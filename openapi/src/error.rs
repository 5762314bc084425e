//! Why a document cannot be imported.

use crate::limits::LONGEST_DOCUMENT;
use thiserror::Error;

/// What is wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ImportError {
    /// It is too long.
    #[error("the document has {bytes} bytes: give one of at most {LONGEST_DOCUMENT}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// It is no text.
    #[error("the document is no UTF-8: save it in that encoding")]
    NoText,
    /// It is neither JSON nor YAML.
    #[error("failed to read the document: {0}")]
    Unreadable(String),
    /// It is of no kind that is known.
    #[error("the document is neither OpenAPI 3 nor Swagger 2: {0}")]
    UnknownVersion(String),
    /// Something in it is wrong.
    #[error("`{place}`: {what}: {hint}")]
    At {
        /// As a JSON pointer behind `#`.
        place: String,
        /// What is wrong.
        what: String,
        /// What to do.
        hint: String,
    },
    /// There is too much of something.
    #[error("`{place}`: there are more than {limit} {what}: split the document")]
    TooMany {
        /// Where the limit was reached.
        place: String,
        /// Of what.
        what: &'static str,
        /// How many there may be.
        limit: usize,
    },
}
