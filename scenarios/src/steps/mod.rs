//! The steps: words in, one call of the world out. No logic lives here.

mod app;
mod audits;
mod console;
mod console_faults;
mod console_life;
mod dns;
mod documentation;
mod embed;
mod exploration;
mod fargate;
mod faults;
mod parameters;
mod policy;
mod process;
mod questions;
mod task;
mod waas;

pub use documentation::{StepDocumentation, documentation};
pub use parameters::{Bundle, Certificate, Resolver, Scope, Selector, Unit};
