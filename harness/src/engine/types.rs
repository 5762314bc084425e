//! What an engine tells.

use super::RunState;
pub use proofhouse_protocol::observation::LogStream;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use tokio::io::{AsyncRead, AsyncWrite};

/// Id of a container on its engine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ContainerId(pub String);

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.get(..12).unwrap_or(&self.0))
    }
}

/// Something that happened to a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineEvent {
    /// Which.
    pub container: ContainerId,
    /// What.
    pub happening: Happening,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// Its process ended.
    Exited {
        /// Code, 128 + n for a signal.
        code: i64,
    },
    /// Memory ran out; an exit follows.
    OutOfMemory,
    /// Removed.
    Removed,
    /// It was marked, by [`super::Engine::mark`] or by an attachment.
    Marked,
}

/// What comes out of the stream of an engine's events. The stream ends when the engine cannot be followed any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineNews {
    /// Something happened to a container.
    Happened(EngineEvent),
    /// The stream broke and goes on from where it was.
    Reopened {
        /// What broke it.
        why: String,
        /// Whether the engine has told again what it told last, so that nothing can be missing in between.
        whole: bool,
    },
}

/// A line or the rest of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Where it was written.
    pub stream: LogStream,
    /// Bytes without the newline, as text.
    pub line: String,
}

/// How a program started from outside ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecOutcome {
    /// Exit code; 126 and 127 when it could not be run.
    pub code: i64,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
}

/// Standard input, output and error of a container.
pub struct Attached {
    /// Its standard output.
    pub stdout: Box<dyn AsyncRead + Send + Unpin>,
    /// Its standard input.
    pub stdin: Box<dyn AsyncWrite + Send + Unpin>,
    /// Its standard error, by lines; ends with the container.
    pub stderr: tokio::sync::mpsc::UnboundedReceiver<String>,
}

impl fmt::Debug for Attached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attached")
    }
}

/// What a container takes of the disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskUse {
    /// Its image.
    pub image_id: String,
    /// Bytes of its image, which others may share.
    pub image: u64,
    /// Bytes that it has written into its own layer.
    pub written: u64,
}

/// A container in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listing {
    /// Id.
    pub id: ContainerId,
    /// Name.
    pub name: String,
    /// Image.
    pub image: String,
    /// Its state.
    pub state: RunState,
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

/// A volume in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VolumeListing {
    /// Name.
    pub name: String,
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

/// An image in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImageListing {
    /// Id.
    pub id: String,
    /// Tags.
    pub tags: Vec<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
}

/// The engine itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EngineInfo {
    /// `docker`.
    pub name: String,
    /// Version.
    pub version: String,
    /// API version that is spoken.
    pub api_version: String,
    /// Kernel of the machine that containers run on.
    pub kernel: String,
    /// `linux`.
    pub os_type: String,
    /// `x86_64`, `aarch64`.
    pub architecture: String,
    /// Processors.
    pub cpus: i64,
    /// Bytes.
    pub memory: i64,
    /// `1`, `2`.
    pub cgroup_version: String,
    /// Such as `overlay2`.
    pub storage_driver: String,
    /// Such as `name=seccomp,profile=default`.
    pub security_options: Vec<String>,
    /// Where the engine keeps its data, on its machine.
    pub root_directory: String,
    /// Socket.
    pub endpoint: String,
}
