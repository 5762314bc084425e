//! The sidecar's end of the hub. Whoever can open the socket can connect, so nothing here grows by what others say or do not
//! read: lines, queues and the number of connections have bounds, and each wait has an end.

use super::core::Event;
use super::door::Door;
use super::wrappers::Connection;
use crate::hub::{Attach, FromSidecar, LONGEST_FIRST, LONGEST_SAYING, ToSidecar};
use crate::kernel::{peer, sockets};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::collections::VecDeque;
use std::fs::{self, File, Permissions};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader, Interest};
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::AbortHandle;
use tokio::time::timeout;

/// The port of DNS servers; nobody else is answered for.
const DNS: u16 = 53;

/// Connections that have not been let in, at most. The newest is served: a wrapper says who it is at once.
const MOST_STRANGERS: usize = 32;

/// How long one may take to say who it is, and any to read what it was sent.
const PATIENCE: Duration = Duration::from_secs(5);

/// Lines that wait for a wrapper to read them at most.
const QUEUE: usize = 64;

/// Bytes of lines that wait for the core at most, over all connections.
const UNHANDLED: usize = 16 << 20;

/// Listens. Every user of every container may connect.
///
/// # Errors
/// When the folder is not there, or not writable.
pub fn listen(socket: &Path) -> io::Result<UnixListener> {
    match fs::remove_file(socket) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(socket)?;
    fs::set_permissions(socket, Permissions::from_mode(0o666))?;
    Ok(listener)
}

/// What all connections share.
struct Hub {
    events: Sender<Event>,
    door: Arc<Door>,
    unhandled: Arc<Semaphore>,
    strangers: Mutex<VecDeque<(Connection, AbortHandle)>>,
}

/// Serves for ever.
pub async fn serve(listener: UnixListener, events: Sender<Event>, door: Arc<Door>) {
    let unhandled = Arc::new(Semaphore::new(UNHANDLED));
    let hub = Arc::new(Hub { events, door, unhandled, strangers: Mutex::default() });
    let mut next: Connection = 0;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                next += 1;
                let (own, connection) = (Arc::clone(&hub), next);
                // It is to be known before it can say that it is none any more.
                let mut strangers = hub.strangers();
                let task = tokio::spawn(async move {
                    own.converse(stream, connection).await;
                    own.is_no_stranger(connection);
                });
                strangers.push_back((connection, task.abort_handle()));
                if strangers.len() > MOST_STRANGERS
                    && let Some((_, eldest)) = strangers.pop_front()
                {
                    eldest.abort();
                    hub.door.refuse("too many connections that do not say who they are");
                }
            }
            // Out of descriptors; others may be closed soon.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

impl Hub {
    fn strangers(&self) -> std::sync::MutexGuard<'_, VecDeque<(Connection, AbortHandle)>> {
        self.strangers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_no_stranger(&self, connection: Connection) {
        self.strangers().retain(|(stranger, _)| *stranger != connection);
    }

    async fn converse(&self, stream: UnixStream, connection: Connection) {
        let Ok(Ok(first)) = timeout(PATIENCE, First::read(&stream)).await else {
            return self.door.refuse("a connection that does not say what it is");
        };
        match serde_json::from_slice(first.line()) {
            Ok(ToSidecar::Health) => self.tell_health(stream).await,
            Ok(ToSidecar::Attach(attach)) => match self.door.peer(stream.as_fd(), first.shown.as_ref()) {
                Some(peer) => self.attached(stream, connection, attach, peer, first.rest()).await,
                None => self.door.refuse("a program that is not the Defender's wants to be a wrapper"),
            },
            _ => self.door.refuse("a first line that is not ours"),
        }
    }

    /// One question, one answer: who does not read it makes nobody else wait.
    async fn tell_health(&self, mut stream: UnixStream) {
        let (tell, told) = oneshot::channel();
        if self.events.send(Event::HealthAsked(tell)).await.is_ok()
            && let Ok((healthy, detail)) = told.await
        {
            let line = line(&FromSidecar::Health { healthy, detail });
            let _ = timeout(PATIENCE, stream.write_all(&line)).await;
        }
    }

    async fn attached(
        &self,
        stream: UnixStream,
        connection: Connection,
        attach: Attach,
        peer: super::admission::Peer,
        rest: Vec<u8>,
    ) {
        let (lines, outgoing) = channel(QUEUE);
        let (admit, admitted) = oneshot::channel();
        let event = Event::Attached { connection, attach, peer, lines, admit };
        if self.events.send(event).await.is_err() {
            return;
        }
        match admitted.await {
            Ok(Ok(())) => {}
            Ok(Err(refusal)) => return self.door.refuse(&refusal.to_string()),
            Err(_) => return,
        }
        self.is_no_stranger(connection);
        let (reader, writer) = stream.into_split();
        tokio::select! {
            () = self.hear(connection, io::Cursor::new(rest).chain(reader)) => {}
            () = write(writer, outgoing) => {}
        }
        let _ = self.events.send(Event::Gone(connection)).await;
    }

    /// Until the connection ends, or breaks its rules.
    async fn hear(&self, connection: Connection, reader: impl AsyncRead + Unpin) {
        let mut lines = Lines::of(reader);
        while let Some(line) = lines.next().await {
            let bytes = u32::try_from(line.len()).expect("a line is shorter than that");
            let Ok(room) = Arc::clone(&self.unhandled).acquire_many_owned(bytes).await else { return };
            match serde_json::from_slice(line) {
                Ok(ToSidecar::Answer { from, to, payload }) => {
                    if !answer(from, to, &payload) {
                        self.door.lost_answer();
                    }
                }
                Ok(ToSidecar::Attach(_) | ToSidecar::Health) => return,
                Ok(message) => {
                    if self.events.send(Event::Said(connection, message, room)).await.is_err() {
                        return;
                    }
                }
                Err(error) => return self.door.refuse(&format!("a line that is not ours: {error}")),
            }
        }
    }
}

/// The lines behind the first.
struct Lines<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    fn of(reader: R) -> Self {
        Self { reader: BufReader::new(reader), line: Vec::new() }
    }

    /// The next one, with its end; none when it is cut off or too long.
    async fn next(&mut self) -> Option<&[u8]> {
        self.line.clear();
        self.line.shrink_to(LONGEST_FIRST);
        let got = (&mut self.reader).take(LONGEST_SAYING as u64).read_until(b'\n', &mut self.line).await;
        (matches!(got, Ok(1..)) && self.line.ends_with(b"\n")).then_some(&self.line)
    }
}

/// Until the core lets go of the connection, or the wrapper does not read.
async fn write(mut writer: OwnedWriteHalf, mut outgoing: Receiver<FromSidecar>) {
    while let Some(message) = outgoing.recv().await {
        if !matches!(timeout(PATIENCE, writer.write_all(&line(&message))).await, Ok(Ok(()))) {
            return;
        }
    }
}

fn line(message: &FromSidecar) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(message).expect("a message of ours has a JSON form");
    bytes.push(b'\n');
    bytes
}

/// The first line of a connection, and what came with it.
struct First {
    bytes: Vec<u8>,
    end: usize,
    shown: Option<File>,
}

impl First {
    async fn read(stream: &UnixStream) -> io::Result<Self> {
        let mut first = Self { bytes: Vec::new(), end: 0, shown: None };
        loop {
            let mut buffer = [0; 4096];
            stream.readable().await?;
            let got = stream.try_io(Interest::READABLE, || peer::receive_with(stream.as_fd(), &mut buffer));
            let (length, shown) = match got {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => continue,
                other => other?,
            };
            first.bytes.extend(&buffer[..length]);
            first.shown = first.shown.or(shown);
            if let Some(end) = first.bytes.iter().position(|byte| *byte == b'\n') {
                first.end = end;
                return Ok(first);
            }
            if length == 0 || first.bytes.len() > LONGEST_FIRST {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
    }

    fn line(&self) -> &[u8] {
        &self.bytes[..self.end]
    }

    /// What came behind it already.
    fn rest(&self) -> Vec<u8> {
        self.bytes[self.end + 1..].to_vec()
    }
}

/// Answers a question in the name of a DNS server, to a socket of this task only; whether it could.
fn answer(from: SocketAddr, to: SocketAddr, payload: &str) -> bool {
    let ours = UdpSocket::bind((to.ip(), 0)).is_ok();
    match (from.port(), ours, STANDARD.decode(payload)) {
        (DNS, true, Ok(payload)) => sockets::send_as(from, to, &payload).is_ok(),
        _ => false,
    }
}

/// What the hub reads of a connection that brings these pieces, each when the one before it was read, and then ends: the first line, if it is
/// taken for one, and the lines behind it.
#[cfg(feature = "fuzzing")]
pub(crate) async fn lines(pieces: &[&[u8]]) -> io::Result<Option<(Vec<u8>, Vec<Vec<u8>>)>> {
    let (mut wrapper, stream) = UnixStream::pair()?;
    let bring = async move {
        for piece in pieces {
            wrapper.write_all(piece).await?;
            tokio::task::yield_now().await;
        }
        wrapper.shutdown().await
    };
    let read = async {
        let first = First::read(&stream).await.ok()?;
        let mut behind = Lines::of(io::Cursor::new(first.rest()).chain(stream));
        let mut lines = Vec::new();
        while let Some(line) = behind.next().await {
            lines.push(line.to_vec());
        }
        Some((first.line().to_vec(), lines))
    };
    let (brought, read) = tokio::join!(bring, read);
    match brought {
        // Who is not let in is not read to the end.
        Err(error) if read.is_some() => Err(error),
        _ => Ok(read),
    }
}
