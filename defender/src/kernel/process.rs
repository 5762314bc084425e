//! Small facts and switches of processes.

use super::check;
use std::io;

/// Makes orphans below us our children, so that they can be reaped even when we are not PID 1.
pub fn become_subreaper() {
    // SAFETY: numbers only.
    unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) };
}

/// Whether two threads share their table of descriptors.
#[must_use]
pub fn share_files(one: i32, other: i32) -> bool {
    const KCMP_FILES: i32 = 2;
    // SAFETY: numbers only.
    unsafe { libc::syscall(libc::SYS_kcmp, one, other, KCMP_FILES, 0, 0) == 0 }
}

/// Whether we are process 1 of our container, for whose end it waits, and whom signals without a handler do not reach.
#[must_use]
pub fn is_first() -> bool {
    std::process::id() == 1
}

/// Effective user.
#[must_use]
pub fn effective_user() -> u32 {
    // SAFETY: cannot fail.
    unsafe { libc::geteuid() }
}

/// Random bytes of the kernel.
///
/// # Errors
/// When the kernel has none.
pub fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0u8; N];
    // SAFETY: the buffer outlives the call.
    check(unsafe { libc::getrandom(bytes.as_mut_ptr().cast(), N, 0) as libc::c_long })?;
    Ok(bytes)
}
