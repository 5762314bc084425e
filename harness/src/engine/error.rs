//! What goes wrong with an engine.

use std::time::Duration;

/// A call to an engine that failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EngineError {
    /// Nobody answers.
    #[error(
        "no container engine answers at {endpoint}: {why}: start Docker, or set DOCKER_HOST to its socket"
    )]
    Unreachable {
        /// Socket.
        endpoint: String,
        /// Error of the connection.
        why: String,
    },
    /// The image is not here and cannot be fetched.
    #[error(
        "image `{image}` is not on this engine and cannot be pulled: {why}: load it (`docker load`), build it, or map it to \
         a local image"
    )]
    NoImage {
        /// Image.
        image: String,
        /// Answer of the registry or the engine.
        why: String,
    },
    /// No such container, path or volume.
    #[error("{what}: {message}")]
    NotFound {
        /// The call.
        what: String,
        /// Answer of the engine.
        message: String,
    },
    /// The engine does not answer in time.
    #[error("{what}: no answer within {after:?}: the engine is overloaded or hangs")]
    Timeout {
        /// The call.
        what: String,
        /// The deadline.
        after: Duration,
    },
    /// A program that was started from outside runs on.
    #[error("{what}: it did not end within {after:?}")]
    Unfinished {
        /// The call.
        what: String,
        /// The deadline.
        after: Duration,
    },
    /// No space left.
    #[error(
        "{what}: the disk of the engine is full: {message}: free some space (`docker system df`, `proofhouse clean`)"
    )]
    DiskFull {
        /// The call.
        what: String,
        /// Answer of the engine.
        message: String,
    },
    /// Any other refusal.
    #[error("{what}: {message}")]
    Failed {
        /// The call.
        what: String,
        /// HTTP status, or 0.
        status: u16,
        /// Answer of the engine.
        message: String,
    },
}

impl EngineError {
    /// Whether the thing is not there.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }
}
