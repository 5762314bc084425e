//! Exploration: what a seed makes up is tried in a task, hundreds of things in one, and judged by the model.

mod coverage;
mod explorer;
mod field;
mod task;

pub use coverage::Coverage;
pub use explorer::{Explorer, POLICIES, RoundDone, TRIALS};
pub use field::{Field, trials_at};
pub use task::{CONTAINERS, definition, images, internet, places};
