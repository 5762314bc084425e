//! Who may come in: TLS with a client certificate of this Console, the right path, a hello that can be served.

use crate::state::Shared;
use crate::version::Version;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt as _, StreamExt as _};
use proofhouse_protocol::link::{FromConsole, FromDefender, Hello, PATH, VERSION};
use rustls::ServerConfig;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

/// How long each part of the introduction may take.
const PATIENCE: Duration = Duration::from_secs(10);

pub(super) type Socket<IO> = WebSocketStream<TlsStream<IO>>;

/// A Defender that was let in.
pub(super) struct Admitted<IO> {
    pub(super) sink: SplitSink<Socket<IO>, Message>,
    pub(super) stream: SplitStream<Socket<IO>>,
    pub(super) certificate: String,
    pub(super) hello: Hello,
}

/// Goes through the introduction; the error says why it failed.
pub(super) async fn admit<IO>(shared: &Shared, tls: Arc<ServerConfig>, io: IO) -> Result<Admitted<IO>, String>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    let stream = timeout(PATIENCE, TlsAcceptor::from(tls).accept(io))
        .await
        .map_err(|_| "tls handshake took too long".to_owned())?
        .map_err(|error| format!("tls handshake failed: {error}"))?;
    let certificate = stream
        .get_ref()
        .1
        .peer_certificates()
        .and_then(|chain| chain.first())
        .map(|certificate| shared.authority.client_name(certificate).unwrap_or_else(|| "unknown".to_owned()))
        .ok_or("no client certificate")?;
    let socket = timeout(PATIENCE, accept_hdr_async(stream, right_path))
        .await
        .map_err(|_| "websocket handshake took too long".to_owned())?
        .map_err(|error| format!("websocket handshake failed: {error}"))?;
    let (mut sink, mut stream) = socket.split();
    let hello =
        timeout(PATIENCE, hello(&mut stream)).await.map_err(|_| "no hello came in time".to_owned())?;
    match hello.and_then(|hello| serviceable(shared, hello)) {
        Ok(hello) => Ok(Admitted { sink, stream, certificate, hello }),
        Err(error) => {
            let refusal = FromConsole::Refused { error: error.clone() };
            let text = serde_json::to_string(&refusal).expect("a refusal is made of strings");
            let farewell = async {
                sink.send(Message::text(text)).await?;
                sink.close().await
            };
            // The reason is recorded whether or not the other side still listens.
            let _ = timeout(PATIENCE, farewell).await;
            Err(error)
        }
    }
}

#[expect(clippy::result_large_err, reason = "the signature is the websocket library's")]
fn right_path(request: &Request, response: Response) -> Result<Response, ErrorResponse> {
    if request.uri().path() == PATH {
        return Ok(response);
    }
    let mut refusal = ErrorResponse::new(Some(format!("nothing is served here: use {PATH}")));
    *refusal.status_mut() = tokio_tungstenite::tungstenite::http::StatusCode::NOT_FOUND;
    Err(refusal)
}

async fn hello<IO>(stream: &mut SplitStream<Socket<IO>>) -> Result<Hello, String>
where
    IO: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(message) = stream.next().await {
        match message.map_err(|error| format!("connection failed before the hello: {error}"))? {
            Message::Text(text) => {
                return match serde_json::from_str(&text) {
                    Ok(FromDefender::Hello(hello)) => Ok(hello),
                    Ok(_) => Err("the first message is not a hello".to_owned()),
                    Err(error) => Err(format!("the first message is not a hello: {error}")),
                };
            }
            Message::Ping(_) | Message::Pong(_) => {}
            _ => return Err("the first message is not a hello".to_owned()),
        }
    }
    Err("connection ended before the hello".to_owned())
}

fn serviceable(shared: &Shared, hello: Hello) -> Result<Hello, String> {
    if hello.protocol != VERSION {
        return Err(format!("protocol {} is not served: speak protocol {VERSION}", hello.protocol));
    }
    if hello.app_id.is_empty() || hello.incarnation.is_empty() {
        return Err("hello has an empty appID or incarnation".to_owned());
    }
    if hello.defender_type != "fargate" {
        return Err(format!("defender type '{}' is not served: only 'fargate' is", hello.defender_type));
    }
    let version: Version = hello.version.parse().map_err(|error| format!("{error}"))?;
    if !shared.version().serves_defender(version) {
        return Err(format!(
            "defender {version} is too old for console {}: embed and deploy the task again",
            shared.version()
        ));
    }
    Ok(hello)
}
