//! Policies and collections: what a write must look like, and what becomes of it.

mod collections;
mod default_rule;
mod refusal;
mod runtime;
mod typed;
mod waas;

pub(crate) use collections::{Collections, DEFAULT_COLOR};
pub(crate) use default_rule::default_rule;
pub use refusal::Refusal;
pub(crate) use runtime::check_runtime;
pub(crate) use typed::{runtime_for_link, waas_for_link};
pub(crate) use waas::{check_waas, name_apps};
