//! What a socket is set to: options and flags of descriptors that belong to someone else.

use super::check;
use std::io;
use std::mem::size_of;
use std::os::fd::{AsRawFd, BorrowedFd};
use std::time::Duration;

pub(super) fn option(fd: BorrowedFd<'_>, level: i32, name: i32) -> io::Result<i32> {
    let mut value = 0i32;
    let mut length = size_of::<i32>() as libc::socklen_t;
    // SAFETY: value and length describe each other and outlive the call.
    let result =
        unsafe { libc::getsockopt(fd.as_raw_fd(), level, name, (&raw mut value).cast(), &raw mut length) };
    check(result.into())?;
    Ok(value)
}

pub(super) fn set_option(fd: BorrowedFd<'_>, level: i32, name: i32, value: i32) -> io::Result<()> {
    let length = size_of::<i32>() as libc::socklen_t;
    // SAFETY: the value outlives the call.
    let result = unsafe { libc::setsockopt(fd.as_raw_fd(), level, name, (&raw const value).cast(), length) };
    check(result.into())?;
    Ok(())
}

/// Whether calls on it never wait.
#[must_use]
pub fn is_nonblocking(fd: BorrowedFd<'_>) -> bool {
    // SAFETY: numbers only.
    unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFL) & libc::O_NONBLOCK != 0 }
}

/// Size of the datagrams that the kernel makes of what is sent at once, where it does (`UDP_SEGMENT` of the socket).
#[must_use]
pub fn segment_size(fd: BorrowedFd<'_>) -> Option<usize> {
    option(fd, libc::SOL_UDP, libc::UDP_SEGMENT)
        .ok()
        .and_then(|size| usize::try_from(size).ok())
        .filter(|size| *size > 0)
}

/// Whether the kernel holds back what is sent, to make one datagram of several calls (`UDP_CORK`).
#[must_use]
pub fn is_corked(fd: BorrowedFd<'_>) -> bool {
    option(fd, libc::SOL_UDP, libc::UDP_CORK).is_ok_and(|corked| corked != 0)
}

/// Datagrams that the kernel has dropped for want of room in the socket.
#[must_use]
pub fn dropped(fd: BorrowedFd<'_>) -> u32 {
    /// Words of `SO_MEMINFO`, and the one of drops.
    const WORDS: usize = 9;
    const DROPS: usize = 8;
    let mut words = [0u32; WORDS];
    let mut length = size_of_val(&words) as libc::socklen_t;
    // SAFETY: words and length describe each other and outlive the call. Where the option is not known, nothing is written.
    unsafe {
        libc::getsockopt(
            fd.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_MEMINFO,
            words.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    words[DROPS]
}

/// Name of the network device that a socket is bound to; empty where it is bound to none.
#[must_use]
pub fn device(fd: BorrowedFd<'_>) -> Vec<u8> {
    let mut name = [0u8; libc::IFNAMSIZ];
    let mut length = name.len() as libc::socklen_t;
    // SAFETY: name and length describe each other and outlive the call.
    let result = unsafe {
        libc::getsockopt(
            fd.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_BINDTODEVICE,
            name.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    let known = if result == 0 { &name[..length as usize] } else { &[] };
    known.iter().copied().take_while(|byte| *byte != 0).collect()
}

/// Binds a socket to a device; to none with an empty name. Needs NET_RAW where it is bound already.
///
/// # Errors
/// `EPERM` without the capability, `ENODEV`.
pub fn bind_to_device(fd: BorrowedFd<'_>, name: &[u8]) -> io::Result<()> {
    // SAFETY: the name outlives the call, and has the length that is given.
    let result = unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_BINDTODEVICE,
            name.as_ptr().cast(),
            name.len() as libc::socklen_t,
        )
    };
    check(result.into())?;
    Ok(())
}

/// Index of a device; 0 where there is none of that name.
#[must_use]
pub fn device_index(name: &[u8]) -> u32 {
    let Ok(name) = std::ffi::CString::new(name) else { return 0 };
    // SAFETY: the name ends with a zero byte.
    unsafe { libc::if_nametoindex(name.as_ptr()) }
}

/// How long calls that receive may wait, if there is a limit (`SO_RCVTIMEO`).
#[must_use]
pub fn receive_limit(fd: BorrowedFd<'_>) -> Option<Duration> {
    limit(fd, libc::SO_RCVTIMEO)
}

/// How long calls that send or connect may wait, if there is a limit (`SO_SNDTIMEO`).
#[must_use]
pub fn send_limit(fd: BorrowedFd<'_>) -> Option<Duration> {
    limit(fd, libc::SO_SNDTIMEO)
}

fn limit(fd: BorrowedFd<'_>, name: i32) -> Option<Duration> {
    let mut limit = libc::timeval { tv_sec: 0, tv_usec: 0 };
    let mut length = size_of::<libc::timeval>() as libc::socklen_t;
    // SAFETY: value and length describe each other and outlive the call.
    unsafe {
        libc::getsockopt(fd.as_raw_fd(), libc::SOL_SOCKET, name, (&raw mut limit).cast(), &raw mut length)
    };
    let seconds = Duration::from_secs(u64::try_from(limit.tv_sec).unwrap_or(0));
    let limit = seconds + Duration::from_micros(u64::try_from(limit.tv_usec).unwrap_or(0));
    (!limit.is_zero()).then_some(limit)
}
