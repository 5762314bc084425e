//! A container definition (`fargate.md` 1.3).

use super::{
    LinuxParameters, LogConfiguration, MountPoint, PortMapping, Secret, SystemControl, Ulimit, VolumeFrom,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// One container of a task definition.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ContainerDefinition {
    /// Name, its identity in the task.
    pub name: String,
    /// Image, as written.
    pub image: String,
    /// Whether the task ends with it; default true.
    pub essential: bool,
    /// Replaces the image's ENTRYPOINT; absent when null or empty.
    pub entry_point: Option<Vec<String>>,
    /// Replaces the image's CMD; absent when null or empty.
    pub command: Option<Vec<String>>,
    /// Variables in the order of the text.
    pub environment: Vec<(String, String)>,
    /// ARNs of environment files, the first with a name wins.
    pub environment_files: Vec<String>,
    /// Secrets.
    pub secrets: Vec<Secret>,
    /// Mounts of task volumes.
    pub mount_points: Vec<MountPoint>,
    /// Volumes of other containers.
    pub volumes_from: Vec<VolumeFrom>,
    /// What must be before it.
    pub depends_on: Vec<Dependency>,
    /// Health check.
    pub health_check: Option<HealthCheck>,
    /// Seconds that a dependent waits for it.
    pub start_timeout: Option<i64>,
    /// Seconds between SIGTERM and SIGKILL; 30 when absent.
    pub stop_timeout: Option<i64>,
    /// CPU shares; 0 and absent are the same.
    pub cpu: i64,
    /// Hard limit in MiB.
    pub memory: Option<i64>,
    /// Soft limit in MiB.
    pub memory_reservation: Option<i64>,
    /// `user`, `uid`, `uid:gid`, ...
    pub user: Option<String>,
    /// Working directory.
    pub working_directory: Option<String>,
    /// Whether the root file system is read-only.
    pub readonly_root_filesystem: bool,
    /// Whether standard input stays open.
    pub interactive: bool,
    /// Whether it has a terminal.
    pub pseudo_terminal: bool,
    /// Ports.
    pub port_mappings: Vec<PortMapping>,
    /// Labels.
    pub docker_labels: BTreeMap<String, String>,
    /// Resource limits.
    pub ulimits: Vec<Ulimit>,
    /// Kernel parameters.
    pub system_controls: Vec<SystemControl>,
    /// Linux settings.
    pub linux_parameters: LinuxParameters,
    /// Restart policy, when enabled.
    pub restart_policy: Option<RestartPolicy>,
    /// Logs.
    pub log_configuration: Option<LogConfiguration>,
    /// Type of a FireLens router.
    pub firelens: Option<String>,
}

/// A dependency on another container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dependency {
    /// The other container.
    pub container: String,
    /// What must be true of it.
    pub condition: Condition,
}

/// When a dependency is satisfied (`fargate.md` 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Condition {
    /// Running, or already stopped.
    Start,
    /// Stopped with any code.
    Complete,
    /// Stopped with 0.
    Success,
    /// Healthy.
    Healthy,
}

impl Condition {
    /// Reads the word of a task definition.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "START" => Self::Start,
            "COMPLETE" => Self::Complete,
            "SUCCESS" => Self::Success,
            "HEALTHY" => Self::Healthy,
            _ => return None,
        })
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start => "START",
            Self::Complete => "COMPLETE",
            Self::Success => "SUCCESS",
            Self::Healthy => "HEALTHY",
        })
    }
}

/// A health check, times in seconds (`fargate.md` 1.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HealthCheck {
    /// Command, normally with `CMD` or `CMD-SHELL` in front.
    pub command: Vec<String>,
    /// Default 30.
    pub interval: i64,
    /// Default 5.
    pub timeout: i64,
    /// Default 3.
    pub retries: i64,
    /// Default 0.
    pub start_period: i64,
}

/// An enabled restart policy (`fargate.md` 2.6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestartPolicy {
    /// Codes after which it is not restarted.
    pub ignored_exit_codes: Vec<i64>,
    /// Seconds since the last start before it may be restarted; default 300.
    pub attempt_period: i64,
}
