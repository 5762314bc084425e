//! Signals of the actor itself.

use libc::c_int;
use std::io::{self, PipeReader};
use std::os::fd::IntoRawFd;
use std::sync::atomic::{AtomicI32, Ordering};

/// Code with which SIGTERM ends the process; below zero it does not.
static TERM_CODE: AtomicI32 = AtomicI32::new(-1);

/// Where [`catch`] writes, or -1.
static CAUGHT: AtomicI32 = AtomicI32::new(-1);

/// Ends the process with `code` at SIGTERM, as PID 1 too, for which the kernel's default is to ignore it.
pub fn exit_on_term(code: i32) -> io::Result<()> {
    TERM_CODE.store(code, Ordering::Relaxed);
    handle(libc::SIGTERM, on_term)
}

/// Lets SIGTERM pass without effect. By a handler, because an ignored signal would be ignored by every child as well.
pub fn ignore_term() -> io::Result<()> {
    TERM_CODE.store(-1, Ordering::Relaxed);
    handle(libc::SIGTERM, on_term)
}

/// Catches every signal that can be and that does not report a fault of the program itself, and answers a pipe with
/// one byte, its number, for each.
pub fn catch_all() -> io::Result<PipeReader> {
    let (reader, writer) = io::pipe()?;
    super::set_nonblocking(&writer)?;
    CAUGHT.store(writer.into_raw_fd(), Ordering::Relaxed);
    let faults = [
        libc::SIGKILL,
        libc::SIGSTOP,
        libc::SIGSEGV,
        libc::SIGBUS,
        libc::SIGFPE,
        libc::SIGILL,
        libc::SIGABRT,
    ];
    for signal in (1..=31).filter(|signal| !faults.contains(signal)) {
        handle(signal, catch)?;
    }
    Ok(reader)
}

fn handle(signal: c_int, handler: extern "C" fn(c_int)) -> io::Result<()> {
    // SAFETY: a zeroed sigaction is valid, and both handlers call only async-signal-safe functions.
    let result = unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as *const () as libc::sighandler_t;
        action.sa_flags = libc::SA_RESTART;
        libc::sigemptyset(&raw mut action.sa_mask);
        libc::sigaction(signal, &raw const action, std::ptr::null_mut())
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

extern "C" fn on_term(_signal: c_int) {
    let code = TERM_CODE.load(Ordering::Relaxed);
    if code >= 0 {
        // SAFETY: `_exit` is async-signal-safe.
        unsafe { libc::_exit(code) };
    }
}

extern "C" fn catch(signal: c_int) {
    let byte = signal as u8;
    // SAFETY: one byte from a valid address into a pipe that is never closed; `errno` is put back, because the handler
    // may stand between a call of the program and its look at `errno`.
    unsafe {
        let errno = libc::__errno_location();
        let saved = *errno;
        libc::write(CAUGHT.load(Ordering::Relaxed), (&raw const byte).cast(), 1);
        *errno = saved;
    }
}
