//! The one call that has no safe form in a library: a packet filter on a socket.
#![expect(unsafe_code, reason = "SO_ATTACH_FILTER takes a pointer to the filter")]

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

/// Attaches a classic packet filter, so that the socket only receives what it accepts.
pub fn attach_filter(socket: BorrowedFd<'_>, filter: &[libc::sock_filter]) -> io::Result<()> {
    let program = libc::sock_fprog {
        len: u16::try_from(filter.len()).map_err(io::Error::other)?,
        filter: filter.as_ptr().cast_mut(),
    };
    // SAFETY: the kernel copies the program during the call and writes to neither it nor its instructions; both live
    // until the call returns, and the length given is that of the structure.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_ATTACH_FILTER,
            std::ptr::from_ref(&program).cast(),
            size_of::<libc::sock_fprog>() as libc::socklen_t,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
