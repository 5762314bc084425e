//! What arrives of a Defender: what it says, and what the gate makes of it.

use super::admit::Socket;
use crate::sabotage::Gate;
use futures_util::StreamExt as _;
use futures_util::stream::SplitStream;
use std::collections::VecDeque;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_tungstenite::tungstenite::{Error, Message};

/// The messages of one connection, as they come through the gate.
pub(super) struct Incoming<IO> {
    stream: SplitStream<Socket<IO>>,
    gate: Gate,
    /// What is said in the name of the Defender.
    forged: UnboundedReceiver<String>,
    passed: VecDeque<String>,
}

impl<IO: AsyncRead + AsyncWrite + Unpin> Incoming<IO> {
    pub(super) fn new(
        stream: SplitStream<Socket<IO>>,
        gate: Gate,
        forged: UnboundedReceiver<String>,
    ) -> Self {
        Self { stream, gate, forged, passed: VecDeque::new() }
    }

    /// The next message. Nothing is lost when this is dropped before it is done.
    pub(super) async fn next(&mut self) -> Option<Result<Message, Error>> {
        loop {
            if let Some(text) = self.passed.pop_front() {
                return Some(Ok(Message::text(text)));
            }
            tokio::select! {
                text = self.gate.due() => return Some(Ok(Message::text(text))),
                Some(text) = self.forged.recv() => return Some(Ok(Message::text(text))),
                message = self.stream.next() => match message {
                    Some(Ok(Message::Text(text))) => self.passed.extend(self.gate.pass(text.as_str().to_owned())),
                    other => return other,
                },
            }
        }
    }
}
