//! The hub: JSON lines on a Unix socket in the shared volume, between the sidecar and its wrappers.
//!
//! Internal to one build of the Defender: the wrapper is always the binary of the sidecar that it speaks to.

mod client;
mod lost;
mod message;
mod outbox;

#[cfg(feature = "fuzzing")]
pub(crate) use client::answers;
pub use client::{Client, Commands, ask_health, await_health};
pub use lost::{Losses, Lost};
pub use message::{Attach, FromSidecar, NumberedAudit, ToSidecar};
pub use outbox::Outbox;
#[cfg(test)]
pub(crate) use outbox::audit as test_audit;

use std::path::{Path, PathBuf};

/// The volume that the sidecar shares with the app containers.
pub const FOLDER: &str = "/var/lib/twistlock/fargate";

/// The variable that says whether the task was embedded with file system monitoring, for the sidecar and for each wrapper.
pub const MONITORING: &str = "FILESYSTEM_MONITORING";

/// Longest line that a wrapper takes; a policy of 4 MiB is a mistake.
pub const LONGEST_LINE: usize = 4 << 20;

/// Longest line that the sidecar takes from a wrapper that it has let in, and from who it does not know yet.
pub const LONGEST_SAYING: usize = 2 << 20;
/// See [`LONGEST_SAYING`].
pub const LONGEST_FIRST: usize = 16 << 10;

/// The socket in a folder.
#[must_use]
pub fn socket(folder: &Path) -> PathBuf {
    folder.join("hub.sock")
}
