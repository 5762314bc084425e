//! A task definition (`fargate.md` 1.1).

use super::tree::Node;
use super::{
    ContainerDefinition, Cpu, DefinitionError, Dialect, Memory, Span, Volume, cloudformation, parse,
};
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
    /// `enableFaultInjection`: whether containers may disturb the task's network.
    pub fault_injection: bool,
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
    /// Where the definition is in the text, such as `Resources.Web.Properties`; empty for the text itself.
    pub path: String,
    pub dialect: Dialect,
}

/// A value that is known only when a template is deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenValue {
    /// Member, such as `Resources.Web.Properties.Cpu`.
    pub path: String,
    /// Bytes of the user's text.
    pub span: Span,
    /// What stands there, such as `!Ref Cpu`.
    pub text: String,
}

impl TaskDefinition {
    /// Reads a task definition that can be run: JSON as the ECS API has it, bare or as it is described. `origin` is what
    /// the reader knows the text by, such as a file name.
    ///
    /// # Errors
    /// Everything that is wrong with the text, each at its place; a text that is something else is named.
    pub fn parse(origin: &str, text: &str) -> Result<Self, DefinitionError> {
        parse::task_definition(origin, text)
    }

    /// Reads every task definition of a text that can be judged: YAML and CloudFormation as well as JSON. What has the wrong
    /// type or is not known yet is left at its default: the [rules](crate::rules::check) tell it.
    ///
    /// # Errors
    /// The text holds no task definition; what it is instead is named.
    pub fn parse_all(origin: &str, text: &str) -> Result<Vec<Self>, DefinitionError> {
        parse::task_definitions(origin, text)
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
            fault_injection: false,
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

    /// The first container that routes logs.
    #[must_use]
    pub fn log_router(&self) -> Option<&ContainerDefinition> {
        self.containers.iter().find(|container| container.firelens.is_some())
    }

    /// The containers that log through the router and have no dependency on it written.
    pub fn behind_log_router(&self) -> impl Iterator<Item = &ContainerDefinition> {
        /// The driver of those who log through a router.
        const DRIVER: &str = "awsfirelens";
        let router = self.log_router().map(|router| router.name.as_str());
        self.containers.iter().filter(move |container| {
            let logs = container.log_configuration.as_ref().is_some_and(|log| log.driver == DRIVER);
            let unwritten = |router: &str| container.depends_on.iter().all(|on| on.container != router);
            logs && router.is_some_and(|router| container.name != router && unwritten(router))
        })
    }

    /// Size of the task's disk in GiB: 20 where nothing is said.
    #[must_use]
    pub fn disk_size(&self) -> i64 {
        self.ephemeral_storage.unwrap_or(20)
    }

    /// The platform, if it is another than Linux on x86-64, such as `WINDOWS_SERVER_2022_CORE` or `ARM64`.
    #[must_use]
    pub fn foreign_platform(&self) -> Option<&str> {
        let platform = self.root().get("runtimePlatform")?;
        let word = |key: &str| platform.get(key).and_then(Node::text);
        word("operatingSystemFamily")
            .filter(|family| *family != "LINUX")
            .or_else(|| word("cpuArchitecture").filter(|architecture| *architecture != "X86_64"))
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

    /// Where the definition is in the text, such as `taskDefinition` or `Resources.Web.Properties`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.source.path
    }

    /// How its members are spelled.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.source.dialect
    }

    /// What nobody can judge before the template is deployed, in the order of the text.
    #[must_use]
    pub fn open_values(&self) -> Vec<OpenValue> {
        let mut found = Vec::new();
        if self.dialect() == Dialect::CloudFormation {
            cloudformation::functions(self.root(), self.path(), &mut found);
        }
        let mut open: Vec<_> =
            found.into_iter().map(|(path, span, text)| OpenValue { path, span, text }).collect();
        open.sort_by_key(|value| value.span);
        open
    }

    /// The task definition object in the text, without a wrapper around it; keys as the API spells them.
    #[must_use]
    pub fn root(&self) -> &Node {
        &self.source.root
    }
}
