//! Where filtered system calls are answered.

use super::carried::{Carried, Content};
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
    /// Calls whose callers did not hear of them.
    pub carried: Carried,
}

impl Desk {
    /// Answers; that the caller is gone is no error.
    pub fn answer(&self, call: &Notification, reply: Reply) {
        let _ = self.listener.answer(call.id, reply);
    }

    /// Answers a call that was carried out, so that it is not done twice where its caller is interrupted and comes again.
    pub fn done(&self, call: &Notification, content: Content, reply: Reply) {
        if self.listener.answer(call.id, reply).is_err() && self.listener.is_interruptible() {
            self.carried.unheard(call, content, reply);
        }
    }

    /// Answers a call that comes again after it was carried out; whether it does.
    pub fn is_done(&self, call: &Notification, content: Content) -> bool {
        let reply = self.listener.is_interruptible().then(|| self.carried.answer(call, content)).flatten();
        if let Some(reply) = reply {
            self.done(call, content, reply);
        }
        reply.is_some()
    }
}
