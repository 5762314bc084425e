//! Faults that a connection has, or has not, for its whole life.

use crate::faults::{Fault, RestFault};
use crate::state::Shared;

/// The faults that are properties of a connection, as they were when it was accepted.
#[derive(Debug, Clone)]
pub(super) struct ConnectionFaults(Vec<Fault>);

impl ConnectionFaults {
    pub(super) fn now(shared: &Shared) -> Self {
        let of_connection = |fault: &Fault| {
            matches!(fault, Fault::Rest(RestFault::Refuse | RestFault::Cut(_)) | Fault::Certificate(_))
        };
        Self(shared.faults.active().into_iter().filter(of_connection).collect())
    }

    /// Whether another such fault has begun, which this connection does not show.
    pub(super) fn outdated(&self, shared: &Shared) -> bool {
        Self::now(shared).0.iter().any(|fault| !self.0.contains(fault))
    }

    /// Ends when the connection must end, because another fault has begun.
    pub(super) async fn until_outdated(&self, shared: &Shared) {
        let mut changes = shared.faults.watch();
        while !self.outdated(shared) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }
}
