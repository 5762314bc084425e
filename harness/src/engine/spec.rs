//! What is asked of an engine: a container, an image.

use bytes::Bytes;
use serde::Serialize;
use std::collections::BTreeMap;

/// A container to create. Fields that are `None` leave the image's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct ContainerSpec {
    /// Name on the engine.
    pub name: String,
    /// Image.
    pub image: String,
    /// Replaces ENTRYPOINT.
    pub entrypoint: Option<Vec<String>>,
    /// Replaces CMD.
    pub command: Option<Vec<String>>,
    /// `NAME=value`.
    pub environment: Vec<String>,
    /// User.
    pub user: Option<String>,
    /// Working directory.
    pub working_directory: Option<String>,
    /// Host name; only with a network of its own.
    pub hostname: Option<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Network.
    pub network: Network,
    /// Process namespace.
    pub processes: ProcessNamespace,
    /// Capabilities added to the default set.
    pub capabilities_add: Vec<String>,
    /// Capabilities taken from it.
    pub capabilities_drop: Vec<String>,
    /// Mounts.
    pub mounts: Vec<Mount>,
    /// Engine names of containers whose volumes appear here, and whether read-only.
    pub volumes_from: Vec<(String, bool)>,
    /// Whether the root is read-only.
    pub read_only_root: bool,
    /// Whether an init is PID 1.
    pub init: bool,
    /// Resource limits.
    pub ulimits: Vec<Ulimit>,
    /// Kernel parameters.
    pub sysctls: BTreeMap<String, String>,
    /// Bytes; hard.
    pub memory: Option<u64>,
    /// Bytes; soft.
    pub memory_reservation: Option<u64>,
    /// Shares.
    pub cpu_shares: Option<u64>,
    /// Whether standard input stays open; it is closed when its one writer goes.
    pub stdin: bool,
    /// Whether it has a terminal.
    pub terminal: bool,
    /// What the engine does with its output.
    pub log: Log,
}

/// What an engine does with the output of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub enum Log {
    /// Nothing: a stream of binary frames is not for a log.
    #[default]
    None,
    /// It keeps every line; who writes waits for it.
    Blocking,
    /// It keeps what it can; who writes never waits, and what does not fit the buffer is lost.
    NonBlocking {
        /// Size of the buffer, such as `10m`.
        buffer: String,
    },
}

/// Network of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub enum Network {
    /// Its own, with loopback alone: no packet leaves it.
    #[default]
    None,
    /// That of another container, by engine name or id.
    Of(String),
}

/// Process namespace of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub enum ProcessNamespace {
    /// Its own.
    #[default]
    Private,
    /// That of another container.
    Of(String),
}

/// A mount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mount {
    /// What.
    pub source: MountSource,
    /// Path in the container.
    pub target: String,
    /// Whether read-only.
    pub read_only: bool,
}

/// What is mounted. Never a directory of the host: a bind does not copy the image's content (`fargate.md` 6.9).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum MountSource {
    /// A named volume, created with these labels when it is not there.
    Volume {
        /// Name.
        name: String,
        /// Labels.
        labels: BTreeMap<String, String>,
    },
    /// Memory.
    Tmpfs {
        /// Mount options, such as `size=16m`.
        options: String,
    },
}

/// A resource limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ulimit {
    /// Such as `nofile`.
    pub name: String,
    /// Soft.
    pub soft: i64,
    /// Hard.
    pub hard: i64,
}

/// An image made of one tar.
#[derive(Debug, Clone)]
pub struct ImageImport {
    /// Repository.
    pub repository: String,
    /// Tag.
    pub tag: String,
    /// Root file system as a tar.
    pub root: Bytes,
    /// Dockerfile instructions of the configuration: `ENTRYPOINT [...]`, `VOLUME ...`, `LABEL ...`.
    pub changes: Vec<String>,
}
