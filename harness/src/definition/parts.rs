//! Volumes, ports, limits, logs: the smaller shapes of a task definition (`fargate.md` 1.3 to 1.6).

use serde::Serialize;
use std::collections::BTreeMap;

/// A task volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Volume {
    /// Name that mount points use.
    pub name: String,
    /// What it is made of.
    pub source: VolumeSource,
}

/// What a volume is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum VolumeSource {
    /// An empty directory of the task.
    Task,
    /// A directory of the host; Fargate refuses it.
    Host,
    /// A Docker volume; Fargate refuses it.
    Docker,
    /// Elastic File System.
    Efs,
    /// S3 Files.
    S3Files,
    /// FSx for Windows; not on Linux.
    FsxWindows,
    /// Elastic Block Store, configured when the task is run.
    ConfiguredAtLaunch,
}

/// Where a task volume appears.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MountPoint {
    /// Volume.
    pub source_volume: String,
    /// Path in the container.
    pub container_path: String,
    /// Default false.
    pub read_only: bool,
}

/// All volumes of another container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VolumeFrom {
    /// The other container.
    pub source_container: String,
    /// Default false.
    pub read_only: bool,
}

/// A port that a container serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PortMapping {
    /// Port in the task's namespace; absent with a range.
    pub container_port: Option<u16>,
    /// Equal to the container port when given.
    pub host_port: Option<u16>,
    /// `tcp` or `udp`.
    pub protocol: String,
}

/// A secret put into the environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Secret {
    /// Variable.
    pub name: String,
    /// Parameter or secret, by name or ARN.
    pub value_from: String,
}

/// A namespaced kernel parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SystemControl {
    /// Such as `net.core.somaxconn`.
    pub namespace: String,
    /// Value.
    pub value: String,
}

/// A resource limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ulimit {
    /// Such as `nofile`.
    pub name: String,
    /// Soft limit.
    pub soft: i64,
    /// Hard limit.
    pub hard: i64,
}

/// A memory file system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tmpfs {
    /// Path in the container.
    pub container_path: String,
    /// MiB.
    pub size: i64,
    /// Mount options.
    pub mount_options: Vec<String>,
}

/// Capabilities added and dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct Capabilities {
    /// Added; Fargate allows `SYS_PTRACE` alone.
    pub add: Vec<String>,
    /// Dropped.
    pub drop: Vec<String>,
}

/// Linux settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct LinuxParameters {
    /// Capabilities.
    pub capabilities: Capabilities,
    /// Whether an init process is PID 1.
    pub init: bool,
    /// Memory file systems.
    pub tmpfs: Vec<Tmpfs>,
}

/// Where logs go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LogConfiguration {
    /// `awslogs`, `splunk`, `awsfirelens`.
    pub driver: String,
    /// Options of the driver.
    pub options: BTreeMap<String, String>,
}
