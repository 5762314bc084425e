//! Another process, held by a descriptor: it cannot be confused with a later one of the same number.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};

/// Milliseconds that an init process may take to reap a daemon, before its exit code is given up.
const REAPED_WITHIN: i32 = 3000;

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// Exited with a code.
    Exited(i32),
    /// Killed by a signal.
    Signalled(i32),
    /// Ended; the kernel tells only its parent how, which is not the actor.
    Unknown,
}

/// A process that the actor started.
#[derive(Debug)]
pub struct Process {
    pid: i32,
    handle: OwnedFd,
}

impl Process {
    /// Takes hold of a process that is alive, or that is a child not yet waited for.
    pub fn open(pid: i32) -> io::Result<Self> {
        // SAFETY: a system call on plain numbers; a result of zero or more is a new descriptor.
        let handle = unsafe {
            let descriptor = libc::syscall(libc::SYS_pidfd_open, pid, 0);
            if descriptor < 0 {
                return Err(io::Error::last_os_error());
            }
            OwnedFd::from_raw_fd(descriptor as i32)
        };
        Ok(Self { pid, handle })
    }

    /// Its number.
    pub fn pid(&self) -> i32 {
        self.pid
    }

    /// Readable when the process has ended.
    pub fn handle(&self) -> BorrowedFd<'_> {
        self.handle.as_fd()
    }

    /// Kills it, if it is still there.
    pub fn kill(&self) {
        // SAFETY: a system call on an open descriptor; the signal information may be null.
        unsafe {
            libc::syscall(
                libc::SYS_pidfd_send_signal,
                self.handle.as_raw_fd(),
                libc::SIGKILL,
                std::ptr::null::<libc::siginfo_t>(),
                0,
            );
        }
    }

    /// How it ended; waits until it has. Only a child of the actor is reaped here.
    pub fn wait(&self) -> Ending {
        let mut status = 0;
        loop {
            // SAFETY: the address is valid for the call.
            if unsafe { libc::waitpid(self.pid, &raw mut status, 0) } == self.pid {
                return from_status(status);
            }
            if io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
                self.poll(libc::POLLIN, -1);
                return self.recorded();
            }
        }
    }

    /// How a process that was another's child ended, as the kernel records it when that one reaps it (Linux 6.15).
    fn recorded(&self) -> Ending {
        for last in [false, true] {
            match self.information() {
                Some(it) if it.mask & u64::from(libc::PIDFD_INFO_EXIT) != 0 => {
                    return from_status(it.exit_code);
                }
                // A zombie still: whoever adopted it is expected to reap it soon, and that shows as a hang-up.
                Some(_) if !last => self.poll(0, REAPED_WITHIN),
                _ => break,
            }
        }
        Ending::Unknown
    }

    fn information(&self) -> Option<libc::pidfd_info> {
        // SAFETY: all fields are numbers, for which zero is valid; the kernel writes at most the size that the
        // request number carries.
        unsafe {
            let mut information: libc::pidfd_info = std::mem::zeroed();
            information.mask = u64::from(libc::PIDFD_INFO_EXIT);
            let result =
                libc::ioctl(self.handle.as_raw_fd(), libc::PIDFD_GET_INFO as _, &raw mut information);
            (result == 0).then_some(information)
        }
    }

    /// Waits for events of the descriptor, or for its hang-up, so many milliseconds; for ever when negative.
    fn poll(&self, events: libc::c_short, milliseconds: i32) {
        let mut polled = libc::pollfd { fd: self.handle.as_raw_fd(), events, revents: 0 };
        // SAFETY: one entry, valid for the call.
        while unsafe { libc::poll(&raw mut polled, 1, milliseconds) } < 0
            && io::Error::last_os_error().kind() == io::ErrorKind::Interrupted
        {}
    }
}

fn from_status(status: i32) -> Ending {
    if libc::WIFSIGNALED(status) {
        Ending::Signalled(libc::WTERMSIG(status))
    } else {
        Ending::Exited(libc::WEXITSTATUS(status))
    }
}
