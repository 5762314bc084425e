//! What a wrapper has to say, in order, across reconnects.

use super::{Losses, Lost, NumberedAudit, ToSidecar};
use proofhouse_protocol::RuntimeAudit;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Audits that wait for a sidecar at most, and bytes of them; what comes then is counted, not kept.
const CAPACITY: usize = 10_000;
const CAPACITY_BYTES: usize = 16 << 20;

/// Audits in one line at most, and bytes, if it is more than one audit.
const BATCH: usize = 64;
const BATCH_BYTES: usize = 512 << 10;

/// Control messages that wait at most; only those that an app can cause are ever that many.
const MOST_CONTROL: usize = 1024;

#[derive(Debug, Default)]
struct Queue {
    /// Not acknowledged yet, in order, each with its bytes.
    audits: VecDeque<(NumberedAudit, usize)>,
    bytes: usize,
    last: u64,
    sent: u64,
    dropped: u64,
    /// Each goes out when the audits up to its number have.
    control: VecDeque<(u64, Control)>,
    connected: bool,
}

/// What is said beside audits.
#[derive(Debug)]
enum Control {
    Say(ToSidecar),
    /// Its losses are those of when it goes out.
    Fence(String),
}

/// The queue of one wrapper. Audits stay until they are acknowledged; control messages die with their connection.
#[derive(Debug, Default)]
pub struct Outbox {
    queue: Mutex<Queue>,
    changed: Condvar,
    /// What else is lost.
    pub lost: Lost,
}

/// The right to add to the outbox: while it is held, no fence can pass.
pub struct Turn<'a>(MutexGuard<'a, Queue>, &'a Condvar);

impl Turn<'_> {
    /// Adds an audit.
    pub fn audit(mut self, audit: RuntimeAudit) {
        let queue = &mut *self.0;
        let bytes = serde_json::to_vec(&audit).map_or(0, |json| json.len());
        if queue.audits.len() >= CAPACITY || queue.bytes + bytes > CAPACITY_BYTES {
            queue.dropped += 1;
        } else {
            queue.last += 1;
            queue.bytes += bytes;
            queue.audits.push_back((NumberedAudit { number: queue.last, audit }, bytes));
        }
        self.1.notify_all();
    }
}

impl Queue {
    fn take_unsent(&mut self) -> Vec<NumberedAudit> {
        let skip = self.audits.partition_point(|(audit, _)| audit.number <= self.sent);
        let (mut items, mut room) = (Vec::new(), BATCH_BYTES);
        for (audit, bytes) in self.audits.iter().skip(skip).take(BATCH) {
            if !items.is_empty() && *bytes > room {
                break;
            }
            room = room.saturating_sub(*bytes);
            items.push(audit.clone());
        }
        self.sent = items.last().map_or(self.last, |audit| audit.number);
        items
    }
}

impl Outbox {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn losses(&self, queue: &Queue) -> Losses {
        Losses { audits: queue.dropped, ..self.lost.totals() }
    }

    /// Takes the turn. An audit whose effect others can see must have its turn before the effect, so that a fence which
    /// those others cause stands behind it.
    pub fn turn(&self) -> Turn<'_> {
        Turn(self.lock(), &self.changed)
    }

    /// Says something to the present sidecar, behind the audits of before. False when nobody will hear it: there is no
    /// sidecar, or it does not read.
    pub fn say(&self, message: ToSidecar) -> bool {
        let mut queue = self.lock();
        let heard = queue.connected && queue.control.len() < MOST_CONTROL;
        if heard {
            let last = queue.last;
            queue.control.push_back((last, Control::Say(message)));
            self.changed.notify_all();
        }
        heard
    }

    /// Answers a fence, behind the audits of before.
    pub fn fence(&self, id: String) {
        let mut queue = self.lock();
        let last = queue.last;
        queue.control.push_back((last, Control::Fence(id)));
        self.changed.notify_all();
    }

    /// A new connection: everything that is not acknowledged goes out again.
    pub(super) fn connected(&self) {
        let mut queue = self.lock();
        queue.connected = true;
        queue.control.clear();
        queue.sent = queue.audits.front().map_or(queue.last, |(first, _)| first.number - 1);
        self.changed.notify_all();
    }

    pub(super) fn disconnected(&self) {
        let mut queue = self.lock();
        queue.connected = false;
        queue.control.clear();
        self.changed.notify_all();
    }

    pub(super) fn acknowledged(&self, through: u64) {
        let mut queue = self.lock();
        while queue.audits.front().is_some_and(|(first, _)| first.number <= through) {
            let bytes = queue.audits.pop_front().map_or(0, |(_, bytes)| bytes);
            queue.bytes -= bytes;
        }
        self.changed.notify_all();
    }

    /// Waits for the next line to send; nothing when the connection is over.
    pub(super) fn next(&self) -> Option<ToSidecar> {
        let mut queue = self.lock();
        loop {
            if !queue.connected {
                return None;
            }
            if queue.control.front().is_some_and(|(after, _)| *after <= queue.sent)
                && let Some((_, message)) = queue.control.pop_front()
            {
                return Some(match message {
                    Control::Say(message) => message,
                    Control::Fence(id) => ToSidecar::FenceDone { id, lost: self.losses(&queue) },
                });
            }
            if queue.sent < queue.last {
                let items = queue.take_unsent();
                return Some(ToSidecar::Audits { items, lost: self.losses(&queue) });
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until the sidecar has everything and, told so, has let go of us; or there is none, or time is up.
    pub fn drain(&self, limit: Duration) {
        let deadline = Instant::now() + limit;
        let mut said = false;
        let mut queue = self.lock();
        while queue.connected {
            if !said && queue.audits.is_empty() && queue.control.is_empty() {
                said = true;
                let last = queue.last;
                queue.control.push_back((last, Control::Say(ToSidecar::Bye)));
                self.changed.notify_all();
            }
            let Some(left) = deadline.checked_duration_since(Instant::now()) else { return };
            queue = self.changed.wait_timeout(queue, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

#[cfg(test)]
pub(crate) fn audit(message: &str) -> RuntimeAudit {
    serde_json::from_value(serde_json::json!({"time": "2026-01-02T03:04:05Z", "type": "processes",
        "attackType": "explicitlyDeniedProcess", "effect": "prevent", "ruleName": "r", "msg": message}))
    .unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(message: Option<ToSidecar>) -> Vec<u64> {
        match message {
            Some(ToSidecar::Audits { items, .. }) => items.iter().map(|item| item.number).collect(),
            other => panic!("expected audits, got {other:?}"),
        }
    }

    #[test]
    fn a_fence_stands_behind_the_audits_of_before_and_before_those_of_after() {
        let outbox = Outbox::default();
        outbox.connected();
        outbox.turn().audit(audit("1"));
        outbox.fence("f".into());
        outbox.turn().audit(audit("2"));
        let first = numbers(outbox.next());
        assert!(first.contains(&1));
        let done = ToSidecar::FenceDone { id: "f".into(), lost: Losses::default() };
        assert_eq!(outbox.next(), Some(done));
    }

    #[test]
    fn what_was_not_acknowledged_goes_out_again() {
        let outbox = Outbox::default();
        outbox.turn().audit(audit("1"));
        outbox.turn().audit(audit("2"));
        outbox.connected();
        assert_eq!(numbers(outbox.next()), [1, 2]);
        outbox.acknowledged(1);
        outbox.say(ToSidecar::Applied { revision: 1 });
        outbox.disconnected();
        assert_eq!(outbox.next(), None);
        outbox.connected();
        assert_eq!(numbers(outbox.next()), [2]);
    }

    #[test]
    fn what_is_too_much_is_counted() {
        let outbox = Outbox::default();
        for _ in 0..CAPACITY + 3 {
            outbox.turn().audit(audit("x"));
        }
        outbox.connected();
        let mut last = 0;
        for _ in 0..CAPACITY.div_ceil(BATCH) {
            let Some(ToSidecar::Audits { items, lost }) = outbox.next() else { panic!("expected audits") };
            assert_eq!(lost.audits, 3);
            last = items.last().unwrap().number;
        }
        assert_eq!(last, CAPACITY as u64, "numbers have no gap");
    }

    #[test]
    fn the_losses_of_a_fence_are_those_of_when_it_comes_out() {
        let outbox = Outbox::default();
        outbox.connected();
        (0..CAPACITY).for_each(|_| outbox.turn().audit(audit("x")));
        outbox.fence("f".into());
        outbox.turn().audit(audit("too many"));
        outbox.lost.undecided();
        let lost = loop {
            if let Some(ToSidecar::FenceDone { lost, .. }) = outbox.next() {
                break lost;
            }
        };
        assert_eq!(lost, Losses { audits: 1, undecided: 1, ..Losses::default() });
    }

    #[test]
    fn heavy_audits_are_bounded_by_their_bytes_and_no_line_is_too_long() {
        let outbox = Outbox::default();
        outbox.connected();
        for _ in 0..100 {
            outbox.turn().audit(audit(&"x".repeat(BATCH_BYTES / 2)));
        }
        let kept = outbox.lock().audits.len() as u64;
        assert!(kept as usize * BATCH_BYTES / 2 <= CAPACITY_BYTES && kept > 1);
        let mut last = 0;
        while last < kept {
            let Some(ToSidecar::Audits { items, lost }) = outbox.next() else { panic!("expected audits") };
            assert_eq!(lost.audits, 100 - kept);
            let line = serde_json::to_vec(&items).unwrap();
            assert!(line.len() < crate::hub::LONGEST_SAYING, "{}", line.len());
            last = items.last().unwrap().number;
        }
    }

    #[test]
    fn answers_that_nobody_takes_do_not_pile_up() {
        let outbox = Outbox::default();
        assert!(!outbox.say(ToSidecar::Health), "nobody is there");
        outbox.connected();
        let said = (0..MOST_CONTROL * 2).filter(|_| outbox.say(ToSidecar::Health)).count();
        assert_eq!(said, MOST_CONTROL);
    }

    #[test]
    fn draining_ends_when_the_sidecar_lets_go_and_at_once_without_one() {
        let outbox = Outbox::default();
        outbox.turn().audit(audit("1"));
        outbox.drain(Duration::from_secs(60));
        outbox.connected();
        std::thread::scope(|scope| {
            scope.spawn(|| outbox.drain(Duration::from_secs(60)));
            assert_eq!(numbers(outbox.next()), [1]);
            outbox.acknowledged(1);
            assert_eq!(outbox.next(), Some(ToSidecar::Bye));
            outbox.disconnected();
        });
    }
}
