//! What the parts of a running task share.

use super::TaskView;
use crate::engine::{ContainerId, Engine};
use crate::lifecycle::{Event, TaskRecord};
use crate::plan::{Plan, WORLD};
use proofhouse_protocol::observation::{Observation, SharedRecorder, Source, record};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

/// What the driver is told.
#[derive(Debug)]
pub(super) enum Input {
    /// For the machine.
    Event(Event),
    /// The task is being removed: finish what is under way and end.
    Quit,
}

/// What the parts of a running task share.
pub(super) struct Shared {
    pub engine: Arc<dyn Engine>,
    pub plan: Arc<Plan>,
    pub recorder: SharedRecorder,
    pub inputs: mpsc::UnboundedSender<Input>,
    pub view: watch::Sender<TaskView>,
    pub begun: Instant,
    ids: Mutex<BTreeMap<String, ContainerId>>,
}

impl Shared {
    pub fn new(
        engine: Arc<dyn Engine>,
        plan: Arc<Plan>,
        recorder: SharedRecorder,
        task: TaskRecord,
    ) -> (Self, mpsc::UnboundedReceiver<Input>) {
        let (inputs, receiver) = mpsc::unbounded_channel();
        let view = TaskView { record: task, began: jiff::Timestamp::now(), ids: BTreeMap::new() };
        let (view, _) = watch::channel(view);
        let ids = Mutex::new(BTreeMap::new());
        (Self { engine, plan, recorder, inputs, view, begun: Instant::now(), ids }, receiver)
    }

    /// Tells the driver. A driver that is gone has nothing left to decide.
    pub fn tell(&self, event: Event) {
        let _ = self.inputs.send(Input::Event(event));
    }

    pub fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    pub fn id(&self, container: &str) -> Option<ContainerId> {
        self.ids().get(container).cloned()
    }

    pub fn name(&self, id: &ContainerId) -> Option<String> {
        self.ids().iter().find(|(_, other)| *other == id).map(|(name, _)| name.clone())
    }

    pub fn know(&self, container: &str, id: ContainerId) {
        self.ids().insert(container.to_owned(), id);
        let ids = self.ids().clone();
        self.view.send_modify(|view| view.ids = ids);
    }

    pub fn publish(&self, record: &TaskRecord) {
        self.view.send_if_modified(|view| {
            let changed = view.record != *record;
            if changed {
                view.record = record.clone();
            }
            changed
        });
    }

    fn ids(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, ContainerId>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records what happened to a container.
    pub fn container_event(
        &self,
        container: &str,
        event: &str,
        exit_code: Option<i64>,
        detail: impl Into<String>,
    ) {
        let observation =
            Observation::ContainerEvent { event: event.to_owned(), exit_code, detail: detail.into() };
        record(self.recorder.as_ref(), source(container), observation);
    }

    pub fn task_state(&self, state: &str, detail: impl Into<String>) {
        let observation = Observation::TaskState { state: state.to_owned(), detail: detail.into() };
        record(self.recorder.as_ref(), Source::Engine, observation);
    }

    pub fn log(&self, container: &str, stream: &str, line: String) {
        let observation = Observation::Log { stream: stream.to_owned(), line };
        record(self.recorder.as_ref(), source(container), observation);
    }
}

/// Who a container is in the history; the world is nobody's container.
pub(super) fn source(container: &str) -> Source {
    if container == WORLD {
        Source::Outside("world".to_owned())
    } else {
        Source::Container(container.to_owned())
    }
}
