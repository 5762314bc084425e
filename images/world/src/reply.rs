//! How failures are told.

use proofhouse_wire::relay::Message;
use std::io;

/// The answer to a request that failed.
pub fn failed(what: &str, error: &io::Error) -> Message {
    Message::Failed { errno: error.raw_os_error().unwrap_or(0), text: format!("{what}: {error}") }
}

/// The error of an address that the harness has bound already.
pub fn already_in_use() -> io::Error {
    io::Error::from_raw_os_error(libc::EADDRINUSE)
}
