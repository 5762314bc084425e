//! A task as others see it, such as the metadata server.

use super::{Panicked, TaskError};
use crate::engine::ContainerId;
use crate::lifecycle::{ContainerStatus, TaskRecord, TaskStatus};
use std::collections::BTreeMap;

/// A task at one moment.
#[derive(Debug, Clone)]
pub struct TaskView {
    /// The task's record; its times count from `began`.
    pub record: TaskRecord,
    /// Wall time of the begin.
    pub began: jiff::Timestamp,
    /// Containers on the engine, by name; the world's under [`crate::plan::WORLD`].
    pub ids: BTreeMap<String, ContainerId>,
    /// What of the harness panicked. The task is not looked after any more; it can only be removed.
    pub panicked: Option<Panicked>,
}

impl TaskView {
    /// Wall time of a moment of the record.
    #[must_use]
    pub fn wall(&self, since_begin: std::time::Duration) -> jiff::Timestamp {
        let since = jiff::SignedDuration::try_from(since_begin).unwrap_or(jiff::SignedDuration::ZERO);
        self.began.checked_add(since).unwrap_or(self.began)
    }

    /// Wall time at which the task reached a status, if it has.
    #[must_use]
    pub fn reached(&self, status: TaskStatus) -> Option<jiff::Timestamp> {
        self.record.reached.get(&status).map(|moment| self.wall(*moment))
    }

    /// Wall time of the first start of a container: images are fetched between the begin of PENDING and then.
    #[must_use]
    pub fn first_start(&self) -> Option<jiff::Timestamp> {
        let starts = self.record.containers.values().filter_map(|one| one.first_started_at);
        starts.min().map(|moment| self.wall(moment))
    }

    /// The error of one who wanted the task to run.
    pub(super) fn stopped(&self) -> TaskError {
        let reason = self.record.stop.as_ref().map(|stop| format!("{:?}: {}", stop.code, stop.reason));
        TaskError::Stopped {
            reason: reason.unwrap_or_default(),
            containers: self.containers_in_words(),
            unpulled: self.unpulled(),
            record: Box::new(self.record.clone()),
        }
    }

    /// Containers whose image could not be fetched, with the reason.
    pub(super) fn unpulled(&self) -> Vec<(String, String)> {
        let containers = self.record.containers.iter();
        let why = containers.filter_map(|(name, container)| {
            let why = container.reason.as_deref()?.strip_prefix("CannotPullContainerError: ")?;
            Some((name.clone(), why.to_owned()))
        });
        why.collect()
    }

    /// Each container in words, for messages.
    #[must_use]
    pub fn containers_in_words(&self) -> Vec<String> {
        let words = self.record.containers.iter().map(|(name, container)| {
            let state = match (container.status, container.exit_code) {
                (ContainerStatus::None, _) => "not created yet".to_owned(),
                (ContainerStatus::Creating, _) => "being created".to_owned(),
                (ContainerStatus::Created, _) => "created, waits for its dependencies".to_owned(),
                (ContainerStatus::Starting, _) => "being started".to_owned(),
                (ContainerStatus::Running, _) if container.has_health_check => {
                    format!("running, {:?}", container.health).to_lowercase()
                }
                (ContainerStatus::Running, _) => "running".to_owned(),
                (ContainerStatus::Stopped, Some(code)) => format!("exited with {code}"),
                (ContainerStatus::Stopped, None) => "stopped, never ran".to_owned(),
            };
            match &container.reason {
                Some(reason) => format!("`{name}` {state} ({reason})"),
                None => format!("`{name}` {state}"),
            }
        });
        words.collect()
    }
}
