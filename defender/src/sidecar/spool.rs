//! Audits on their way to the Console: numbered, bounded, kept until they are acknowledged.

use proofhouse_protocol::link::{LinkAudit, SequencedAudit};
use std::collections::VecDeque;
use std::io::{self, Write};

/// Audits that wait for the Console at most, and bytes of their JSON; what comes then is counted, not kept.
const CAPACITY: usize = 10_000;
const CAPACITY_BYTES: usize = 64 << 20;

/// Audits in one message at most, and bytes, if it is more than one audit.
const BATCH: usize = 100;
const BATCH_BYTES: usize = 1 << 20;

/// The audits of one incarnation of the sidecar.
#[derive(Debug)]
pub struct Spool {
    /// Each with its bytes.
    waiting: VecDeque<(SequencedAudit, usize)>,
    bytes: usize,
    capacity: usize,
    last: u64,
    sent: u64,
    dropped: u64,
}

impl Default for Spool {
    fn default() -> Self {
        Self::new(CAPACITY)
    }
}

impl Spool {
    fn new(capacity: usize) -> Self {
        Self { waiting: VecDeque::new(), bytes: 0, capacity, last: 0, sent: 0, dropped: 0 }
    }

    /// Adds an audit, or counts it as lost. A lost one gets no number, so that numbers have no gap.
    pub fn push(&mut self, audit: LinkAudit) {
        let bytes = weight(&audit);
        if self.waiting.len() >= self.capacity || self.bytes + bytes > CAPACITY_BYTES {
            self.dropped += 1;
            return;
        }
        self.bytes += bytes;
        self.last += 1;
        self.waiting.push_back((SequencedAudit { sequence: self.last, audit }, bytes));
    }

    /// The next message of what has not been sent on this connection.
    pub fn take_unsent(&mut self) -> Vec<SequencedAudit> {
        let skip = self.waiting.partition_point(|(audit, _)| audit.sequence <= self.sent);
        let mut room = BATCH_BYTES;
        let fits = |(at, (_, bytes)): &(usize, &(SequencedAudit, usize))| {
            let fits = *at == 0 || *bytes <= room;
            room = room.saturating_sub(*bytes);
            fits
        };
        let next = self.waiting.iter().skip(skip).take(BATCH).enumerate().take_while(fits);
        let batch: Vec<_> = next.map(|(_, (audit, _))| audit.clone()).collect();
        self.sent = batch.last().map_or(self.sent, |audit| audit.sequence);
        batch
    }

    /// The Console has everything up to this number.
    pub fn acknowledge(&mut self, through: u64) {
        // A number that was never sent is a mistake of the Console, and must not cost evidence.
        let through = through.min(self.sent);
        while self.waiting.front().is_some_and(|(audit, _)| audit.sequence <= through) {
            self.bytes -= self.waiting.pop_front().map_or(0, |(_, bytes)| bytes);
        }
    }

    /// A new connection: what was not acknowledged goes out again.
    pub fn rewind(&mut self) {
        self.sent = self.waiting.front().map_or(self.last, |(first, _)| first.sequence - 1);
    }

    /// Whether everything is acknowledged.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The last audit that was sent on this connection, or acknowledged before it.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Whether there is more to send.
    #[must_use]
    pub fn has_unsent(&self) -> bool {
        self.sent < self.last
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

/// Bytes of JSON, which are about those of memory.
fn weight(audit: &LinkAudit) -> usize {
    struct Count(usize);
    impl Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    serde_json::to_writer(&mut count, audit).expect("an audit has a JSON form");
    count.0
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
        assert_eq!(sequences(&spool.take_unsent()), [1, 2, 3]);
        assert!(spool.take_unsent().is_empty() && !spool.has_unsent());
        spool.acknowledge(1);
        spool.rewind();
        assert_eq!(sequences(&spool.take_unsent()), [2, 3]);
        spool.acknowledge(3);
        assert!(spool.is_empty());
    }

    #[test]
    fn an_acknowledgement_of_the_future_costs_nothing() {
        let mut spool = Spool::new(10);
        spool.push(one());
        spool.acknowledge(99);
        assert_eq!(sequences(&spool.take_unsent()), [1]);
    }

    #[test]
    fn heavy_audits_are_bounded_by_their_bytes() {
        let mut spool = Spool::default();
        let heavy = || LinkAudit::Runtime(Box::new(test_audit(&"x".repeat(BATCH_BYTES / 3))));
        let weight = weight(&heavy());
        let most = CAPACITY_BYTES / weight;
        (0..most + 5).for_each(|_| spool.push(heavy()));
        assert_eq!(spool.dropped(), 5);
        let mut last = 0;
        while let [first, .., end] = spool.take_unsent().as_slice() {
            assert_eq!(first.sequence, last + 1);
            assert!((end.sequence - last) as usize * weight <= BATCH_BYTES);
            last = end.sequence;
        }
        spool.acknowledge(spool.sent());
        (0..most).for_each(|_| spool.push(heavy()));
        assert_eq!(spool.dropped(), 5, "what was acknowledged takes no room");
        while !spool.take_unsent().is_empty() {}
        spool.acknowledge(spool.sent());
        spool.push(LinkAudit::Runtime(Box::new(test_audit(&"x".repeat(2 * BATCH_BYTES)))));
        assert_eq!(spool.take_unsent().len(), 1, "one that is too long for a message has one of its own");
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
                    2 => for audit in spool.take_unsent() {
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
