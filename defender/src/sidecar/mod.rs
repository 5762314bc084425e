//! The sidecar: holds the Console link, the audit spool and WAAS, and commands the wrappers of its task.

mod admission;
mod core;
mod door;
mod fences;
mod hub_server;
mod link;
mod metadata;
mod outgoing;
mod reports;
mod resolve;
mod run;
mod settings;
mod spool;
mod tls;
mod totals;
mod wrappers;

#[cfg(feature = "fuzzing")]
pub(crate) use hub_server::lines;
pub use run::{SidecarError, run};
pub use settings::{ConsoleSettings, Settings, SettingsError};
