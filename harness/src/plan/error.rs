//! Why there is no plan.

use crate::lifecycle::GraphError;

/// A definition that cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Dependencies.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// Two containers of one name.
    #[error("two containers are called `{name}`: give each its own name")]
    DuplicateName {
        /// The name.
        name: String,
    },
    /// A mount of a volume that is not declared.
    #[error(
        "container `{container}` mounts volume `{volume}`, which the task does not declare: add it to `volumes`"
    )]
    UnknownVolume {
        /// Who mounts.
        container: String,
        /// What.
        volume: String,
    },
    /// Another platform (`fargate.md` section 5).
    #[error(
        "the task is for `{platform}`, and only Linux on x86-64 is simulated: take `runtimePlatform` out to try the rest"
    )]
    Platform {
        /// Operating system or architecture, as written.
        platform: String,
    },
    /// A task id of another shape.
    #[error("task id `{id}` is not 32 hexadecimal digits: leave it out to get one")]
    TaskId {
        /// The id.
        id: String,
    },
}
