//! A Defender's place among those that are connected, for as long as its connection lasts.

use crate::defenders::{Command, Record, Session};
use crate::state::{Inner, Shared};
use proofhouse_protocol::Observation;
use proofhouse_protocol::link::Hello;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Proof that a connection is registered.
pub(super) struct Ticket {
    shared: Arc<Shared>,
    pub(super) app_id: String,
    pub(super) incarnation: String,
    id: u64,
    commands: mpsc::UnboundedSender<Command>,
}

impl Ticket {
    /// Registers a connection. A former one of the same app gives way; fences that the app still owes are asked
    /// for again.
    pub(super) fn take(
        shared: &Arc<Shared>,
        hello: Hello,
        peer: String,
        certificate: String,
    ) -> (Self, mpsc::UnboundedReceiver<Command>, CancellationToken) {
        let (commands, receiver) = mpsc::unbounded_channel();
        let close = shared.shutdown.child_token();
        let id = shared.number();
        let app_id = hello.app_id.clone();
        let incarnation = hello.incarnation.clone();

        let mut inner = shared.lock();
        shared.overtake(&mut inner, hello.revision);
        let former = inner.defenders.remove(&app_id);
        if let Some(session) = former.as_ref().and_then(|record| record.session.as_ref()) {
            session.close.cancel();
            shared.tell(Observation::LinkClosed { app_id: app_id.clone() });
        }
        let (workloads, counters, counted) = former
            .filter(|record| record.hello.incarnation == incarnation)
            .map(|record| (record.workloads, record.counters, record.counted))
            .unwrap_or_default();
        if counted.reset > 0 {
            let reset = Command::ResetMonitoringStats(counted.reset);
            commands.send(reset).expect("the receiver is in this function");
        }
        if !inner.ahead.is_zero() {
            commands.send(Command::Clock(inner.ahead)).expect("the receiver is in this function");
        }
        let session = Session { id, commands: commands.clone(), close: close.clone() };
        shared.tell(Observation::LinkConnected { app_id: app_id.clone(), peer: peer.clone(), certificate });
        let record = Record {
            hello,
            peer,
            session: Some(session),
            last_modified: shared.now(),
            disconnected: None,
            applied: 0,
            rejected: None,
            workloads,
            counters,
            counted,
            ahead: Duration::ZERO,
        };
        inner.defenders.insert(app_id.clone(), record);
        for (fence, _) in inner.fences.iter().filter(|(_, fence)| fence.waiting.contains(&app_id)) {
            commands.send(Command::Fence(fence.clone())).expect("the receiver is in this function");
        }
        drop(inner);
        shared.changed();
        (Self { shared: shared.clone(), app_id, incarnation, id, commands }, receiver, close)
    }

    /// How to ask the writer of this connection for something.
    pub(super) fn commands(&self) -> mpsc::UnboundedSender<Command> {
        self.commands.clone()
    }

    /// Changes the record and tells what was said, unless another connection has taken it over: then this one has no
    /// say any more. Nobody can see the one without the other: who waits for the change finds it in the history, and who
    /// has read the history finds it in the API.
    pub(super) fn update(&self, change: impl FnOnce(&mut Record) -> Observation) {
        self.touch(|record| Some(change(record)));
    }

    /// Notes how many seconds the firewall's clock is ahead.
    pub(super) fn clock_set(&self, ahead: u64) {
        self.touch(|record| {
            record.ahead = Duration::from_secs(ahead);
            None
        });
    }

    /// Notes that something was said.
    pub(super) fn alive(&self) {
        self.touch(|_| None);
    }

    fn touch(&self, change: impl FnOnce(&mut Record) -> Option<Observation>) {
        let mut inner = self.shared.lock();
        let now = self.shared.now();
        if let Some(record) = inner.defenders.get_mut(&self.app_id).filter(|record| self.owns(record)) {
            record.last_modified = now;
            if let Some(observation) = change(record) {
                self.shared.tell(observation);
            }
        }
        drop(inner);
        self.shared.changed();
    }

    /// Whether this connection is still that of its app.
    pub(super) fn speaks(&self, inner: &Inner) -> bool {
        inner.defenders.get(&self.app_id).is_some_and(|record| self.owns(record))
    }

    fn owns(&self, record: &Record) -> bool {
        record.session.as_ref().is_some_and(|session| session.id == self.id)
    }

    /// Marks the Defender as disconnected, unless another connection has taken its place; with the breach of the
    /// protocol for which it is sent away.
    pub(super) fn give_back(self, breach: Option<Observation>) {
        let now = self.shared.now();
        let mut inner = self.shared.lock();
        let record = inner.defenders.get_mut(&self.app_id).filter(|record| self.owns(record));
        let closed = record.map(|record| {
            record.session = None;
            record.disconnected = Some(now);
            record.last_modified = now;
            Observation::LinkClosed { app_id: self.app_id.clone() }
        });
        breach.into_iter().chain(closed).for_each(|observation| self.shared.tell(observation));
        drop(inner);
        self.shared.changed();
    }
}
