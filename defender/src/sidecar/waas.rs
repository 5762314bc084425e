//! The seam to the WAAS crate.

use proofhouse_protocol::FirewallAudit;
use proofhouse_protocol::link::{CloudMetadata, PolicyRevision};
use std::path::PathBuf;
use tokio::sync::mpsc::Sender;

/// What WAAS needs to know of its task.
#[derive(Debug, Clone)]
#[expect(dead_code, reason = "read by the WAAS crate, which takes this module's place")]
pub struct WaasConfig {
    /// `<family>:<task id>`.
    pub app_id: String,
    /// Version of the Defender.
    pub version: String,
    /// Where the task runs.
    pub cloud: CloudMetadata,
    /// Where the Core Rule Set lies.
    pub crs_directory: PathBuf,
}

/// Why WAAS failed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WaasError(String);

/// The firewall of a task.
#[derive(Debug)]
pub struct Waas {
    _audits: Sender<FirewallAudit>,
}

impl Waas {
    /// Loads the rules.
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn start(_config: WaasConfig, audits: Sender<FirewallAudit>) -> Result<Self, WaasError> {
        Ok(Self { _audits: audits })
    }

    /// Brings a revision into force.
    ///
    /// # Errors
    /// When it cannot be used; the former one stays.
    pub async fn apply(&self, _revision: &PolicyRevision) -> Result<(), WaasError> {
        Ok(())
    }

    /// Returns when every audit that was decided before is in the channel.
    pub async fn flush(&self) {}
}
