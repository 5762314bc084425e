//! A connection whose requests are checked before the HTTP library sees them.
//!
//! The guard follows the framing of what it reads, so it knows where each head starts, holds the head back until it
//! is complete, and passes on only what has one meaning.

mod write;

use super::chunks::Chunks;
use super::findings::{Findings, OtherProtocol};
use super::framing::{BodyKind, Verdict, judge};
use std::cell::RefCell;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, ReadBuf};

/// Longest head that is looked at as a whole; the library refuses longer ones.
const LONGEST_HEAD: usize = 128 * 1024;

const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Most that one read takes.
const READ_AT_ONCE: usize = 16 * 1024;

thread_local! {
    /// What a read fills. A connection that waits has none.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The connection.
#[derive(Debug)]
pub(super) struct Guard<S> {
    stream: S,
    rules: Rules,
    findings: Arc<Findings>,
    state: State,
    /// A head that is not complete.
    held: Vec<u8>,
    /// What may be read, from `given` on.
    free: Vec<u8>,
    given: usize,
    first: bool,
    /// Bytes and writes that passed, to tell whether the connection rests.
    passed: u64,
    /// Whether something that was written waits for the client.
    blocked: bool,
    /// Whether the client speaks HTTP/2.
    http2: bool,
    /// Answers before the answer that are still to be written.
    early: Vec<u8>,
    /// Whether the library has nothing of its own to write: what comes next is a new answer, or more of one that nothing waits for.
    between: bool,
}

/// What a connection may be.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rules {
    pub(super) http2: bool,
    pub(super) lenient_names: bool,
}

#[derive(Debug)]
enum State {
    Head,
    Length(u64),
    Chunked(Chunks),
    /// Another protocol was asked for: what comes now belongs to it, or is the next request if it is declined.
    Asked,
    /// HTTP/2, or another protocol after a switch.
    Open,
    /// Nothing that follows is read.
    Ended,
}

impl<S> Guard<S> {
    pub(super) fn new(stream: S, rules: Rules, findings: Arc<Findings>) -> Self {
        Self {
            stream,
            rules,
            findings,
            state: State::Head,
            held: Vec::new(),
            free: Vec::new(),
            given: 0,
            first: true,
            passed: 0,
            blocked: false,
            http2: false,
            early: Vec::new(),
            between: true,
        }
    }

    /// A count that grows with whatever passes.
    pub(super) fn passed(&self) -> u64 {
        self.passed
    }

    /// Whether the connection stands between two requests, as far as can be seen from here, and nothing waits to be written.
    pub(super) fn is_clear(&self) -> bool {
        matches!(self.state, State::Head)
            && self.held.is_empty()
            && self.free.is_empty()
            && self.early.is_empty()
            && !self.blocked
            && !self.findings.is_switched()
    }

    /// Whether the client speaks HTTP/2, once it has spoken.
    pub(super) fn is_http2(&self) -> bool {
        self.http2
    }

    /// Sorts what arrived.
    fn feed(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let taken = match &mut self.state {
                State::Ended => bytes.len(),
                State::Asked => {
                    self.held.extend_from_slice(bytes);
                    bytes.len()
                }
                State::Open => {
                    self.free.extend_from_slice(bytes);
                    bytes.len()
                }
                State::Length(left) => {
                    let step = (*left).min(bytes.len() as u64) as usize;
                    *left -= step as u64;
                    if *left == 0 {
                        self.state = State::Head;
                    }
                    self.free.extend_from_slice(&bytes[..step]);
                    step
                }
                State::Chunked(chunks) => match chunks.take(bytes) {
                    Ok((step, ended)) => {
                        self.free.extend_from_slice(&bytes[..step]);
                        if ended {
                            self.state = State::Head;
                        }
                        step
                    }
                    Err(step) => {
                        // A carriage return that no line feed follows is an error to the library wherever it stands: the body breaks off.
                        self.free.extend_from_slice(&bytes[..step]);
                        self.free.extend_from_slice(b"\r\0");
                        self.state = State::Ended;
                        bytes.len()
                    }
                },
                State::Head if self.findings.is_switched() => {
                    self.state = State::Open;
                    0
                }
                State::Head => self.feed_head(bytes),
            };
            bytes = &bytes[taken..];
        }
    }

    fn feed_head(&mut self, bytes: &[u8]) -> usize {
        let before = self.held.len();
        // Blank lines between requests are allowed, and mean nothing.
        if before == 0 && matches!(bytes[0], b'\r' | b'\n') {
            return 1;
        }
        self.held.extend_from_slice(bytes);
        if self.first && self.rules.http2 {
            let known = self.held.len().min(HTTP2_PREFACE.len());
            if self.held[..known] == HTTP2_PREFACE[..known] {
                if known == HTTP2_PREFACE.len() {
                    self.free.append(&mut self.held);
                    self.state = State::Open;
                    self.http2 = true;
                }
                return bytes.len();
            }
        }
        // What began like HTTP/2 has not been searched for the end of a head.
        let from = if before < HTTP2_PREFACE.len() { 0 } else { before - 3 };
        // A blank line by bare line feeds ends a head for some readers: it must not reach one.
        let end = memchr::memchr_iter(b'\n', &self.held[from..]).find_map(|at| {
            let at = from + at;
            match &self.held[at + 1..] {
                [b'\n', ..] => Some(at + 2),
                [b'\r', b'\n', ..] => Some(at + 3),
                _ => None,
            }
        });
        let Some(end) = end else {
            if self.held.len() > LONGEST_HEAD {
                self.free.append(&mut self.held);
                self.state = State::Ended;
            }
            return bytes.len();
        };
        self.first = false;
        let rest = self.held.len() - end;
        self.held.truncate(end);
        self.head();
        self.held = Vec::new();
        // More than came now is left only of what began like HTTP/2, and behind that head nothing is read.
        bytes.len().saturating_sub(rest)
    }

    fn head(&mut self) {
        match judge(&self.held, self.rules.lenient_names) {
            Verdict::Pass { body, rewritten } => {
                self.findings.push(None);
                self.free.extend_from_slice(rewritten.as_deref().unwrap_or(&self.held));
                self.state = match body {
                    BodyKind::Length(0) if asks_for_another(&self.held) => State::Asked,
                    BodyKind::Length(0) => State::Head,
                    BodyKind::Length(length) => State::Length(length),
                    BodyKind::Chunked => State::Chunked(Chunks::default()),
                };
            }
            Verdict::Contradiction { reason, head } => {
                self.findings.push(Some(reason));
                self.free.extend_from_slice(&head);
                self.state = State::Ended;
            }
            Verdict::Broken => {
                // The library answers 400 to this, after the answers that are due before.
                self.free.extend_from_slice(b"\0 / HTTP/1.1\r\n\r\n");
                self.state = State::Ended;
            }
        }
    }
}

impl<S: AsyncRead + Unpin> Guard<S> {
    /// Waits until something may be read; false at the end of the stream.
    pub(super) fn poll_head(&mut self, context: &mut Context<'_>) -> Poll<io::Result<bool>> {
        self.settle();
        while self.free.is_empty() && !matches!(self.state, State::Ended | State::Open) {
            ready!(self.poll_feed(context))?;
        }
        Poll::Ready(Ok(!self.free.is_empty() || matches!(self.state, State::Open)))
    }

    /// Lets go of what was held for another protocol, once it is known whether that is spoken.
    fn settle(&mut self) {
        if !matches!(self.state, State::Asked) {
            return;
        }
        let held = std::mem::take(&mut self.held);
        match self.findings.answered() {
            OtherProtocol::Open => {}
            OtherProtocol::Spoken => self.state = State::Open,
            OtherProtocol::Declined => self.state = State::Head,
        }
        self.feed(&held);
    }

    /// Reads once, and sorts what came.
    fn poll_feed(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if matches!(self.state, State::Asked) && self.held.len() >= READ_AT_ONCE {
            // Whoever answers the question comes back here.
            return Poll::Pending;
        }
        let length = ready!(BUFFER.with_borrow_mut(|buffer| {
            buffer.resize(READ_AT_ONCE, 0);
            let mut read = ReadBuf::new(buffer);
            ready!(Pin::new(&mut self.stream).poll_read(context, &mut read))?;
            let length = read.filled().len();
            self.feed(&buffer[..length]);
            Poll::Ready(Ok::<usize, io::Error>(length))
        }))?;
        self.passed += length as u64;
        if length == 0 {
            // What is incomplete stays so; the library sees the end.
            self.free.append(&mut self.held);
            self.state = State::Ended;
        }
        Poll::Ready(Ok(()))
    }
}

/// Whether a head asks for another protocol.
fn asks_for_another(head: &[u8]) -> bool {
    head.split(|byte| *byte == b'\n').any(|line| {
        line.get(..8).is_some_and(|name| name[..7].eq_ignore_ascii_case(b"upgrade") && name[7] == b':')
    })
}

impl<S: AsyncRead + Unpin> AsyncRead for Guard<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        out: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.settle();
        loop {
            if this.given < this.free.len() {
                let step = out.remaining().min(this.free.len() - this.given);
                out.put_slice(&this.free[this.given..this.given + step]);
                this.given += step;
                if this.given == this.free.len() {
                    // Nothing is kept for a connection that may now wait.
                    this.free = Vec::new();
                    this.given = 0;
                }
                return Poll::Ready(Ok(()));
            }
            match this.state {
                State::Ended => return Poll::Ready(Ok(())),
                State::Open => return Pin::new(&mut this.stream).poll_read(context, out),
                _ => ready!(this.poll_feed(context))?,
            }
        }
    }
}

/// What the library reads of a connection that brings these pieces, and then ends.
#[cfg(feature = "fuzzing")]
pub(crate) fn passed(pieces: &[&[u8]], http2: bool, lenient_names: bool) -> Vec<u8> {
    let mut guard = Guard::new(tokio::io::empty(), Rules { http2, lenient_names }, Arc::default());
    pieces.iter().for_each(|piece| guard.feed(piece));
    guard.free.append(&mut guard.held);
    guard.free
}

#[cfg(test)]
mod tests;
