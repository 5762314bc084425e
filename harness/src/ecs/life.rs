//! How a task goes on: the runner tells it, requests read it.

use crate::lifecycle::{Event, Machine, StopReason, TaskRecord, TaskStatus};
use crate::plan::Plan;
use crate::task::TaskView;
use jiff::Timestamp;
use std::collections::BTreeMap;
use tokio::sync::watch;

/// The life of one task. Clones are of the same one.
#[derive(Debug, Clone)]
pub struct Life(watch::Sender<Progress>);

/// What is known of a task now.
#[derive(Debug, Clone)]
pub(super) struct Progress {
    /// As its driver tells it; before that, and without a driver, as the state machine has it.
    pub view: TaskView,
    /// Changes so far.
    pub version: u64,
    /// Digests of images, by container.
    pub digests: BTreeMap<String, String>,
    /// A stop that was asked for.
    pub stop: Option<StopReason>,
    /// When it was over.
    pub over: Option<Timestamp>,
}

impl Life {
    /// A task at its begin, PROVISIONING.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let record = Machine::new(plan.graph().clone()).record().clone();
        let view = TaskView { record, began: Timestamp::now(), ids: BTreeMap::new(), panicked: None };
        Self(watch::Sender::new(Progress {
            view,
            version: 1,
            digests: BTreeMap::new(),
            stop: None,
            over: None,
        }))
    }

    /// Tells how the task is now.
    pub fn report(&self, view: &TaskView) {
        self.0.send_modify(|progress| progress.take(view.clone()));
    }

    /// Tells the digest of a container's image, such as `sha256:..`.
    pub fn digest(&self, container: &str, digest: &str) {
        self.0.send_modify(|progress| {
            progress.digests.insert(container.to_owned(), digest.to_owned());
        });
    }

    /// Tells that the task did not come up: `unpulled` are containers without an image, each with the reason.
    pub fn failed(&self, plan: &Plan, reason: &str, unpulled: &[(String, String)]) {
        self.0.send_modify(|progress| {
            let mut view = progress.view.clone();
            view.record = end(plan, reason, unpulled);
            progress.take(view);
        });
    }

    /// Asks the runner to stop the task; the first reason counts.
    pub fn stop(&self, reason: StopReason) {
        self.0.send_modify(|progress| {
            progress.stop.get_or_insert(reason);
        });
    }

    /// Waits until a stop is asked for.
    pub async fn stop_requested(&self) -> StopReason {
        let mut progress = self.0.subscribe();
        let asked = progress.wait_for(|progress| progress.stop.is_some()).await;
        // The sender lives as long as this does.
        asked.ok().and_then(|progress| progress.stop.clone()).unwrap_or_else(|| StopReason::user(None))
    }

    /// Whether the task is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.0.borrow().over.is_some()
    }

    pub(super) fn progress(&self) -> Progress {
        self.0.borrow().clone()
    }
}

impl Progress {
    fn take(&mut self, view: TaskView) {
        if view.record.status == TaskStatus::Stopped {
            self.over.get_or_insert_with(Timestamp::now);
        }
        self.view = view;
        self.version += 1;
    }

    /// Whether the task is to stop, has begun to, or has.
    pub fn is_stopping(&self) -> bool {
        self.stop.is_some() || self.view.record.stopping
    }
}

/// The end of a task whose world was never made.
fn end(plan: &Plan, reason: &str, unpulled: &[(String, String)]) -> TaskRecord {
    let mut machine = Machine::new(plan.graph().clone());
    let now = std::time::Duration::ZERO;
    machine.handle(now, Event::WorldCreated);
    for (container, why) in unpulled {
        let reason = format!("CannotPullContainerError: {why}");
        machine.handle(now, Event::CreateFailed { container: container.clone(), reason });
    }
    machine.handle(now, Event::WorldFailed { reason: reason.to_owned() });
    // What was being created will not be.
    for container in plan.graph().order() {
        machine.handle(now, Event::CreateFailed { container: container.clone(), reason: reason.to_owned() });
    }
    machine.handle(now, Event::Deprovisioned);
    machine.record().clone()
}
