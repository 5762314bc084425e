//! Tracing a process across one exec, and hearing of the end of children. All calls must come from one thread.

use super::check;
use std::io;

const OPTIONS: libc::c_int = libc::PTRACE_O_TRACEEXEC | libc::PTRACE_O_EXITKILL;

/// What the kernel reports of a child or a traced process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Ended by itself.
    Exited(i32),
    /// Ended by a signal.
    Killed(i32),
    /// A new program is loaded; its first instruction has not run.
    Exec,
    /// Stopped for another reason, with the signal it is about to get; 0 for none.
    Stopped(i32),
    /// Anything else, such as a child that was continued.
    Other,
}

fn request(request: libc::c_uint, pid: i32, data: usize) -> io::Result<()> {
    // SAFETY: none of the requests made here writes to our memory; address and data are numbers.
    check(unsafe { libc::ptrace(request, pid, 0usize, data) })?;
    Ok(())
}

/// Begins to trace a thread, which does not stop it. It dies with us, unless it is released first.
///
/// # Errors
/// `EPERM` when tracing is not permitted here, or someone else traces it.
pub fn seize(thread: i32) -> io::Result<()> {
    request(libc::PTRACE_SEIZE, thread, OPTIONS as usize)
}

/// Ends the tracing of a stopped process, which runs on, with a signal or 0. One that was stopped by job control stays
/// so. A process that was killed meanwhile is no error.
pub fn release(pid: i32, signal: i32) {
    let _ = request(libc::PTRACE_DETACH, pid, signal as usize);
}

/// The next event of any child or traced process, if there is one now.
#[must_use]
pub fn next() -> Option<(i32, Event)> {
    let mut status = 0;
    // SAFETY: `status` outlives the call.
    let pid = unsafe { libc::waitpid(-1, &raw mut status, libc::__WALL | libc::WNOHANG) };
    (pid > 0).then(|| (pid, event(status)))
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
    match status >> 16 {
        libc::PTRACE_EVENT_EXEC => Event::Exec,
        0 => Event::Stopped(libc::WSTOPSIG(status)),
        _ => Event::Stopped(0),
    }
}
