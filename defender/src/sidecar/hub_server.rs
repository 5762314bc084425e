//! The sidecar's end of the hub.

use super::core::Event;
use super::wrappers::Connection;
use crate::hub::{FromSidecar, LONGEST_LINE, ToSidecar};
use crate::kernel::sockets;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::fs::{self, Permissions};
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::mpsc::{Sender, unbounded_channel};

/// The port of DNS servers; nobody else is answered for.
const DNS: u16 = 53;

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

/// Serves for ever.
pub async fn serve(listener: UnixListener, events: Sender<Event>) {
    let mut next: Connection = 0;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                next += 1;
                tokio::spawn(converse(stream, next, events.clone()));
            }
            // Out of descriptors; others may be closed soon.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(10)).await,
        }
    }
}

async fn converse(stream: UnixStream, connection: Connection, events: Sender<Event>) {
    let (reader, mut writer) = stream.into_split();
    let (lines, mut outgoing) = unbounded_channel::<FromSidecar>();
    tokio::spawn(async move {
        while let Some(line) = outgoing.recv().await {
            let mut bytes = serde_json::to_vec(&line).expect("a message of ours has a JSON form");
            bytes.push(b'\n');
            if writer.write_all(&bytes).await.is_err() {
                return;
            }
        }
    });
    let mut reader = BufReader::new(reader);
    let mut line = Vec::new();
    loop {
        line.clear();
        let got = (&mut reader).take(LONGEST_LINE as u64).read_until(b'\n', &mut line).await;
        if !matches!(got, Ok(1..)) || !line.ends_with(b"\n") {
            break;
        }
        let event = match serde_json::from_slice(&line) {
            Ok(ToSidecar::Attach(attach)) => Event::Attached(connection, attach, lines.clone()),
            Ok(ToSidecar::Health) => Event::HealthAsked(lines.clone()),
            Ok(ToSidecar::Answer { from, to, payload }) => {
                answer(from, to, &payload);
                continue;
            }
            Ok(message) => Event::Said(connection, message),
            Err(error) => {
                eprintln!("defender: hub: a line that is not ours: {error}");
                break;
            }
        };
        if events.send(event).await.is_err() {
            break;
        }
    }
    let _ = events.send(Event::Gone(connection)).await;
}

/// Answers a question in the name of a DNS server, to a socket of this task only.
fn answer(from: SocketAddr, to: SocketAddr, payload: &str) {
    let ours = UdpSocket::bind((to.ip(), 0)).is_ok();
    if let (DNS, true, Ok(payload)) = (from.port(), ours, STANDARD.decode(payload))
        && let Err(error) = sockets::send_as(from, to, &payload)
    {
        eprintln!("defender: answer for {from}: {error}");
    }
}
