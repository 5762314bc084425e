//! What the machine is told and what it asks for.

use super::{CheckRun, Health, StopReason, TaskStatus};
use std::fmt;

/// A signal that ends a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Signal {
    /// SIGTERM, or the image's own stop signal.
    Term,
    /// SIGKILL.
    Kill,
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Term => "SIGTERM",
            Self::Kill => "SIGKILL",
        })
    }
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The world container exists, so that others can be created that will join it.
    WorldCreated,
    /// The world container runs, its networks are ready.
    WorldReady,
    /// The world container could not be made, or is gone.
    WorldFailed {
        /// Reason, with its class in front.
        reason: String,
    },
    /// A container exists.
    Created {
        /// Which.
        container: String,
    },
    /// A container could not be created, or its image not pulled.
    CreateFailed {
        /// Which.
        container: String,
        /// Reason, with its class in front.
        reason: String,
    },
    /// A container's process runs.
    Started {
        /// Which.
        container: String,
    },
    /// A container's process could not be started.
    StartFailed {
        /// Which.
        container: String,
        /// Code that the engine gives, such as 127.
        exit_code: Option<i64>,
        /// Reason, with its class in front.
        reason: String,
    },
    /// A container's process ended.
    Exited {
        /// Which.
        container: String,
        /// Code, 128 + n for a signal.
        code: i64,
        /// Whether memory ran out.
        out_of_memory: bool,
    },
    /// The engine tells late that memory had run out in a container that has ended.
    OutOfMemory {
        /// Which.
        container: String,
    },
    /// A signal has reached a container.
    Signalled {
        /// Which.
        container: String,
        /// What signal.
        signal: Signal,
    },
    /// A container's health changed.
    HealthChanged {
        /// Which.
        container: String,
        /// To what.
        health: Health,
        /// The run of its check that changed it.
        check: CheckRun,
    },
    /// Someone wants the task to stop.
    StopRequested {
        /// Why.
        stop: StopReason,
    },
    /// Time went by.
    Tick,
    /// The world container is gone, after [`Command::Deprovision`].
    Deprovisioned,
}

/// Something to do. Each is carried out at once, none waits for another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Create a container.
    Create(String),
    /// Start a container, the first time or again.
    Start(String),
    /// Send a signal.
    Signal(String, Signal),
    /// The task reached a status: tell those who watch.
    Reached(TaskStatus),
    /// Take the world container away.
    Deprovision,
}
