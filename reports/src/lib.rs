//! The history of a run, its verdicts, and every writer of it.
//!
//! Observations go into one append-only [`history`]. [`checks`] are pure functions over records, [`verdict`] derives
//! a scenario's result from them, [`report`] assembles the run, and [`write`](mod@write) prints it. Everything behind the
//! history can be done again from its file alone.

pub mod bench;
pub mod catalogue;
pub mod checks;
pub mod exit;
pub mod history;
pub mod report;
pub mod verdict;
pub mod write;

pub use catalogue::{Catalogue, Coverage, Level};
pub use checks::{Blame, Check, Conclusion};
pub use exit::ExitCode;
pub use history::{History, HistoryRecord};
pub use report::{RunHeader, RunReport};
pub use verdict::{ScenarioMeta, ScenarioResult, Verdict};
