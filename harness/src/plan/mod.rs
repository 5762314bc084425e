//! What to create, in which order, and why: a pure value that can be printed and tested without an engine.

mod build;
mod display;
mod environment;
mod error;
mod names;
mod options;
mod properties;
#[cfg(test)]
mod tests;
mod value;

pub use error::PlanError;
pub use options::{PlanOptions, new_task_id};
pub use properties::{Fidelity, Property, properties};
pub use value::{ExposedPort, HealthProbe, Note, Plan, PlannedContainer, WORLD};
