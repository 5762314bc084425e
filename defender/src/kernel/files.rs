//! Descriptors of another process.

use super::check;
use super::process::share_files;
use std::ffi::{CStr, CString};
use std::fs;
use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

/// `PIDFD_THREAD`, kernel 6.9: a descriptor of one thread.
const THREAD: libc::c_uint = libc::O_EXCL as libc::c_uint;

fn pidfd(pid: i32, flags: libc::c_uint) -> io::Result<OwnedFd> {
    // SAFETY: numbers only.
    let fd = check(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, flags) })?;
    // SAFETY: the kernel just made it for us.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// Whoever holds the descriptors of a thread.
#[derive(Debug)]
pub struct Holder(OwnedFd);

impl Holder {
    /// The holder of a thread's descriptors.
    ///
    /// # Errors
    /// `ESRCH` when it is gone; `EPERM` when only an older kernel's way is left, and would lead to other descriptors.
    pub fn of(thread: i32) -> io::Result<Self> {
        // The first thread of a process, which nearly every caller is.
        if let Ok(owner) = pidfd(thread, 0) {
            return Ok(Self(owner));
        }
        if let Ok(owner) = pidfd(thread, THREAD) {
            return Ok(Self(owner));
        }
        // Before 6.9 only a whole process can be asked, and that is right only if the thread shares its files.
        let process = process_of(thread)?;
        match share_files(thread, process) {
            true => Ok(Self(pidfd(process, 0)?)),
            false => Err(io::Error::from_raw_os_error(libc::EPERM)),
        }
    }

    /// Duplicates a descriptor by its number.
    ///
    /// # Errors
    /// `EBADF` when there is none of that number; `EPERM` when we may not look into it.
    pub fn duplicate(&self, fd: i32) -> io::Result<OwnedFd> {
        // SAFETY: numbers only.
        let copy = check(unsafe { libc::syscall(libc::SYS_pidfd_getfd, self.0.as_raw_fd(), fd, 0) })?;
        // SAFETY: the kernel just made it for us.
        Ok(unsafe { OwnedFd::from_raw_fd(copy as i32) })
    }
}

/// The process that a thread belongs to.
///
/// # Errors
/// When it is gone.
pub fn process_of(thread: i32) -> io::Result<i32> {
    // Cheaper than reading `/proc`, and true for nearly every caller: only the first thread has such a descriptor.
    if pidfd(thread, 0).is_ok() {
        return Ok(thread);
    }
    let status = fs::read_to_string(format!("/proc/{thread}/status"))?;
    let process = status.lines().find_map(|line| line.strip_prefix("Tgid:")?.trim().parse().ok());
    process.ok_or_else(|| io::Error::from_raw_os_error(libc::ESRCH))
}

/// Waits until one of two descriptors is readable, and says which are.
///
/// # Errors
/// What the kernel says.
pub fn readable(one: &impl AsRawFd, other: &impl AsRawFd) -> io::Result<(bool, bool)> {
    let poll = |fd: RawFd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    let mut both = [poll(one.as_raw_fd()), poll(other.as_raw_fd())];
    // SAFETY: the array outlives the call, and has the length that is given.
    match check(unsafe { libc::poll(both.as_mut_ptr(), both.len() as _, -1) }.into()) {
        Err(error) if error.kind() != io::ErrorKind::Interrupted => Err(error),
        _ => Ok((both[0].revents & libc::POLLIN != 0, both[1].revents & libc::POLLIN != 0)),
    }
}

/// Waits until something can be read from one descriptor, or one of others has its event, or the time is over; says whether the
/// one is readable, and which others are ready.
///
/// # Errors
/// What the kernel says.
pub fn ready(
    wake: &impl AsRawFd,
    others: &[(BorrowedFd<'_>, i16)],
    limit: Option<Duration>,
) -> io::Result<(bool, Vec<bool>)> {
    let poll = |fd: RawFd, events| libc::pollfd { fd, events, revents: 0 };
    let mut all = vec![poll(wake.as_raw_fd(), libc::POLLIN)];
    all.extend(others.iter().map(|(other, events)| poll(other.as_raw_fd(), *events)));
    // Rounded up: to come back early would be to come back again and again.
    let limit = limit.map_or(-1, |limit| i32::try_from(limit.as_millis() + 1).unwrap_or(i32::MAX));
    // SAFETY: the array outlives the call, and has the length that is given.
    match check(unsafe { libc::poll(all.as_mut_ptr(), all.len() as _, limit) }.into()) {
        Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
        _ => {}
    }
    let mut ready = all.iter().map(|one| one.revents != 0);
    Ok((ready.next().unwrap_or(false), ready.collect()))
}

/// Whether a file has an extended attribute.
#[must_use]
pub fn has_attribute(path: &Path, name: &CStr) -> bool {
    let Ok(path) = CString::new(path.as_os_str().as_bytes()) else { return false };
    // SAFETY: both texts end with a zero byte, and no value is asked for.
    unsafe { libc::getxattr(path.as_ptr(), name.as_ptr(), std::ptr::null_mut(), 0) > 0 }
}

/// Opens a path only to name it: no permission to read is needed, and no device wakes up.
///
/// # Errors
/// When there is no such file.
pub fn open_path(path: &CStr) -> io::Result<OwnedFd> {
    // SAFETY: the path ends with a zero byte.
    let fd = check(unsafe { libc::open(path.as_ptr(), libc::O_PATH | libc::O_CLOEXEC) }.into())?;
    // SAFETY: the kernel just made it for us.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}
