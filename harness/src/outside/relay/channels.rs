//! The open channels, and what arrives on each.

use super::connection::{Connection, RelayStream};
use super::datagrams::Queue;
use crate::loss::Losses;
use crate::outside::error::gone;
use crate::outside::{Accepted, Datagram, RelayFailure};
use proofhouse_protocol::observation::Pipeline;
use proofhouse_wire::relay::{Frame, Message, Refusal};
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::{mpsc, oneshot};

/// What a channel is, once its request was answered.
pub(super) enum Purpose {
    /// Nothing more: the answer was all.
    Answer,
    /// A connection.
    Connection(Arc<Connection>),
    /// A listener.
    Listener(mpsc::UnboundedSender<Accepted>),
    /// A UDP socket.
    Datagrams(Queue),
    /// A watch.
    Refusals(mpsc::UnboundedSender<Refusal>),
}

type Answer = io::Result<Message>;

struct Slot {
    answer: Option<oneshot::Sender<Answer>>,
    purpose: Purpose,
}

/// The state that the reader of the stream and the users of channels share.
pub(super) struct Channels {
    state: Mutex<State>,
    frames: mpsc::UnboundedSender<Frame>,
    losses: Losses,
}

struct State {
    slots: HashMap<u32, Slot>,
    next: u32,
    gone: Option<String>,
}

/// Whether a channel is still there after a message.
enum Next {
    Open,
    Gone,
}

/// A channel that this side opened, or accepted; dropping it closes it.
pub(super) struct Open {
    pub(super) number: u32,
    channels: Arc<Channels>,
}

// ---------------------------------------------------------------------------------------------------------------------

impl Channels {
    /// No channels yet; frames to be sent come out of the receiver.
    pub(super) fn new(losses: Losses) -> (Arc<Self>, mpsc::UnboundedReceiver<Frame>) {
        let (frames, queue) = mpsc::unbounded_channel();
        let state = State { slots: HashMap::new(), next: 1, gone: None };
        (Arc::new(Channels { state: Mutex::new(state), frames, losses }), queue)
    }

    /// Opens a channel with a request, and waits for the answer.
    pub(super) async fn request(
        self: &Arc<Self>,
        message: Message,
        purpose: Purpose,
    ) -> io::Result<(Open, Message)> {
        let (answer, answered) = oneshot::channel();
        let open = {
            let mut state = self.lock();
            if let Some(why) = &state.gone {
                return Err(gone(why));
            }
            let number = state.next;
            state.next = number.wrapping_add(2);
            state.slots.insert(number, Slot { answer: Some(answer), purpose });
            Open { number, channels: Arc::clone(self) }
        };
        open.send(message);
        match answered.await {
            Ok(answer) => Ok((open, answer?)),
            Err(_) => Err(self.why_gone()),
        }
    }

    /// Takes a frame that came; never waits.
    pub(super) fn deliver(self: &Arc<Self>, frame: Frame) {
        if let Message::Lost { count, why } = frame.message {
            return self.losses.lost(Pipeline::Relay, count, why);
        }
        let mut state = self.lock();
        if let Message::Accepted { channel, peer, local } = frame.message {
            self.accept(&mut state, frame.channel, channel, peer, local);
            return;
        }
        let Some(slot) = state.slots.get_mut(&frame.channel) else { return };
        if let Next::Gone = slot.take(frame.message) {
            state.slots.remove(&frame.channel);
        }
    }

    /// Where losses are said to be.
    pub(super) fn losses(&self) -> &Losses {
        &self.losses
    }

    /// Ends everything: the stream is over.
    pub(super) fn end(&self, why: &str) {
        let slots = {
            let mut state = self.lock();
            state.gone.get_or_insert_with(|| why.to_owned());
            std::mem::take(&mut state.slots)
        };
        for slot in slots.into_values() {
            if let Purpose::Connection(connection) = slot.purpose {
                connection.abort(why);
            }
        }
    }

    /// The error of calls after the end.
    pub(super) fn why_gone(&self) -> io::Error {
        gone(self.lock().gone.as_deref().unwrap_or("the channel was closed"))
    }

    fn accept(
        self: &Arc<Self>,
        state: &mut State,
        listener: u32,
        number: u32,
        peer: std::net::SocketAddr,
        local: std::net::SocketAddr,
    ) {
        let connection = Arc::new(Connection::default());
        let purpose = Purpose::Connection(Arc::clone(&connection));
        let users = match state.slots.get(&listener) {
            Some(Slot { purpose: Purpose::Listener(users), .. }) => users.clone(),
            // The listener was closed while the connection was on its way.
            _ => return self.send(number, Message::Close),
        };
        state.slots.insert(number, Slot { answer: None, purpose });
        let open = Open { number, channels: Arc::clone(self) };
        let stream = Box::new(RelayStream::new(connection, open));
        if let Err(refused) = users.send(Accepted { stream, peer, local }) {
            // Dropped outside the lock, because that closes the channel, and that takes the lock.
            tokio::spawn(async move { drop(refused) });
        }
    }

    fn send(&self, number: u32, message: Message) {
        // After the end nothing can be sent, and all who would read the answer have been told.
        let _ = self.frames.send(Frame::new(number, message));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the lock")
    }
}

impl Slot {
    fn take(&mut self, message: Message) -> Next {
        match message {
            Message::Failed { errno, text } => {
                self.answer(Err(RelayFailure { errno, text }.into()));
                // It never was, or is no more: nothing to close. The users of a listener see its end.
                Next::Gone
            }
            Message::Done | Message::Opened(_) | Message::Listening(_) | Message::Listing(_) => {
                self.answer(Ok(message));
                if matches!(self.purpose, Purpose::Answer) { Next::Gone } else { Next::Open }
            }
            message => {
                self.purpose.take(message);
                Next::Open
            }
        }
    }

    fn answer(&mut self, answer: Answer) {
        if let Some(waiting) = self.answer.take() {
            // Who asked may have given up; its channel closes by itself.
            let _ = waiting.send(answer);
        }
    }
}

impl Purpose {
    fn take(&mut self, message: Message) {
        match (self, message) {
            (Purpose::Connection(connection), message) => connection.deliver(message),
            (Purpose::Datagrams(queue), Message::Datagram { peer, local, data }) => {
                queue.push(Datagram { peer, local, data });
            }
            (Purpose::Refusals(watch), Message::Refused(refusal)) => {
                // A watch that nobody reads any more closes by itself.
                let _ = watch.send(refusal);
            }
            // What does not belong to the purpose was sent before the agent knew.
            _ => {}
        }
    }
}

impl Open {
    /// Sends a message on the channel.
    pub(super) fn send(&self, message: Message) {
        self.channels.send(self.number, message);
    }

    /// The error of calls after the end.
    pub(super) fn why_gone(&self) -> io::Error {
        self.channels.why_gone()
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let slot = self.channels.lock().slots.remove(&self.number);
        if slot.is_some() {
            self.send(Message::Close);
        }
        // Connections that wait in a listener's queue close their channels in turn, now that the lock is free.
        drop(slot);
    }
}
