//! The API over HTTP, as JSON 1.1: `POST /` with `X-Amz-Target`.

use super::{ApiError, Caller, Ecs, ErrorKind, Operation};
use crate::plan::{new_task_id, uuid};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::Value;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How long calls may take to their end, once the server is to end.
const LAST_CALLS: Duration = Duration::from_secs(5);

/// It cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Someone else than this machine could call it.
    #[error("{0} is not a loopback address")]
    NotLoopback(SocketAddr),
    /// The system refused.
    #[error("could not listen at {address}: {source}")]
    Bind {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// Listens for the API, on loopback only: whoever reaches it starts containers, and nobody's signature is verified.
///
/// # Errors
/// For another address, and when the system refuses.
pub async fn listen(address: SocketAddr) -> Result<TcpListener, ListenError> {
    if !address.ip().is_loopback() {
        return Err(ListenError::NotLoopback(address));
    }
    TcpListener::bind(address).await.map_err(|source| ListenError::Bind { address, source })
}

/// The API being served.
#[derive(Debug)]
pub struct Serving {
    address: SocketAddr,
    shutdown: CancellationToken,
    server: JoinHandle<io::Result<()>>,
}

impl Serving {
    /// Serves the API.
    ///
    /// # Errors
    /// When the listener has no address.
    pub fn start(listener: TcpListener, ecs: Arc<Ecs>) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let shutdown = CancellationToken::new();
        let router = Router::new().fallback(answer).with_state(ecs);
        let server = axum::serve(listener, router).with_graceful_shutdown(shutdown.clone().cancelled_owned());
        let server = tokio::spawn(async move { server.await });
        Ok(Self { address, shutdown, server })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no call any more, and lets those under way end.
    pub async fn end(mut self) {
        self.shutdown.cancel();
        if tokio::time::timeout(LAST_CALLS, &mut self.server).await.is_err() {
            self.server.abort();
        }
    }
}

async fn answer(
    State(ecs): State<Arc<Ecs>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    match call(&ecs, &method, &uri, &headers, body).await {
        Ok(answer) => response(StatusCode::OK, &answer),
        Err(error) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            response(status, &error.body())
        }
    }
}

async fn call(
    ecs: &Ecs,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Value, ApiError> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text("host").unwrap_or_default();
    if !is_this_machine(host) {
        let words = format!("the request is for '{host}': call 127.0.0.1, [::1] or localhost");
        return Err(ApiError::new(ErrorKind::AccessDenied, words));
    }
    if method != Method::POST || uri.path() != "/" {
        let words = format!("{method} {} is not of this API: calls are POST /", uri.path());
        return Err(ApiError::new(ErrorKind::UnknownOperation, words));
    }
    let dated = headers.contains_key("x-amz-date") || headers.contains_key(header::DATE);
    Caller::of(text("authorization"), dated)?;
    let operation = Operation::of(text("x-amz-target"))?;
    let body = body.map_err(|error| ApiError::client(format!("the body cannot be read: {error}")))?;
    ecs.call(operation, &body).await
}

/// Whether a `Host` header names this machine. A page of a web site whose name was made to lead here does not.
fn is_this_machine(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

fn response(status: StatusCode, body: &Value) -> Response {
    let id = uuid(&new_task_id());
    let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amzn-requestid", id.as_str())];
    (status, headers, body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_this_machine_is_called() {
        for host in ["127.0.0.1", "127.0.0.1:8085", "[::1]:8085", "[::1]", "localhost:1", "LOCALHOST"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in
            ["", ":8085", "example.com", "localhost.example.com:80", "10.0.0.1:80", "127.0.0.1.example.com"]
        {
            assert!(!is_this_machine(host), "{host}");
        }
    }

    proptest! {
        #[test]
        fn no_other_name_is_this_machine(host in "\\PC*") {
            let foreign = format!("{host}.example.com");
            prop_assert!(!is_this_machine(&foreign));
        }
    }
}
