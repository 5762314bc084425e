//! The WAAS ports.

use super::Firewall;
use super::connection::serve;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Between two attempts at a port that is in use.
const RETRY: Duration = Duration::from_millis(500);

/// Open ports.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    open: HashMap<u16, Open>,
}

#[derive(Debug)]
struct Open {
    closing: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Listeners {
    /// Closes what is not wanted any more and opens what is. When it returns, the wanted ports listen, except
    /// those in use by another; these are tried again until they open or are not wanted.
    pub(crate) async fn set(&mut self, wanted: &[u16], firewall: &Arc<Firewall>) {
        let unwanted: Vec<u16> = self.open.keys().copied().filter(|port| !wanted.contains(port)).collect();
        for port in unwanted {
            if let Some(open) = self.open.remove(&port) {
                open.close().await;
            }
        }
        let missing: Vec<u16> = wanted.iter().copied().filter(|port| !self.open.contains_key(port)).collect();
        for port in missing {
            self.open.insert(port, open(port, Arc::clone(firewall)).await);
        }
    }

    /// Closes all.
    pub(crate) async fn close(&mut self) {
        for (_, open) in self.open.drain() {
            open.close().await;
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.closing.send_replace(true);
        self.task.abort();
    }
}

impl Open {
    /// The port is free when this returns; connections answer the request at hand and end.
    async fn close(mut self) {
        self.closing.send_replace(true);
        self.task.abort();
        // An error only says that the task was aborted, as it was.
        let _ = (&mut self.task).await;
    }
}

async fn open(port: u16, firewall: Arc<Firewall>) -> Open {
    let (closing, closed) = watch::channel(false);
    let first = bind(port).await;
    if let Err(error) = &first {
        tracing::warn!(port, %error, "cannot listen on the WAAS port: trying again");
    }
    let task = tokio::spawn(async move {
        let listener = match first {
            Ok(listener) => listener,
            Err(_) => loop {
                tokio::time::sleep(RETRY).await;
                if let Ok(listener) = bind(port).await {
                    tracing::info!(port, "listening on the WAAS port at last");
                    break listener;
                }
            },
        };
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    tokio::spawn(serve(Arc::clone(&firewall), stream, peer, port, closed.clone()));
                }
                Err(error) => {
                    // Out of descriptors, most likely: those in use must get a chance to end.
                    tracing::warn!(port, %error, "cannot accept a connection");
                    tokio::time::sleep(RETRY / 10).await;
                }
            }
        }
    });
    Open { closing, task }
}

/// Every address: IPv6 and with it IPv4, or IPv4 alone where the machine has no IPv6.
async fn bind(port: u16) -> io::Result<TcpListener> {
    match TcpListener::bind(SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port)).await {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(error),
        Err(_) => TcpListener::bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port)).await,
        listener => listener,
    }
}
