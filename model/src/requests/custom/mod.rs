//! Custom rules (section 2.14): what they say of a request and of its answer, and what comes of it.

mod expression;
mod holds;
mod message;
mod said;
mod script;
mod step;

pub use expression::{Among, Expression, Meanings, Relation, Subject, Test};
pub(super) use holds::Seen;
pub(super) use said::{Stage, said};
pub use step::Step;

#[cfg(test)]
mod tests;
