//! A running task, for those who use it.

use super::shared::{Input, Shared};
use super::{Container, Panicked, TaskError, TaskView};
use crate::engine::EngineError;
use crate::labels;
use crate::lifecycle::{Event, StopReason, TaskRecord, TaskStatus};
use crate::plan::{Plan, WORLD};
use futures_util::future::join_all;
use proofhouse_protocol::observation::ContainerHappening;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What a stop may take beyond the stop time-outs of its containers.
const STOP_MARGIN: Duration = Duration::from_secs(60);

/// A running task. It must be removed with [`Task::remove`]; dropping it only logs.
pub struct Task {
    pub(super) shared: Arc<Shared>,
    driver: Mutex<Option<JoinHandle<()>>>,
    removed: AtomicBool,
}

impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Task").field("id", &self.id()).finish_non_exhaustive()
    }
}

impl Task {
    pub(super) fn new(shared: Arc<Shared>, driver: JoinHandle<()>) -> Self {
        Self { shared, driver: Mutex::new(Some(driver)), removed: AtomicBool::new(false) }
    }

    /// 32 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.shared.plan.task_id
    }

    /// What it was made from.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.shared.plan
    }

    /// The task as it goes on.
    #[must_use]
    pub fn view(&self) -> watch::Receiver<TaskView> {
        self.shared.view.subscribe()
    }

    /// The task now.
    #[must_use]
    pub fn record(&self) -> TaskRecord {
        self.shared.view.borrow().record.clone()
    }

    /// Exit code of each container that has one.
    #[must_use]
    pub fn exit_codes(&self) -> BTreeMap<String, Option<i64>> {
        self.record().exit_codes()
    }

    /// Waits until all containers have started.
    ///
    /// # Errors
    /// The task stops instead, or is late.
    pub async fn wait_running(&self, deadline: Duration) -> Result<TaskRecord, TaskError> {
        let view = self.wait("RUNNING", deadline, |record| record.status >= TaskStatus::Running).await?;
        if view.record.status == TaskStatus::Running {
            return Ok(view.record);
        }
        Err(view.stopped())
    }

    /// Waits until the task is over.
    ///
    /// # Errors
    /// It is late.
    pub async fn wait_stopped(&self, deadline: Duration) -> Result<TaskRecord, TaskError> {
        let view = self.wait("STOPPED", deadline, |record| record.status == TaskStatus::Stopped).await?;
        Ok(view.record)
    }

    /// Waits until the record is as wanted; the predicate sees every state that lasts, not every one in between.
    ///
    /// # Errors
    /// It is late.
    pub async fn wait_until(
        &self,
        wanted: &'static str,
        deadline: Duration,
        is: impl Fn(&TaskRecord) -> bool,
    ) -> Result<TaskRecord, TaskError> {
        Ok(self.wait(wanted, deadline, is).await?.record)
    }

    async fn wait(
        &self,
        wanted: &'static str,
        deadline: Duration,
        is: impl Fn(&TaskRecord) -> bool,
    ) -> Result<TaskView, TaskError> {
        let mut view = self.view();
        let reached = view.wait_for(|view| view.panicked.is_some() || is(&view.record));
        let reached = tokio::time::timeout(deadline, reached).await.is_ok();
        let view = self.shared.view.borrow().clone();
        if let Some(Panicked { operation, text }) = view.panicked {
            return Err(TaskError::Panicked { operation, text });
        }
        if reached {
            return Ok(view);
        }
        Err(TaskError::Late {
            wanted,
            status: view.record.status.to_string(),
            after: deadline,
            waiting: view.containers_in_words(),
        })
    }

    /// Stops the task in order and waits for its end.
    ///
    /// # Errors
    /// It is late: beyond all stop time-outs and a minute.
    pub async fn stop(&self, reason: StopReason) -> Result<TaskRecord, TaskError> {
        self.shared.tell(Event::StopRequested { stop: reason });
        let timeouts: Duration =
            self.shared.plan.containers.iter().map(|container| container.stop_timeout).sum();
        self.wait_stopped(timeouts + STOP_MARGIN).await
    }

    /// A container that has been created.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn container(&self, name: &str) -> Result<Container, TaskError> {
        match self.shared.id(name) {
            Some(id) => Ok(Container::new(Arc::clone(&self.shared), name.to_owned(), id)),
            None => Err(TaskError::NoContainer {
                name: name.to_owned(),
                known: self.shared.view.borrow().ids.keys().cloned().collect(),
            }),
        }
    }

    /// The world container.
    ///
    /// # Errors
    /// It has not been created.
    pub fn world(&self) -> Result<Container, TaskError> {
        self.container(WORLD)
    }

    /// Removes everything of the task, whatever state it is in, and proves that nothing is left.
    ///
    /// # Errors
    /// The engine refused, or something is still there.
    pub async fn remove(&self) -> Result<(), TaskError> {
        let _ = self.shared.inputs.send(Input::Quit);
        let driver = self.driver.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(driver) = driver {
            // What it says of a panic stands in the view.
            let _ = driver.await;
        }
        let engine = self.shared.engine.as_ref();
        let label = [format!("{}={}", labels::TASK, self.id())];
        let mut left = Vec::new();
        // A daemon under load may refuse a removal that is under way already: look, and ask again.
        for _ in 0..3 {
            let containers = engine.list(&label).await?;
            let volumes = engine.list_volumes(&label).await?;
            left = containers.iter().map(|container| container.name.clone()).collect();
            left.extend(volumes.iter().map(|volume| volume.name.clone()));
            if left.is_empty() {
                self.removed.store(true, Ordering::Relaxed);
                return Ok(());
            }
            join_all(containers.iter().map(async |container| {
                engine.remove(&container.id).await?;
                let name = self.shared.name(&container.id).unwrap_or_else(|| container.name.clone());
                self.shared.container_event(&name, ContainerHappening::Removed, None, "");
                Ok::<(), EngineError>(())
            }))
            .await
            .into_iter()
            .collect::<Result<(), _>>()?;
            join_all(volumes.iter().map(|volume| engine.remove_volume(&volume.name)))
                .await
                .into_iter()
                .collect::<Result<(), _>>()?;
        }
        Err(TaskError::Engine(EngineError::Failed {
            what: format!("removing task {}", self.id()),
            status: 0,
            message: format!("still there: {}", left.join(", ")),
        }))
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        // A driver that has gone needs no telling.
        let _ = self.shared.inputs.send(Input::Quit);
        if !self.removed.load(Ordering::Relaxed) {
            tracing::warn!(
                task = self.id(),
                "a task was dropped without being removed; `proofhouse clean` removes it"
            );
        }
    }
}
