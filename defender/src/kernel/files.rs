//! Descriptors of another process.

use super::check;
use super::process::share_files;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// `PIDFD_THREAD`, kernel 6.9: a descriptor of one thread.
const THREAD: libc::c_uint = libc::O_EXCL as libc::c_uint;

fn pidfd(pid: i32, flags: libc::c_uint) -> io::Result<OwnedFd> {
    // SAFETY: numbers only.
    let fd = check(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, flags) })?;
    // SAFETY: the kernel just made it for us.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// Duplicates descriptor `fd` of a thread.
///
/// # Errors
/// `EBADF` when it has none of that number; `EPERM` when we may not look into it.
pub fn duplicate(thread: i32, process: i32, fd: i32) -> io::Result<OwnedFd> {
    let owner = if thread == process {
        pidfd(process, 0)?
    } else {
        match pidfd(thread, THREAD) {
            Ok(owner) => owner,
            // Before 6.9 only a whole process can be asked, and that is right only if the thread shares its files.
            Err(_) if share_files(thread, process) => pidfd(process, 0)?,
            Err(_) => return Err(io::Error::from_raw_os_error(libc::EPERM)),
        }
    };
    // SAFETY: numbers only.
    let copy = check(unsafe { libc::syscall(libc::SYS_pidfd_getfd, owner.as_raw_fd(), fd, 0) })?;
    // SAFETY: the kernel just made it for us.
    Ok(unsafe { OwnedFd::from_raw_fd(copy as i32) })
}

/// Opens a path only to name it: no permission to read is needed, and no device wakes up.
///
/// # Errors
/// When there is no such file.
pub fn open_path(path: &std::ffi::CStr) -> io::Result<OwnedFd> {
    // SAFETY: the path ends with a zero byte.
    let fd = check(unsafe { libc::open(path.as_ptr(), libc::O_PATH | libc::O_CLOEXEC) }.into())?;
    // SAFETY: the kernel just made it for us.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}
