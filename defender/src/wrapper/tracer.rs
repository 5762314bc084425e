//! Follows every process below the entry point.

use super::execs;
use super::supervisor::Supervisor;
use crate::kernel::ptrace::{self, Event};
use crate::kernel::signals;

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

/// Follows until the main process ends, and reaps whatever else ends meanwhile. Must run in the thread that seized.
#[must_use]
pub fn follow(supervisor: &Supervisor) -> End {
    while let Some((pid, event)) = ptrace::wait() {
        match event {
            Event::Exited(code) if pid == supervisor.main() => return End::Exited(code),
            Event::Killed(signal) if pid == supervisor.main() => return End::Killed(signal),
            Event::Exited(_) | Event::Killed(_) | Event::Other => {}
            Event::Exec => {
                if execs::at_event(supervisor, pid) {
                    let _ = signals::send(pid, libc::SIGKILL);
                } else {
                    ptrace::resume(pid, 0);
                }
            }
            Event::Born => ptrace::resume(pid, 0),
            Event::GroupStop => ptrace::keep_stopped(pid),
            Event::Signal(signal) => ptrace::resume(pid, signal),
        }
    }
    // The main process cannot be gone without a word; if it is, the app is over all the same.
    End::Killed(libc::SIGKILL)
}
