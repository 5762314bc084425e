//! Clients.

use crate::Error;
use crate::requests::Mix;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Connections that are kept alive.
pub(crate) const CONNECTIONS: usize = 16;

/// A client that sends one request after the other.
pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
    requests: Vec<(Vec<u8>, bool)>,
    next: usize,
    blocks: bool,
}

impl Client {
    /// `blocks` says whether attacks are to be answered 403.
    pub(crate) fn connect(port: u16, mix: Mix, start: usize, blocks: bool) -> Result<Self, Error> {
        let stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        Ok(Self { stream, buffer: Vec::new(), requests: mix.requests(), next: start, blocks })
    }

    /// Sends the next request and waits for its answer, which has to be the right one.
    pub(crate) fn exchange(&mut self) -> Result<(), Error> {
        let (request, attack) = &self.requests[self.next % self.requests.len()];
        self.next += 1;
        self.stream.write_all(request)?;
        let mut piece = [0; 16 << 10];
        loop {
            if let Some((length, status)) = message(&self.buffer) {
                self.buffer.drain(..length);
                let expected = if *attack && self.blocks { 403 } else { 200 };
                if status != Some(expected) {
                    return Err(format!("expected {expected}, found {status:?}").into());
                }
                return Ok(());
            }
            match self.stream.read(&mut piece)? {
                0 => return Err("the connection was closed".into()),
                length => self.buffer.extend_from_slice(&piece[..length]),
            }
        }
    }
}

/// As many requests as there is time for, over all connections.
pub(crate) fn saturate(port: u16, mix: Mix, blocks: bool, duration: Duration) -> Result<usize, Error> {
    let end = Instant::now() + duration;
    let client = |start| -> Result<usize, Error> {
        let mut client = Client::connect(port, mix, start, blocks)?;
        let mut count = 0;
        while Instant::now() < end {
            client.exchange()?;
            count += 1;
        }
        Ok(count)
    };
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CONNECTIONS).map(|start| scope.spawn(move || client(start))).collect();
        clients.into_iter().map(|client| client.join().map_err(|_| "a client panicked")?).sum()
    })
}

/// Length of the first message, once it is whole, and its status if it is an answer.
pub(crate) fn message(buffer: &[u8]) -> Option<(usize, Option<u16>)> {
    let end = memchr_end(buffer)?;
    let head = std::str::from_utf8(&buffer[..end]).ok()?;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.parse().ok());
    let whole = end + length.unwrap_or(0usize);
    let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    (buffer.len() >= whole).then_some((whole, status))
}

fn memchr_end(buffer: &[u8]) -> Option<usize> {
    buffer.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}
