//! Signals as messages: blocked everywhere, waited for in one thread.

use super::check;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};

/// Faults are the thread's own, and broken pipes are seen otherwise.
const NOT_OURS: [i32; 9] = [
    libc::SIGSEGV,
    libc::SIGBUS,
    libc::SIGFPE,
    libc::SIGILL,
    libc::SIGTRAP,
    libc::SIGABRT,
    libc::SIGSYS,
    libc::SIGPIPE,
    libc::SIGPROF,
];

/// A set of blocked signals.
#[derive(Clone, Copy)]
pub struct Mask(libc::sigset_t);

impl std::fmt::Debug for Mask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mask")
    }
}

impl Mask {
    fn all() -> Self {
        // SAFETY: sigfillset and sigdelset write to the set only.
        unsafe {
            let mut set = std::mem::zeroed();
            libc::sigfillset(&raw mut set);
            for signal in NOT_OURS {
                libc::sigdelset(&raw mut set, signal);
            }
            Self(set)
        }
    }

    /// Makes this the mask of the calling thread. Async-signal-safe.
    pub fn restore(&self) {
        // SAFETY: the set is valid.
        unsafe { libc::sigprocmask(libc::SIG_SETMASK, &raw const self.0, std::ptr::null_mut()) };
    }
}

/// Whether the program was started with `SIGPIPE` ignored: the standard library ignores it before `main`.
static PIPE_WAS_IGNORED: AtomicBool = AtomicBool::new(false);

extern "C" fn look_at_pipe() {
    PIPE_WAS_IGNORED.store(is_ignored(libc::SIGPIPE), Ordering::Relaxed);
}

/// Called by the C library before anything of Rust runs.
#[used]
// SAFETY: the section holds functions of this kind; this one makes one system call and sets one byte.
#[unsafe(link_section = ".init_array")]
static LOOK_AT_PIPE: extern "C" fn() = look_at_pipe;

/// Whether a signal is ignored by this process.
#[must_use]
pub fn is_ignored(signal: i32) -> bool {
    // SAFETY: the structure is what the call fills, and nothing is changed.
    unsafe {
        let mut now: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &raw mut now) == 0 && now.sa_sigaction == libc::SIG_IGN
    }
}

fn set(signal: i32, ignored: bool) {
    // SAFETY: neither disposition is a handler.
    unsafe { libc::signal(signal, if ignored { libc::SIG_IGN } else { libc::SIG_DFL }) };
}

/// What we were started with, where our own differs from it.
#[derive(Debug, Clone, Copy)]
pub struct Dispositions {
    pipe_ignored: bool,
    children_ignored: bool,
}

impl Dispositions {
    /// Takes note of them, and makes sure that the ends of children are told: nobody tells who ignores them.
    #[must_use]
    pub fn take() -> Self {
        let children_ignored = is_ignored(libc::SIGCHLD);
        set(libc::SIGCHLD, false);
        Self { pipe_ignored: PIPE_WAS_IGNORED.load(Ordering::Relaxed), children_ignored }
    }

    /// Gives them back, in the process that is to become the app. Async-signal-safe.
    pub fn restore(self) {
        set(libc::SIGPIPE, self.pipe_ignored);
        set(libc::SIGCHLD, self.children_ignored);
    }
}

/// Blocks what can be forwarded, in the calling thread and in those that it will start; answers the mask of before.
///
/// # Errors
/// Never on Linux.
pub fn block() -> io::Result<Mask> {
    let all = Mask::all();
    // SAFETY: both sets are valid and outlive the call.
    unsafe {
        let mut before = std::mem::zeroed();
        let result = libc::pthread_sigmask(libc::SIG_BLOCK, &raw const all.0, &raw mut before);
        if result != 0 {
            return Err(io::Error::from_raw_os_error(result));
        }
        Ok(Mask(before))
    }
}

/// Waits for the next blocked signal that is for the app, which those of children are not.
#[must_use]
pub fn next() -> i32 {
    let mut all = Mask::all();
    // SAFETY: the set is valid.
    unsafe { libc::sigdelset(&raw mut all.0, libc::SIGCHLD) };
    loop {
        let mut signal = 0;
        // SAFETY: both pointers outlive the call.
        if unsafe { libc::sigwait(&raw const all.0, &raw mut signal) } == 0 {
            return signal;
        }
    }
}

/// A descriptor that becomes readable when a child ends, or a traced process stops.
#[derive(Debug)]
pub struct Children(OwnedFd);

impl Children {
    /// Needs `SIGCHLD` blocked, see [`block`].
    ///
    /// # Errors
    /// When there are no descriptors left.
    pub fn watch() -> io::Result<Self> {
        // SAFETY: the set is valid and outlives the call.
        let fd = check(unsafe {
            let mut set = std::mem::zeroed();
            libc::sigemptyset(&raw mut set);
            libc::sigaddset(&raw mut set, libc::SIGCHLD);
            libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK).into()
        })?;
        // SAFETY: the kernel just made it for us.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd as i32) }))
    }

    /// Takes the news; several of them may have become one.
    pub fn take(&self) {
        let mut buffer = [0u8; size_of::<libc::signalfd_siginfo>()];
        // SAFETY: the buffer has the size that is given.
        unsafe { libc::read(self.0.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len()) };
    }
}

impl AsRawFd for Children {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

/// Sends a signal.
///
/// # Errors
/// `ESRCH` when the process is gone.
pub fn send(pid: i32, signal: i32) -> io::Result<()> {
    // SAFETY: numbers only.
    check(unsafe { libc::kill(pid, signal) }.into())?;
    Ok(())
}

/// A signal that a thread would take if it did not wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// This thread takes it.
    Its,
    /// It or another thread of its process does.
    Someones,
}

impl Pending {
    /// The error with which a call that waits ends for it. Only who is sure to take the signal is sure to come to `ERESTARTSYS`,
    /// of which the kernel makes what the handler wants; a wait with a limit is not begun again by anyone.
    #[must_use]
    pub fn errno(self, limited: bool) -> i32 {
        const RESTART: i32 = 512;
        if self == Self::Its && !limited { RESTART } else { libc::EINTR }
    }
}

/// Signals that do nothing unless they are caught.
const UNNOTICED: u64 =
    mask_of(libc::SIGCHLD) | mask_of(libc::SIGCONT) | mask_of(libc::SIGURG) | mask_of(libc::SIGWINCH);

const fn mask_of(signal: i32) -> u64 {
    1 << (signal - 1)
}

/// The signals of a thread, as the kernel shows them.
#[derive(Debug, Default, PartialEq, Eq)]
struct Sets {
    own: u64,
    shared: u64,
    blocked: u64,
    ignored: u64,
    caught: u64,
    is_first: bool,
}

fn sets(status: &str) -> Sets {
    let mut sets = Sets::default();
    let (mut pid, mut tgid) = (None, None);
    for line in status.lines() {
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        let set = u64::from_str_radix(value, 16).unwrap_or(0);
        match name {
            "Pid" => pid = Some(value),
            "Tgid" => tgid = Some(value),
            "SigPnd" => sets.own = set,
            "ShdPnd" => sets.shared = set,
            "SigBlk" => sets.blocked = set,
            "SigIgn" => sets.ignored = set,
            "SigCgt" => sets.caught = set,
            _ => {}
        }
    }
    sets.is_first = pid == tgid;
    sets
}

impl Sets {
    fn pending(&self) -> Option<Pending> {
        let taken = !(self.blocked | self.ignored | UNNOTICED & !self.caught);
        if self.own & taken != 0 {
            return Some(Pending::Its);
        }
        // The kernel prefers the first thread for what is sent to the whole process.
        (self.shared & taken != 0).then_some(if self.is_first { Pending::Its } else { Pending::Someones })
    }
}

/// Whether a thread has a signal to take. Nothing where it is gone.
#[must_use]
pub fn pending(thread: i32) -> Option<Pending> {
    sets(&std::fs::read_to_string(format!("/proc/{thread}/status")).ok()?).pending()
}

/// Whether a process has a handler for a signal.
#[must_use]
pub fn is_caught(pid: i32, signal: i32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/status"))
        .is_ok_and(|status| sets(&status).caught & mask_of(signal) != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_pending_for_who_takes_it() {
        let status = |pnd: i32, shd: i32, blk: i32, cgt: i32, pid: i32| {
            let set = |signal: i32| if signal == 0 { 0 } else { mask_of(signal) };
            let text = format!(
                "Name:\tx: y\nTgid:\t7\nPid:\t{pid}\nSigPnd:\t{:016x}\nShdPnd:\t{:016x}\nSigBlk:\t{:016x}\nSigIgn:\t{:016x}\nSigCgt:\t{:016x}\n",
                set(pnd),
                set(shd),
                set(blk),
                mask_of(libc::SIGHUP),
                set(cgt)
            );
            sets(&text).pending()
        };
        assert_eq!(status(0, 0, 0, 0, 7), None);
        assert_eq!(status(libc::SIGUSR1, 0, 0, libc::SIGUSR1, 8), Some(Pending::Its));
        assert_eq!(status(0, libc::SIGALRM, 0, libc::SIGALRM, 7), Some(Pending::Its));
        assert_eq!(status(0, libc::SIGALRM, 0, libc::SIGALRM, 8), Some(Pending::Someones));
        assert_eq!(status(libc::SIGUSR1, 0, libc::SIGUSR1, 0, 7), None, "blocked");
        assert_eq!(status(libc::SIGHUP, 0, 0, 0, 7), None, "ignored");
        assert_eq!(status(libc::SIGURG, 0, 0, 0, 7), None, "nobody hears it");
        assert_eq!(status(libc::SIGURG, 0, 0, libc::SIGURG, 7), Some(Pending::Its));
    }

    #[test]
    fn what_is_ignored_is_known() {
        // The standard library ignores it before `main`, and nothing else.
        assert!(is_ignored(libc::SIGPIPE));
        assert!(!is_ignored(libc::SIGUSR2) && !is_ignored(libc::SIGSEGV));
        assert!(!is_ignored(libc::SIGRTMAX() + 1), "there is no such signal");
    }

    #[test]
    fn handlers_are_seen() {
        let own = std::process::id() as i32;
        assert!(!is_caught(own, libc::SIGUSR2));
        // The standard library has a handler for the end of a stack.
        assert!(is_caught(own, libc::SIGSEGV));
    }
}
