//! The relayed outside.

use super::channels::{Channels, Purpose};
use super::connection::{Connection, RelayStream};
use super::datagrams::{Queue, RelaySocket};
use crate::loss::Losses;
use crate::outside::{
    DatagramSocket, Listener, Outside, OutsideError, Refusals, RelayFailure, Stream, WorldNetwork,
};
use bytes::BytesMut;
use futures_util::future::BoxFuture;
use proofhouse_protocol::actor;
use proofhouse_protocol::observation::Pipeline;
use proofhouse_wire::relay::{Decoder, Faults, Frame, Message};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

const READ: usize = 128 * 1024;
const TOGETHER: usize = 16;
const DATAGRAMS: usize = 4096;
/// Building the network takes milliseconds; a machine under load may take long to run the agent at all.
const CONFIGURED_WITHIN: Duration = Duration::from_secs(30);

/// The outside of a world container, spoken to over its standard input and output.
///
/// Dropping it ends the agent, and breaks every connection and listener that was opened through it.
pub struct RelayOutside {
    channels: Arc<Channels>,
    reader: JoinHandle<()>,
    writer: JoinHandle<()>,
}

// ---------------------------------------------------------------------------------------------------------------------

impl RelayOutside {
    /// Has the agent build the network, and takes over the stream. To be called in a Tokio runtime, which then carries it.
    /// What either end has to drop is said to `losses`.
    ///
    /// # Errors
    /// When the agent refuses, ends or says nothing.
    pub async fn connect(
        read: impl AsyncRead + Send + Unpin + 'static,
        write: impl AsyncWrite + Send + Unpin + 'static,
        network: &WorldNetwork,
        losses: Losses,
    ) -> Result<Self, OutsideError> {
        let (channels, frames) = Channels::new(losses);
        let reader = tokio::spawn(read_frames(read, Arc::clone(&channels)));
        let writer = tokio::spawn(write_frames(write, frames, Arc::clone(&channels)));
        let outside = RelayOutside { channels, reader, writer };
        let configured = outside.ask(Message::Configure(Box::new(network.clone())));
        match tokio::time::timeout(CONFIGURED_WITHIN, configured).await {
            Ok(Ok(_)) => Ok(outside),
            Ok(Err(error)) => {
                Err(match error.get_ref().and_then(|inner| inner.downcast_ref::<RelayFailure>()) {
                    Some(failure) => OutsideError::Refused { text: failure.text.clone() },
                    None => OutsideError::Gone(error.to_string()),
                })
            }
            Err(_) => Err(OutsideError::Silent(CONFIGURED_WITHIN)),
        }
    }

    /// Asks the agent to answer, and answers how long that took.
    ///
    /// # Errors
    /// When the outside is gone.
    pub async fn ping(&self) -> io::Result<Duration> {
        let start = std::time::Instant::now();
        self.ask(Message::Ping).await?;
        Ok(start.elapsed())
    }

    /// Lets go of the stream: the agent ends, and every connection and listener breaks.
    pub fn hang_up(&self) {
        self.channels.end("it was closed");
        // The halves of the stream go with their tasks; the agent sees the end of its input, and exits.
        self.reader.abort();
        self.writer.abort();
    }

    async fn ask(&self, message: Message) -> io::Result<Message> {
        self.channels.request(message, Purpose::Answer).await.map(|(_, answer)| answer)
    }

    async fn open_connection(&self, message: Message) -> io::Result<Stream> {
        let connection = Arc::new(Connection::default());
        let purpose = Purpose::Connection(Arc::clone(&connection));
        let (open, _) = self.channels.request(message, purpose).await?;
        Ok(Box::new(RelayStream::new(connection, open)))
    }
}

impl Outside for RelayOutside {
    fn listen_tcp(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<Listener>> {
        Box::pin(async move {
            let (users, accepted) = mpsc::unbounded_channel();
            let request = self.channels.request(Message::ListenTcp(address), Purpose::Listener(users));
            let (open, answer) = request.await?;
            Ok(Listener::new(address_in(answer)?, accepted, open))
        })
    }

    fn connect_tcp(&self, source: SocketAddr, destination: SocketAddr) -> BoxFuture<'_, io::Result<Stream>> {
        Box::pin(self.open_connection(Message::ConnectTcp { source, destination }))
    }

    fn bind_udp(&self, address: SocketAddr) -> BoxFuture<'_, io::Result<Box<dyn DatagramSocket>>> {
        Box::pin(async move {
            let (users, received) = mpsc::channel(DATAGRAMS);
            let dropped = Arc::default();
            let losses = self.channels.losses().clone();
            let purpose = Purpose::Datagrams(Queue::new(users, Arc::clone(&dropped), losses));
            let (open, answer) = self.channels.request(Message::BindUdp(address), purpose).await?;
            let local = address_in(answer)?;
            Ok(Box::new(RelaySocket { open, local, received: received.into(), dropped })
                as Box<dyn DatagramSocket>)
        })
    }

    fn actor(&self, container: &str) -> BoxFuture<'_, io::Result<Stream>> {
        Box::pin(self.open_connection(Message::ConnectUnix(actor::socket_name(container))))
    }

    fn sockets(&self) -> BoxFuture<'_, io::Result<String>> {
        Box::pin(async {
            match self.ask(Message::ListSockets).await? {
                Message::Listing(text) => Ok(text),
                other => Err(unexpected(&other)),
            }
        })
    }

    fn wait_listening(&self, port: u16, within: Duration) -> BoxFuture<'_, io::Result<SocketAddr>> {
        Box::pin(async move {
            match tokio::time::timeout(within, self.ask(Message::AwaitListening(port))).await {
                Ok(answer) => address_in(answer?),
                Err(_) => Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    format!("nothing listens at TCP port {port} of the task after {within:?}"),
                )),
            }
        })
    }

    fn set_faults(&self, faults: Faults) -> BoxFuture<'_, io::Result<()>> {
        Box::pin(async move { self.ask(Message::SetFaults(Box::new(faults))).await.map(drop) })
    }

    fn refusals(&self) -> BoxFuture<'_, io::Result<Refusals>> {
        Box::pin(async {
            let (users, refusals) = mpsc::unbounded_channel();
            let (open, _) = self.channels.request(Message::WatchRefusals, Purpose::Refusals(users)).await?;
            Ok(Refusals::new(refusals, open))
        })
    }
}

impl fmt::Debug for RelayOutside {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RelayOutside").finish_non_exhaustive()
    }
}

impl Drop for RelayOutside {
    fn drop(&mut self) {
        self.hang_up();
    }
}

fn address_in(answer: Message) -> io::Result<SocketAddr> {
    match answer {
        Message::Opened(address) | Message::Listening(address) => Ok(address),
        other => Err(unexpected(&other)),
    }
}

fn unexpected(answer: &Message) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("the world agent answered {answer:?}, which answers nothing"),
    )
}

async fn read_frames(mut read: impl AsyncRead + Unpin, channels: Arc<Channels>) {
    let mut decoder = Decoder::default();
    let why = loop {
        match read.read_buf(decoder.room(READ)).await {
            Ok(0) => break "the world container ended".to_owned(),
            Ok(_) => {}
            Err(error) => {
                let why = format!("the stream from the world container broke: {error}");
                channels.losses().lost(Pipeline::Relay, 0, &why);
                break why;
            }
        }
        if let Err(error) = deliver_all(&mut decoder, &channels) {
            let why = format!("the stream from the world container is broken: {error}");
            channels.losses().lost(Pipeline::Relay, 0, &why);
            break why;
        }
    };
    channels.end(&why);
}

fn deliver_all(
    decoder: &mut Decoder,
    channels: &Arc<Channels>,
) -> Result<(), proofhouse_wire::relay::CodecError> {
    while let Some(frame) = decoder.next_frame()? {
        channels.deliver(frame);
    }
    Ok(())
}

async fn write_frames(
    mut write: impl AsyncWrite + Unpin,
    mut frames: mpsc::UnboundedReceiver<Frame>,
    channels: Arc<Channels>,
) {
    let mut batch = Vec::new();
    let mut bytes = BytesMut::new();
    while frames.recv_many(&mut batch, TOGETHER).await > 0 {
        for frame in batch.drain(..) {
            frame.encode(&mut bytes);
        }
        let written = async {
            write.write_all(&bytes).await?;
            write.flush().await
        };
        if let Err(error) = written.await {
            return channels.end(&format!("the stream to the world container broke: {error}"));
        }
        bytes.clear();
    }
}
