//! Why a document could not be protected. Nothing half-protected is ever returned.

/// Why a document could not be protected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EmbedError {
    /// The caller did not say how Defenders reach the Console (E27) [DUMP].
    #[error("missing console address for defender communication: add the query parameter consoleaddr")]
    MissingConsoleAddress,
    /// Not JSON or YAML.
    #[error("failed to unmarshal task definition: {0}")]
    Unreadable(String),
    /// Not an object.
    #[error("failed to unmarshal task definition: expected an object with containerDefinitions")]
    NotAnObject,
    /// No family, so that the Defender would not know its task.
    #[error("task definition has no family: name it in the member 'family'")]
    NoFamily,
    /// Nothing to protect.
    #[error("task definition has no containers: give at least one in the member 'containerDefinitions'")]
    NoContainers,
    /// A member has the wrong shape.
    #[error("{place}: member '{member}' must be {expected}")]
    BadMember {
        /// Container or task definition.
        place: String,
        /// Member.
        member: String,
        /// What would be right.
        expected: &'static str,
    },
    /// Nothing to run under the Defender (E15).
    #[error(
        "container '{container}' has no entryPoint: give the one of its image in the task definition, or ask for \
         extractEntrypoint=true"
    )]
    NoEntryPoint {
        /// Container.
        container: String,
    },
    /// Extraction was asked for an image that the Console does not know (E16).
    #[error(
        "container '{container}' has no entryPoint, and image '{image}' is unknown to this console: scan the \
             image first, or give the entryPoint in the task definition"
    )]
    UnknownImage {
        /// Container.
        container: String,
        /// Image.
        image: String,
    },
    /// The image starts nothing either.
    #[error(
        "container '{container}' has no entryPoint, and image '{image}' has neither ENTRYPOINT nor CMD: give \
             the entryPoint in the task definition"
    )]
    NothingToRun {
        /// Container.
        container: String,
        /// Image.
        image: String,
    },
    /// The sidecar would wait for a container that waits for the sidecar (E7).
    #[error(
        "container '{sidecar}' depends on container '{container}', which will depend on it: remove \
             that dependency"
    )]
    Cycle {
        /// Name of the sidecar.
        sidecar: String,
        /// Container.
        container: String,
    },
    /// CloudFormation would compute the value later (E23) [EMB].
    #[error("intrinsic function {function} at {path} is not supported: replace it by its value")]
    Intrinsic {
        /// Where.
        path: String,
        /// `Ref`, `Fn::Sub`, ...
        function: String,
    },
    /// A template without a task definition.
    #[error("template has no resource of type AWS::ECS::TaskDefinition")]
    NoTaskDefinition,
}
