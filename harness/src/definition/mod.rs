//! ECS task definitions as people have them: typed, with the place of every value in the user's text.

mod container;
mod error;
pub mod json;
mod parse;
mod parts;
mod reader;
mod recognise;
mod size;
mod span;
mod task_definition;

pub use container::{Condition, ContainerDefinition, Dependency, HealthCheck, RestartPolicy};
pub use error::{DefinitionError, Problem};
pub use parts::{
    Capabilities, LinuxParameters, LogConfiguration, MountPoint, PortMapping, Secret, SystemControl, Tmpfs,
    Ulimit, Volume, VolumeFrom, VolumeSource,
};
pub use size::{Cpu, Memory, SizeError};
pub use span::Span;
pub use task_definition::{PidMode, TaskDefinition};
