//! What a wrapper has to say, in order, across reconnects.

use super::{NumberedAudit, ToSidecar};
use proofhouse_protocol::RuntimeAudit;
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Audits that wait for a sidecar at most; what comes then is counted, not kept.
const CAPACITY: usize = 10_000;

/// Audits in one line at most.
const BATCH: usize = 64;

#[derive(Debug, Default)]
struct Queue {
    /// Not acknowledged yet, in order.
    audits: VecDeque<NumberedAudit>,
    last: u64,
    sent: u64,
    dropped: u64,
    /// Each goes out when the audits up to its number have.
    control: VecDeque<(u64, ToSidecar)>,
    connected: bool,
}

/// The queue of one wrapper. Audits stay until they are acknowledged; control messages die with their connection.
#[derive(Debug, Default)]
pub struct Outbox {
    queue: Mutex<Queue>,
    changed: Condvar,
}

/// The right to add to the outbox: while it is held, no fence can pass.
pub struct Turn<'a>(MutexGuard<'a, Queue>, &'a Condvar);

impl Turn<'_> {
    /// Adds an audit.
    pub fn audit(mut self, audit: RuntimeAudit) {
        let queue = &mut *self.0;
        if queue.audits.len() >= CAPACITY {
            queue.dropped += 1;
        } else {
            queue.last += 1;
            queue.audits.push_back(NumberedAudit { number: queue.last, audit });
        }
        self.1.notify_all();
    }
}

impl Outbox {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the turn. An audit whose effect others can see must have its turn before the effect, so that a fence which
    /// those others cause stands behind it.
    pub fn turn(&self) -> Turn<'_> {
        Turn(self.lock(), &self.changed)
    }

    /// Says something to the present sidecar, behind the audits of before; nobody hears it without one.
    pub fn say(&self, message: ToSidecar) {
        let mut queue = self.lock();
        if queue.connected {
            let last = queue.last;
            queue.control.push_back((last, message));
            self.changed.notify_all();
        }
    }

    /// A new connection: everything that is not acknowledged goes out again.
    pub(super) fn connected(&self) {
        let mut queue = self.lock();
        queue.connected = true;
        queue.control.clear();
        queue.sent = queue.audits.front().map_or(queue.last, |first| first.number - 1);
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
        while queue.audits.front().is_some_and(|first| first.number <= through) {
            queue.audits.pop_front();
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
            if queue.control.front().is_some_and(|(after, _)| *after <= queue.sent) {
                return queue.control.pop_front().map(|(_, message)| message);
            }
            if queue.sent < queue.last {
                let sent = queue.sent;
                let items: Vec<_> =
                    queue.audits.iter().filter(|audit| audit.number > sent).take(BATCH).cloned().collect();
                queue.sent = items.last().map_or(queue.last, |audit| audit.number);
                return Some(ToSidecar::Audits { items, dropped: queue.dropped });
            }
            queue = self.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until the sidecar has everything, or there is none, or time is up.
    pub fn drain(&self, limit: Duration) {
        let deadline = Instant::now() + limit;
        let mut queue = self.lock();
        while queue.connected && !(queue.audits.is_empty() && queue.control.is_empty()) {
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
        outbox.say(ToSidecar::FenceDone { id: "f".into() });
        outbox.turn().audit(audit("2"));
        let first = numbers(outbox.next());
        assert!(first.contains(&1));
        assert_eq!(outbox.next(), Some(ToSidecar::FenceDone { id: "f".into() }));
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
            let Some(ToSidecar::Audits { items, dropped }) = outbox.next() else { panic!("expected audits") };
            assert_eq!(dropped, 3);
            last = items.last().unwrap().number;
        }
        assert_eq!(last, CAPACITY as u64, "numbers have no gap");
    }

    #[test]
    fn draining_ends_when_all_is_acknowledged_and_at_once_without_a_sidecar() {
        let outbox = Outbox::default();
        outbox.turn().audit(audit("1"));
        outbox.drain(Duration::from_secs(60));
        outbox.connected();
        std::thread::scope(|scope| {
            scope.spawn(|| outbox.drain(Duration::from_secs(60)));
            assert_eq!(numbers(outbox.next()), [1]);
            outbox.acknowledged(1);
        });
    }
}
