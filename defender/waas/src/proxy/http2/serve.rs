//! A connection of a client.

use super::super::connection::{Arrival, HEAD_TIMEOUT, ends};
use super::super::early::Early;
use super::super::forward::without_connection;
use super::super::line::Line;
use super::super::rest::Rest;
use super::super::{Firewall, block};
use super::paced::Paced;
use super::pipe::{announce, pipe};
use bytes::Bytes;
use h2::Reason;
use h2::server::{Builder, SendResponse};
use hyper::body::Body as _;
use hyper::{Method, Request, Version};
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

// What hyper gives a server of HTTP/2.
const WINDOW: u32 = 1024 * 1024;
const HEADERS: u32 = 16 * 1024;
const STREAMS: u32 = 200;
const UNSENT: usize = 400 * 1024;
const ERRORS: usize = 1024;

/// Serves streams until the client ends, or `closing` becomes true and those at hand are answered.
pub(in super::super) async fn serve(
    firewall: &Arc<Firewall>,
    arrival: &Arc<Arrival>,
    line: Line<impl AsyncRead + AsyncWrite + Unpin + Send + 'static>,
    closing: &mut watch::Receiver<bool>,
) {
    let mut builder = Builder::new();
    builder
        .initial_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .max_header_list_size(HEADERS)
        .max_concurrent_streams(STREAMS)
        .max_send_buffer_size(UNSENT)
        .max_local_error_reset_streams(Some(ERRORS));
    let Arrival { peer, port, .. } = **arrival;
    let mut connection =
        match tokio::time::timeout(HEAD_TIMEOUT, builder.handshake::<_, Bytes>(Paced::of(line))).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(error)) => return tracing::debug!(%peer, port, %error, "no HTTP/2"),
            Err(_) => return tracing::debug!(%peer, port, "HTTP/2 took too long to begin"),
        };
    let mut ending = false;
    loop {
        tokio::select! {
            stream = connection.accept() => match stream {
                Some(Ok((request, respond))) => {
                    // What comes is taken from now on.
                    let (parts, frames) = request.into_parts();
                    let rest = Rest::of_request(&parts.headers, frames);
                    let request = Request::from_parts(parts, rest);
                    tokio::spawn(exchange(Arc::clone(firewall), Arc::clone(arrival), request, respond));
                }
                Some(Err(error)) => return tracing::debug!(%peer, port, %error, "connection ended"),
                None => return,
            },
            () = ends(closing), if !ending => {
                ending = true;
                connection.graceful_shutdown();
            }
        }
    }
}

/// One request and its answer. Who resets the stream ends both.
async fn exchange(
    firewall: Arc<Firewall>,
    arrival: Arc<Arrival>,
    request: Request<Rest>,
    mut respond: SendResponse<Bytes>,
) {
    let (mut parts, rest) = request.into_parts();
    let early = Early::default();
    parts.extensions.insert(early.clone());
    let head_only = parts.method == Method::HEAD;
    let mut answering = pin!(firewall.handle(&arrival, Request::from_parts(parts, rest)));
    let answer = loop {
        let answer = tokio::select! {
            biased;
            () = early.told() => None,
            Ok(answer) = &mut answering => Some(answer),
            _ = poll_fn(|context| respond.poll_reset(context)) => return,
        };
        for early in early.take() {
            // A hint that cannot be given is none.
            let _ = respond.send_informational(early.response());
        }
        if let Some(answer) = answer {
            break answer;
        }
    };
    let (mut parts, body) = answer.into_parts();
    without_connection(&mut parts.headers);
    parts.version = Version::HTTP_2;
    if !body.is_end_stream() {
        announce(&mut parts.headers, &body);
    }
    let ended = head_only || body.is_end_stream();
    parts.extensions.remove::<block::Failed>();
    match respond.send_response(hyper::Response::from_parts(parts, ()), ended) {
        Ok(stream) if !ended => pipe(body, stream).await,
        Ok(_) => {}
        Err(error) => {
            tracing::debug!(peer = %arrival.peer, port = arrival.port, %error, "no answer over HTTP/2");
            respond.send_reset(Reason::INTERNAL_ERROR);
        }
    }
}
