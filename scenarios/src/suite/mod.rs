//! The suite: the scenarios of a folder, read, checked and selected before anything runs.

mod case;
mod error;
mod lint;
mod load;
mod selection;

pub use case::Case;
pub use error::{Complaint, SuiteError};
pub use lint::{StepMatch, lint};
pub use load::Suite;
pub use selection::{Selection, SelectionError, Shard};
