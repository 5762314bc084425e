//! The plan itself.

use super::{Described, PlanError, PlanOptions, build};
use crate::definition::{Cpu, Memory, TaskDefinition};
use crate::engine::ContainerSpec;
use crate::fidelity::Property;
use crate::labels::RunLabels;
use crate::lifecycle::Graph;
use serde::Serialize;
use std::time::Duration;

/// Name that the world container has beside those of the definition; ECS names cannot hold `~`.
pub const WORLD: &str = "~world";

/// What to create, in which order, and why.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// 32 hexadecimal digits.
    pub task_id: String,
    /// Family.
    pub family: String,
    /// Revision; 1 when the definition has none.
    pub revision: i64,
    /// Region.
    pub region: String,
    /// CPU.
    pub cpu: Option<Cpu>,
    /// Memory.
    pub memory: Option<Memory>,
    /// Ephemeral storage in GiB.
    pub storage: u64,
    /// Role of the task.
    pub task_role_arn: Option<String>,
    /// Id in the credentials path, when there is a role.
    pub credentials_id: Option<String>,
    /// Whether containers may disturb the task's network.
    pub fault_injection: bool,
    /// Labels of the run.
    pub labels: RunLabels,
    /// The world container.
    pub world: ContainerSpec,
    /// Containers, each behind all that it depends on.
    pub containers: Vec<PlannedContainer>,
    /// Containers in waves: each is told to stop when all before it have stopped.
    pub stop_order: Vec<Vec<String>>,
    /// Ports that the definition exposes.
    pub ports: Vec<ExposedPort>,
    /// Names of task volumes on the engine.
    pub volumes: Vec<String>,
    /// What the plan does that the definition does not say.
    pub notes: Vec<Note>,
    /// Secrets and environment files that nothing stands in for: with any, the task ends before a container is created.
    pub missing: Vec<String>,
    /// How each property is simulated.
    pub properties: Vec<Property>,
    #[serde(skip)]
    pub(super) graph: Graph,
}

/// A container of the plan.
#[derive(Debug, Clone, Serialize)]
pub struct PlannedContainer {
    /// Name in the definition.
    pub name: String,
    /// Image in the definition.
    pub definition_image: String,
    /// What the engine is asked for.
    pub spec: ContainerSpec,
    /// Whether it is essential.
    pub essential: bool,
    /// Id in the metadata path, `<task id>-<number>`.
    pub metadata_id: String,
    /// When it is created, and why.
    pub created: String,
    /// When it is started, and why.
    pub started: String,
    /// What metadata tells of it beside its state.
    pub described: Described,
    /// Its health check.
    pub health: Option<HealthProbe>,
    /// Time from SIGTERM to SIGKILL.
    pub stop_timeout: Duration,
}

/// A health check to run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HealthProbe {
    /// Program and arguments, run from outside.
    pub argv: Vec<String>,
    /// Between probes, scaled.
    pub interval: Duration,
    /// Of one probe.
    pub timeout: Duration,
    /// Failures in a row.
    pub retries: u32,
    /// In which failures do not count, scaled.
    pub start_period: Duration,
}

/// A port that the definition exposes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExposedPort {
    /// Container.
    pub container: String,
    /// Port.
    pub port: u16,
    /// `tcp`, `udp`.
    pub protocol: String,
}

/// Something that a reader of the plan should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Container, or empty for the task.
    pub container: String,
    /// What.
    pub text: String,
}

impl Plan {
    /// Plans a task.
    ///
    /// # Errors
    /// Dependencies that cannot be met, an undeclared volume, a secret that was not given.
    pub fn new(definition: &TaskDefinition, options: &PlanOptions) -> Result<Self, PlanError> {
        build::plan(definition, options)
    }

    /// Who depends on whom.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The container of that name.
    #[must_use]
    pub fn container(&self, name: &str) -> Option<&PlannedContainer> {
        self.containers.iter().find(|container| container.name == name)
    }

    /// As JSON for scripts.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).expect("a plan holds only strings, numbers and lists")
    }
}
