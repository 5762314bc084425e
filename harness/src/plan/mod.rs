//! What to create, in which order, and why: a pure value that can be printed and tested without an engine.

mod build;
mod defaults;
mod described;
mod display;
mod environment;
mod error;
mod names;
mod options;
mod router;
#[cfg(test)]
mod tests;
mod value;
mod when;

pub use described::Described;
pub use error::PlanError;
pub(crate) use options::uuid;
pub use options::{PlanOptions, new_task_id};
pub use value::{ExposedPort, HealthProbe, Note, Plan, PlannedContainer, WORLD};
