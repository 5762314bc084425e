//! Connections, answers and the log.

use super::answers;
use super::body::{Body, Incoming};
use super::head::{Framing, Head, HttpError};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::thread;

/// Listens on all addresses.
pub fn listen(port: u16) -> io::Result<TcpListener> {
    // One socket for both families where the kernel has IPv6, which a task's namespace may not.
    TcpListener::bind(SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)))
        .or_else(|_| TcpListener::bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port))))
}

/// Serves for ever, each connection on its own thread. One JSON line a request is handed to `log`, before the answer
/// is sent: who has the answer finds the line.
pub fn serve(listener: &TcpListener, log: fn(&Value)) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept()?;
        thread::spawn(move || {
            // A client that has gone does not want its answer.
            let _ = converse(&stream, log);
        });
    }
}

fn converse(stream: &TcpStream, log: fn(&Value)) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut incoming = Incoming::new(stream);
    loop {
        let (answer, keep) = match exchange(&mut incoming, stream) {
            Ok(Some((head, body))) => {
                let (keep, head_only) = (head.keeps_alive(), head.method == "HEAD");
                let own = answers::own(&head.target);
                log_request(Some(&head), own.as_ref().map_or(200, |own| own.status), log);
                let bytes = match own {
                    Some(own) => answers::bytes(&own, head_only, keep),
                    None => answer(200, "OK", &format!("{}\n", echo(&head, &body)), head_only, keep),
                };
                (bytes, keep)
            }
            Ok(None) => return Ok(()),
            Err(HttpError::Connection(error)) => return Err(error),
            Err(error) => {
                let (status, reason) = match error {
                    HttpError::TooLong => (431, "Request Header Fields Too Large"),
                    HttpError::Coding(_) => (501, "Not Implemented"),
                    _ => (400, "Bad Request"),
                };
                log_request(None, status, log);
                (
                    answer(
                        status,
                        reason,
                        &format!("{}\n", json!({ "error": error.to_string() })),
                        false,
                        false,
                    ),
                    false,
                )
            }
        };
        (&mut &*stream).write_all(&answer)?;
        if !keep {
            return Ok(());
        }
    }
}

/// The next request with its body, `None` when the client is done.
fn exchange(
    incoming: &mut Incoming<&TcpStream>,
    mut stream: &TcpStream,
) -> Result<Option<(Head, Body)>, HttpError> {
    let Some(head) = incoming.head()? else { return Ok(None) };
    if head.expects_leave() && head.framing != Framing::Length(0) && !incoming.has_more() {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let body = incoming.body(head.framing)?;
    Ok(Some((head, body)))
}

fn echo(head: &Head, body: &Body) -> Value {
    json!({
        "method": head.method,
        "target": head.target,
        "version": format!("HTTP/1.{}", head.minor),
        "headers": head.headers,
        "body": { "length": body.length, "sha256": body.sha256 },
    })
}

/// The same request always has the same answer, byte for byte: no date, no counter.
fn answer(status: u16, reason: &str, text: &str, head_only: bool, keep: bool) -> Vec<u8> {
    let connection = if keep { "keep-alive" } else { "close" };
    let mut bytes = format!(
        "HTTP/1.1 {status} {reason}\r\nServer: proofhouse-actor\r\nContent-Type: application/json\r\n\
         Cache-Control: no-store\r\nX-Proofhouse-App: actor\r\nContent-Length: {}\r\nConnection: {connection}\r\n\r\n",
        text.len()
    )
    .into_bytes();
    if !head_only {
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

fn log_request(head: Option<&Head>, status: u16, log: fn(&Value)) {
    log(&json!({ "request": {
        "method": head.map(|head| &head.method),
        "target": head.map(|head| &head.target),
        "token": head.and_then(|head| head.header("x-proofhouse-token")),
        "status": status,
    }}));
}
