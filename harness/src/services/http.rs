//! HTTP servers on listeners of the outside.

use super::client::TOKEN_HEADER;
use crate::loss::Losses;
use crate::outside::Listener;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use proofhouse_protocol::observation::Pipeline;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

/// A request as a host sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRequest {
    /// Who asks.
    pub peer: SocketAddr,
    /// The address asked.
    pub local: SocketAddr,
    /// Method.
    pub method: String,
    /// Path and query, as sent.
    pub target: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Bytes,
}

/// What a host answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostResponse {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Bytes,
}

// ---------------------------------------------------------------------------------------------------------------------

impl HostRequest {
    /// The token of the stimulus that caused it, if it carries one.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(TOKEN_HEADER))
            .map(|(_, token)| token.as_str())
    }
}

impl HostResponse {
    /// An answer of plain text.
    pub fn text(status: u16, body: impl Into<Bytes>) -> Self {
        HostResponse {
            status,
            headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
            body: body.into(),
        }
    }

    /// An answer of JSON.
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        HostResponse {
            status,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: Bytes::from(body.to_string()),
        }
    }
}

/// Serves HTTP/1.1 at a listener until the outside is gone. `accepted` hears of each connection, `answer` of each request, and
/// `losses` of each that broke off before it was whole, so that nobody heard of it.
pub(super) async fn serve<Later>(
    mut listener: Listener,
    accepted: impl Fn(SocketAddr, SocketAddr) + Send,
    losses: (Losses, Pipeline),
    answer: impl Fn(HostRequest) -> Later + Send + Sync + 'static,
) where
    Later: Future<Output = HostResponse> + Send + 'static,
{
    let answer = Arc::new(answer);
    let mut connections = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            next = listener.accept() => {
                let Some(connection) = next else { return };
                let (peer, local) = (connection.peer, connection.local);
                accepted(peer, local);
                let answer = Arc::clone(&answer);
                let service = service_fn(move |request| one(request, peer, local, Arc::clone(&answer)));
                let http = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(connection.stream), service);
                let (losses, pipeline) = losses.clone();
                connections.spawn(async move {
                    // A client that speaks no HTTP has made no request, and one that takes no answer has made it.
                    if let Err(error) = http.await
                        && (error.is_incomplete_message() || error.is_user())
                    {
                        losses.lost(pipeline, 1, format!("a request of {peer} broke off: {error}"));
                    }
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn one<Later: Future<Output = HostResponse>>(
    request: Request<Incoming>,
    peer: SocketAddr,
    local: SocketAddr,
    answer: Arc<impl Fn(HostRequest) -> Later>,
) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let target = head.uri.path_and_query().map_or_else(|| head.uri.to_string(), ToString::to_string);
    let request = HostRequest { peer, local, method: head.method.to_string(), target, headers, body };
    Ok(response(answer(request).await).unwrap_or_else(|never: Infallible| match never {}))
}

fn response(wanted: HostResponse) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut builder = Response::builder().status(wanted.status);
    for (name, value) in &wanted.headers {
        builder = builder.header(name, value);
    }
    Ok(builder.body(Full::new(wanted.body)).unwrap_or_else(|error| {
        let text = format!("this host was told to answer what is no HTTP response: {error}");
        let mut response = Response::new(Full::new(Bytes::from(text)));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response
    }))
}
