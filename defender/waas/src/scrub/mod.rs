//! What audits must not tell (sections 1.6 and 2.15 of `waas.md`).
//!
//! The secrets of a request are collected where the rules say, as they were sent and decoded; then every text of its audits is
//! searched for them, so that it does not matter by which way one came into it.

mod audit;
mod beginnings;
mod collect;
mod gathered;
mod rule;
mod secrets;

pub(crate) use rule::Scrubbing;
pub use rule::SensitiveDataError;
pub(crate) use secrets::Secrets;
