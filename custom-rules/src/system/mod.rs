//! The rules of owner `system`.
//!
//! A declared choice: the rules that the product ships are not published for others to use, so these are our own, for
//! well-known attacks, and stand in for them. They use what the shipped ones are known to use: transforms within
//! each other over lists, escaped slashes, flags, and the class `[^\w\d\s-,:_]`.

mod frameworks;
mod java;
mod protocol;
mod rule;
mod servers;

pub use rule::{SystemRule, system_rules};
