//! Custom rules (section 2.14 of `waas.md`): which an app has attached, and what they see of a request and its answer.

mod attached;
mod event;

pub use attached::CustomRuleError;
pub(crate) use attached::CustomRules;
pub(crate) use event::{Exchange, Reply};
