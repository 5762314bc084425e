//! Container engines: who creates, starts, signals, runs and removes. [`connect`] finds the one of this machine.

mod docker;
mod error;
mod facts;
mod inspection;
mod interface;
mod spec;
mod statistics;
mod stdio;
mod types;

pub use docker::{DockerEngine, connect};
pub use error::EngineError;
pub use inspection::{
    EngineHealthCheck, Inspection, LogDriver, LogInspection, LogMode, MadeWith, MountInspection, MountOrigin,
    NamespaceInspection, NetworkInspection, RunState,
};
pub use interface::Engine;
pub use spec::{ContainerSpec, ImageImport, Log, Mount, MountSource, Network, ProcessNamespace, Ulimit};
pub use statistics::{CpuUse, IoKind, IoUse, MemoryUse, Statistics};
pub use types::{
    Attached, ContainerId, DiskUse, EngineEvent, EngineInfo, EngineNews, ExecOutcome, Happening,
    ImageListing, Listing, LogLine, LogStream, VolumeListing,
};
