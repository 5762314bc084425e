//! Waiting for several descriptors with a deadline.

use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::Instant;

/// A descriptor and what is waited for.
pub struct Interest<'a> {
    descriptor: BorrowedFd<'a>,
    events: libc::c_short,
}

impl<'a> Interest<'a> {
    /// Until it can be read, or has ended.
    pub fn read(descriptor: BorrowedFd<'a>) -> Self {
        Self { descriptor, events: libc::POLLIN }
    }

    /// Until it can be written, or nobody reads.
    pub fn write(descriptor: BorrowedFd<'a>) -> Self {
        Self { descriptor, events: libc::POLLOUT }
    }
}

/// Which of `interests` are ready; all false at the deadline.
pub fn wait(interests: &[Interest<'_>], deadline: Instant) -> io::Result<Vec<bool>> {
    let mut polled: Vec<libc::pollfd> = interests
        .iter()
        .map(|interest| libc::pollfd {
            fd: interest.descriptor.as_raw_fd(),
            events: interest.events,
            revents: 0,
        })
        .collect();
    loop {
        // Rounded up, so that the loop does not spin in the last millisecond.
        let left = deadline.saturating_duration_since(Instant::now()).as_micros().div_ceil(1000);
        let timeout = libc::c_int::try_from(left).unwrap_or(libc::c_int::MAX);
        // SAFETY: the vector is valid for its length, and the descriptors are borrowed for longer than the call.
        let ready = unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, timeout) };
        if ready >= 0 {
            return Ok(polled.iter().map(|entry| entry.revents != 0).collect());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Makes reads and writes answer `EAGAIN` where they would wait.
pub fn set_nonblocking(descriptor: &impl AsFd) -> io::Result<()> {
    let descriptor = descriptor.as_fd().as_raw_fd();
    // SAFETY: plain flag operations on an open descriptor.
    let result = unsafe {
        let flags = libc::fcntl(descriptor, libc::F_GETFL);
        libc::fcntl(descriptor, libc::F_SETFL, flags | libc::O_NONBLOCK)
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
