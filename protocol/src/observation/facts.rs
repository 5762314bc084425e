//! What was found where somebody looked.

use serde::{Deserialize, Serialize};

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
