//! Sockets of the app, and what its calls on them have in common.
//!
//! Port 53 is special: a connection leads to the Defender's own forwarder, a single datagram is decided on here. Sockets
//! of other families, and streams that are connected already, go on in the kernel. Known limit: a caller that swaps one
//! descriptor for another between our look and the kernel's is followed by the descriptor's new meaning.

use super::askers::{Redirected, Transport};
use super::desk::Desk;
use super::forwarder::Addresses;
use super::notices::Notice;
use super::proc::{self, Process};
use super::supervisor::Asker;
use crate::kernel::files;
use crate::kernel::seccomp::Notification;
use crate::kernel::sockets::{self, Kind};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV6};
use std::os::fd::{AsFd, OwnedFd};

/// Where DNS servers listen.
pub const DNS: u16 = 53;

/// A socket of the app, and who uses it.
#[derive(Debug)]
pub struct Socket {
    /// Ours, of the same socket.
    pub fd: OwnedFd,
    /// What it speaks.
    pub kind: Kind,
    /// Whose call it is.
    pub thread: i32,
}

/// What a caller gets as `errno`.
pub fn error(errno: i32) -> io::Error {
    io::Error::from_raw_os_error(errno)
}

/// The internet socket that a call is about; nothing when the kernel may go on with it.
///
/// # Errors
/// What the caller gets.
pub fn internet(desk: &Desk, call: &Notification) -> io::Result<Option<Socket>> {
    let fd = match files::Holder::of(call.thread)?.duplicate(call.args[0] as i32) {
        // A process that hid itself from debuggers, below a wrapper that is not root: its sockets cannot be governed.
        Err(denied) if denied.raw_os_error() == Some(libc::EPERM) => {
            let governed = desk.supervisor.commands.policy().prevents_sockets();
            if governed {
                desk.supervisor.notices.tell(Notice::HiddenProcess);
            }
            return if governed { Err(denied) } else { Ok(None) };
        }
        result => result?,
    };
    let kind = sockets::kind(fd.as_fd())?;
    Ok(kind.is_inet().then_some(Socket { fd, kind, thread: call.thread }))
}

/// Who asks.
///
/// # Errors
/// When it is gone.
pub fn asker(thread: i32) -> io::Result<Asker> {
    let process = files::process_of(thread)?;
    Ok(Asker { process: Process::of(process)?, executable: proc::executable(process).unwrap_or_default() })
}

/// The call's thread id may have been given to someone else while we read its memory.
///
/// # Errors
/// `ESRCH` when it has.
pub fn still_there(desk: &Desk, call: &Notification) -> io::Result<()> {
    if desk.listener.is_valid(call.id) { Ok(()) } else { Err(error(libc::ESRCH)) }
}

impl Addresses {
    /// Where a connection to a DNS server leads to, written in the family that the socket was given.
    #[must_use]
    pub fn instead_of(&self, server: SocketAddr, transport: Transport) -> SocketAddr {
        let (four, six) = match transport {
            Transport::Udp => (self.udp4, self.udp6),
            Transport::Tcp => (self.tcp4, self.tcp6),
        };
        match (server, six) {
            (SocketAddr::V4(_), _) => four,
            (SocketAddr::V6(v6), Some(six)) if v6.ip().to_ipv4_mapped().is_none() => six,
            (SocketAddr::V6(_), _) => {
                SocketAddrV6::new(Ipv4Addr::LOCALHOST.to_ipv6_mapped(), four.port(), 0, 0).into()
            }
        }
    }

    /// Whether a peer is the forwarder.
    #[must_use]
    pub fn is_ours(&self, peer: SocketAddr, transport: Transport) -> bool {
        let peer = sockets::plain(peer);
        match transport {
            Transport::Udp => peer == self.udp4 || Some(peer) == self.udp6,
            Transport::Tcp => peer == self.tcp4 || Some(peer) == self.tcp6,
        }
    }
}

impl Socket {
    /// The transport over which a question may go.
    #[must_use]
    pub fn transport(&self) -> Option<Transport> {
        match self.kind.style {
            libc::SOCK_DGRAM => Some(Transport::Udp),
            libc::SOCK_STREAM if self.kind.is_tcp() => Some(Transport::Tcp),
            _ => None,
        }
    }

    /// What is known of it, where it leads to the forwarder.
    #[must_use]
    pub fn redirected(&self, desk: &Desk) -> Option<Redirected> {
        if !desk.supervisor.askers.are_there() {
            return None;
        }
        let (transport, fd) = (self.transport()?, self.fd.as_fd());
        if !desk.forwarder.is_ours(sockets::peer(fd).ok()?, transport) {
            return None;
        }
        desk.supervisor.askers.find(transport, sockets::plain(sockets::local(fd).ok()?))
    }
}
