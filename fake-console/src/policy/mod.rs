//! Policies and collections: what a write must look like, and what becomes of it.

mod collections;
mod default_rule;
mod import;
mod refusal;
mod runtime;
mod store;
mod typed;
mod waas;

use collections::Collections;
use default_rule::default_rule;
pub use refusal::Refusal;
use runtime::check_runtime;
pub(crate) use store::{PolicyStore, Writer};
use typed::{runtime_for_link, waas_for_link};
use waas::{check_waas, name_apps};
