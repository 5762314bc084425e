//! The life of a task as a pure state machine: events in, commands out, time as a value (`fargate.md` section 2).
//!
//! It owns every order rule: who starts when, who is told to stop when, what ends the task, and what the task's
//! record says afterwards. It never waits and never talks to an engine; [`crate::task`] does.

mod graph;
mod health;
mod machine;
#[cfg(test)]
mod machine_tests;
mod message;
#[cfg(test)]
mod property_tests;

mod restart;
mod shutdown;
mod standing;

pub use graph::{Graph, GraphError, Node};
pub use health::HealthMonitor;
pub use machine::Machine;
pub use message::{Command, Event, Signal};
pub use proofhouse_protocol::task::{
    CheckRun, ContainerRecord, ContainerStatus, Health, StopCode, StopReason, TaskRecord, TaskStatus,
};
pub use restart::Restart;
