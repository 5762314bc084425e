//! Exploration: what a seed makes up is tried in a task, hundreds of things in one, and judged by the model.

mod answer_words;
mod audit_words;
mod coverage;
mod explorer;
mod feature;
mod field;
mod firewall_words;
mod flood_words;
mod renew;
mod requests;
mod shrink;
mod simpler_answers;
mod simpler_api;
mod simpler_custom;
mod simpler_firewall;
mod task;
mod visit_feature;

pub use coverage::Coverage;
pub use explorer::{Explorer, POLICIES, RoundDone, TRIALS};
pub use feature::{Origin, written};
pub use field::Field;
pub use shrink::{Shrunk, shrink};
pub use task::{CONTAINERS, definition, images, internet, places};
