//! Where filtered system calls are answered.

use super::forwarder::Addresses;
use super::supervisor::Supervisor;
use super::waiting::Waiting;
use crate::kernel::seccomp::{Listener, Notification, Reply};
use std::sync::Arc;

/// What the watching thread shares with the one of calls that wait.
#[derive(Debug)]
pub struct Desk {
    /// Decisions.
    pub supervisor: Arc<Supervisor>,
    /// The kernel's end.
    pub listener: Listener,
    /// Where DNS connections lead to.
    pub forwarder: Addresses,
    /// Calls that wait for their socket.
    pub waiting: Arc<Waiting>,
}

impl Desk {
    /// Answers; that the caller is gone is no error.
    pub fn answer(&self, call: &Notification, reply: Reply) {
        let _ = self.listener.answer(call.id, reply);
    }
}
