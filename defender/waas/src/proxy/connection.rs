//! One connection of a client.

use super::early::Early;
use super::findings::Findings;
use super::guard::{Guard, Rules};
use super::line::{Line, Traffic};
use super::rest::Rest;
use super::{Body, Firewall, http2};
use crate::policy::Port;
use hyper::body::Incoming;
use hyper::header::UPGRADE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Version};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::server::Acceptor;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

/// How long a request head may take to arrive, and a connection may idle.
pub(super) const HEAD_TIMEOUT: Duration = Duration::from_secs(60);

/// A connection on which nothing passes for so long, or twice as long, rests.
const REST: Duration = Duration::from_millis(100);

/// Where a request came in.
#[derive(Debug)]
pub(super) struct Arrival {
    /// The WAAS port.
    pub(super) port: u16,
    /// The client's end of the connection.
    pub(super) peer: SocketAddr,
    /// Whether the client's connection is encrypted.
    pub(super) encrypted: bool,
    /// What the guard found.
    pub(super) findings: Arc<Findings>,
}

/// How long a TLS handshake may take.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// First byte of a TLS handshake.
const HANDSHAKE: u8 = 0x16;

/// Serves a connection, encrypted where the port's endpoints are. On a port that has both kinds the first byte tells.
pub(super) async fn serve(
    firewall: Arc<Firewall>,
    stream: TcpStream,
    peer: SocketAddr,
    port: u16,
    closing: watch::Receiver<bool>,
) {
    // Answers are small and written whole; waiting for more only costs time. Without the option they still flow.
    let _ = stream.set_nodelay(true);
    let known = firewall.active().port(port).unwrap_or_default();
    let encrypted = match (known.encrypted.is_some(), known.plain.is_some()) {
        (true, true) => {
            let mut first = [0];
            let peeked = tokio::time::timeout(HEAD_TIMEOUT, stream.peek(&mut first)).await;
            matches!(peeked, Ok(Ok(1))) && first[0] == HANDSHAKE
        }
        (encrypted, _) => encrypted,
    };
    // What waits for long is as small as it can be: each way has a box of its own.
    if !encrypted {
        return Box::pin(converse(firewall, stream, peer, (port, false), closing)).await;
    }
    match tokio::time::timeout(HANDSHAKE_TIMEOUT, Box::pin(handshake(&firewall, stream, port))).await {
        Ok(Ok(stream)) => Box::pin(converse(firewall, stream, peer, (port, true), closing)).await,
        Ok(Err(error)) => tracing::debug!(%peer, port, %error, "no TLS handshake"),
        Err(_) => tracing::debug!(%peer, port, "the TLS handshake took too long"),
    }
}

async fn handshake(firewall: &Firewall, stream: TcpStream, port: u16) -> io::Result<TlsStream<TcpStream>> {
    let start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
    let config = firewall.active().encryption(port, start.client_hello().server_name());
    let config = config.ok_or_else(|| io::Error::other("the port speaks no TLS any more"))?;
    start.into_stream(config).await
}

/// Serves requests until the client ends, or `closing` becomes true and the request at hand is answered.
async fn converse(
    firewall: Arc<Firewall>,
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    (port, encrypted): (u16, bool),
    mut closing: watch::Receiver<bool>,
) {
    let findings = Arc::new(Findings::default());
    let known = firewall.active().port(port).unwrap_or_default();
    let rules = Rules { http2: known.http2, lenient_names: known.lenient_names };
    let line = Line::new(Guard::new(stream, rules, Arc::clone(&findings)));
    let arrival = Arc::new(Arrival { port, peer, encrypted, findings });
    let mut patience = HEAD_TIMEOUT;
    loop {
        let head = tokio::time::timeout(patience, line.head());
        let came = tokio::select! {
            head = head => matches!(head, Ok(Ok(true))),
            () = ends(&mut closing) => false,
        };
        if !came {
            return line.close().await;
        }
        // Of HTTP/2 the library has to know also what rests.
        if line.is_http2() {
            return Box::pin(http2::serve(&firewall, &arrival, line, &mut closing)).await;
        }
        let serving = serve_until_rest(&firewall, &arrival, &line, known, &mut closing);
        if !Box::pin(serving).await {
            return;
        }
        patience = HEAD_TIMEOUT - REST;
    }
}

/// Serves requests as [`converse`] does, but also no longer than until the connection rests; whether it does.
async fn serve_until_rest(
    firewall: &Arc<Firewall>,
    arrival: &Arc<Arrival>,
    line: &Line<impl AsyncRead + AsyncWrite + Unpin + Send + 'static>,
    known: Port,
    closing: &mut watch::Receiver<bool>,
) -> bool {
    let mut traffic = Traffic::default();
    let (requests, served) = (traffic.clone(), line.clone());
    let (firewall, on) = (Arc::clone(firewall), Arc::clone(arrival));
    let service = service_fn(move |request| {
        let (firewall, arrival) = (Arc::clone(&firewall), Arc::clone(&on));
        let (busy, line) = (requests.request(), served.clone());
        // The library keeps the room of a request between requests.
        Box::pin(async move {
            let asked = request.headers().contains_key(UPGRADE);
            let mut answer = answer(&firewall, &arrival, &line, request).await;
            if let Ok(answer) = &mut answer {
                if asked && answer.status() != StatusCode::SWITCHING_PROTOCOLS {
                    arrival.findings.decline();
                }
                answer.body_mut().keep(busy);
            }
            answer
        })
    });
    let mut server = http1::Builder::new();
    server
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .preserve_header_case(true)
        .title_case_headers(true)
        .ignore_invalid_headers(known.lenient_names)
        .auto_date_header(false)
        .max_headers(256)
        .half_close(true);
    let connection = server.serve_connection(TokioIo::new(line.clone()), service).with_upgrades();
    tokio::pin!(connection);
    let result = loop {
        tokio::select! {
            result = connection.as_mut() => break result,
            () = ends(closing) => {
                connection.as_mut().graceful_shutdown();
                break connection.await;
            }
            () = tokio::time::sleep(REST) => {
                if traffic.rests(line) {
                    return true;
                }
            }
        }
    };
    if let Err(error) = result {
        let Arrival { peer, port, .. } = **arrival;
        tracing::debug!(%peer, port, error = %error, "connection ended");
    }
    false
}

/// The answer to a request; what the application says before it goes out at once, but to clients that do not know such answers
/// (RFC 9110, section 15.2).
async fn answer(
    firewall: &Arc<Firewall>,
    arrival: &Arrival,
    line: &Line<impl AsyncRead + AsyncWrite + Unpin>,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let early = Early::default();
    if request.version() == Version::HTTP_11 {
        request.extensions_mut().insert(early.clone());
    }
    let mut answering = pin!(firewall.handle(arrival, request.map(Rest::from)));
    loop {
        let answer = tokio::select! {
            biased;
            () = early.told() => None,
            answer = &mut answering => Some(answer),
        };
        early.take().iter().for_each(|early| line.tell(early));
        if let Some(answer) = answer {
            return answer;
        }
    }
}

pub(super) async fn ends(closing: &mut watch::Receiver<bool>) {
    // The sender is gone only when the listener is, which means the same.
    let _ = closing.wait_for(|closing| *closing).await;
}
