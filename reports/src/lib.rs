//! The history of a run, its verdicts, and every writer of it.
//!
//! Observations go into one append-only [`history`]. [`checks`] are pure functions over records, [`verdict`] derives
//! a scenario's result from them, [`report`] assembles the run, and [`write`](mod@write) prints it. Everything behind the
//! history can be done again from its file alone.
//!
//! A runner records, in this order:
//!
//! 1. through [`History::for_run`], [`RunHeader::to_observation`];
//! 2. through [`History::for_scenario`], for each attempt: [`ScenarioMeta::to_observation`], then whatever happens, a `Step`
//!    for each step (`passed`, `failed`, `skipped`, `undefined`, or `error` where the environment is at fault), each [`Check`]
//!    that a step makes ([`Check::to_observation`]; what it concludes is not recorded), and `ScenarioEnded`;
//! 3. `RunEnded`, then [`History::finish`], whose error is a [`report::Problem`];
//! 4. [`report::assemble`], [`write::write_folder`], [`write::to_summary`], and the exit code of the report.
//!
//! Evidence carries the token of its stimulus: `Stimulus`, `Act` (source: the actor, by container) and `HttpExchange`.
//! A fence is recorded with its pipeline: as `sent` behind the stimulus, and as `passed` where it came out.

pub mod bench;
pub mod catalogue;
pub mod checks;
pub mod exit;
pub mod history;
mod problem;
pub mod report;
pub mod verdict;
pub mod write;

pub use catalogue::{Catalogue, Coverage, Level};
pub use checks::{Check, Conclusion, Outcome};
pub use exit::ExitCode;
pub use history::{History, HistoryRecord};
pub use report::{RunHeader, RunReport};
pub use verdict::{ScenarioMeta, ScenarioResult, Verdict};
