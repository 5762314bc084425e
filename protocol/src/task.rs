//! What a task is and was: the members of the ECS `Task` document that a simulation can fill (`fargate.md` 2.1, 2.4).

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// `lastStatus` of a task, in the order of its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TaskStatus {
    /// The network is being made.
    Provisioning,
    /// Waiting for the agent.
    Pending,
    /// Containers are being created and started.
    Activating,
    /// All containers have started.
    Running,
    /// On its way to a stop.
    Deactivating,
    /// Containers are being stopped.
    Stopping,
    /// The network is being taken away.
    Deprovisioning,
    /// Over.
    Stopped,
}

impl fmt::Display for TaskStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Provisioning => "PROVISIONING",
            Self::Pending => "PENDING",
            Self::Activating => "ACTIVATING",
            Self::Running => "RUNNING",
            Self::Deactivating => "DEACTIVATING",
            Self::Stopping => "STOPPING",
            Self::Deprovisioning => "DEPROVISIONING",
            Self::Stopped => "STOPPED",
        })
    }
}

/// Status of a container below the API; all below `Running` are reported as PENDING.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ContainerStatus {
    /// Nothing done yet.
    None,
    /// Create was asked.
    Creating,
    /// Created.
    Created,
    /// Start was asked.
    Starting,
    /// Running.
    Running,
    /// Over, or never to be.
    Stopped,
}

impl ContainerStatus {
    /// As the API and the metadata service tell it: all below RUNNING is PENDING (`fargate.md` 2.1).
    #[must_use]
    pub fn reported(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Stopped => "STOPPED",
            _ => "PENDING",
        }
    }
}

/// Health of a container or a task (`fargate.md` 2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "UPPERCASE")]
pub enum Health {
    /// No check, or not yet decided.
    #[default]
    Unknown,
    /// Healthy.
    Healthy,
    /// Unhealthy.
    Unhealthy,
}

impl fmt::Display for Health {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "UNKNOWN",
            Self::Healthy => "HEALTHY",
            Self::Unhealthy => "UNHEALTHY",
        })
    }
}

/// `stopCode` of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum StopCode {
    /// It never came to run.
    TaskFailedToStart,
    /// An essential container ended.
    EssentialContainerExited,
    /// StopTask.
    UserInitiated,
    /// A service replaced it.
    ServiceSchedulerInitiated,
    /// Spot capacity was taken back.
    SpotInterruption,
    /// Notice of the platform.
    TerminationNotice,
    /// Infrastructure.
    InfrastructureHealth,
}

/// Why a task stops.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StopReason {
    /// `stopCode`.
    pub code: StopCode,
    /// `stoppedReason`, at most 1024 characters.
    pub reason: String,
}

impl StopReason {
    /// StopTask with the reason given, or the service's default text.
    #[must_use]
    pub fn user(reason: Option<&str>) -> Self {
        Self::new(StopCode::UserInitiated, reason.unwrap_or("Task stopped by user"))
    }

    /// Any code; the text is cut at 1024 characters.
    #[must_use]
    pub fn new(code: StopCode, reason: &str) -> Self {
        Self { code, reason: reason.chars().take(1024).collect() }
    }
}

/// A container of a task. Times count from the begin of the task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContainerRecord {
    /// Status.
    pub status: ContainerStatus,
    /// Whether it is essential.
    pub essential: bool,
    /// Exit code; a synthetic 143 when a dependency failed; absent when it never ran.
    pub exit_code: Option<i64>,
    /// Reason, with its class in front.
    pub reason: Option<String>,
    /// Health.
    pub health: Health,
    /// Whether the definition has a health check.
    pub has_health_check: bool,
    /// Since when its health is what it is; absent before the first judgement.
    pub health_since: Option<Duration>,
    /// The run of the health check that made its health what it is.
    pub health_check: Option<CheckRun>,
    /// When it was created.
    pub created_at: Option<Duration>,
    /// When it started, the first time.
    pub first_started_at: Option<Duration>,
    /// When it started last.
    pub started_at: Option<Duration>,
    /// When it stopped.
    pub stopped_at: Option<Duration>,
    /// When it was told to stop.
    pub signalled_at: Option<Duration>,
    /// Starts after the first.
    pub restarts: u32,
}

/// One run of a health check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckRun {
    /// Exit code; absent when the check could not be run to its end.
    pub exit_code: Option<i64>,
    /// What it wrote, or why it could not be run.
    pub output: String,
}

/// A task. Times count from its begin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TaskRecord {
    /// `lastStatus`.
    pub status: TaskStatus,
    /// When each status was reached.
    pub reached: BTreeMap<TaskStatus, Duration>,
    /// Whether it shall run or stop.
    pub stopping: bool,
    /// Why it stopped or stops.
    pub stop: Option<StopReason>,
    /// Health over essential containers.
    pub health: Health,
    /// Containers by name.
    pub containers: BTreeMap<String, ContainerRecord>,
}

impl TaskRecord {
    /// Exit code of each container.
    #[must_use]
    pub fn exit_codes(&self) -> BTreeMap<String, Option<i64>> {
        self.containers.iter().map(|(name, container)| (name.clone(), container.exit_code)).collect()
    }

    /// Folds container health into the task's: over essential containers, any UNHEALTHY, else any UNKNOWN, else HEALTHY.
    #[must_use]
    pub fn fold_health<'a>(containers: impl Iterator<Item = &'a ContainerRecord>) -> Health {
        let mut folded = Health::Healthy;
        for container in containers.filter(|container| container.essential) {
            match container.health {
                Health::Unhealthy => return Health::Unhealthy,
                Health::Unknown => folded = Health::Unknown,
                Health::Healthy => {}
            }
        }
        folded
    }
}
