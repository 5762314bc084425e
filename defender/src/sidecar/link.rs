//! The connection to the Console: kept up, and lost without loss.

use super::core::Event;
use super::resolve;
use super::settings::ConsoleSettings;
use crate::kernel::process;
use futures_util::{Sink, SinkExt, Stream, StreamExt};
use proofhouse_protocol::link::{self, FromConsole, FromDefender};
use rustls::pki_types::ServerName;
use serde_json::Value;
use std::io;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{Instant, interval_at, sleep, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

/// Between attempts: the first, and the most.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// For everything until the WebSocket is open.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Between signs of life.
const PULSE: Duration = Duration::from_secs(5);

/// A Console that has not even answered a ping, or taken a message, for this long is gone.
const SILENCE: Duration = Duration::from_secs(15);

/// Messages that wait here for the Console to take them; the others wait in the core.
const QUEUE: usize = 16;

#[derive(Debug, thiserror::Error)]
enum LinkError {
    #[error(transparent)]
    System(#[from] io::Error),
    #[error("{0:?} is no name for a certificate")]
    Name(String),
    #[error(transparent)]
    WebSocket(Box<tungstenite::Error>),
    #[error("no answer in time")]
    Slow,
    #[error("it takes no messages any more")]
    Deaf,
    #[error("closed by the Console")]
    Closed,
    #[error("refused by the Console: {0}")]
    Refused(String),
}

impl From<tungstenite::Error> for LinkError {
    fn from(error: tungstenite::Error) -> Self {
        Self::WebSocket(Box::new(error))
    }
}

/// Connects, for ever again.
pub async fn keep(settings: ConsoleSettings, events: Sender<Event>) {
    let mut pause = FIRST_PAUSE;
    loop {
        let mut welcome = false;
        let error = match timeout(HANDSHAKE, connect(&settings)).await.map_err(|_| LinkError::Slow).flatten()
        {
            Ok(socket) => {
                let (say, sayings) = channel(QUEUE);
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

async fn connect(settings: &ConsoleSettings) -> Result<WebSocketStream<TlsStream<TcpStream>>, LinkError> {
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

/// Speaks and listens, each for itself: a Console that does not read must not keep us from noticing that it is silent.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    socket: WebSocketStream<S>,
    sayings: Receiver<FromDefender>,
    events: &Sender<Event>,
    welcome: &mut bool,
) -> LinkError {
    let (sink, source) = socket.split();
    tokio::select! {
        error = speak(sink, sayings) => error,
        error = listen(source, events, welcome) => error,
    }
}

/// The first word is the hello.
async fn speak(
    mut sink: impl Sink<Message, Error = tungstenite::Error> + Unpin,
    mut sayings: Receiver<FromDefender>,
) -> LinkError {
    let mut pulse = interval_at(Instant::now() + PULSE, PULSE);
    loop {
        let messages = tokio::select! {
            saying = sayings.recv() => match saying {
                Some(message) => vec![written(&message)],
                None => return LinkError::Deaf,
            },
            _ = pulse.tick() => vec![written(&FromDefender::Heartbeat), Message::Ping(Default::default())],
        };
        for message in messages {
            match timeout(SILENCE, sink.send(message)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return error.into(),
                Err(_) => return LinkError::Deaf,
            }
        }
    }
}

fn written(message: &FromDefender) -> Message {
    Message::text(serde_json::to_string(message).expect("a message of the link has a JSON form"))
}

async fn listen(
    mut source: impl Stream<Item = Result<Message, tungstenite::Error>> + Unpin,
    events: &Sender<Event>,
    welcome: &mut bool,
) -> LinkError {
    loop {
        let text = match timeout(SILENCE, source.next()).await {
            Err(_) => return LinkError::Slow,
            Ok(None | Some(Ok(Message::Close(_)))) => return LinkError::Closed,
            Ok(Some(Err(error))) => return error.into(),
            Ok(Some(Ok(Message::Text(text)))) => text,
            Ok(Some(Ok(_))) => continue,
        };
        let event = match read(&text) {
            Event::Console(FromConsole::Welcome { .. }) => {
                *welcome = true;
                continue;
            }
            Event::Console(FromConsole::Refused { error }) => return LinkError::Refused(error),
            event => event,
        };
        if events.send(event).await.is_err() {
            return LinkError::Closed;
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
    use tokio_tungstenite::tungstenite::protocol::Role;

    #[test]
    fn a_pause_is_never_longer_and_never_less_than_half() {
        for _ in 0..100 {
            let pause = jittered(LONGEST_PAUSE);
            assert!(pause <= LONGEST_PAUSE && pause >= LONGEST_PAUSE / 2);
        }
    }

    /// Time is the test's: it passes at once when everybody waits.
    #[tokio::test(start_paused = true)]
    async fn a_console_that_stops_reading_is_left_within_the_silence_limit() {
        let (ours, theirs) = tokio::io::duplex(1024);
        let socket = WebSocketStream::from_raw_socket(ours, Role::Client, None).await;
        let (say, sayings) = channel(QUEUE);
        let (events, mut happened) = channel(9);
        let flood = tokio::spawn(async move {
            let error = "x".repeat(4096);
            while say.send(FromDefender::PolicyRejected { revision: 1, error: error.clone() }).await.is_ok() {
            }
        });
        let began = Instant::now();
        let error = timeout(SILENCE * 4, converse(socket, sayings, &events, &mut false)).await;
        assert!(matches!(error, Ok(LinkError::Slow | LinkError::Deaf)), "{error:?}");
        assert!(began.elapsed() <= SILENCE + PULSE, "{:?}", began.elapsed());
        flood.await.unwrap();
        assert!(happened.try_recv().is_err());
        drop(theirs);
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
