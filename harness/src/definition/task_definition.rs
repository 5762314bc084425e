//! A task definition (`fargate.md` 1.1).

use super::json::Node;
use super::{ContainerDefinition, Cpu, DefinitionError, Memory, Volume, parse};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Which processes containers see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PidMode {
    /// All of the task.
    Task,
    /// All of the host; Fargate refuses it.
    Host,
}

/// A task definition as read, with the text it came from.
#[derive(Debug, Clone, Serialize)]
pub struct TaskDefinition {
    /// Family.
    pub family: String,
    /// Revision, when the text came from DescribeTaskDefinition.
    pub revision: Option<i64>,
    /// CPU units; absent or unreadable sizes are for the rules to report.
    pub cpu: Option<Cpu>,
    /// Memory.
    pub memory: Option<Memory>,
    /// Network mode, as written.
    pub network_mode: Option<String>,
    /// Process namespace, if shared.
    pub pid_mode: Option<PidMode>,
    /// Role of the task.
    pub task_role_arn: Option<String>,
    /// Role of the agent.
    pub execution_role_arn: Option<String>,
    /// GiB.
    pub ephemeral_storage: Option<i64>,
    /// Task volumes.
    pub volumes: Vec<Volume>,
    /// Containers, in the order of the text; never empty.
    pub containers: Vec<ContainerDefinition>,
    #[serde(skip)]
    source: Arc<Source>,
}

/// The text of a definition.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub origin: String,
    pub text: String,
    pub root: Node,
}

impl TaskDefinition {
    /// Reads a task definition. `origin` is what the reader knows the text by, such as a file name.
    ///
    /// # Errors
    /// Everything that is wrong with the text, each at its place; a text that is something else is named.
    pub fn parse(origin: &str, text: &str) -> Result<Self, DefinitionError> {
        parse::task_definition(origin, text)
    }

    pub(super) fn new(family: String, containers: Vec<ContainerDefinition>, source: Source) -> Self {
        Self {
            family,
            revision: None,
            cpu: None,
            memory: None,
            network_mode: None,
            pid_mode: None,
            task_role_arn: None,
            execution_role_arn: None,
            ephemeral_storage: None,
            volumes: Vec::new(),
            containers,
            source: Arc::new(source),
        }
    }

    /// The container of that name.
    #[must_use]
    pub fn container(&self, name: &str) -> Option<&ContainerDefinition> {
        self.containers.iter().find(|container| container.name == name)
    }

    /// Name of the text.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.source.origin
    }

    /// The text as given; spans count in it.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.source.text
    }

    /// The task definition object in the text, without a wrapper around it.
    #[must_use]
    pub fn root(&self) -> &Node {
        &self.source.root
    }
}
