//! The way of audits into the channel: in order, without ever holding up a request.

use proofhouse_protocol::FirewallAudit;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::Instant;

/// Audits that may wait for the receiver; more are dropped and counted, as traffic goes first.
const LONGEST_QUEUE: usize = 65_536;

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
    waiting: Arc<AtomicUsize>,
    dropped: AtomicU64,
    pending: Mutex<Pending>,
    settled: Notify,
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
        let waiting = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&waiting);
        tokio::spawn(async move {
            while let Some(item) = items.recv().await {
                match item {
                    Item::Audit(audit) => {
                        // Nobody listens any more only when the whole Defender ends.
                        let _ = channel.send(*audit).await;
                        counter.fetch_sub(1, Ordering::Relaxed);
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
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= LONGEST_QUEUE {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
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
