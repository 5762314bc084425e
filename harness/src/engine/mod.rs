//! Container engines: who creates, starts, signals, runs and removes. The one on Docker is [`DockerEngine`].

mod docker;
mod error;
mod interface;
mod spec;
mod stdio;
mod types;

pub use docker::DockerEngine;
pub use error::EngineError;
pub use interface::Engine;
pub use spec::{ContainerSpec, ImageImport, Log, Mount, MountSource, Network, ProcessNamespace, Ulimit};
pub use types::{
    Attached, ContainerId, DiskUse, EngineEvent, EngineInfo, ExecOutcome, Happening, ImageListing,
    Inspection, Listing, LogLine, LogStream, MountInspection, VolumeListing,
};
