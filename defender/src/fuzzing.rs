//! Entry points of the fuzz targets in the folder `fuzz`, to what has no public name.

use crate::hub::{self, ToSidecar};
use crate::sidecar;
use std::io;

/// What the sidecar reads of a connection to its hub that brings these pieces and then ends: the first line, if it is taken for one, and the
/// lines behind it, each with its end.
///
/// # Errors
/// When there is no socket.
pub async fn said_to_sidecar(pieces: &[&[u8]]) -> io::Result<Option<(Vec<u8>, Vec<Vec<u8>>)>> {
    sidecar::lines(pieces).await
}

/// What a wrapper says to a sidecar that sends these bytes and then ends the connection, and whether it has heard of a policy.
///
/// # Errors
/// When there is no socket, or the bytes do not fit into it.
pub fn said_by_wrapper(bytes: &[u8]) -> io::Result<(Vec<ToSidecar>, bool)> {
    hub::answers(bytes)
}
