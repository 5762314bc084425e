//! Detection: rules compiled into automata, and the search.

mod bank;
mod chain;
mod children;
mod compile;
mod detector;
mod error;
mod harmless;
mod leaks;
mod memo;
mod php;
mod plain;
mod prose;
mod rule;
mod sentence;
mod set;
mod sieve;
mod structure;
mod test;
mod words;

pub(crate) use detector::LONGEST_SHOWN;
pub use detector::{Detector, Match};
pub use error::CrsError;
pub use leaks::Leak;
