//! The two network namespaces, and what has to be made in the right one.

use crate::netlink::Netlink;
use nix::sched::{CloneFlags, unshare};
use nix::sys::socket::{AddressFamily, SockFlag, SockProtocol, SockType, socket};
use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::mpsc;

/// A hand into the task namespace, for a thread that is outside.
pub struct Task {
    /// Routing socket of the task namespace.
    pub route: Netlink,
    /// Socket diagnosis of the task namespace.
    pub diagnosis: Netlink,
    requests: mpsc::Sender<Wanted>,
}

/// The main thread's end of [`Task`].
pub struct Requests {
    queue: mpsc::Receiver<Wanted>,
}

/// A socket that someone wants, and where it is to go.
struct Wanted {
    family: AddressFamily,
    kind: SockType,
    reply: mpsc::Sender<io::Result<OwnedFd>>,
}

/// The outside namespace; the thread that made it is in it.
pub struct Outside {
    /// Routing socket of the outside namespace.
    pub route: Netlink,
    /// The namespace itself, to move links to.
    pub namespace: File,
}

// ---------------------------------------------------------------------------------------------------------------------

/// Opens what is needed of the task namespace; to be called in it, on the thread that then serves.
pub fn of_the_task() -> io::Result<(Task, Requests)> {
    let (requests, queue) = mpsc::channel();
    let task = Task {
        route: Netlink::open(SockProtocol::NetlinkRoute)?,
        diagnosis: Netlink::open(SockProtocol::NetlinkSockDiag)?,
        requests,
    };
    Ok((task, Requests { queue }))
}

/// Moves the calling thread into a new namespace.
pub fn make_outside() -> io::Result<Outside> {
    unshare(CloneFlags::CLONE_NEWNET).map_err(|errno| {
        io::Error::new(
            io::Error::from(errno).kind(),
            format!("cannot make the outside network namespace ({errno}); the container needs CAP_SYS_ADMIN"),
        )
    })?;
    Ok(Outside {
        route: Netlink::open(SockProtocol::NetlinkRoute)?,
        namespace: File::open("/proc/thread-self/ns/net")?,
    })
}

impl Task {
    /// An unconnected, non-blocking Unix stream socket of the task namespace, where abstract names are looked up.
    pub fn unix_socket(&self) -> io::Result<OwnedFd> {
        self.socket(AddressFamily::Unix, SockType::Stream)
    }

    /// A packet socket of the task namespace that receives nothing yet; non-blocking.
    pub fn packet_socket(&self) -> io::Result<OwnedFd> {
        self.socket(AddressFamily::Packet, SockType::Raw)
    }

    fn socket(&self, family: AddressFamily, kind: SockType) -> io::Result<OwnedFd> {
        let (reply, answer) = mpsc::channel();
        self.requests.send(Wanted { family, kind, reply }).map_err(io::Error::other)?;
        answer.recv().map_err(io::Error::other)?
    }
}

impl Requests {
    /// Makes sockets for whoever asks, for ever.
    pub fn serve(self) {
        for Wanted { family, kind, reply } in self.queue {
            let made = socket(family, kind, SockFlag::SOCK_NONBLOCK | SockFlag::SOCK_CLOEXEC, None);
            // Who asked waits for the answer; if it is gone, so is the process.
            let _ = reply.send(made.map_err(io::Error::from));
        }
    }
}
