//! What metadata tells of a container beside its state.

use super::defaults;
use crate::definition::ContainerDefinition;
use serde::Serialize;
use std::collections::BTreeMap;

/// What metadata tells of a container beside its state (`fargate.md` 3.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Described {
    /// CPU units, at least 2.
    pub cpu: u64,
    /// Hard limit in MiB, if the definition sets one.
    pub memory: Option<u64>,
    /// Labels of the definition.
    pub labels: BTreeMap<String, String>,
    /// Log driver.
    pub log_driver: Option<String>,
    /// Options of the log driver, with the stream that a prefix leads to.
    pub log_options: BTreeMap<String, String>,
    /// Whether it has a restart policy.
    pub counts_restarts: bool,
}

impl Described {
    /// From the definition; a stream prefix becomes the stream.
    pub(super) fn of(container: &ContainerDefinition, task_id: &str) -> Self {
        let mut log_options =
            container.log_configuration.as_ref().map(|log| log.options.clone()).unwrap_or_default();
        if let Some(prefix) = log_options.remove("awslogs-stream-prefix") {
            log_options.insert("awslogs-stream".to_owned(), format!("{prefix}/{}/{task_id}", container.name));
        }
        Self {
            cpu: u64::try_from(container.cpu).unwrap_or(0).max(defaults::LEAST_CPU),
            memory: container.memory.and_then(|mib| u64::try_from(mib).ok()).filter(|mib| *mib > 0),
            labels: container.docker_labels.clone(),
            log_driver: container.log_configuration.as_ref().map(|log| log.driver.clone()),
            log_options,
            counts_restarts: container.restart_policy.is_some(),
        }
    }
}
