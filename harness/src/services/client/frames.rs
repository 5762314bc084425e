//! Requests that are no text: HTTP/2, and WebSockets.

use super::exchange::HttpRequest;
use super::response::Response;
use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _};
use http_body_util::{BodyExt as _, Full};
use hyper::Request;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::io;
use std::net::SocketAddr;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::{Error, Message};

/// One exchange by HTTP/2.
pub(super) async fn by_http2(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    server: SocketAddr,
    request: &HttpRequest,
    response: &mut Response,
) -> io::Result<()> {
    let (mut sender, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.map_err(io::Error::other)?;
    // It ends with the sender; what it ends with, the answer tells.
    let connection = tokio::spawn(connection);
    let headers = request.sent_headers(server);
    let host = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("host"));
    let authority = host.map_or_else(|| server.to_string(), |(_, value)| value.clone());
    let scheme = if request.tls.is_some() { "https" } else { "http" };
    let mut built = Request::builder()
        .method(request.method.as_str())
        .uri(format!("{scheme}://{authority}{}", request.target));
    for (name, value) in headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("host")) {
        built = built.header(name, value);
    }
    let built = built
        .body(Full::new(request.body.clone()))
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let answer = sender.send_request(built).await.map_err(io::Error::other)?;
    response.status = Some(answer.status().as_u16());
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    response.headers =
        answer.headers().iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect();
    let body: Bytes = answer.into_body().collect().await.map_err(io::Error::other)?.to_bytes();
    response.body.extend_from_slice(&body);
    drop(sender);
    connection.abort();
    Ok(())
}

/// One text there and back by a WebSocket.
pub(super) async fn by_web_socket(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin,
    server: SocketAddr,
    request: &HttpRequest,
    response: &mut Response,
) -> io::Result<()> {
    let mut built = Request::builder().uri(format!("ws://{server}{}", request.target));
    let own = [
        ("Connection", "Upgrade"),
        ("Upgrade", "websocket"),
        ("Sec-WebSocket-Version", "13"),
        ("Sec-WebSocket-Key", "cHJvb2Zob3VzZS1rZXktMQ=="),
    ];
    for (name, value) in own {
        built = built.header(name, value);
    }
    for (name, value) in request.sent_headers(server) {
        if !name.eq_ignore_ascii_case("content-length") {
            built = built.header(name, value);
        }
    }
    let built = built.body(()).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let (mut socket, answer) = match client_async(built, stream).await {
        Ok(agreed) => agreed,
        Err(Error::Http(answer)) => {
            response.status = Some(answer.status().as_u16());
            response.headers = answer
                .headers()
                .iter()
                .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
                .collect();
            response.body.extend_from_slice(answer.body().as_deref().unwrap_or_default());
            return Ok(());
        }
        Err(error) => return Err(io::Error::other(error)),
    };
    response.headers =
        answer.headers().iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect();
    socket.send(Message::text(text(&request.body))).await.map_err(io::Error::other)?;
    let back = socket.next().await.ok_or(io::ErrorKind::UnexpectedEof)?.map_err(io::Error::other)?;
    response.status = Some(answer.status().as_u16());
    response.body.extend_from_slice(back.into_data().as_ref());
    socket.close(None).await.map_err(io::Error::other)
}
