//! A relayed UDP socket.

use super::channels::Open;
use crate::loss::Losses;
use crate::outside::{Datagram, DatagramSocket};
use futures_util::future::BoxFuture;
use proofhouse_protocol::observation::Pipeline;
use proofhouse_wire::relay::Message;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Mutex, mpsc};

/// A UDP socket of the outside namespace.
pub(super) struct RelaySocket {
    pub(super) open: Open,
    pub(super) local: SocketAddr,
    pub(super) received: Mutex<mpsc::Receiver<Datagram>>,
    pub(super) dropped: Arc<AtomicU64>,
}

/// The datagrams that came for a socket and wait for its user. It is bounded; what does not fit is lost, and said to be.
pub(super) struct Queue {
    socket: mpsc::Sender<Datagram>,
    dropped: Arc<AtomicU64>,
    /// Lost, and not said yet: the first of a row is said at once, the others when the row ends.
    unsaid: u64,
    in_a_row: bool,
    losses: Losses,
}

// ---------------------------------------------------------------------------------------------------------------------

impl Queue {
    pub(super) fn new(socket: mpsc::Sender<Datagram>, dropped: Arc<AtomicU64>, losses: Losses) -> Self {
        Queue { socket, dropped, unsaid: 0, in_a_row: false, losses }
    }

    /// Takes a datagram that came; never waits.
    pub(super) fn push(&mut self, datagram: Datagram) {
        match self.socket.try_send(datagram) {
            Ok(()) => {
                self.say();
                self.in_a_row = false;
            }
            // Whoever had the socket does not want what comes.
            Err(TrySendError::Closed(_)) => {}
            Err(TrySendError::Full(_)) => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
                self.unsaid += 1;
                if !std::mem::replace(&mut self.in_a_row, true) {
                    self.say();
                }
            }
        }
    }

    fn say(&mut self) {
        let lost = std::mem::take(&mut self.unsaid);
        if lost > 0 {
            self.losses.lost(Pipeline::Relay, lost, "datagrams came faster than the harness took them");
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.say();
    }
}

impl DatagramSocket for RelaySocket {
    fn local(&self) -> SocketAddr {
        self.local
    }

    fn receive(&self) -> BoxFuture<'_, io::Result<Datagram>> {
        Box::pin(async {
            let received = self.received.lock().await.recv().await;
            received.ok_or_else(|| self.open.why_gone())
        })
    }

    fn send(&self, datagram: Datagram) -> io::Result<()> {
        let Datagram { peer, local, data } = datagram;
        self.open.send(Message::Datagram { peer, local, data });
        Ok(())
    }

    fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}
