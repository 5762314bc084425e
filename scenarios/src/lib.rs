//! The Gherkin runner: suite, world, steps, and the rig that scenarios and `proofhouse up` share.
//!
//! Steps are thin: they parse words, call one function of the [`world`](crate) and record. What a scenario needs to live in (a
//! Console, a task, the internet around it) is the [`rig`], which knows nothing of Gherkin. How containers are made is
//! the harness's business; nothing here names an engine.

mod allowance;
mod context;
pub mod explore;
mod parser;
pub mod rig;
mod runner;
pub mod saboteur;
pub mod soak;
pub mod steps;
pub mod suite;
mod watch;
mod watchdog;
mod world;
mod writer;

pub use context::Progress;
pub use runner::{RunOptions, run};
pub use watch::Watch;
pub use watchdog::find_step;
