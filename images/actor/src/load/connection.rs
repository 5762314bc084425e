//! One client: a connection that is kept as long as the server keeps it.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// How long a server may be silent.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest line of a head.
const LONGEST_LINE: u64 = 64 * 1024;

/// A client of one server.
pub struct Connection {
    target: SocketAddr,
    open: Option<BufReader<TcpStream>>,
    /// Connections that were made.
    pub made: u64,
}

/// The head of an answer, as far as the load needs it.
struct Head {
    status: u16,
    length: u64,
    keep: bool,
}

impl Connection {
    /// A client that connects when it first sends.
    pub fn new(target: SocketAddr) -> Self {
        Self { target, open: None, made: 0 }
    }

    /// Sends a request and reads the whole answer; its status. A server may close a connection that it had kept: then
    /// the request is sent once more, on a new one.
    pub fn exchange(&mut self, request: &[u8]) -> io::Result<u16> {
        let kept = self.open.is_some();
        match self.attempt(request) {
            Err(error) if kept && closed(&error) => self.attempt(request),
            other => other,
        }
    }

    fn attempt(&mut self, request: &[u8]) -> io::Result<u16> {
        let mut stream = match self.open.take() {
            Some(stream) => stream,
            None => self.connect()?,
        };
        stream.get_mut().write_all(request)?;
        let head = head(&mut stream)?;
        let read = io::copy(&mut stream.by_ref().take(head.length), &mut io::sink())?;
        if read < head.length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if head.keep {
            self.open = Some(stream);
        }
        Ok(head.status)
    }

    fn connect(&mut self) -> io::Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect_timeout(&self.target, PATIENCE)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        self.made += 1;
        Ok(BufReader::new(stream))
    }
}

fn closed(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | ConnectionReset | BrokenPipe)
}

/// Reads a head. Only answers with a length are understood: all servers of the benchmark give one.
fn head(stream: &mut impl BufRead) -> io::Result<Head> {
    let broken = |what: String| io::Error::new(io::ErrorKind::InvalidData, what);
    let first = line(stream)?;
    let status = first
        .strip_prefix("HTTP/1.")
        .and_then(|rest| rest.split(' ').nth(1)?.parse().ok())
        .ok_or_else(|| broken(format!("`{first}` is no status line")))?;
    let (mut length, mut keep) = (None, first.starts_with("HTTP/1.1"));
    loop {
        let line = line(stream)?;
        if line.is_empty() {
            break;
        }
        let Some((name, value)) = line.split_once(':') else {
            return Err(broken(format!("`{line}` is no header")));
        };
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.parse().map_err(|_| broken(format!("`{value}` is no length")))?);
        } else if name.eq_ignore_ascii_case("connection") {
            keep = !value.eq_ignore_ascii_case("close");
        }
    }
    let length = length.ok_or_else(|| broken("an answer without Content-Length".to_owned()))?;
    Ok(Head { status, length, keep })
}

fn line(stream: &mut impl BufRead) -> io::Result<String> {
    let mut bytes = Vec::new();
    stream.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut bytes)?;
    if bytes.pop() != Some(b'\n') {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(String::from_utf8_lossy(&bytes).trim_end_matches('\r').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    /// A server that gives these answers, one connection after another, each after reading a request of four bytes.
    fn server(connections: Vec<Vec<&'static str>>) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            for answers in connections {
                let (mut stream, _) = listener.accept().unwrap();
                for answer in answers {
                    stream.read_exact(&mut [0; 4]).unwrap();
                    stream.write_all(answer.as_bytes()).unwrap();
                }
            }
        });
        address
    }

    const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    #[test]
    fn a_connection_is_kept_as_long_as_the_server_keeps_it() {
        let forbidden = "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
        let mut client = Connection::new(server(vec![vec![OK, forbidden], vec![OK]]));
        let statuses: Vec<_> = (0..3).map(|_| client.exchange(b"ping").unwrap()).collect();
        assert_eq!((statuses, client.made), (vec![200, 403, 200], 2));
    }

    #[test]
    fn a_server_that_closes_without_a_word_is_asked_again() {
        let mut client = Connection::new(server(vec![vec![OK], vec![OK]]));
        assert_eq!(client.exchange(b"ping").unwrap(), 200);
        assert_eq!(client.exchange(b"ping").unwrap(), 200);
        assert_eq!(client.made, 2);
    }

    #[test]
    fn half_an_answer_is_an_error() {
        for half in
            ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", "hello\r\n\r\n"]
        {
            let mut client = Connection::new(server(vec![vec![half]]));
            assert!(client.exchange(b"ping").is_err(), "{half:?}");
        }
    }
}
