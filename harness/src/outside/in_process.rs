//! An outside in memory: for the tests of what lives outside, where a container would only make them slow.

use super::error::RelayFailure;
use super::place::{Accepted, Datagram, DatagramSocket, Duplex, Listener, Outside, Refusals, Stream};
use futures_util::future::BoxFuture;
use proofhouse_wire::relay::{Faults, Refusal, Transport};
use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::io::DuplexStream;
use tokio::sync::{Notify, mpsc};

const ECONNREFUSED: i32 = 111;
const EADDRINUSE: i32 = 98;
const BUFFER: usize = 64 * 1024;

/// An outside that carries nothing further than this process. The task's side is the same place: a test connects from
/// the task's address, or listens at it.
#[derive(Clone, Default)]
pub struct InProcess {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
    next_port: AtomicU64,
}

#[derive(Default)]
struct State {
    listeners: HashMap<SocketAddr, mpsc::UnboundedSender<Accepted>>,
    sockets: HashMap<SocketAddr, mpsc::UnboundedSender<Datagram>>,
    actors: HashMap<String, mpsc::UnboundedSender<Accepted>>,
    watches: Vec<mpsc::UnboundedSender<Refusal>>,
    faults: Faults,
}

struct Socket {
    local: SocketAddr,
    place: InProcess,
    received: tokio::sync::Mutex<mpsc::UnboundedReceiver<Datagram>>,
}

/// Runs when what it belongs to is dropped.
struct OnDrop<F: Fn()>(F);

// ---------------------------------------------------------------------------------------------------------------------

impl InProcess {
    /// Stands in for the actor in a container: each connection to it comes out of the listener.
    #[must_use]
    pub fn act(&self, container: &str) -> Listener {
        let (users, accepted) = mpsc::unbounded_channel();
        self.state().actors.insert(container.to_owned(), users);
        Listener::new(nowhere(), accepted, ())
    }

    /// The faults that were set. They are kept, for the tests of who sets them; no packet is here that could vanish.
    #[must_use]
    pub fn faults(&self) -> Faults {
        self.state().faults.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().expect("nothing panics while it holds the lock")
    }

    fn with_port(&self, mut address: SocketAddr) -> SocketAddr {
        if address.port() == 0 {
            let count = self.shared.next_port.fetch_add(1, Ordering::Relaxed);
            address.set_port(32_768 + (count % 28_000) as u16);
        }
        address
    }

    fn refuse(&self, transport: Transport, client: SocketAddr, server: SocketAddr) {
        let refusal = Refusal { transport, client, server };
        self.state().watches.retain(|watch| watch.send(refusal).is_ok());
    }

    fn forget_when_dropped(
        &self,
        forget: impl Fn(&mut State) + Send + Sync + 'static,
    ) -> Box<dyn Any + Send + Sync> {
        let place = self.clone();
        Box::new(OnDrop(move || forget(&mut place.state())))
    }
}

impl Outside for InProcess {
    fn listen_tcp(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<Listener>> {
        Box::pin(async move {
            let address = self.with_port(address);
            let (users, accepted) = mpsc::unbounded_channel();
            let mut state = self.state();
            if state.listeners.contains_key(&address) {
                return Err(failure(EADDRINUSE, format!("cannot listen at {address}: already in use")));
            }
            state.listeners.insert(address, users);
            drop(state);
            self.shared.changed.notify_waiters();
            let forget = self.forget_when_dropped(move |state| {
                state.listeners.remove(&address);
            });
            Ok(Listener::new(address, accepted, forget))
        })
    }

    fn connect_tcp(&self, source: SocketAddr, destination: SocketAddr) -> BoxFuture<'_, io::Result<Stream>> {
        Box::pin(async move {
            let peer = self.with_port(source);
            let users = at(&self.state().listeners, destination).cloned();
            let (near, far) = tokio::io::duplex(BUFFER);
            let accepted = Accepted { stream: Box::new(far), peer, local: destination };
            match users.map(|users| users.send(accepted)) {
                Some(Ok(())) => Ok(Box::new(near) as Stream),
                _ => {
                    self.refuse(Transport::Tcp, peer, destination);
                    Err(failure(
                        ECONNREFUSED,
                        format!("cannot connect from {peer} to {destination}: refused"),
                    ))
                }
            }
        })
    }

    fn bind_udp(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn DatagramSocket>>> {
        Box::pin(async move {
            let local = self.with_port(address);
            let (users, received) = mpsc::unbounded_channel();
            let mut state = self.state();
            if state.sockets.contains_key(&local) {
                return Err(failure(EADDRINUSE, format!("cannot bind UDP {local}: already in use")));
            }
            state.sockets.insert(local, users);
            drop(state);
            Ok(Box::new(Socket { local, place: self.clone(), received: received.into() })
                as Box<dyn DatagramSocket>)
        })
    }

    fn actor(&self, container: &str) -> BoxFuture<'_, io::Result<Stream>> {
        let users = self.state().actors.get(container).cloned();
        let container = container.to_owned();
        Box::pin(async move {
            let (near, far) = tokio::io::duplex(BUFFER);
            let accepted = Accepted { stream: Box::new(far), peer: nowhere(), local: nowhere() };
            match users.map(|users| users.send(accepted)) {
                Some(Ok(())) => Ok(Box::new(near) as Stream),
                _ => Err(failure(ECONNREFUSED, format!("no actor is in container {container:?}"))),
            }
        })
    }

    fn sockets(&self) -> BoxFuture<'_, io::Result<String>> {
        Box::pin(async {
            let mut lines: Vec<_> =
                self.state().listeners.keys().map(|address| format!("{address}\n")).collect();
            lines.sort();
            Ok(format!("== tcp\n{}", lines.concat()))
        })
    }

    fn wait_listening(&self, port: u16, within: Duration) -> BoxFuture<'_, io::Result<SocketAddr>> {
        Box::pin(async move {
            let found = async {
                loop {
                    let mut changed = std::pin::pin!(self.shared.changed.notified());
                    changed.as_mut().enable();
                    let found = self.state().listeners.keys().find(|address| address.port() == port).copied();
                    match found {
                        Some(address) => return address,
                        None => changed.await,
                    }
                }
            };
            tokio::time::timeout(within, found).await.map_err(io::Error::from)
        })
    }

    fn set_faults(&self, faults: Faults) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async move {
            self.state().faults = faults;
            Ok(())
        })
    }

    fn refusals(&self) -> BoxFuture<'_, io::Result<Refusals>> {
        Box::pin(async {
            let (users, refusals) = mpsc::unbounded_channel();
            self.state().watches.push(users);
            Ok(Refusals::new(refusals, ()))
        })
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("InProcess").finish_non_exhaustive()
    }
}

impl DatagramSocket for Socket {
    fn local(&self) -> SocketAddr {
        self.local
    }

    fn receive(&self) -> BoxFuture<'_, io::Result<Datagram>> {
        Box::pin(async {
            let received = self.received.lock().await.recv().await;
            Ok(received.expect("the place holds a sender for as long as the socket lives"))
        })
    }

    fn send(&self, datagram: Datagram) -> io::Result<()> {
        let Datagram { peer, local, data } = datagram;
        let users = at(&self.place.state().sockets, peer).cloned();
        match users {
            // The receiver sees the same two addresses from its own side.
            Some(users) => drop(users.send(Datagram { peer: local, local: peer, data })),
            None => self.place.refuse(Transport::Udp, local, peer),
        }
        Ok(())
    }

    fn dropped(&self) -> u64 {
        0
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.place.state().sockets.remove(&self.local);
    }
}

impl Duplex for DuplexStream {
    fn reset(self: Box<Self>) {}
}

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// What is at an address: its own, or what stands for all addresses.
fn at<T>(map: &HashMap<SocketAddr, T>, address: SocketAddr) -> Option<&T> {
    let any = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), address.port());
    map.get(&address).or_else(|| map.get(&any))
}

fn nowhere() -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0)
}

fn failure(errno: i32, text: String) -> io::Error {
    RelayFailure { errno, text }.into()
}
