//! What the sidecar has to say to the Console, in order, as far as the link has room.

use super::spool::Spool;
use proofhouse_protocol::link::FromDefender;
use std::collections::VecDeque;
use tokio::sync::mpsc::Sender;

/// Messages that wait for room at most, audits not counted: those wait in the spool.
const MOST: usize = 1024;

/// One connection to the Console. When it is dropped, so is the connection.
#[derive(Debug)]
pub struct Outgoing {
    link: Sender<FromDefender>,
    /// Each goes when the audits up to its number have gone.
    messages: VecDeque<(u64, FromDefender)>,
}

impl Outgoing {
    /// A new connection.
    #[must_use]
    pub fn new(link: Sender<FromDefender>) -> Self {
        Self { link, messages: VecDeque::new() }
    }

    /// Adds a message that goes behind the audits up to a number; false when a Console that does not read has let too
    /// many pile up, and the connection should be given up.
    #[must_use]
    pub fn say(&mut self, after: u64, message: FromDefender) -> bool {
        self.messages.push_back((after, message));
        self.messages.len() <= MOST
    }

    /// Hands on what the link has room for.
    pub fn pump(&mut self, spool: &mut Spool) {
        while let Ok(room) = self.link.try_reserve() {
            if self.messages.front().is_some_and(|(after, _)| *after <= spool.sent())
                && let Some((_, message)) = self.messages.pop_front()
            {
                room.send(message);
                continue;
            }
            match spool.take_unsent() {
                items if items.is_empty() => return,
                items => room.send(FromDefender::Audits { items }),
            }
        }
    }

    /// Returns when there is room for one more message. Never when the link is over: that is told otherwise.
    pub async fn room(&self) {
        if self.link.reserve().await.is_err() {
            std::future::pending().await
        }
    }

    /// Whether something waits for room.
    #[must_use]
    pub fn is_waiting(&self, spool: &Spool) -> bool {
        !self.messages.is_empty() || spool.has_unsent()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::test_audit;
    use proofhouse_protocol::link::LinkAudit;
    use tokio::sync::mpsc::channel;

    fn fence(id: &str) -> FromDefender {
        FromDefender::Fence { id: id.to_owned(), containers: Vec::new(), totals: Default::default() }
    }

    #[test]
    fn audits_wait_in_the_spool_and_a_fence_behind_those_of_before() {
        let (say, mut said) = channel(1);
        let (mut outgoing, mut spool) = (Outgoing::new(say), Spool::default());
        let push = |spool: &mut Spool| spool.push(LinkAudit::Runtime(Box::new(test_audit("x"))));
        push(&mut spool);
        assert!(outgoing.say(spool.numbered(), fence("f")));
        outgoing.pump(&mut spool);
        push(&mut spool);
        outgoing.pump(&mut spool);
        let mut order = Vec::new();
        while let Ok(message) = said.try_recv() {
            order.push(match message {
                FromDefender::Audits { items } => format!("{}", items[0].sequence),
                other => format!("{other:?}")[..5].to_owned(),
            });
            outgoing.pump(&mut spool);
        }
        assert_eq!(order, ["1", "Fence", "2"]);
        assert!(!outgoing.is_waiting(&spool));
    }

    #[test]
    fn a_console_that_does_not_read_is_given_up() {
        let (say, _said) = channel(1);
        let mut outgoing = Outgoing::new(say);
        let said = (0..=MOST).take_while(|_| outgoing.say(0, FromDefender::Heartbeat)).count();
        assert_eq!(said, MOST);
    }
}
