//! The way to the harness: one queue of frames.

use proofhouse_wire::relay::{Frame, Message};
use std::rc::Rc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

const DATAGRAMS: usize = 1024;

/// Frames to the harness.
///
/// The queue has no bound of its own, so whoever reads from the harness never waits for it: data are bounded by
/// credit, and datagrams by permits that the writer gives back. A UDP socket without a permit is not read, and then the
/// kernel drops what comes, as it does for any slow receiver.
#[derive(Clone)]
pub struct Outgoing {
    queue: UnboundedSender<Queued>,
    datagrams: std::sync::Arc<Semaphore>,
}

/// A frame on its way, with the permit that it gives back.
pub struct Queued {
    /// The frame.
    pub frame: Frame,
    _permit: Option<OwnedSemaphorePermit>,
}

/// A channel to the harness.
#[derive(Clone)]
pub struct Channel {
    /// Number.
    pub number: u32,
    outgoing: Rc<Outgoing>,
}

// ---------------------------------------------------------------------------------------------------------------------

impl Outgoing {
    /// The queue, and its end for the writer.
    pub fn new() -> (Self, UnboundedReceiver<Queued>) {
        let (queue, frames) = unbounded_channel();
        (Outgoing { queue, datagrams: std::sync::Arc::new(Semaphore::new(DATAGRAMS)) }, frames)
    }
}

impl Channel {
    /// A channel.
    pub fn new(number: u32, outgoing: Rc<Outgoing>) -> Self {
        Channel { number, outgoing }
    }

    /// A channel of another number on the same way.
    pub fn sibling(&self, number: u32) -> Self {
        Channel { number, outgoing: Rc::clone(&self.outgoing) }
    }

    /// Sends a message.
    pub fn send(&self, message: Message) {
        self.queue(message, None);
    }

    /// Waits until a datagram may be sent.
    pub async fn datagram_permit(&self) -> OwnedSemaphorePermit {
        let permit = std::sync::Arc::clone(&self.outgoing.datagrams).acquire_owned().await;
        permit.expect("the semaphore is never closed")
    }

    /// Sends a message that came with a permit.
    pub fn send_with(&self, message: Message, permit: OwnedSemaphorePermit) {
        self.queue(message, Some(permit));
    }

    fn queue(&self, message: Message, permit: Option<OwnedSemaphorePermit>) {
        // Without a writer the process is about to exit, and nothing that is said matters.
        let _ = self.outgoing.queue.send(Queued { frame: Frame::new(self.number, message), _permit: permit });
    }
}
