//! Hosts in the Internet, and the addresses where there is none.

use super::http::{self, HostRequest, HostResponse};
use super::serving::Serving;
use crate::loss::Losses;
use crate::outside::{Listener, Outside, Transport};
use proofhouse_protocol::observation::{
    self, Body, Observation, Pipeline, Recording, SharedRecorder, Source, record,
};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpStream;

/// What a host answers to a request.
pub type Responder = Arc<dyn Fn(&HostRequest) -> HostResponse + Send + Sync>;

/// A named host at an address outside; it is gone when it is dropped.
#[derive(Debug)]
pub struct InternetHost {
    _serving: Serving,
}

/// Records what the task tries to reach where nobody is; ends when it is dropped.
///
/// The outside's kernel refuses such connections by itself. Datagrams are recorded as far as the kernel answers them; it
/// limits the rate of such answers, so a burst may be recorded in part.
#[derive(Debug)]
pub struct RefusalWatch {
    _serving: Serving,
}

// ---------------------------------------------------------------------------------------------------------------------

impl InternetHost {
    /// A host that answers HTTP. Records each connection, and each request with its token, as seen by the host.
    ///
    /// # Errors
    /// When the address is taken.
    pub async fn http(
        outside: &dyn Outside,
        name: &str,
        address: SocketAddr,
        responder: Responder,
        recorder: SharedRecorder,
    ) -> io::Result<Self> {
        let listener = outside.listen_tcp(address).await?;
        let source = Source::Outside(name.to_owned());
        let connections = (source.clone(), Arc::clone(&recorder));
        let accepted =
            move |client, server| record_connection(&connections.1, &connections.0, client, server);
        let mut serving = Serving::default();
        let losses = Losses::new(Arc::clone(&recorder), source.clone());
        let losses = (losses, Pipeline::ServiceRequests { service: name.to_owned() });
        serving.start(http::serve(listener, accepted, losses, move |request| {
            let response = responder(&request);
            recorder.record(Recording {
                source: source.clone(),
                token: request.token().map(str::to_owned),
                observation: Observation::ServiceRequest {
                    method: request.method.clone(),
                    target: request.target.clone(),
                    token: request.token().map(str::to_owned),
                    body: Body::of(&request.body),
                },
            });
            std::future::ready(response)
        }));
        Ok(InternetHost { _serving: serving })
    }

    /// A host whose connections are carried to a server on this machine's loopback, such as a stub of a service. Records
    /// each connection.
    ///
    /// # Errors
    /// When the address is taken.
    pub async fn bridge(
        outside: &dyn Outside,
        name: &str,
        address: SocketAddr,
        server: SocketAddr,
        recorder: SharedRecorder,
    ) -> io::Result<Self> {
        let listener = outside.listen_tcp(address).await?;
        let mut serving = Serving::default();
        serving.start(carry(listener, server, Source::Outside(name.to_owned()), recorder));
        Ok(InternetHost { _serving: serving })
    }
}

impl RefusalWatch {
    /// Begins to watch.
    ///
    /// # Errors
    /// When the outside cannot.
    pub async fn start(outside: &dyn Outside, recorder: SharedRecorder) -> io::Result<Self> {
        let mut refusals = outside.refusals().await?;
        let mut serving = Serving::default();
        serving.start(async move {
            while let Some(refusal) = refusals.next().await {
                let transport = match refusal.transport {
                    Transport::Tcp => observation::Transport::Tcp,
                    Transport::Udp => observation::Transport::Udp,
                };
                let observation = Observation::OutsideConnection {
                    client: refusal.client.to_string(),
                    server: refusal.server.to_string(),
                    transport,
                    accepted: false,
                };
                record(&*recorder, Source::Outside(refusal.server.ip().to_string()), observation);
            }
        });
        Ok(RefusalWatch { _serving: serving })
    }
}

async fn carry(mut listener: Listener, server: SocketAddr, source: Source, recorder: SharedRecorder) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            next = listener.accept() => {
                let Some(mut accepted) = next else { return };
                record_connection(&recorder, &source, accepted.peer, accepted.local);
                connections.spawn(async move {
                    match TcpStream::connect(server).await {
                        // However it ends, both ends have seen it.
                        Ok(mut there) => drop(tokio::io::copy_bidirectional(&mut accepted.stream, &mut there).await),
                        Err(_) => accepted.stream.reset(),
                    }
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

fn record_connection(recorder: &SharedRecorder, source: &Source, client: SocketAddr, server: SocketAddr) {
    let observation = Observation::OutsideConnection {
        client: client.to_string(),
        server: server.to_string(),
        transport: observation::Transport::Tcp,
        accepted: true,
    };
    record(&**recorder, source.clone(), observation);
}

#[cfg(test)]
#[path = "internet_tests.rs"]
mod tests;
