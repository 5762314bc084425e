//! Who is at the other end of a Unix socket, as far as the kernel vouches for it.

use super::memory::u64_at;
use super::{check, sockets};
use std::fs::File;
use std::io;
use std::mem::size_of;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;

/// Our own mount namespace.
const OWN: &str = "/proc/self/ns/mnt";

/// `NS_GET_NSTYPE`: the kind of a namespace.
const GET_KIND: libc::c_ulong = 0xb703;

/// A header of ancillary data: length, level and kind; then descriptors, in words of eight bytes.
const HEADER: usize = size_of::<libc::cmsghdr>();
const ANCILLARY: usize = HEADER + 8;

/// Who connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credentials {
    /// Process; 0 when it is in a PID namespace that we do not see.
    pub pid: i32,
    /// Effective user at the time.
    pub uid: u32,
}

/// A mount namespace, of which each container has one. A process can show another namespace than its own only if it has one:
/// to make one takes `SYS_ADMIN`, which no container of a Fargate task has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    device: u64,
    inode: u64,
}

/// Who connected a socket.
///
/// # Errors
/// When it is no Unix socket.
pub fn credentials(socket: BorrowedFd<'_>) -> io::Result<Credentials> {
    let mut raw = libc::ucred { pid: 0, uid: 0, gid: 0 };
    let mut length = size_of::<libc::ucred>() as libc::socklen_t;
    // SAFETY: value and length describe each other and outlive the call.
    let result = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_PEERCRED,
            (&raw mut raw).cast(),
            &raw mut length,
        )
    };
    check(result.into())?;
    Ok(Credentials { pid: raw.pid, uid: raw.uid })
}

/// Our own mount namespace, as something to show to others.
///
/// # Errors
/// When there is no `/proc`.
pub fn own_place() -> io::Result<File> {
    File::open(OWN)
}

/// The mount namespace that a descriptor stands for; nothing when it stands for something else.
#[must_use]
pub fn place(shown: &File) -> Option<Place> {
    let meta = shown.metadata().ok()?;
    if meta.dev() != std::fs::metadata(OWN).ok()?.dev() {
        return None;
    }
    // SAFETY: a number only, to a descriptor that is one of a namespace.
    let kind = unsafe { libc::ioctl(shown.as_raw_fd(), GET_KIND as _) };
    (kind == libc::CLONE_NEWNS).then_some(Place { device: meta.dev(), inode: meta.ino() })
}

/// Sends bytes and a descriptor with them.
///
/// # Errors
/// What the kernel says.
pub fn send_with(socket: BorrowedFd<'_>, bytes: &[u8], shown: &File) -> io::Result<usize> {
    let mut control = Vec::with_capacity(ANCILLARY);
    control.extend((HEADER + size_of::<i32>()).to_ne_bytes());
    control.extend(libc::SOL_SOCKET.to_ne_bytes());
    control.extend(libc::SCM_RIGHTS.to_ne_bytes());
    control.extend(shown.as_fd().as_raw_fd().to_ne_bytes());
    control.resize(ANCILLARY, 0);
    sockets::send(socket, bytes, &[], &control, libc::MSG_NOSIGNAL)
}

/// Receives bytes, and the first of the descriptors that came with them. Does not wait.
///
/// # Errors
/// `WouldBlock` when there is nothing yet.
pub fn receive_with(socket: BorrowedFd<'_>, buffer: &mut [u8]) -> io::Result<(usize, Option<File>)> {
    // Words, so that the header is aligned. The kernel closes what has no room.
    let mut control = [0u64; ANCILLARY / 8];
    let mut part = libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: buffer.len() };
    // SAFETY: all zeroes is a valid empty message.
    let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    message.msg_control = control.as_mut_ptr().cast();
    message.msg_controllen = ANCILLARY as _;
    let flags = libc::MSG_DONTWAIT | libc::MSG_CMSG_CLOEXEC;
    // SAFETY: every pointer is to memory that outlives the call, with its length beside it.
    let got = check(unsafe { libc::recvmsg(socket.as_raw_fd(), &raw mut message, flags) as libc::c_long })?
        as usize;
    let mut first = None;
    if message.msg_controllen as usize >= HEADER {
        // SAFETY: the kernel wrote a header into `control`, which is large and aligned enough for one.
        let header = unsafe { control.as_ptr().cast::<libc::cmsghdr>().read() };
        let bytes: Vec<u8> = control.iter().flat_map(|word| word.to_ne_bytes()).collect();
        if (header.cmsg_level, header.cmsg_type) == (libc::SOL_SOCKET, libc::SCM_RIGHTS) {
            let end = usize::try_from(u64_at(&bytes, 0)).map_or(ANCILLARY, |length| length.min(ANCILLARY));
            for number in bytes.get(HEADER..end).unwrap_or_default().chunks_exact(size_of::<i32>()) {
                let number = i32::from_ne_bytes([number[0], number[1], number[2], number[3]]);
                // SAFETY: the kernel just made this descriptor for us.
                let owned = unsafe { OwnedFd::from_raw_fd(number) };
                first.get_or_insert(File::from(owned));
            }
        }
    }
    Ok((got, first))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::net::UnixStream;

    #[test]
    fn a_descriptor_travels_with_its_bytes() {
        let (one, other) = UnixStream::pair().unwrap();
        let mut buffer = [0; 9];
        assert_eq!(receive_with(other.as_fd(), &mut buffer).unwrap_err().kind(), io::ErrorKind::WouldBlock);
        assert_eq!(send_with(one.as_fd(), b"here", &own_place().unwrap()).unwrap(), 4);
        let (got, shown) = receive_with(other.as_fd(), &mut buffer).unwrap();
        assert_eq!(&buffer[..got], b"here");
        let own = place(&own_place().unwrap());
        assert!(own.is_some());
        assert_eq!(place(&shown.unwrap()), own);
        io::Write::write_all(&mut &one, b"bare").unwrap();
        assert!(receive_with(other.as_fd(), &mut buffer).unwrap().1.is_none());
    }

    #[test]
    fn only_a_mount_namespace_is_a_place() {
        for other in ["/proc/self/ns/pid", "/proc/self/ns/net", "/proc/self/status", "/dev/null"] {
            assert_eq!(place(&File::open(other).unwrap()), None, "{other}");
        }
    }

    #[test]
    fn the_kernel_names_the_peer() {
        let (one, _other) = UnixStream::pair().unwrap();
        let found = credentials(one.as_fd()).unwrap();
        assert_eq!(found.pid, std::process::id() as i32);
        assert_eq!(found.uid, crate::kernel::process::effective_user());
    }
}
