//! What goes wrong with a task.

use crate::engine::EngineError;
use crate::lifecycle::TaskRecord;
use std::time::Duration;

/// A task that did not do what was wanted.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// The engine refused.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The world container did not come up.
    #[error("ResourceInitializationError: the world of the task cannot be made: {0}")]
    World(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The task stopped instead.
    #[error("the task stopped: {reason}{}", containers_text(.containers))]
    Stopped {
        /// `stopCode` and `stoppedReason`.
        reason: String,
        /// Each container and how it ended.
        containers: Vec<String>,
        /// Containers whose image could not be fetched, with the reason.
        unpulled: Vec<(String, String)>,
        /// The task as it was then.
        record: Box<TaskRecord>,
    },
    /// Not in time.
    #[error("the task is {status} and not {wanted} after {after:?}: {}", waiting.join("; "))]
    Late {
        /// Wanted.
        wanted: &'static str,
        /// Reached.
        status: String,
        /// Deadline.
        after: Duration,
        /// What each container is at.
        waiting: Vec<String>,
    },
    /// The harness failed. The task is not looked after any more; it can only be removed.
    #[error(
        "the harness panicked while {operation}: {text}: this is a defect of proofhouse, please report it"
    )]
    Panicked {
        /// What was being done.
        operation: String,
        /// What the panic said.
        text: String,
    },
    /// A fence of the engine's events did not come out.
    #[error("the fence of the engine's events of \"{container}\" did not come out: {why}")]
    Fence {
        /// Container.
        container: String,
        /// Why not.
        why: String,
    },
    /// No such container.
    #[error("the task has no container `{name}` that was created: it has {}", known.join(", "))]
    NoContainer {
        /// Name asked for.
        name: String,
        /// Names that there are.
        known: Vec<String>,
    },
    /// A file that cannot be read.
    #[error("`{path}` in container `{container}` {why}")]
    File {
        /// Container.
        container: String,
        /// Path.
        path: String,
        /// What it is instead of a file.
        why: String,
    },
}

fn containers_text(containers: &[String]) -> String {
    if containers.is_empty() { String::new() } else { format!(": {}", containers.join("; ")) }
}
