//! The append-only history: what everyone saw, in one order.

mod file;
mod record;
mod store;

pub use file::{ReadError, read, read_from};
pub use record::{HistoryRecord, SCHEMA, by_scenario, slice};
pub use store::{History, OpenError, ScenarioRecorder, WriteError};
