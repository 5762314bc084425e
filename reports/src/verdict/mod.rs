//! From records to a scenario's result, and from results to a gate.

mod compare;
mod expectations;
mod judge;
mod meta;
mod result;

pub use compare::{Difference, compare};
pub use expectations::{Expectations, ExpectationsError, KnownFailure};
pub use judge::{judge, last_attempt};
pub use meta::{Fidelity, ScenarioMeta};
pub use result::{FindingResult, ScenarioResult, StepResult, Verdict};
