//! What goes wrong around a scenario, as opposed to in it.

use proofhouse_console::{ConsoleError, FenceError, WaitError};
use proofhouse_harness::definition::DefinitionError;
use proofhouse_harness::engine::EngineError;
use proofhouse_harness::images::ImagesError;
use proofhouse_harness::outside::OutsideError;
use proofhouse_harness::plan::PlanError;
use proofhouse_harness::task::TaskError;
use std::path::PathBuf;

/// What goes wrong around a scenario.
#[derive(Debug, thiserror::Error)]
pub enum RigError {
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The images.
    #[error(transparent)]
    Images(#[from] ImagesError),
    /// The Console could not start.
    #[error("could not start the Console: {0}")]
    Console(#[from] ConsoleError),
    /// A fence did not come out.
    #[error(transparent)]
    Fence(#[from] FenceError),
    /// A policy is not in force.
    #[error(transparent)]
    Wait(#[from] WaitError),
    /// The definition cannot be read.
    #[error(transparent)]
    Definition(#[from] DefinitionError),
    /// The definition cannot be planned.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The task.
    #[error(transparent)]
    Task(#[from] TaskError),
    /// The world around the task.
    #[error(transparent)]
    Outside(#[from] OutsideError),
    /// A call of the Console's API got no answer.
    #[error("could not call the Console: {0}")]
    Call(#[from] reqwest::Error),
    /// A socket.
    #[error(transparent)]
    Socket(#[from] std::io::Error),
    /// The Console refused a call that must succeed.
    #[error("the Console refused {call} with {status}: {error}")]
    Refused {
        /// Method and path.
        call: String,
        /// Status.
        status: u16,
        /// Its words.
        error: String,
    },
    /// The simulated ECS API contradicts itself.
    #[error("the simulated ECS API contradicts itself: {0}")]
    Ecs(String),
    /// A method that HTTP does not have.
    #[error("\"{0}\" is no HTTP method")]
    Method(String),
    /// A profile that cannot be used.
    #[error("could not use the Defender profile \"{}\": {why}", file.display())]
    Profile {
        /// File.
        file: PathBuf,
        /// Why.
        why: String,
    },
    /// A user that the Console does not have.
    #[error("the Console has no user \"{0}\"; it has \"admin\" and \"auditor\"")]
    NoUser(String),
    /// No task was started.
    #[error("no task was started")]
    NoTask,
    /// A container's actor said something else than expected, or nothing.
    #[error("the actor in \"{container}\" did not answer: {why}")]
    Actor {
        /// Container.
        container: String,
        /// Why.
        why: String,
    },
    /// TLS for a stranger at the link.
    #[error("could not make a stranger's certificate: {0}")]
    Stranger(String),
    /// A zone that cannot be.
    #[error("could not make the zone: {0}")]
    Zone(String),
}

/// An error with its sources, in one line.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let words = cause.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        source = cause.source();
    }
    text
}
