//! The Core Rule Set as data: reading `SecRule` lines, and the reviewed list of rules that are not used.

mod action;
mod operator;
mod parse;
mod pattern;
mod reviewed;
mod rule;
mod setup;
mod shown;
mod update;
mod variable;

pub use action::Role;
pub use operator::Operator;
pub use parse::{ParseError, RuleFile, parse};
pub use pattern::to_rust_regex;
pub use reviewed::{AS_SENT, Fate, LEAKS, NOT_USED, NotUsed, PROMOTED};
pub use rule::Rule;
pub use setup::{HIGHEST_LEVEL, USUAL_LEVEL, level};
pub(crate) use shown::shown;
pub use update::Update;
pub use variable::{Selector, Variable};
