//! Policies and collections: what a write must look like, and what becomes of it.

#[cfg(test)]
mod acceptance_tests;
mod collections;
mod custom_rules;
mod default_rule;
mod import;
mod mistake;
mod network_lists;
mod path;
mod refusal;
mod rule;
mod runtime;
mod sensitive_data;
mod shape;
mod shipped_data;
mod spot;
mod store;
mod typed;
mod waas;
mod walk;
mod writer;

use collections::Collections;
use custom_rules::CustomRules;
use default_rule::default_rule;
pub use mistake::{Mistake, Wrong};
use network_lists::NetworkLists;
pub use path::{JsonPath, Step};
pub use refusal::Refusal;
use sensitive_data::SensitiveData;
pub(crate) use store::PolicyStore;
use typed::{runtime_for_link, waas_for_link};
pub(crate) use waas::secrets_in;
pub(crate) use writer::Writer;
