//! What was found where somebody looked.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A device, a socket, a pipe.
    Other,
}

/// What a look at a path found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Kind.
    pub file: FileKind,
    /// Permission bits, such as 0o755.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<u32>,
    /// Owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// Group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gid: Option<u32>,
    /// Size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// SHA-256 of what a file has in it, where it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// A container as the plan means it, or as the engine has it. Absent is what nobody asked or told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ContainerFacts {
    /// Driver of its log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_driver: Option<String>,
    /// `blocking` or `non-blocking`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_mode: Option<String>,
    /// Buffer of a log that never waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_buffer: Option<String>,
    /// Whether the kernel killed a process of it for want of memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub out_of_memory: Option<bool>,
    /// What the engine says of a health check that it runs itself; `none` for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine_health: Option<String>,
    /// Exit code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<i64>,
    /// Whether it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<bool>,
    /// Volumes by their name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<String>,
    /// What it is made with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub made: Option<Box<MadeFacts>>,
    /// More, by name, for people.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub more: BTreeMap<String, String>,
}

/// What a container is made with. Absent is what nobody asked or told.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MadeFacts {
    /// Image, as it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// Entry point; absent for the image's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry_point: Option<Vec<String>>,
    /// Command; absent for the image's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// Names of the variables of its environment. Values may be secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variables: Option<Vec<String>>,
    /// User; absent for the image's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Working directory; absent for the image's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_directory: Option<String>,
    /// Capabilities added to the default set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capabilities_added: Option<Vec<String>>,
    /// Capabilities taken from it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capabilities_dropped: Option<Vec<String>>,
    /// Whether all is allowed to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub privileged: Option<bool>,
    /// Whether its root is read-only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_only_root: Option<bool>,
    /// Whether an init is its first process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub init: Option<bool>,
    /// Limits of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ulimits: Option<Vec<LimitFact>>,
    /// Processor shares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpu_shares: Option<u64>,
    /// Hard limit of memory in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
    /// Soft limit of memory in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_reservation: Option<u64>,
    /// Whose network it is in: `none` for its own with loopback alone, `container`, `machine`, or a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<String>,
    /// Whose process namespace it is in: `private`, `container`, `machine`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub processes: Option<String>,
    /// Mounts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mounts: Option<Vec<MountFact>>,
    /// Starts by the engine itself, without having been asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engine_restarts: Option<u64>,
}

/// A resource limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitFact {
    /// Such as `nofile`.
    pub name: String,
    /// Soft.
    pub soft: i64,
    /// Hard.
    pub hard: i64,
}

/// A mount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MountFact {
    /// Name of a volume, a path of the engine's machine, or `memory`.
    pub source: String,
    /// Path in the container.
    pub target: String,
    /// Whether read-only.
    pub read_only: bool,
}

/// A reason of the simulated Fargate to reject a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Class, such as `E01`.
    pub class: String,
    /// Member.
    pub path: String,
    /// What it says.
    pub message: String,
}

/// What the simulated Fargate says to a definition, and how it reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validation {
    /// Reasons to reject it; none when it is accepted.
    pub rejections: Vec<Rejection>,
    /// CPU units of the task.
    pub cpu: Option<u64>,
    /// MiB of the task.
    pub memory: Option<u64>,
    /// GiB of its disk.
    pub disk: i64,
}

/// An encrypted connection, as its client saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsSession {
    /// `1.2`, `1.3`.
    pub version: String,
    /// SHA-256 of the server's certificate (DER), in hexadecimal.
    pub certificate_sha256: String,
}
