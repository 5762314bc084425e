//! What an outside is.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use proofhouse_wire::relay::{Faults, Refusal};
use std::any::Any;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::UnboundedReceiver;

/// A place outside the task where one can listen and connect, at every address (IPv4).
///
/// Errors are those of the socket calls; [`crate::outside::RelayFailure`] inside them has the kernel's number. When the
/// place is gone, every call fails with [`io::ErrorKind::ConnectionAborted`].
pub trait Outside: Send + Sync {
    /// Listens at an address; `0.0.0.0` stands for all that nobody listens at more exactly.
    fn listen_tcp(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<Listener>>;

    /// Connects from an address (port 0: any) to another, such as from a client in the Internet to the task.
    fn connect_tcp(&self, source: SocketAddr, destination: SocketAddr) -> BoxFuture<'_, io::Result<Stream>>;

    /// Binds a UDP socket; `0.0.0.0` stands for all addresses that have no socket of their own.
    fn bind_udp(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn DatagramSocket>>>;

    /// Connects to the actor in a container (see [`proofhouse_protocol::actor`]).
    fn actor(&self, container: &str) -> BoxFuture<'_, io::Result<Stream>>;

    /// Describes the task's sockets in the manner of `/proc/net`, for the capture of a failure.
    fn sockets(&self) -> BoxFuture<'_, io::Result<String>>;

    /// Waits until a TCP socket listens at that port in the task, and answers its address.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`] when none does within that time.
    fn wait_listening(&self, port: u16, within: Duration) -> BoxFuture<'_, io::Result<SocketAddr>>;

    /// From now on, tells what the task tries to reach and nobody answers. Datagrams are told as far as the kernel
    /// answers them: it limits the rate of such answers.
    fn refusals(&self) -> BoxFuture<'_, io::Result<Refusals>>;

    /// From its answer on, the task's network has these faults and no others.
    ///
    /// # Errors
    /// When the kernel of the task's network refuses.
    fn set_faults(&self, faults: Faults) -> BoxFuture<'_, io::Result<()>>;
}

/// A connection.
pub trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {
    /// Breaks the connection, so that the peer sees a reset. Dropping it closes it in order.
    fn reset(self: Box<Self>);
}

/// A connection of whatever kind.
pub type Stream = Box<dyn Duplex>;

/// A connection that came.
pub struct Accepted {
    /// The connection.
    pub stream: Stream,
    /// Who connected.
    pub peer: SocketAddr,
    /// The address that was connected to.
    pub local: SocketAddr,
}

/// A listening socket; dropping it closes it.
pub struct Listener {
    local: SocketAddr,
    accepted: UnboundedReceiver<Accepted>,
    _open: Box<dyn Any + Send + Sync>,
}

/// A datagram that came or is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datagram {
    /// The far address: sender of one that came, receiver of one to be sent.
    pub peer: SocketAddr,
    /// The near address: where it came to, or is to come from.
    pub local: SocketAddr,
    /// Payload.
    pub data: Bytes,
}

/// A UDP socket; dropping it closes it.
pub trait DatagramSocket: Send + Sync {
    /// The address it is bound to.
    fn local(&self) -> SocketAddr;

    /// Waits for a datagram. When several wait, each datagram goes to one of them.
    fn receive(&self) -> BoxFuture<'_, io::Result<Datagram>>;

    /// Sends a datagram, if it can be sent; nobody tells if not.
    fn send(&self, datagram: Datagram) -> io::Result<()>;

    /// Datagrams that came and were dropped, because nobody received those before.
    fn dropped(&self) -> u64;
}

/// Refusals as they happen; dropping it ends the watch.
pub struct Refusals {
    refusals: UnboundedReceiver<Refusal>,
    _open: Box<dyn Any + Send + Sync>,
}

// ---------------------------------------------------------------------------------------------------------------------

impl Listener {
    pub(super) fn new(
        local: SocketAddr,
        accepted: UnboundedReceiver<Accepted>,
        open: impl Any + Send + Sync,
    ) -> Self {
        Listener { local, accepted, _open: Box::new(open) }
    }

    /// The address it listens at.
    #[must_use]
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// The next connection; none when the outside is gone.
    pub async fn accept(&mut self) -> Option<Accepted> {
        self.accepted.recv().await
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Listener").field("local", &self.local).finish_non_exhaustive()
    }
}

impl fmt::Debug for Refusals {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Refusals").finish_non_exhaustive()
    }
}

impl fmt::Debug for Accepted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Accepted").field("peer", &self.peer).finish_non_exhaustive()
    }
}

impl Refusals {
    pub(super) fn new(refusals: UnboundedReceiver<Refusal>, open: impl Any + Send + Sync) -> Self {
        Refusals { refusals, _open: Box::new(open) }
    }

    /// The next refusal; none when the outside is gone.
    pub async fn next(&mut self) -> Option<Refusal> {
        self.refusals.recv().await
    }
}
