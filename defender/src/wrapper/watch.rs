//! The one thread that answers filtered system calls, traces programs across their exec, and reaps.
//!
//! A process is traced only from its `execve` to the event behind it: what an app does between two execs costs nothing,
//! signals and job control are its own, and a debugger in the container can attach.

use super::desk::Desk;
use super::execs::Before;
use super::notices::Notice;
use super::proc::Tracer;
use super::supervisor::Supervisor;
use super::{connect, datagrams, execs, listen, proc, touches, views};
use crate::kernel::files;
use crate::kernel::ptrace::{self, Event};
use crate::kernel::seccomp::{Notification, Reply};
use crate::kernel::signals::{self, Children};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// How the app ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// With a status.
    Exited(i32),
    /// By a signal.
    Killed(i32),
}

impl End {
    /// Exit code of the container: 128 and the signal for one that was killed.
    #[must_use]
    pub fn code(self) -> i32 {
        match self {
            Self::Exited(code) => code,
            Self::Killed(signal) => 128 + signal,
        }
    }
}

/// Watches until the main process ends. Must run in the thread that seized it.
#[must_use]
pub fn watch(desk: &Arc<Desk>, children: &Children) -> End {
    loop {
        let watched = files::readable(&desk.listener, children);
        let Ok((called, changed)) = watched.inspect_err(|error| {
            eprintln!("defender: the app cannot be watched any more ({error}), and was ended");
        }) else {
            let _ = signals::send(desk.supervisor.main(), libc::SIGKILL);
            return End::Killed(libc::SIGKILL);
        };
        if changed {
            children.take();
            while let Some((pid, event)) = ptrace::next() {
                if let Some(end) = changed_state(&desk.supervisor, pid, event) {
                    return end;
                }
            }
        }
        if called && let Ok(Some(call)) = desk.listener.receive() {
            // A call that is never answered would hang its caller for ever, so a panic must not end this thread.
            if catch_unwind(AssertUnwindSafe(|| answer(desk, call))).is_err() {
                desk.answer(&call, Reply::Error(libc::EPERM));
            }
        }
    }
}

fn changed_state(supervisor: &Supervisor, pid: i32, event: Event) -> Option<End> {
    match event {
        Event::Exited(code) if pid == supervisor.main() => return Some(End::Exited(code)),
        Event::Killed(signal) if pid == supervisor.main() => return Some(End::Killed(signal)),
        Event::Exited(_) | Event::Killed(_) | Event::Other => {}
        Event::Exec => {
            // A panic must neither end this thread nor let the program go.
            let denied = catch_unwind(AssertUnwindSafe(|| execs::at_event(supervisor, pid))).unwrap_or(true);
            if denied {
                let _ = signals::send(pid, libc::SIGKILL);
            } else {
                ptrace::release(pid, 0);
            }
        }
        // The exec failed, or was interrupted and comes again; either way it will be seen again.
        Event::Stopped(signal) => ptrace::release(pid, signal),
    }
    None
}

fn answer(desk: &Arc<Desk>, call: Notification) {
    if call.foreign {
        desk.supervisor.notices.tell(Notice::ForeignCall);
        return desk.answer(&call, Reply::Error(libc::ENOSYS));
    }
    match call.number {
        libc::SYS_io_uring_setup => {
            desk.supervisor.notices.tell(Notice::NoRing);
            desk.answer(&call, Reply::Error(libc::ENOSYS));
        }
        libc::SYS_seccomp => {
            desk.supervisor.notices.tell(Notice::NoOtherListener);
            // The kernel has the right word for it.
            desk.answer(&call, Reply::Continue);
        }
        libc::SYS_execve | libc::SYS_execveat => exec(desk, &call),
        libc::SYS_connect => connect::connect(desk, call),
        libc::SYS_bind => listen::bind(desk, &call),
        libc::SYS_listen => listen::listen(desk, &call),
        libc::SYS_sendto => datagrams::sendto(desk, call),
        libc::SYS_sendmsg => datagrams::sendmsg(desk, call),
        libc::SYS_sendmmsg => datagrams::sendmmsg(desk, call),
        libc::SYS_recvfrom => views::receive(desk, call),
        libc::SYS_getpeername => views::peer_name(desk, &call),
        libc::SYS_getsockopt => views::device(desk, &call),
        _ => touches::judge(desk, &call),
    }
}

fn exec(desk: &Desk, call: &Notification) {
    let supervisor = &desk.supervisor;
    desk.carried.forget(call.thread);
    let policy = supervisor.commands.policy();
    let prevents = policy.prevents_programs();
    let refuse = || desk.listener.answer(call.id, Reply::Error(libc::EPERM));
    let mut told = None;
    let mut before = if prevents { execs::before(supervisor, call) } else { Before::Fine };
    if let Before::Denied(denial) = before {
        if denial.prevents {
            return denial.carry_out(supervisor, refuse);
        }
        told = Some(denial);
        before = Before::Fine;
    }
    let entering = supervisor.awaits_entry()
        && files::process_of(call.thread).is_ok_and(|pid| supervisor.is_entering(pid));
    let seen = match policy.governs_programs() {
        false if !entering => true,
        // It is ours already if its last exec failed, as most of a search through `PATH` do.
        _ => ptrace::seize(call.thread).is_ok() || proc::tracer(call.thread) == Tracer::Us,
    };
    if seen {
        return desk.answer(call, Reply::Continue);
    }
    // Nobody will see its event: a debugger of the app's own traces it, or it hid itself from a wrapper that is not root.
    let traced = proc::tracer(call.thread) == Tracer::Another;
    if traced {
        supervisor.notices.tell(Notice::TracedByAnother);
    }
    match (prevents, traced, before) {
        // Known limit: what the tracer does to it from here on is not seen.
        (true, true, Before::Fine) => {
            if let Some(denial) = told {
                denial.carry_out(supervisor, || Ok(()));
            }
            desk.answer(call, Reply::Continue);
        }
        (true, ..) => match execs::unseen(supervisor, call) {
            Some(denial) => denial.carry_out(supervisor, refuse),
            None => desk.answer(call, Reply::Error(libc::EPERM)),
        },
        (false, ..) => {
            if let Before::Denied(denial) = execs::before(supervisor, call) {
                denial.carry_out(supervisor, || Ok(()));
            }
            desk.answer(call, Reply::Continue);
        }
    }
}
