//! Audits on their way to the Console: numbered, bounded, kept until they are acknowledged.

use proofhouse_protocol::link::{LinkAudit, SequencedAudit};
use std::collections::VecDeque;

/// Audits that wait for the Console at most; what comes then is counted, not kept.
pub const CAPACITY: usize = 10_000;

/// The audits of one incarnation of the sidecar.
#[derive(Debug)]
pub struct Spool {
    waiting: VecDeque<SequencedAudit>,
    capacity: usize,
    last: u64,
    sent: u64,
    dropped: u64,
}

impl Spool {
    /// An empty spool.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { waiting: VecDeque::new(), capacity, last: 0, sent: 0, dropped: 0 }
    }

    /// Adds an audit, or counts it as lost. A lost one gets no number, so that numbers have no gap.
    pub fn push(&mut self, audit: LinkAudit) {
        if self.waiting.len() >= self.capacity {
            self.dropped += 1;
            return;
        }
        self.last += 1;
        self.waiting.push_back(SequencedAudit { sequence: self.last, audit });
    }

    /// What has not been sent on this connection, at most `most`.
    pub fn take_unsent(&mut self, most: usize) -> Vec<SequencedAudit> {
        let unsent = self.waiting.len() - self.waiting.partition_point(|audit| audit.sequence <= self.sent);
        let skip = self.waiting.len() - unsent;
        let batch: Vec<_> = self.waiting.iter().skip(skip).take(most).cloned().collect();
        self.sent = batch.last().map_or(self.sent, |audit| audit.sequence);
        batch
    }

    /// The Console has everything up to this number.
    pub fn acknowledge(&mut self, through: u64) {
        // A number that was never sent is a mistake of the Console, and must not cost evidence.
        let through = through.min(self.sent);
        while self.waiting.front().is_some_and(|audit| audit.sequence <= through) {
            self.waiting.pop_front();
        }
    }

    /// A new connection: what was not acknowledged goes out again.
    pub fn rewind(&mut self) {
        self.sent = self.waiting.front().map_or(self.last, |first| first.sequence - 1);
    }

    /// Whether everything is acknowledged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Audits that were lost for want of room.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Audits that were numbered.
    #[must_use]
    pub fn numbered(&self) -> u64 {
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::test_audit;
    use proptest::prelude::*;

    fn one() -> LinkAudit {
        LinkAudit::Runtime(Box::new(test_audit("x")))
    }

    fn sequences(batch: &[SequencedAudit]) -> Vec<u64> {
        batch.iter().map(|audit| audit.sequence).collect()
    }

    #[test]
    fn audits_are_sent_once_and_again_after_a_reconnect() {
        let mut spool = Spool::new(10);
        (0..3).for_each(|_| spool.push(one()));
        assert_eq!(sequences(&spool.take_unsent(2)), [1, 2]);
        assert_eq!(sequences(&spool.take_unsent(9)), [3]);
        assert!(spool.take_unsent(9).is_empty());
        spool.acknowledge(1);
        spool.rewind();
        assert_eq!(sequences(&spool.take_unsent(9)), [2, 3]);
        spool.acknowledge(3);
        assert!(spool.is_empty());
    }

    #[test]
    fn an_acknowledgement_of_the_future_costs_nothing() {
        let mut spool = Spool::new(10);
        spool.push(one());
        spool.acknowledge(99);
        assert_eq!(sequences(&spool.take_unsent(9)), [1]);
    }

    proptest! {
        #[test]
        fn every_audit_is_delivered_in_order_or_counted(
            steps in prop::collection::vec(0u8..5, 0..200), capacity in 1usize..6,
        ) {
            let mut spool = Spool::new(capacity);
            let (mut pushed, mut got, mut last) = (0u64, 0u64, 0u64);
            for step in steps.into_iter().chain([3, 2]) {
                match step {
                    0 | 1 => { spool.push(one()); pushed += 1; }
                    2 => for audit in spool.take_unsent(100) {
                        prop_assert!(audit.sequence <= got + 1, "no gap");
                        got = got.max(audit.sequence);
                        last = audit.sequence;
                    },
                    3 => spool.rewind(),
                    _ => spool.acknowledge(last),
                }
            }
            prop_assert_eq!(got + spool.dropped(), pushed);
        }
    }
}
