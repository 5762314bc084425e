//! The client.

use super::encrypted::encrypt;
use super::exchange::{Exchange, HttpRequest, RawExchange};
use super::response::{Reader, Response};
use crate::outside::{Outside, SecurityGroup, Stream};
use bytes::BytesMut;
use proofhouse_protocol::observation::{Body, Observation, Recording, SharedRecorder, Source, sha256};
use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Someone outside at an address of their own. It reaches what the security group lets in, and nothing else. It can be
/// used by many at once; each request has a connection of its own, unless a [`Session`] is opened.
#[derive(Clone)]
pub struct Client {
    outside: Arc<dyn Outside>,
    source: IpAddr,
    group: Arc<RwLock<SecurityGroup>>,
    recorder: SharedRecorder,
}

/// A connection for several requests, one after the other.
pub struct Session {
    client: Client,
    server: SocketAddr,
    reader: Reader<Stream>,
}

// ---------------------------------------------------------------------------------------------------------------------

impl Client {
    /// A client at an address, subject to a group that others may share and change.
    pub fn new(
        outside: Arc<dyn Outside>,
        source: IpAddr,
        group: Arc<RwLock<SecurityGroup>>,
        recorder: SharedRecorder,
    ) -> Self {
        Client { outside, source, group, recorder }
    }

    /// Connects to a server.
    ///
    /// # Errors
    /// [`io::ErrorKind::TimedOut`] that names the group when the group does not let it in; else as the connection fails.
    pub async fn connect(&self, server: SocketAddr) -> io::Result<Stream> {
        self.group.read().expect("a change that panics ends its scenario").admit(server.port())?;
        self.outside.connect_tcp(self.address(), server).await
    }

    /// Opens a connection for several requests.
    ///
    /// # Errors
    /// As [`Client::connect`].
    pub async fn open(&self, server: SocketAddr) -> io::Result<Session> {
        let reader = Reader::new(self.connect(server).await?);
        Ok(Session { client: self.clone(), server, reader })
    }

    /// Sends a request on a connection of its own, and records what came of it.
    pub async fn request(&self, server: SocketAddr, request: &HttpRequest) -> Exchange {
        let attempt = async |response: &mut Response| {
            let stream = self.connect(server).await?;
            let Some(offer) = &request.tls else {
                return converse(&mut Reader::new(stream), server, request, response).await;
            };
            let stream = encrypt(stream, offer, &mut response.tls).await?;
            converse(&mut Reader::new(stream), server, request, response).await
        };
        self.carry_out(server, request, attempt).await
    }

    /// Sends bytes as they are, and reads until the server closes or the time is over. Nothing is recorded: what the bytes
    /// mean is known to whoever sends them.
    pub async fn raw(&self, server: SocketAddr, bytes: &[u8], within: Duration) -> RawExchange {
        let start = Instant::now();
        let mut received = BytesMut::new();
        let attempt = async {
            let mut stream = self.connect(server).await?;
            stream.write_all(bytes).await?;
            while stream.read_buf(&mut received).await? > 0 {}
            io::Result::Ok(())
        };
        let error = in_time(within, attempt).await.err().map(|error| error.to_string());
        RawExchange { received: received.freeze(), elapsed: start.elapsed(), error }
    }

    fn address(&self) -> SocketAddr {
        SocketAddr::new(self.source, 0)
    }

    async fn carry_out(
        &self,
        server: SocketAddr,
        request: &HttpRequest,
        attempt: impl AsyncFnOnce(&mut Response) -> io::Result<()>,
    ) -> Exchange {
        let start = Instant::now();
        let mut response = Response::default();
        let error = in_time(request.within, attempt(&mut response)).await.err();
        let timed_out = error.as_ref().is_some_and(|error| error.kind() == io::ErrorKind::TimedOut);
        let error = error.map(|error| error.to_string());
        let exchange = Exchange {
            client: self.address(),
            server,
            status: response.status,
            headers: response.headers,
            body_sha256: sha256(&response.body),
            body: response.body.freeze(),
            elapsed: start.elapsed(),
            error,
            timed_out,
            tls: response.tls,
        };
        self.record(request, &exchange);
        exchange
    }

    fn record(&self, request: &HttpRequest, exchange: &Exchange) {
        self.recorder.record(Recording {
            source: Source::Outside(self.source.to_string()),
            token: request.token.clone(),
            observation: Observation::HttpExchange {
                client: exchange.client.to_string(),
                server: exchange.server.to_string(),
                method: request.method.clone(),
                target: request.target.clone(),
                request_headers: request.sent_headers(exchange.server),
                status: exchange.status,
                response_headers: exchange.headers.clone(),
                body: Body::of(&exchange.body),
                elapsed_ms: exchange.elapsed.as_secs_f64() * 1000.0,
                error: exchange.error.clone(),
                timed_out: exchange.timed_out,
                tls: exchange.tls.clone(),
            },
        });
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Client").field("source", &self.source).finish_non_exhaustive()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Session").field("server", &self.server).finish_non_exhaustive()
    }
}

impl Session {
    /// Sends a request on this connection, and records what came of it. After an error the connection is of no more use.
    pub async fn request(&mut self, request: &HttpRequest) -> Exchange {
        let Session { client, server, reader } = self;
        let attempt = async |response: &mut Response| converse(reader, *server, request, response).await;
        client.carry_out(*server, request, attempt).await
    }
}

async fn converse(
    reader: &mut Reader<impl AsyncRead + AsyncWrite + Unpin>,
    server: SocketAddr,
    request: &HttpRequest,
    response: &mut Response,
) -> io::Result<()> {
    let sent = reader.stream().write_all(&request.to_bytes(server)).await;
    // A server may answer and close before it has read everything; its answer counts.
    let read = reader.read(&request.method, response).await;
    match (sent, read) {
        (Err(error), Err(_)) => Err(error),
        (_, read) => read,
    }
}

async fn in_time<T>(within: Duration, attempt: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    tokio::time::timeout(within, attempt).await.unwrap_or_else(|_| {
        Err(io::Error::new(io::ErrorKind::TimedOut, format!("no whole answer within {within:?}")))
    })
}

#[cfg(test)]
#[path = "sender_tests.rs"]
mod tests;
