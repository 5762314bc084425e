//! A seccomp filter with a user-notification listener.

use super::check;
use std::io;
use std::mem::offset_of;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

#[cfg(target_arch = "x86_64")]
const ARCH: u32 = 0xC000_003E;
#[cfg(target_arch = "aarch64")]
const ARCH: u32 = 0xC000_00B7;

/// Set in the number of every x32 call, never in a native one.
const X32: u32 = 0x4000_0000;

const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
const AT_LEAST: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;

const HAS: u16 = (libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K) as u16;

/// Synchronous wake-up of the listener, kernel 6.6 and later.
const SYNC_WAKE_UP: u64 = 1;

/// Once the supervisor has a call, only the death of its caller ends the wait for an answer; kernel 5.19 and later. Without it,
/// a signal may end a call that has been carried out, and the kernel begins it anew.
const WAIT_KILLABLE: libc::c_ulong = 1 << 5;

/// Calls that stop until the supervisor has answered. The ring of io_uring would go around all others.
const NOTIFIED: [libc::c_long; 9] = [
    libc::SYS_io_uring_setup,
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
    libc::SYS_getpeername,
];

/// Calls that do so only with an address, and which argument that is: of the destination, of the sender.
const WITH_ADDRESS: [(libc::c_long, u32); 2] = [(libc::SYS_sendto, 4), (libc::SYS_recvfrom, 4)];

/// Calls that make files, or change them by their path. The flags of `openat2` are in memory, where no filter can look.
const OF_FILES: &[libc::c_long] = &[
    libc::SYS_openat2,
    libc::SYS_mkdirat,
    libc::SYS_mknodat,
    libc::SYS_symlinkat,
    libc::SYS_linkat,
    libc::SYS_renameat,
    libc::SYS_renameat2,
    libc::SYS_truncate,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_creat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_mkdir,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_mknod,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_symlink,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_link,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_rename,
];

/// Calls that open files, and which argument has the flags.
const OPENING: &[(libc::c_long, u32)] = &[
    (libc::SYS_openat, 2),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_open, 1),
];

/// Flags of an opening that makes or changes a file.
pub const WRITES: i32 = libc::O_WRONLY | libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC;

/// What a socket is asked about its device.
const OF_DEVICES: [i32; 2] = [libc::SO_BINDTODEVICE, SO_BINDTOIFINDEX];

/// `SO_BINDTOIFINDEX`, which the C library does not name.
pub const SO_BINDTOIFINDEX: i32 = 62;

fn statement(code: u16, k: u32) -> libc::sock_filter {
    libc::sock_filter { code, jt: 0, jf: 0, k }
}

fn skip_unless(code: u16, k: u32, steps: u8) -> libc::sock_filter {
    libc::sock_filter { code, jt: 0, jf: steps, k }
}

/// What is decided on, or seen otherwise than it is, is notified; so is what does not exist under the Defender, since it would be a
/// way around: io_uring, and the system calls of other architectures. Calls on files are only where files are monitored.
fn program(files: bool) -> Vec<libc::sock_filter> {
    let number = offset_of!(libc::seccomp_data, nr) as u32;
    let arch = offset_of!(libc::seccomp_data, arch) as u32;
    let argument = |index: u32| offset_of!(libc::seccomp_data, args) as u32 + 8 * index;
    let mut code = vec![
        statement(LOAD, arch),
        libc::sock_filter { code: EQUAL, jt: 1, jf: 0, k: ARCH },
        statement(RETURN, libc::SECCOMP_RET_USER_NOTIF),
        statement(LOAD, number),
        skip_unless(AT_LEAST, X32, 1),
        statement(RETURN, libc::SECCOMP_RET_USER_NOTIF),
    ];
    for call in NOTIFIED {
        code.push(skip_unless(EQUAL, call as u32, 1));
        code.push(statement(RETURN, libc::SECCOMP_RET_USER_NOTIF));
    }
    for (call, index) in WITH_ADDRESS {
        code.extend([
            // An address is a pointer of two words; either may be zero alone.
            skip_unless(EQUAL, call as u32, 6),
            statement(LOAD, argument(index)),
            skip_unless(EQUAL, 0, 2),
            statement(LOAD, argument(index) + 4),
            libc::sock_filter { code: EQUAL, jt: 1, jf: 0, k: 0 },
            statement(RETURN, libc::SECCOMP_RET_USER_NOTIF),
            statement(RETURN, libc::SECCOMP_RET_ALLOW),
        ]);
    }
    if files {
        for call in OF_FILES {
            code.push(skip_unless(EQUAL, *call as u32, 1));
            code.push(statement(RETURN, libc::SECCOMP_RET_USER_NOTIF));
        }
        for (call, index) in OPENING {
            code.extend([
                skip_unless(EQUAL, *call as u32, 4),
                statement(LOAD, argument(*index)),
                skip_unless(HAS, WRITES as u32, 1),
                statement(RETURN, libc::SECCOMP_RET_USER_NOTIF),
                statement(RETURN, libc::SECCOMP_RET_ALLOW),
            ]);
        }
    }
    code.extend([
        // The kernel has one listener for a thread, which is ours.
        skip_unless(EQUAL, libc::SYS_seccomp as u32, 4),
        statement(LOAD, argument(1)),
        skip_unless(HAS, libc::SECCOMP_FILTER_FLAG_NEW_LISTENER as u32, 1),
        statement(RETURN, libc::SECCOMP_RET_USER_NOTIF),
        statement(RETURN, libc::SECCOMP_RET_ALLOW),
        skip_unless(EQUAL, libc::SYS_getsockopt as u32, 6),
        statement(LOAD, argument(1)),
        skip_unless(EQUAL, libc::SOL_SOCKET as u32, 4),
        statement(LOAD, argument(2)),
        libc::sock_filter { code: EQUAL, jt: 1, jf: 0, k: OF_DEVICES[0] as u32 },
        skip_unless(EQUAL, OF_DEVICES[1] as u32, 1),
        statement(RETURN, libc::SECCOMP_RET_USER_NOTIF),
        statement(RETURN, libc::SECCOMP_RET_ALLOW),
    ]);
    code
}

/// One stopped system call.
#[derive(Debug, Clone, Copy)]
pub struct Notification {
    /// Cookie of the kernel; dies with the call.
    pub id: u64,
    /// Thread that made the call, as we see it.
    pub thread: i32,
    /// System call number.
    pub number: libc::c_long,
    /// Arguments.
    pub args: [u64; 6],
    /// Whether it is a call of another architecture, or of x32: another call than its number says.
    pub foreign: bool,
}

/// What the caller gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// The kernel carries the call out, with whatever its pointers point to by then.
    Continue,
    /// The call returned this.
    Value(i64),
    /// The call failed with this `errno`.
    Error(i32),
}

impl From<io::Error> for Reply {
    fn from(error: io::Error) -> Self {
        Self::Error(error.raw_os_error().unwrap_or(libc::EIO))
    }
}

/// The supervisor's end of a filter.
#[derive(Debug)]
pub struct Listener {
    fd: OwnedFd,
    interruptible: bool,
}

/// Puts the calling thread, and whatever it forks from now on, under the filter. The thread gives up every way to gain
/// privileges, which is what lets an unprivileged process install a filter. Calls on files are seen only where that is asked for.
///
/// # Errors
/// When the kernel refuses: no seccomp, or a listener is installed already.
pub fn install(files: bool) -> io::Result<Listener> {
    let mut code = program(files);
    let filter = libc::sock_fprog { len: code.len() as u16, filter: code.as_mut_ptr() };
    // SAFETY: prctl with these arguments reads no memory.
    check(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }.into())?;
    let listen = |more: libc::c_ulong| {
        let flags = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER | more;
        // SAFETY: `filter` points to `code`, and both outlive the call.
        let fd = check(unsafe {
            libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, flags, &raw const filter)
        })?;
        // SAFETY: the kernel just made this descriptor for us; it is close-on-exec.
        Ok::<_, io::Error>(unsafe { OwnedFd::from_raw_fd(fd as i32) })
    };
    let listener = match listen(WAIT_KILLABLE) {
        Err(unknown) if unknown.raw_os_error() == Some(libc::EINVAL) => {
            Listener { fd: listen(0)?, interruptible: true }
        }
        fd => Listener { fd: fd?, interruptible: false },
    };
    // Older kernels do not know it, and work without.
    // SAFETY: the argument is a number.
    unsafe { libc::ioctl(listener.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SET_FLAGS as _, SYNC_WAKE_UP) };
    Ok(listener)
}

impl AsRawFd for Listener {
    fn as_raw_fd(&self) -> RawFd {
        self.fd.as_raw_fd()
    }
}

impl Listener {
    /// Whether a signal may end a call that has been carried out, before it is answered.
    #[must_use]
    pub fn is_interruptible(&self) -> bool {
        self.interruptible
    }

    /// Takes the next call, which must be there: the descriptor is readable. Nothing when it vanished in between.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn receive(&self) -> io::Result<Option<Notification>> {
        // SAFETY: all zeroes is a valid value of this plain structure, and the kernel demands it.
        let mut raw: libc::seccomp_notif = unsafe { std::mem::zeroed() };
        // SAFETY: `raw` is what this ioctl fills.
        let result =
            unsafe { libc::ioctl(self.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_RECV as _, &raw mut raw) };
        match check(result.into()) {
            Ok(_) => Ok(Some(Notification {
                id: raw.id,
                thread: raw.pid as i32,
                number: raw.data.nr.into(),
                args: raw.data.args,
                foreign: raw.data.arch != ARCH || raw.data.nr as u32 >= X32,
            })),
            Err(error) if matches!(error.raw_os_error(), Some(libc::ENOENT | libc::EINTR)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the call still waits. What was read through its thread's id before is only then that thread's.
    #[must_use]
    pub fn is_valid(&self, id: u64) -> bool {
        // SAFETY: the ioctl reads one u64.
        unsafe { libc::ioctl(self.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_ID_VALID as _, &raw const id) == 0 }
    }

    /// Answers a call.
    ///
    /// # Errors
    /// `ENOENT` when the call was interrupted or its thread was killed: the answer reached nobody.
    pub fn answer(&self, id: u64, reply: Reply) -> io::Result<()> {
        let (val, error, flags) = match reply {
            Reply::Continue => (0, 0, libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32),
            Reply::Value(val) => (val, 0, 0),
            Reply::Error(errno) => (0, -errno, 0),
        };
        let mut response = libc::seccomp_notif_resp { id, val, error, flags };
        // SAFETY: `response` is what this ioctl reads.
        check(unsafe {
            libc::ioctl(self.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SEND as _, &raw mut response).into()
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the filter by hand, as the kernel would.
    fn verdict(arch: u32, nr: i64, args: [u64; 6]) -> u32 {
        run(&program(false), arch, nr, args)
    }

    fn run(program: &[libc::sock_filter], arch: u32, nr: i64, args: [u64; 6]) -> u32 {
        let word = |offset: u32| match offset {
            0 => nr as u32,
            4 => arch,
            16.. => {
                let (argument, high) = ((offset - 16) / 8, (offset - 16) % 8 / 4);
                (args[argument as usize] >> (32 * high)) as u32
            }
            other => panic!("unexpected offset {other}"),
        };
        let (mut at, mut acc) = (0usize, 0u32);
        loop {
            let step = program[at];
            at += 1;
            match step.code {
                LOAD => acc = word(step.k),
                RETURN => return step.k,
                code => {
                    let hit = match code {
                        EQUAL => acc == step.k,
                        HAS => acc & step.k != 0,
                        _ => acc >= step.k,
                    };
                    at += usize::from(if hit { step.jt } else { step.jf });
                }
            }
        }
    }

    #[test]
    fn files_are_seen_only_where_they_are_monitored_and_only_where_they_are_written() {
        let (notify, allow) = (libc::SECCOMP_RET_USER_NOTIF, libc::SECCOMP_RET_ALLOW);
        let (on, off) = (program(true), program(false));
        for call in OF_FILES {
            assert_eq!(run(&on, ARCH, *call, [0; 6]), notify, "{call}");
            assert_eq!(run(&off, ARCH, *call, [0; 6]), allow, "{call}");
        }
        for (call, index) in OPENING {
            let with = |flags: i32| {
                let mut args = [libc::O_RDWR as u64; 6];
                args[*index as usize] = flags as u64 | 0xffff_ffff_0000_0000;
                args
            };
            for (flags, verdict) in [
                (libc::O_RDONLY, allow),
                (libc::O_RDONLY | libc::O_CLOEXEC | libc::O_DIRECTORY | libc::O_NOFOLLOW, allow),
                (libc::O_WRONLY, notify),
                (libc::O_RDWR | libc::O_APPEND, notify),
                (libc::O_CREAT, notify),
                (libc::O_TRUNC, notify),
                (libc::O_TMPFILE | libc::O_WRONLY, notify),
            ] {
                assert_eq!(run(&on, ARCH, *call, with(flags)), verdict, "{call} {flags:o}");
                assert_eq!(run(&off, ARCH, *call, with(flags)), allow);
            }
        }
        assert_eq!(run(&on, ARCH, libc::SYS_read, [u64::MAX; 6]), allow);
        assert_eq!(run(&on, ARCH, libc::SYS_connect, [0; 6]), notify);
        let listener = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER;
        assert_eq!(run(&on, ARCH, libc::SYS_seccomp, [0, listener, 0, 0, 0, 0]), notify);
    }

    #[test]
    fn only_what_must_be_seen_is_seen() {
        let (notify, allow) = (libc::SECCOMP_RET_USER_NOTIF, libc::SECCOMP_RET_ALLOW);
        let with = |index: usize, value: u64| {
            let mut args = [0; 6];
            args[index] = value;
            args
        };
        for call in NOTIFIED {
            assert_eq!(verdict(ARCH, call, [0; 6]), notify, "{call}");
        }
        for (call, index) in WITH_ADDRESS {
            let index = index as usize;
            assert_eq!(verdict(ARCH, call, [0; 6]), allow);
            assert_eq!(verdict(ARCH, call, with(index - 1, 0x1000)), allow);
            assert_eq!(verdict(ARCH, call, with(index, 0x1000)), notify);
            assert_eq!(verdict(ARCH, call, with(index, 0x7f00_0000_0000_0000)), notify);
        }
        let option = |level: i32, name: i32| {
            verdict(ARCH, libc::SYS_getsockopt, [3, level as u64, name as u64, 0, 0, 0])
        };
        for name in OF_DEVICES {
            assert_eq!(option(libc::SOL_SOCKET, name), notify);
            assert_eq!(option(libc::SOL_TCP, name), allow);
        }
        assert_eq!(option(libc::SOL_SOCKET, libc::SO_ERROR), allow);
        assert_eq!(verdict(ARCH, libc::SYS_read, [0x1000; 6]), allow);
        let filter = |flags: libc::c_ulong| verdict(ARCH, libc::SYS_seccomp, with(1, flags));
        assert_eq!(filter(libc::SECCOMP_FILTER_FLAG_NEW_LISTENER | libc::SECCOMP_FILTER_FLAG_TSYNC), notify);
        assert_eq!(filter(libc::SECCOMP_FILTER_FLAG_TSYNC), allow);
        assert_eq!(verdict(0x4000_0003, libc::SYS_read, [0; 6]), notify, "i386");
        assert_eq!(verdict(ARCH, libc::SYS_read | i64::from(X32), [0; 6]), notify, "x32");
    }
}
