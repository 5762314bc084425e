//! One relayed connection, as a stream.

use super::channels::Open;
use crate::outside::Duplex;
use crate::outside::error::gone;
use bytes::{Buf, Bytes};
use proofhouse_wire::relay::Message;
use proofhouse_wire::relay::flow::{CHUNK, Debt, WINDOW};
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What the reader of the relay and the user of the connection share.
pub(super) struct Connection {
    state: Mutex<State>,
}

struct State {
    /// Received, and not read yet; bounded by the credit given.
    incoming: VecDeque<Bytes>,
    peer_finished: bool,
    broken: Option<Broken>,
    credit: usize,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

enum Broken {
    ByThePeer { errno: i32 },
    WithTheOutside { why: String },
}

/// The user's end of a connection.
pub(super) struct RelayStream {
    connection: std::sync::Arc<Connection>,
    open: Open,
    debt: Debt,
    finished: bool,
}

// ---------------------------------------------------------------------------------------------------------------------

impl Default for Connection {
    fn default() -> Self {
        Connection {
            state: Mutex::new(State {
                incoming: VecDeque::new(),
                peer_finished: false,
                broken: None,
                credit: WINDOW as usize,
                reader: None,
                writer: None,
            }),
        }
    }
}

impl Connection {
    /// Takes a message that came.
    pub(super) fn deliver(&self, message: Message) {
        let mut state = self.lock();
        match message {
            Message::Data(data) => {
                state.incoming.push_back(data);
                state.wake_reader();
            }
            Message::Finish => {
                state.peer_finished = true;
                state.wake_reader();
            }
            Message::Credit(bytes) => {
                state.credit += bytes as usize;
                state.wake_writer();
            }
            Message::Reset { errno } => state.break_by(Broken::ByThePeer { errno }),
            _ => {}
        }
    }

    /// The outside is gone, and the connection with it.
    pub(super) fn abort(&self, why: &str) {
        self.lock().break_by(Broken::WithTheOutside { why: why.to_owned() });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the lock")
    }
}

impl State {
    fn break_by(&mut self, broken: Broken) {
        self.broken.get_or_insert(broken);
        self.wake_reader();
        self.wake_writer();
    }

    fn wake_reader(&mut self) {
        if let Some(waker) = self.reader.take() {
            waker.wake();
        }
    }

    fn wake_writer(&mut self) {
        if let Some(waker) = self.writer.take() {
            waker.wake();
        }
    }

    fn error(&self) -> Option<io::Error> {
        Some(match self.broken.as_ref()? {
            Broken::ByThePeer { errno } => io::Error::from_raw_os_error(*errno),
            Broken::WithTheOutside { why } => gone(why),
        })
    }
}

impl RelayStream {
    pub(super) fn new(connection: std::sync::Arc<Connection>, open: Open) -> Self {
        RelayStream { connection, open, debt: Debt::default(), finished: false }
    }
}

impl Duplex for RelayStream {
    fn reset(self: Box<Self>) {
        self.open.send(Message::Reset { errno: 0 });
    }
}

impl AsyncRead for RelayStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let mut read = 0;
        {
            let mut state = this.connection.lock();
            while let Some(data) = state.incoming.front_mut() {
                let length = data.len().min(buffer.remaining());
                buffer.put_slice(&data[..length]);
                data.advance(length);
                read += length;
                if !data.is_empty() {
                    break;
                }
                state.incoming.pop_front();
            }
            if read == 0 && buffer.remaining() > 0 && !state.peer_finished {
                if let Some(error) = state.error() {
                    return Poll::Ready(Err(error));
                }
                state.reader = Some(context.waker().clone());
                return Poll::Pending;
            }
        }
        if let Some(credit) = this.debt.consumed(read) {
            this.open.send(Message::Credit(credit));
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for RelayStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &[u8]) -> Poll<io::Result<usize>> {
        if self.finished {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let length = {
            let mut state = self.connection.lock();
            if let Some(error) = state.error() {
                return Poll::Ready(Err(error));
            }
            let length = buffer.len().min(state.credit).min(CHUNK);
            if length == 0 && !buffer.is_empty() {
                state.writer = Some(context.waker().clone());
                return Poll::Pending;
            }
            state.credit -= length;
            length
        };
        if length > 0 {
            self.open.send(Message::Data(Bytes::copy_from_slice(&buffer[..length])));
        }
        Poll::Ready(Ok(length))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !std::mem::replace(&mut self.finished, true) {
            self.open.send(Message::Finish);
        }
        Poll::Ready(Ok(()))
    }
}
