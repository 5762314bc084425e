//! Connections over TCP: opened and closed, or with one plain request on them.

use proofhouse_protocol::actor::Reply;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// As much of a body as is told, in bytes.
const TOLD: usize = 16 * 1024;

/// Opens a connection and closes it.
pub fn connect(address: SocketAddr, timeout: Duration) -> Reply {
    let start = Instant::now();
    let (errno, local) = match open(address, start, timeout) {
        Ok(stream) => (0, stream.local_addr().ok()),
        Err(error) => (number(&error), None),
    };
    Reply::Connected { errno, local, elapsed_ms: elapsed(start) }
}

/// Sends `GET target` and reads the answer until the server closes, or the time is over.
pub fn fetch(
    address: SocketAddr,
    host: &str,
    target: &str,
    headers: &[(String, String)],
    timeout: Duration,
) -> Reply {
    let start = Instant::now();
    let mut local = None;
    let mut received = Vec::new();
    let mut converse = || -> io::Result<()> {
        let mut stream = open(address, start, timeout)?;
        local = stream.local_addr().ok();
        let mut request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        stream.write_all(request.as_bytes())?;
        let mut buffer = [0; 4096];
        loop {
            stream.set_read_timeout(Some(left(start, timeout)?))?;
            match stream.read(&mut buffer)? {
                0 => return Ok(()),
                length => received.extend_from_slice(&buffer[..length]),
            }
        }
    };
    // A server that keeps the connection has answered all the same.
    let errno = converse().err().map_or(0, |error| number(&error));
    let (status, body) = read(&received);
    let errno = if status.is_some() { 0 } else { errno };
    Reply::Fetched { status, body, local, errno, elapsed_ms: elapsed(start) }
}

fn open(address: SocketAddr, start: Instant, timeout: Duration) -> io::Result<TcpStream> {
    TcpStream::connect_timeout(&address, left(start, timeout)?)
}

fn left(start: Instant, timeout: Duration) -> io::Result<Duration> {
    let left = timeout.max(Duration::from_millis(1)).saturating_sub(start.elapsed());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

fn number(error: &io::Error) -> i32 {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => libc::ETIMEDOUT,
        _ => error.raw_os_error().unwrap_or(libc::EIO),
    }
}

fn elapsed(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

/// Status and the start of the body of an answer.
fn read(bytes: &[u8]) -> (Option<u16>, String) {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    let status = status.filter(|_| head.starts_with("HTTP/1."));
    (status, body.chars().take(TOLD).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    #[test]
    fn an_answer_has_a_status_and_a_body() {
        assert_eq!(read(b"HTTP/1.1 204 No Content\r\nA: b\r\n\r\nrest"), (Some(204), "rest".to_owned()));
        assert_eq!(read(b"SSH-2.0 204 x\r\n\r\n").0, None);
    }

    #[test]
    fn a_fetch_tells_what_the_server_said_and_from_where_it_asked() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, peer) = listener.accept().unwrap();
            let mut request = vec![0; 1024];
            let length = stream.read(&mut request).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nhello").unwrap();
            (peer, String::from_utf8(request[..length].to_vec()).unwrap())
        });
        let headers = [("X-Proofhouse-Token".to_owned(), "t-1".to_owned())];
        let reply = fetch(address, "shop.test", "/a?b", &headers, Duration::from_secs(5));
        let (peer, request) = server.join().unwrap();
        assert!(request.starts_with("GET /a?b HTTP/1.1\r\nHost: shop.test\r\n"), "{request}");
        assert!(request.contains("X-Proofhouse-Token: t-1\r\n"), "{request}");
        let Reply::Fetched { status, body, local, errno, .. } = reply else { panic!() };
        assert_eq!((status, body.as_str(), local, errno), (Some(200), "hello", Some(peer), 0));
    }
}
