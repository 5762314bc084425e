//! ECS task definitions as people have them: typed, with the place of every value in the user's text.

mod cloudformation;
mod container;
mod document;
mod error;
pub mod json;
mod length;
mod parse;
mod parts;
mod placeholder;
mod reader;
mod recognise;
mod shell;
mod size;
mod span;
mod task_definition;
pub mod tree;
pub mod yaml;

pub use container::{Condition, ContainerDefinition, Dependency, HealthCheck, RestartPolicy};
pub use document::Dialect;
pub use error::{DefinitionError, Problem};
pub use parts::{
    Capabilities, LinuxParameters, LogConfiguration, MountPoint, PortMapping, Secret, SystemControl, Tmpfs,
    Ulimit, Volume, VolumeFrom, VolumeSource,
};
pub use placeholder::placeholder;
pub use shell::is_shell;
pub use size::{Cpu, Memory, SizeError};
pub use span::Span;
pub use task_definition::{OpenValue, PidMode, TaskDefinition};
