//! Bringing a task up: the world first, then its surroundings, then the containers.

use super::driver::Driver;
use super::shared::Shared;
use super::{Task, TaskError, TaskView, logs, operations};
use crate::engine::{Attached, Engine};
use crate::labels;
use crate::lifecycle::{Event, Machine, StopCode, StopReason, TaskStatus};
use crate::plan::{Plan, WORLD};
use proofhouse_protocol::observation::{ContainerHappening, SharedRecorder, TaskKind};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;

/// What the one who makes the surroundings is given: the world runs, no other container has started.
pub struct Arrival {
    /// Standard output of the world container.
    pub read: Box<dyn AsyncRead + Send + Unpin>,
    /// Standard input of the world container.
    pub write: Box<dyn AsyncWrite + Send + Unpin>,
    /// The engine, for what only it can tell of a container.
    pub engine: Arc<dyn Engine>,
    /// The plan, for the metadata server.
    pub plan: Arc<Plan>,
    /// The task as it goes on, for the metadata server.
    pub view: watch::Receiver<TaskView>,
}

impl std::fmt::Debug for Arrival {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Arrival").field("task", &self.plan.task_id).finish_non_exhaustive()
    }
}

/// Any error of the surroundings.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl Task {
    /// Starts a task. When the world runs, `surround` is called with its streams: it connects the relay and starts the
    /// resolver, the metadata server and all that must listen before the first container. What it gives is given back.
    ///
    /// Containers are created while the world starts; none is started before `surround` is done. This returns then, and
    /// the task goes on: see [`Task::wait_running`]. The task must be removed with [`Task::remove`]. `kind` says in the history
    /// which run of the definition it is, and `token` which stimulus made it.
    ///
    /// # Errors
    /// The world container cannot be made, or `surround` fails. Nothing is left behind then.
    pub async fn start<S, F, Fut>(
        engine: Arc<dyn Engine>,
        plan: Plan,
        kind: TaskKind,
        token: Option<&str>,
        recorder: SharedRecorder,
        surround: F,
    ) -> Result<(Self, S), TaskError>
    where
        F: FnOnce(Arrival) -> Fut,
        Fut: Future<Output = Result<S, BoxError>>,
    {
        let plan = Arc::new(plan);
        let machine = Machine::new(plan.graph().clone());
        let events = engine.events(&[format!("{}={}", labels::TASK, plan.task_id)]);
        let (shared, inputs) = Shared::new(engine, plan, recorder, machine.record().clone());
        let shared = Arc::new(shared);
        shared.began(kind, token);
        shared.task_state(TaskStatus::Provisioning, shared.plan.family.clone());
        let driver = tokio::spawn(Driver::new(Arc::clone(&shared), machine, inputs, events).run());
        let task = Self::new(Arc::clone(&shared), driver);
        match bring_up(&shared, surround).await {
            Ok(surroundings) => {
                shared.tell(match shared.plan.missing.first() {
                    None => Event::WorldReady,
                    Some(missing) => Event::StopRequested {
                        stop: StopReason::new(
                            StopCode::TaskFailedToStart,
                            &format!("ResourceInitializationError: {missing}"),
                        ),
                    },
                });
                Ok((task, surroundings))
            }
            Err(error) => {
                // Where an image cannot be fetched the task ends, and its world with it: that is the cause to tell.
                let view = shared.view.borrow().clone();
                let error = if view.unpulled().is_empty() { error } else { view.stopped() };
                shared.tell(Event::WorldFailed { reason: error.to_string() });
                if let Err(error) = task.remove().await {
                    tracing::warn!(%error, "a task that did not come up left something behind");
                }
                Err(error)
            }
        }
    }
}

async fn bring_up<S, F, Fut>(shared: &Arc<Shared>, surround: F) -> Result<S, TaskError>
where
    F: FnOnce(Arrival) -> Fut,
    Fut: Future<Output = Result<S, BoxError>>,
{
    let engine = shared.engine.as_ref();
    let id = operations::create(engine, &shared.plan.world).await?;
    shared.know(WORLD, id.clone());
    shared.container_event(
        WORLD,
        ContainerHappening::Created,
        None,
        format!("{id} from {}", shared.plan.world.image),
    );
    // Without its secrets a task ends before anything of it is created (`fargate.md` 2.4).
    if shared.plan.missing.is_empty() {
        shared.tell(Event::WorldCreated);
    }
    // Before the start, or its first bytes are lost.
    shared.marks.begun(WORLD);
    let mut attached = engine.attach(&id).await?;
    shared.marks.made(WORLD);
    logs::keep_last_words(shared, &mut attached);
    engine.start(&id).await?;
    shared.container_event(WORLD, ContainerHappening::Started, None, "");
    let Attached { stdout, stdin, .. } = attached;
    let arrival = Arrival {
        read: stdout,
        write: stdin,
        engine: Arc::clone(&shared.engine),
        plan: Arc::clone(&shared.plan),
        view: shared.view.subscribe(),
    };
    surround(arrival).await.map_err(TaskError::World)
}
