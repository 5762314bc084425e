//! Answers the system calls that the filter stops.

use super::execs;
use super::sockets;
use super::supervisor::Supervisor;
use crate::kernel::seccomp::{Listener, Notification, Reply};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What the listener and its workers share.
#[derive(Debug)]
pub struct Desk {
    /// Decisions.
    pub supervisor: Arc<Supervisor>,
    /// The kernel's end.
    pub listener: Listener,
    /// Where DNS connections lead to.
    pub forwarder: super::forwarder::Addresses,
}

impl Desk {
    /// Answers; that the caller is gone is no error.
    pub fn answer(&self, call: &Notification, reply: Reply) {
        let _ = self.listener.answer(call.id, reply);
    }
}

/// Serves until the last filtered process is gone.
pub fn serve(desk: &Arc<Desk>) {
    while let Ok(Some(call)) = desk.listener.receive() {
        // A call that is never answered would hang its caller for ever, so a panic must not end this thread.
        if catch_unwind(AssertUnwindSafe(|| handle(desk, call))).is_err() {
            desk.answer(&call, Reply::Error(libc::EPERM));
        }
    }
}

fn handle(desk: &Arc<Desk>, call: Notification) {
    match call.number {
        libc::SYS_execve | libc::SYS_execveat => match execs::before(&desk.supervisor, &call) {
            Some(refusal) => refusal
                .carry_out(&desk.supervisor, || desk.listener.answer(call.id, Reply::Error(libc::EPERM))),
            None => desk.answer(&call, Reply::Continue),
        },
        libc::SYS_connect => sockets::connect(desk, call),
        libc::SYS_sendto => sockets::sendto(desk, call),
        libc::SYS_sendmsg => sockets::sendmsg(desk, call),
        libc::SYS_sendmmsg => sockets::sendmmsg(desk, call),
        _ => desk.answer(&call, Reply::Continue),
    }
}
