//! System calls that the standard library does not wrap. Everything unsafe of this crate is here.
#![expect(unsafe_code, reason = "the one module that talks to the kernel")]

pub mod clone;
pub mod files;
pub mod inotify;
pub mod memory;
pub mod options;
pub mod peer;
pub mod process;
pub mod ptrace;
pub mod seccomp;
pub mod signals;
pub mod sockets;

use std::io;

/// The usual convention: -1 means look at `errno`.
fn check(result: libc::c_long) -> io::Result<libc::c_long> {
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(result) }
}
