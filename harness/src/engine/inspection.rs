//! A container as its engine has it.

use super::{ContainerId, Ulimit};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// A container as the engine sees it now: what it was made with, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// Id.
    pub id: ContainerId,
    /// What it was made with.
    pub made: MadeWith,
    /// State.
    pub state: RunState,
    /// Process id on the engine's machine, 0 when it does not run.
    pub pid: i64,
    /// Exit code of one that ended, or whose program could not be run.
    pub exit_code: Option<i64>,
    /// Whether memory ran out.
    pub out_of_memory: bool,
    /// Error of a start that failed.
    pub error: String,
    /// Starts by the engine itself, without having been asked.
    pub restarts: u64,
    /// What the engine's own health check says, if it runs one.
    pub engine_health_check: EngineHealthCheck,
    /// When it was created.
    pub created_at: Option<Timestamp>,
    /// When it started last.
    pub started_at: Option<Timestamp>,
    /// When it ended last.
    pub finished_at: Option<Timestamp>,
}

impl Inspection {
    #[cfg(test)]
    pub(crate) fn unknown(id: ContainerId) -> Self {
        Self {
            id,
            made: MadeWith {
                image: String::new(),
                image_id: String::new(),
                entrypoint: Vec::new(),
                command: Vec::new(),
                environment: Vec::new(),
                user: String::new(),
                working_directory: String::new(),
                stop_signal: "SIGTERM".to_owned(),
                labels: BTreeMap::new(),
                mounts: Vec::new(),
                log: LogInspection { driver: LogDriver::None, mode: LogMode::Blocking, buffer: None },
                network: NetworkInspection::None,
                processes: NamespaceInspection::Private,
                privileged: false,
                capabilities_add: Vec::new(),
                capabilities_drop: Vec::new(),
                read_only_root: false,
                init: false,
                ulimits: Vec::new(),
                cpu_shares: None,
                memory: None,
                memory_reservation: None,
            },
            state: RunState::Unknown,
            pid: 0,
            exit_code: None,
            out_of_memory: false,
            error: String::new(),
            restarts: 0,
            engine_health_check: EngineHealthCheck::None,
            created_at: None,
            started_at: None,
            finished_at: None,
        }
    }

    /// Whether it runs.
    #[must_use]
    pub fn running(&self) -> bool {
        self.state == RunState::Running
    }
}

/// What a container was made with, the image's own settings where nothing else was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MadeWith {
    /// Image, as it was asked for.
    pub image: String,
    /// Id of the image.
    pub image_id: String,
    /// Entry point.
    pub entrypoint: Vec<String>,
    /// Command.
    pub command: Vec<String>,
    /// `NAME=value`.
    pub environment: Vec<String>,
    /// User; empty for root.
    pub user: String,
    /// Working directory; empty for `/`.
    pub working_directory: String,
    /// Signal that asks it to stop.
    pub stop_signal: String,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Mounts.
    pub mounts: Vec<MountInspection>,
    /// What happens to its output.
    pub log: LogInspection,
    /// Network.
    pub network: NetworkInspection,
    /// Process namespace.
    pub processes: NamespaceInspection,
    /// Whether all is allowed to it.
    pub privileged: bool,
    /// Capabilities added to the default set.
    pub capabilities_add: Vec<String>,
    /// Capabilities taken from it.
    pub capabilities_drop: Vec<String>,
    /// Whether the root is read-only.
    pub read_only_root: bool,
    /// Whether an init is PID 1.
    pub init: bool,
    /// Resource limits of its own.
    pub ulimits: Vec<Ulimit>,
    /// Processor shares, where some were asked for.
    pub cpu_shares: Option<u64>,
    /// Bytes; hard; none for no limit.
    pub memory: Option<u64>,
    /// Bytes; soft; none for no reservation.
    pub memory_reservation: Option<u64>,
}

/// State of a container on its engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Never started.
    Created,
    /// Runs.
    Running,
    /// Frozen.
    Paused,
    /// Being started again by the engine.
    Restarting,
    /// Being removed.
    Removing,
    /// Has ended.
    Exited,
    /// Could not be removed.
    Dead,
    /// Something that this harness does not know.
    Unknown,
}

impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Restarting => "restarting",
            Self::Removing => "removing",
            Self::Exited => "exited",
            Self::Dead => "dead",
            Self::Unknown => "unknown",
        })
    }
}

/// What a health check that the engine runs by itself says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineHealthCheck {
    /// It runs none.
    None,
    /// Not yet decided.
    Starting,
    /// Healthy.
    Healthy,
    /// Unhealthy.
    Unhealthy,
}

impl fmt::Display for EngineHealthCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::None => "none",
            Self::Starting => "starting",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
        })
    }
}

/// A mount of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MountInspection {
    /// What is mounted.
    pub source: MountOrigin,
    /// Path in the container.
    pub target: String,
    /// Whether read-only.
    pub read_only: bool,
}

impl MountInspection {
    /// Name of the volume, if it is one.
    #[must_use]
    pub fn volume(&self) -> Option<&str> {
        match &self.source {
            MountOrigin::Volume { name, .. } => Some(name),
            MountOrigin::Path(_) | MountOrigin::Memory => None,
        }
    }
}

/// What is mounted into a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MountOrigin {
    /// A volume of the engine.
    Volume {
        /// Name.
        name: String,
        /// Path on the engine's machine.
        path: String,
    },
    /// A path of the engine's machine.
    Path(String),
    /// Memory.
    Memory,
}

impl fmt::Display for MountOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Volume { name, .. } => f.write_str(name),
            Self::Path(path) => f.write_str(path),
            Self::Memory => f.write_str("memory"),
        }
    }
}

/// What an engine does with the output of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogInspection {
    /// Who keeps it.
    pub driver: LogDriver,
    /// Who waits for whom.
    pub mode: LogMode,
    /// Size of the buffer of one that never waits, such as `10m`, where one was asked for.
    pub buffer: Option<String>,
}

/// Who keeps the output of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LogDriver {
    /// Nobody.
    None,
    /// The engine, in a file.
    File,
    /// Another, by the engine's name for it.
    Other(String),
}

impl fmt::Display for LogDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::None => "none",
            Self::File => "file",
            Self::Other(name) => name,
        })
    }
}

/// Whether who writes waits for who keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LogMode {
    /// Who writes waits.
    Blocking,
    /// Who writes never waits; what does not fit the buffer is lost.
    NonBlocking,
}

impl fmt::Display for LogMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Blocking => "blocking",
            Self::NonBlocking => "non-blocking",
        })
    }
}

/// Network of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkInspection {
    /// Its own, with loopback alone.
    None,
    /// That of another container.
    Of(ContainerId),
    /// That of the engine's machine.
    Machine,
    /// One that the engine made, by name.
    Named(String),
}

/// A kernel namespace of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NamespaceInspection {
    /// Its own.
    Private,
    /// That of another container.
    Of(ContainerId),
    /// That of the engine's machine.
    Machine,
}
