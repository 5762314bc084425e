//! The open channels: one task each, with its own inbox.

use proofhouse_wire::relay::{Message, Transport};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::net::SocketAddr;
use std::rc::Rc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Messages for one channel. It is bounded by the credit that the channel has given.
pub type Inbox = UnboundedReceiver<Message>;

/// The open channels.
#[derive(Clone)]
pub struct Channels {
    open: Rc<RefCell<HashMap<u32, UnboundedSender<Message>>>>,
    next: Rc<Cell<u32>>,
    claimed: Rc<RefCell<HashSet<(Transport, SocketAddr)>>>,
}

/// An address that one channel has bound; dropping it frees the address.
///
/// The kernel is told to let sockets share addresses, so that one for all can stand beside one for a single address; that
/// no two have the same one is then the agent's business.
pub struct Claim {
    channels: Channels,
    bound: (Transport, SocketAddr),
}

// ---------------------------------------------------------------------------------------------------------------------

impl Channels {
    /// No channels yet.
    pub fn new() -> Self {
        Channels { open: Rc::default(), next: Rc::new(Cell::new(2)), claimed: Rc::default() }
    }

    /// Number for a connection that came from the task.
    pub fn next_accepted(&self) -> u32 {
        let number = self.next.get();
        self.next.set(number.wrapping_add(2));
        number
    }

    /// Claims an address, unless another channel has it. Port 0 is always free: the kernel picks another each time.
    pub fn claim(&self, transport: Transport, address: SocketAddr) -> Option<Claim> {
        let bound = (transport, address);
        let free = address.port() == 0 || self.claimed.borrow_mut().insert(bound);
        free.then(|| Claim { channels: self.clone(), bound })
    }

    /// Opens a channel, for as long as what serves it runs.
    pub fn start<F>(&self, number: u32, serve: impl FnOnce(Inbox) -> F)
    where
        F: Future<Output = ()> + 'static,
    {
        let (sender, inbox) = unbounded_channel();
        self.open.borrow_mut().insert(number, sender);
        let served = serve(inbox);
        let open = Rc::clone(&self.open);
        tokio::task::spawn_local(async move {
            served.await;
            open.borrow_mut().remove(&number);
        });
    }

    /// Passes a message on; one for a channel that is gone is late, and dropped.
    pub fn deliver(&self, number: u32, message: Message) {
        if let Some(inbox) = self.open.borrow().get(&number) {
            // The task may have ended a moment ago, which is the same as gone.
            let _ = inbox.send(message);
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.channels.claimed.borrow_mut().remove(&self.bound);
    }
}
