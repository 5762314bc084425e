//! The steps: words in, one call of the world out. No logic lives here.

mod app;
mod audits;
mod console;
mod dns;
mod documentation;
mod embed;
mod fargate;
mod faults;
mod parameters;
mod policy;
mod process;
mod questions;
mod task;
mod waas;

pub use documentation::{StepDocumentation, documentation};
pub use parameters::{Certificate, Resolver, Scope};
