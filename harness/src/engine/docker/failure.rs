//! From bollard's errors to ours.

use super::connect::chain;
use crate::engine::EngineError;
use bollard::errors::Error;

/// Names the call that failed.
pub(super) struct Failure<'a> {
    pub what: &'a str,
    pub endpoint: &'a str,
}

impl Failure<'_> {
    pub fn of(&self, error: Error) -> EngineError {
        let what = self.what.to_owned();
        match error {
            Error::DockerResponseServerError { status_code, message } => self.answer(status_code, message),
            Error::DockerStreamError { error } => self.answer(0, error),
            Error::IOError { .. } | Error::HyperResponseError { .. } | Error::HyperLegacyError { .. } => {
                EngineError::Unreachable { endpoint: self.endpoint.to_owned(), why: chain(&error) }
            }
            other => EngineError::Failed { what, status: 0, message: chain(&other) },
        }
    }

    fn answer(&self, status: u16, message: String) -> EngineError {
        let what = self.what.to_owned();
        if message.contains("no space left on device") {
            EngineError::DiskFull { what, message }
        } else if status == 404 {
            EngineError::NotFound { what, message }
        } else {
            EngineError::Failed { what, status, message }
        }
    }
}

/// Takes "it is already so" for done.
pub(super) fn tolerate(result: Result<(), EngineError>, statuses: &[u16]) -> Result<(), EngineError> {
    match result {
        Err(EngineError::NotFound { .. }) if statuses.contains(&404) => Ok(()),
        Err(EngineError::Failed { status, .. }) if statuses.contains(&status) => Ok(()),
        other => other,
    }
}
