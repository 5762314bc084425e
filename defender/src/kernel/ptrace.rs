//! Tracing: who follows whom, what stopped and why. All calls must come from the one tracing thread.

use super::check;
use std::io;

const OPTIONS: libc::c_int = libc::PTRACE_O_TRACEFORK
    | libc::PTRACE_O_TRACEVFORK
    | libc::PTRACE_O_TRACECLONE
    | libc::PTRACE_O_TRACEEXEC
    | libc::PTRACE_O_EXITKILL;

/// What the kernel reports of a child or a traced process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Ended by itself.
    Exited(i32),
    /// Ended by a signal.
    Killed(i32),
    /// A new program is loaded; its first instruction has not run.
    Exec,
    /// Stopped for bookkeeping: a new process, or a new thread.
    Born,
    /// Stopped by job control; stays so until it is continued.
    GroupStop,
    /// About to get a signal.
    Signal(i32),
    /// Anything else, such as a child that was continued.
    Other,
}

fn request(request: libc::c_uint, pid: i32, data: usize) -> io::Result<()> {
    // SAFETY: none of the requests made here writes to our memory; address and data are numbers.
    check(unsafe { libc::ptrace(request, pid, 0usize, data) })?;
    Ok(())
}

/// Begins to follow a process and everything that it will start; they die with us.
///
/// # Errors
/// `EPERM` when tracing is not permitted here.
pub fn seize(pid: i32) -> io::Result<()> {
    request(libc::PTRACE_SEIZE, pid, OPTIONS as usize)
}

/// Lets a stopped process run on, with a signal or 0. A process that was killed meanwhile is no error.
pub fn resume(pid: i32, signal: i32) {
    let _ = request(libc::PTRACE_CONT, pid, signal as usize);
}

/// Leaves a process in its group stop, while we hear of its end.
pub fn keep_stopped(pid: i32) {
    let _ = request(libc::PTRACE_LISTEN, pid, 0);
}

/// Waits for the next event of any child or traced process; nothing when none is left.
#[must_use]
pub fn wait() -> Option<(i32, Event)> {
    let mut status = 0;
    loop {
        // SAFETY: `status` outlives the call.
        let pid = unsafe { libc::waitpid(-1, &raw mut status, libc::__WALL) };
        if pid > 0 {
            return Some((pid, event(status)));
        }
        if io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            return None;
        }
    }
}

fn event(status: i32) -> Event {
    if libc::WIFEXITED(status) {
        return Event::Exited(libc::WEXITSTATUS(status));
    }
    if libc::WIFSIGNALED(status) {
        return Event::Killed(libc::WTERMSIG(status));
    }
    if !libc::WIFSTOPPED(status) {
        return Event::Other;
    }
    let signal = libc::WSTOPSIG(status);
    match status >> 16 {
        libc::PTRACE_EVENT_EXEC => Event::Exec,
        libc::PTRACE_EVENT_STOP if signal != libc::SIGTRAP => Event::GroupStop,
        0 => Event::Signal(signal),
        _ => Event::Born,
    }
}
