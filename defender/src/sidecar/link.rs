//! The connection to the Console: kept up, and lost without loss.

use super::core::Event;
use super::resolve;
use super::settings::Settings;
use crate::kernel::process;
use futures_util::{SinkExt, StreamExt};
use proofhouse_protocol::link::{self, FromConsole, FromDefender};
use rustls::pki_types::ServerName;
use serde_json::Value;
use std::io;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::mpsc::{Sender, UnboundedReceiver, unbounded_channel};
use tokio::time::{Instant, interval_at, sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, client_async};

/// Between attempts: the first, and the most.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// For everything until the WebSocket is open.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Between signs of life.
const PULSE: Duration = Duration::from_secs(5);

/// A Console that has not even answered a ping for this long is gone.
const SILENCE: Duration = Duration::from_secs(15);

#[derive(Debug, thiserror::Error)]
enum LinkError {
    #[error(transparent)]
    System(#[from] io::Error),
    #[error("{0:?} is no name for a certificate")]
    Name(String),
    #[error(transparent)]
    WebSocket(Box<tokio_tungstenite::tungstenite::Error>),
    #[error("no answer in time")]
    Slow,
    #[error("closed by the Console")]
    Closed,
    #[error("refused by the Console: {0}")]
    Refused(String),
}

impl From<tokio_tungstenite::tungstenite::Error> for LinkError {
    fn from(error: tokio_tungstenite::tungstenite::Error) -> Self {
        Self::WebSocket(Box::new(error))
    }
}

/// Connects, for ever again.
pub async fn keep(settings: Settings, events: Sender<Event>) {
    let mut pause = FIRST_PAUSE;
    loop {
        let mut welcome = false;
        let error = match timeout(HANDSHAKE, connect(&settings)).await.map_err(|_| LinkError::Slow).flatten()
        {
            Ok(socket) => {
                let (say, sayings) = unbounded_channel();
                if events.send(Event::LinkUp(say)).await.is_err() {
                    return;
                }
                let error = converse(socket, sayings, &events, &mut welcome).await;
                if events.send(Event::LinkDown).await.is_err() {
                    return;
                }
                error
            }
            Err(error) => error,
        };
        eprintln!("defender: Console at {}:{}: {error}", settings.host, settings.port);
        if welcome {
            pause = FIRST_PAUSE;
        }
        sleep(jittered(pause)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Between half of a pause and all of it, so that many Defenders do not come back in step.
fn jittered(pause: Duration) -> Duration {
    let [random] = process::random().unwrap_or([255]);
    pause / 2 + pause.mul_f64(f64::from(random) / 510.0)
}

async fn connect(settings: &Settings) -> Result<WebSocketStream<TlsStream<TcpStream>>, LinkError> {
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    let mut stream = None;
    for ip in resolve::addresses(&settings.host).await? {
        match TcpStream::connect((ip, settings.port)).await {
            Ok(connected) => {
                stream = Some(connected);
                break;
            }
            Err(error) => last = error,
        }
    }
    let stream = stream.ok_or(last)?;
    stream.set_nodelay(true)?;
    let name =
        ServerName::try_from(settings.host.clone()).map_err(|_| LinkError::Name(settings.host.clone()))?;
    let stream = TlsConnector::from(settings.tls.clone()).connect(name, stream).await?;
    let host =
        if settings.host.contains(':') { format!("[{}]", settings.host) } else { settings.host.clone() };
    let url = format!("wss://{host}:{}{}", settings.port, link::PATH);
    Ok(client_async(url, stream).await?.0)
}

async fn converse(
    socket: WebSocketStream<TlsStream<TcpStream>>,
    mut sayings: UnboundedReceiver<FromDefender>,
    events: &Sender<Event>,
    welcome: &mut bool,
) -> LinkError {
    let (mut sink, mut source) = socket.split();
    // The first word is the hello.
    let mut pulse = interval_at(Instant::now() + PULSE, PULSE);
    let mut heard = Instant::now();
    loop {
        tokio::select! {
            Some(message) = sayings.recv() => {
                let text = serde_json::to_string(&message).expect("a message of the link has a JSON form");
                if let Err(error) = sink.send(Message::text(text)).await {
                    return error.into();
                }
            }
            received = source.next() => {
                heard = Instant::now();
                let text = match received {
                    None => return LinkError::Closed,
                    Some(Err(error)) => return error.into(),
                    Some(Ok(Message::Text(text))) => text,
                    Some(Ok(Message::Close(_))) => return LinkError::Closed,
                    Some(Ok(_)) => continue,
                };
                let event = match read(&text) {
                    Event::Console(FromConsole::Welcome { .. }) => { *welcome = true; continue }
                    Event::Console(FromConsole::Refused { error }) => return LinkError::Refused(error),
                    event => event,
                };
                if events.send(event).await.is_err() {
                    return LinkError::Closed;
                }
            }
            _ = pulse.tick() => {
                if heard.elapsed() > SILENCE {
                    return LinkError::Slow;
                }
                let beat = serde_json::to_string(&FromDefender::Heartbeat).expect("a heartbeat has a JSON form");
                for message in [Message::text(beat), Message::Ping(Default::default())] {
                    if let Err(error) = sink.send(message).await {
                        return error.into();
                    }
                }
            }
        }
    }
}

/// What cannot be read is taken for a broken policy: it is the one message whose loss the Console must hear of.
fn read(text: &str) -> Event {
    match serde_json::from_str(text) {
        Ok(message) => Event::Console(message),
        Err(error) => {
            let value: Value = serde_json::from_str(text).unwrap_or_default();
            Event::Unreadable(value["revision"].as_u64().unwrap_or(0), error.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_never_longer_and_never_less_than_half() {
        for _ in 0..100 {
            let pause = jittered(LONGEST_PAUSE);
            assert!(pause <= LONGEST_PAUSE && pause >= LONGEST_PAUSE / 2);
        }
    }

    #[test]
    fn a_broken_policy_is_named_by_its_revision() {
        let text = r#"{"type": "policy", "revision": 7, "runtime": 3}"#;
        assert!(matches!(read(text), Event::Unreadable(7, _)));
        assert!(matches!(read("{\"type\": \"pol"), Event::Unreadable(0, _)));
        assert!(matches!(
            read(r#"{"type": "ack", "through": 3}"#),
            Event::Console(FromConsole::Ack { through: 3 })
        ));
    }
}
