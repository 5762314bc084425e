//! Who stands behind a connection to the DNS forwarder, and which server it wanted.

use super::supervisor::Asker;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// Transport of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transport {
    /// UDP.
    Udp,
    /// TCP.
    Tcp,
}

/// One redirected socket.
#[derive(Debug, Clone)]
pub struct Redirected {
    /// Who uses it.
    pub asker: Asker,
    /// Where its questions go.
    pub server: SocketAddr,
    /// Where it was to lead, as its owner sees it.
    pub peer: SocketAddr,
    /// Name of the device that it is bound to, for its owner and for what goes to the server; empty for none.
    pub device: Vec<u8>,
}

/// Redirected sockets by their local address. A local port that is used again replaces its former owner, so the table
/// cannot outgrow the ports.
#[derive(Debug)]
pub struct Askers {
    table: Mutex<HashMap<(Transport, SocketAddr), Redirected>>,
    used: AtomicBool,
    turn: Mutex<()>,
    changed: watch::Sender<()>,
}

impl Default for Askers {
    fn default() -> Self {
        Self {
            table: Mutex::default(),
            used: AtomicBool::new(false),
            turn: Mutex::default(),
            changed: watch::channel(()).0,
        }
    }
}

impl Askers {
    /// Holds up everyone else who decides where sockets lead to.
    pub fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a socket.
    pub fn insert(&self, transport: Transport, local: SocketAddr, redirected: Redirected) {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.insert((transport, local), redirected);
        drop(table);
        self.used.store(true, Ordering::Release);
        self.changed.send_replace(());
    }

    /// Whether any socket was ever redirected.
    #[must_use]
    pub fn are_there(&self) -> bool {
        self.used.load(Ordering::Acquire)
    }

    /// Finds a socket.
    #[must_use]
    pub fn find(&self, transport: Transport, local: SocketAddr) -> Option<Redirected> {
        let table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.get(&(transport, local)).cloned()
    }

    /// Waits for a socket: a TCP connection is there before its local address can be known.
    pub async fn wait(&self, transport: Transport, local: SocketAddr) -> Redirected {
        let mut changed = self.changed.subscribe();
        loop {
            if let Some(found) = self.find(transport, local) {
                return found;
            }
            if changed.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}
