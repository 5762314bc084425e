//! One container of a running task.

use super::shared::Shared;
use super::{TaskError, archive};
use crate::engine::{ContainerId, EngineError, ExecOutcome, Inspection};
use crate::lifecycle::ContainerRecord;
use proofhouse_protocol::observation::{ContainerFacts, ContainerHappening, Found};
use std::sync::Arc;
use std::time::Duration;

/// Symbolic links followed when a file is read.
const MOST_LINKS: usize = 8;

/// One container of a running task.
#[derive(Clone)]
pub struct Container {
    shared: Arc<Shared>,
    name: String,
    id: ContainerId,
}

impl std::fmt::Debug for Container {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Container").field("name", &self.name).field("id", &self.id).finish()
    }
}

impl Container {
    pub(super) fn new(shared: Arc<Shared>, name: String, id: ContainerId) -> Self {
        Self { shared, name, id }
    }

    pub(super) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Name in the task definition.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Id on the engine.
    #[must_use]
    pub fn id(&self) -> &ContainerId {
        &self.id
    }

    /// Its record; the world container has none.
    #[must_use]
    pub fn record(&self) -> Option<ContainerRecord> {
        self.shared.view.borrow().record.containers.get(&self.name).cloned()
    }

    /// Wall time of its last start.
    #[must_use]
    pub fn started_at(&self) -> Option<jiff::Timestamp> {
        let view = self.shared.view.borrow();
        view.record.containers.get(&self.name)?.started_at.map(|since| view.wall(since))
    }

    /// Sends a signal by name, such as `SIGTERM`, past the task's own stop.
    ///
    /// # Errors
    /// The engine refused.
    pub async fn kill(&self, signal: &str) -> Result<(), TaskError> {
        self.shared.container_event(
            &self.name,
            ContainerHappening::Signalled,
            None,
            format!("{signal}, from outside the task"),
        );
        if signal == "SIGKILL" {
            self.shared.kills(&self.name);
        }
        Ok(self.shared.engine.kill(&self.id, signal).await?)
    }

    /// Runs a program from outside, as ECS Exec does: it is no child of the container's entry point.
    ///
    /// # Errors
    /// The engine refused, or the deadline passed.
    pub async fn exec(&self, argv: &[&str], deadline: Duration) -> Result<ExecOutcome, TaskError> {
        let argv: Vec<String> = argv.iter().map(|word| (*word).to_owned()).collect();
        Ok(self.shared.engine.exec(&self.id, &argv, deadline).await?)
    }

    /// The bytes of a file, links followed.
    ///
    /// # Errors
    /// It does not exist or is not a file.
    pub async fn read_file(&self, path: &str) -> Result<Vec<u8>, TaskError> {
        let fail = |why: &str| TaskError::File {
            container: self.name.clone(),
            path: path.to_owned(),
            why: why.to_owned(),
        };
        let mut at = path.to_owned();
        for _ in 0..MOST_LINKS {
            let tar = match self.shared.engine.read_archive(&self.id, &at).await {
                Err(EngineError::NotFound { .. }) => return Err(fail("does not exist")),
                other => other?,
            };
            match archive::first(&tar).map_err(|error| fail(&format!("cannot be read: {error}")))? {
                archive::First::File(bytes) => return Ok(bytes),
                archive::First::Link(target) => at = archive::resolve(&at, &target),
                archive::First::Other => return Err(fail("is not a file")),
            }
        }
        Err(fail("is behind too many links"))
    }

    /// What is at a path; links are not followed.
    ///
    /// # Errors
    /// The engine refused.
    pub async fn look(&self, path: &str) -> Result<Option<Found>, TaskError> {
        Ok(self.shared.engine.look(&self.id, path).await?)
    }

    /// Writes a file into a directory that exists.
    ///
    /// # Errors
    /// The engine refused, such as for a read-only root.
    pub async fn write_file(&self, path: &str, bytes: &[u8], mode: u32) -> Result<(), TaskError> {
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
        let directory = if directory.is_empty() { "/" } else { directory };
        let tar = archive::single(name, bytes, mode);
        Ok(self.shared.engine.write_archive(&self.id, directory, tar.into()).await?)
    }

    /// As the plan means it; of a container that is not of the plan, nothing.
    #[must_use]
    pub fn planned_facts(&self) -> ContainerFacts {
        self.shared
            .plan
            .container(&self.name)
            .map(|planned| ContainerFacts::from(&planned.spec))
            .unwrap_or_default()
    }

    /// As the engine sees it.
    ///
    /// # Errors
    /// The engine refused.
    pub async fn inspect(&self) -> Result<Inspection, TaskError> {
        Ok(self.shared.engine.inspect(&self.id).await?)
    }
}
