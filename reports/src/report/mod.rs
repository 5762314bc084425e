//! The report of a run, assembled from its history by pure code.

mod assemble;
mod choices;
mod header;
mod run;

pub use assemble::{AssembleError, assemble};
pub use choices::{Choice, declared_choices};
pub use header::{Environment, Implementation, RunHeader};
pub use run::{Counts, Exit, LevelSummary, NotPassed, Problem, ProblemKind, RunReport, SCHEMA};
