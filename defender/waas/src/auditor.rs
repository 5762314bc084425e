//! The way of audits into the channel: in order, without ever holding up a request.

use proofhouse_protocol::FirewallAudit;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;

/// Audits that may wait for the receiver, and bytes of them; more are dropped and counted, as traffic goes first.
const LONGEST_QUEUE: usize = 65_536;
const HEAVIEST_QUEUE: usize = 64 << 20;

/// How long a flush waits for the application's answer to a request that was alerted on, before the audit goes
/// without its status.
const FLUSH_PATIENCE: Duration = Duration::from_secs(2);

enum Item {
    Audit(Box<FirewallAudit>),
    Mark(oneshot::Sender<()>),
}

/// Sends audits.
#[derive(Debug)]
pub(crate) struct Auditor {
    queue: mpsc::UnboundedSender<Item>,
    waiting: Arc<Waiting>,
    dropped: AtomicU64,
    pending: Mutex<Pending>,
    settled: Notify,
}

/// What is in the queue.
#[derive(Debug, Default)]
struct Waiting {
    audits: AtomicUsize,
    bytes: AtomicUsize,
}

impl Waiting {
    /// Adds an audit, if there is room for it.
    fn enter(&self, bytes: usize) -> bool {
        let audits = self.audits.fetch_add(1, Ordering::Relaxed);
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        let fits = audits < LONGEST_QUEUE && before + bytes <= HEAVIEST_QUEUE;
        if !fits {
            self.leave(bytes);
        }
        fits
    }

    fn leave(&self, bytes: usize) {
        self.audits.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// About as many bytes as it takes: a client decides on the size of these parts.
fn weight(audit: &FirewallAudit) -> usize {
    let parts = [
        &audit.msg,
        &audit.url,
        &audit.url_path,
        &audit.url_query,
        &audit.method,
        &audit.user_agent_header,
        &audit.request_host,
        &audit.request_headers,
        &audit.attack_field.key,
        &audit.attack_field.value,
    ];
    let lists = [&audit.request_header_names, &audit.response_header_names, &audit.connecting_ips];
    let in_lists = lists.into_iter().flatten().map(String::len).sum::<usize>();
    size_of::<FirewallAudit>() + parts.into_iter().map(String::len).sum::<usize>() + in_lists
}

/// Alerts whose request is at the application.
#[derive(Debug, Default)]
struct Pending {
    next: u64,
    audits: BTreeMap<u64, Vec<FirewallAudit>>,
}

impl Auditor {
    /// Starts the task that feeds the channel; it ends when the auditor is gone.
    pub(crate) fn start(channel: mpsc::Sender<FirewallAudit>) -> Arc<Self> {
        let (queue, mut items) = mpsc::unbounded_channel();
        let waiting = Arc::<Waiting>::default();
        let counter = Arc::clone(&waiting);
        tokio::spawn(async move {
            while let Some(item) = items.recv().await {
                match item {
                    Item::Audit(audit) => {
                        let bytes = weight(&audit);
                        // Nobody listens any more only when the whole Defender ends.
                        let _ = channel.send(*audit).await;
                        counter.leave(bytes);
                    }
                    Item::Mark(reached) => {
                        let _ = reached.send(());
                    }
                }
            }
        });
        Arc::new(Self {
            queue,
            waiting,
            dropped: AtomicU64::new(0),
            pending: Mutex::default(),
            settled: Notify::new(),
        })
    }

    /// Sends one audit.
    pub(crate) fn send(&self, audit: FirewallAudit) {
        if !self.waiting.enter(weight(&audit)) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        let _ = self.queue.send(Item::Audit(Box::new(audit)));
    }

    /// Keeps alerts until their request is answered; they are sent, with what is known by then, when the guard
    /// goes.
    pub(crate) fn hold(self: &Arc<Self>, audits: Vec<FirewallAudit>) -> Held {
        let mut pending = self.pending();
        let id = pending.next;
        pending.next += 1;
        if !audits.is_empty() {
            pending.audits.insert(id, audits);
        }
        Held { auditor: Arc::clone(self), id }
    }

    /// Returns when every audit decided before is in the channel.
    pub(crate) async fn flush(&self) {
        let deadline = Instant::now() + FLUSH_PATIENCE;
        let before = self.pending().next;
        loop {
            let settled = self.settled.notified();
            tokio::pin!(settled);
            settled.as_mut().enable();
            if self.pending().audits.range(..before).next().is_none() {
                break;
            }
            if tokio::time::timeout_at(deadline, settled).await.is_err() {
                let late: Vec<u64> = self.pending().audits.range(..before).map(|(id, _)| *id).collect();
                late.into_iter().for_each(|id| self.release(id, |_| {}));
                break;
            }
        }
        let (mark, reached) = oneshot::channel();
        if self.queue.send(Item::Mark(mark)).is_ok() {
            let _ = reached.await;
        }
    }

    /// Audits lost because nobody took them, since the start.
    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn release(&self, id: u64, complete: impl Fn(&mut FirewallAudit)) {
        let audits = self.pending().audits.remove(&id);
        for mut audit in audits.into_iter().flatten() {
            complete(&mut audit);
            self.send(audit);
        }
        self.settled.notify_waiters();
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Alerts of one request.
#[derive(Debug)]
pub(crate) struct Held {
    auditor: Arc<Auditor>,
    id: u64,
}

impl Held {
    /// Completes the alerts and sends them.
    pub(crate) fn complete(self, status: u16, response_header_names: &[String]) {
        self.auditor.release(self.id, |audit| {
            audit.status_code = Some(status);
            audit.response_header_names = response_header_names.to_vec();
        });
    }
}

impl Drop for Held {
    /// The client went away, or the application did: what was detected still happened.
    fn drop(&mut self) {
        self.auditor.release(self.id, |_| {});
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_bounded_by_number_and_by_weight() {
        let waiting = Waiting::default();
        assert_eq!((0..LONGEST_QUEUE + 3).filter(|_| waiting.enter(1)).count(), LONGEST_QUEUE);
        (0..LONGEST_QUEUE).for_each(|_| waiting.leave(1));
        assert!(waiting.enter(HEAVIEST_QUEUE) && !waiting.enter(1));
        waiting.leave(HEAVIEST_QUEUE);
        assert!(waiting.enter(1));
    }

    /// A head may have 128 KiB; nobody takes the audits here.
    #[tokio::test]
    async fn heavy_audits_that_nobody_takes_are_dropped_and_counted() {
        let json = serde_json::json!({"time": "2026-01-02T03:04:05Z", "type": "sqli", "effect": "alert", "msg": "m",
            "ruleName": "r", "requestHeaders": "x".repeat(128 << 10)});
        let audit: FirewallAudit = serde_json::from_value(json).unwrap();
        let (channel, _taken) = mpsc::channel(1);
        let auditor = Auditor::start(channel);
        let fit = HEAVIEST_QUEUE / weight(&audit);
        (0..fit + 7).for_each(|_| auditor.send(audit.clone()));
        assert_eq!(auditor.dropped(), 7);
    }
}
