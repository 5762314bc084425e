//! Ports of this machine that lead to ports of the task.

use proofhouse_harness::outside::Outside;
use proofhouse_harness::surroundings::Surroundings;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// The address that the task sees connections of the user come from (TEST-NET-3, RFC 5737).
const USER: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(203, 0, 113, 10)), 0);

/// Doors from loopback into the task; closed when this is dropped.
#[derive(Debug)]
pub struct Doors {
    list: Vec<(u16, SocketAddr)>,
    _serving: JoinSet<()>,
}

impl Doors {
    /// A door for each port: the same port on loopback where it is free, another where it is not.
    pub async fn open(ports: &[u16], surroundings: &Surroundings) -> io::Result<Self> {
        let (mut list, mut serving) = (Vec::new(), JoinSet::new());
        for port in ports {
            let listener = match TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).await {
                Ok(listener) => listener,
                Err(_) => TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?,
            };
            list.push((*port, listener.local_addr()?));
            serving.spawn(serve(
                listener,
                Arc::clone(surroundings.outside()),
                surroundings.address_of(*port),
            ));
        }
        Ok(Self { list, _serving: serving })
    }

    /// Ports of the task, and where their doors are.
    pub fn list(&self) -> &[(u16, SocketAddr)] {
        &self.list
    }
}

async fn serve(listener: TcpListener, outside: Arc<dyn Outside>, task: SocketAddr) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            // A peer that has gone before it was accepted is no reason to close the door.
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                connections.spawn(carry(stream, Arc::clone(&outside), task));
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn carry(mut user: TcpStream, outside: Arc<dyn Outside>, task: SocketAddr) {
    match outside.connect_tcp(USER, task).await {
        // However it ends, both ends have seen it.
        Ok(mut there) => drop(tokio::io::copy_bidirectional(&mut user, &mut there).await),
        // The user sees what a client outside would: a reset.
        Err(_) => drop(user.set_zero_linger()),
    }
}
