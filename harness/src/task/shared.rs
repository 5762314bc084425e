//! What the parts of a running task share.

use super::marks::Marks;
use super::{Panicked, TaskView};
use crate::engine::{ContainerId, Engine};
use crate::lifecycle::{Event, TaskRecord, TaskStatus};
use crate::loss::Losses;
use crate::plan::{Plan, WORLD};
use proofhouse_protocol::observation::{
    ContainerHappening, LogStream, Observation, Recording, SharedRecorder, Source, TaskKind, record,
};
use std::collections::{BTreeMap, BTreeSet};
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
    pub losses: Losses,
    pub marks: Marks,
    /// Held by the one fence of the engine's events that is under way.
    pub fencing: tokio::sync::Mutex<()>,
    killed: Mutex<BTreeSet<String>>,
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
        let view =
            TaskView { record: task, began: jiff::Timestamp::now(), ids: BTreeMap::new(), panicked: None };
        let (view, _) = watch::channel(view);
        let shared = Self {
            losses: Losses::new(Arc::clone(&recorder), Source::Engine),
            engine,
            plan,
            recorder,
            inputs,
            view,
            begun: Instant::now(),
            marks: Marks::default(),
            fencing: tokio::sync::Mutex::default(),
            killed: Mutex::default(),
            ids: Mutex::default(),
        };
        (shared, receiver)
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

    /// Someone of the harness kills a container: its end by SIGKILL needs no other reason.
    pub fn kills(&self, container: &str) {
        self.killed.lock().unwrap_or_else(PoisonError::into_inner).insert(container.to_owned());
    }

    /// Whether someone of the harness has killed it since this was asked last.
    pub fn was_killed(&self, container: &str) -> bool {
        self.killed.lock().unwrap_or_else(PoisonError::into_inner).remove(container)
    }

    /// The harness itself failed: who waits for anything of the task is told, and nobody waits any longer.
    pub fn panicked(&self, panicked: Panicked) {
        let Panicked { operation, text } = &panicked;
        tracing::error!(%operation, %text, "the harness panicked");
        self.note(Source::Fargate, format!("the harness panicked while {operation}: {text}"));
        self.view.send_modify(|view| {
            view.panicked.get_or_insert(panicked);
        });
    }

    /// The history first: who waits for a state finds there what it was made of.
    pub fn publish(&self, task: &TaskRecord) {
        if self.view.borrow().record == *task {
            return;
        }
        let observation = Observation::TaskRecord { record: Box::new(task.clone()) };
        record(self.recorder.as_ref(), Source::Fargate, observation);
        self.view.send_modify(|view| view.record = task.clone());
    }

    fn ids(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, ContainerId>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records what happened to a container.
    pub fn container_event(
        &self,
        container: &str,
        event: ContainerHappening,
        exit_code: Option<i64>,
        detail: impl Into<String>,
    ) {
        let observation = Observation::ContainerEvent { event, exit_code, detail: detail.into() };
        record(self.recorder.as_ref(), source(container), observation);
    }

    /// Records that the task begins.
    pub fn began(&self, kind: TaskKind, token: Option<&str>) {
        let observation = Observation::TaskBegan {
            task: self.plan.task_id.clone(),
            run: kind,
            containers: self.plan.containers.iter().map(|planned| planned.name.clone()).collect(),
        };
        self.recorder.record(Recording {
            source: Source::Fargate,
            token: token.map(str::to_owned),
            observation,
        });
    }

    pub fn task_state(&self, state: TaskStatus, detail: impl Into<String>) {
        let observation = Observation::TaskState { state, detail: detail.into() };
        record(self.recorder.as_ref(), Source::Fargate, observation);
    }

    pub fn note(&self, source: Source, text: String) {
        record(self.recorder.as_ref(), source, Observation::Note { text });
    }

    pub fn log(&self, container: &str, stream: LogStream, line: String) {
        let observation = Observation::Log { stream, line };
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
