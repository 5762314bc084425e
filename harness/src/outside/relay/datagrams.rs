//! A relayed UDP socket.

use super::channels::Open;
use crate::outside::{Datagram, DatagramSocket};
use futures_util::future::BoxFuture;
use proofhouse_wire::relay::Message;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::{Mutex, mpsc};

/// A UDP socket of the outside namespace.
pub(super) struct RelaySocket {
    pub(super) open: Open,
    pub(super) local: SocketAddr,
    pub(super) received: Mutex<mpsc::Receiver<Datagram>>,
    pub(super) dropped: Arc<AtomicU64>,
}

// ---------------------------------------------------------------------------------------------------------------------

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
