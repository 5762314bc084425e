//! What can go wrong between the harness and the outside.

use std::io;
use std::time::Duration;

/// The outside could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum OutsideError {
    /// The agent could not build what was wanted.
    #[error("the world agent refused its configuration: {text}")]
    Refused {
        /// What it said.
        text: String,
    },
    /// The stream to the agent ended first.
    #[error("the world container ended before it was configured; its standard error says why ({0})")]
    Gone(String),
    /// The agent said nothing.
    #[error("the world agent did not answer within {0:?}; is its image the one of this version?")]
    Silent(Duration),
}

/// A call of the agent's that the kernel refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct RelayFailure {
    /// The kernel's error number, 0 if there is none.
    pub errno: i32,
    /// What was tried, and the kernel's words.
    pub text: String,
}

// ---------------------------------------------------------------------------------------------------------------------

impl From<RelayFailure> for io::Error {
    fn from(failure: RelayFailure) -> Self {
        let kind = match failure.errno {
            0 => io::ErrorKind::Other,
            errno => io::Error::from_raw_os_error(errno).kind(),
        };
        io::Error::new(kind, failure)
    }
}

/// The error of every call once the stream to the agent has ended.
pub(super) fn gone(why: &str) -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionAborted, format!("the outside is gone: {why}"))
}
