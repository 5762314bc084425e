//! The firewall as the sidecar uses it.

use crate::auditor::Auditor;
use crate::clock::{Clock, SystemClock};
use crate::countries::Countries;
use crate::policy::{Active, PolicyError};
use crate::proxy::{Firewall, Listeners};
use crate::{CrsError, Detector, WaasConfig};
use proofhouse_protocol::link::PolicyRevision;
use proofhouse_protocol::{DiscoveredApi, FirewallAudit, MonitoringStats};
use std::path::PathBuf;
use std::sync::Arc;
use thiserror::Error;
use tokio::sync::{Mutex, mpsc};

/// Why the firewall cannot start, or a policy cannot be used.
#[derive(Debug, Error)]
pub enum WaasError {
    /// The rule set.
    #[error("the WAAS rule set cannot be loaded: {0}")]
    Crs(#[from] CrsError),
    /// The database of countries.
    #[error("the database of countries {path:?} cannot be used: {source}")]
    Countries {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: maxminddb::MaxMindDbError,
    },
    /// The policy; the former one stays in force.
    #[error("the WAAS policy cannot be used: {0}")]
    Policy(#[from] PolicyError),
    /// The task that loads the rule set was stopped with the runtime.
    #[error("the WAAS rule set was not loaded: the runtime is shutting down")]
    Interrupted,
}

/// The running firewall. It ends when it is dropped, or orderly by [`Waas::close`].
#[derive(Debug)]
pub struct Waas {
    firewall: Arc<Firewall>,
    listeners: Mutex<Listeners>,
}

impl Waas {
    /// A firewall whose rule set is being loaded. Policies can be applied at once; no port is open before. A request that has
    /// to be inspected waits until the rule set is there, so that nothing passes unseen.
    ///
    /// The future ends when the rule set is there. It gives [`WaasError::Crs`] when the rule set is missing or has a rule that
    /// cannot be compiled, and [`WaasError::Countries`] when a database of countries is named that cannot be read; the firewall can
    /// decide nothing then.
    pub fn start(
        config: WaasConfig,
        audits: mpsc::Sender<FirewallAudit>,
    ) -> (Self, impl Future<Output = Result<(), WaasError>> + use<>) {
        Self::start_with_clock(config, audits, Arc::new(SystemClock))
    }

    /// As [`Waas::start`], with the clock that bans are measured by.
    pub fn start_with_clock(
        config: WaasConfig,
        audits: mpsc::Sender<FirewallAudit>,
        clock: Arc<dyn Clock>,
    ) -> (Self, impl Future<Output = Result<(), WaasError>> + use<>) {
        let (directory, database) = (config.crs_directory.clone(), config.geo_database.clone());
        let firewall = Firewall::new(config, Auditor::start(audits), clock);
        let loaded = Arc::clone(&firewall);
        let work = tokio::task::spawn_blocking(move || {
            match Countries::load(database.as_deref()) {
                Ok(countries) => loaded.locate_by(countries),
                Err(source) => {
                    return Err(WaasError::Countries { path: database.unwrap_or_default(), source });
                }
            }
            let started = std::time::Instant::now();
            let detector = Detector::load(&directory)?;
            tracing::info!(rules = detector.rules(), elapsed = ?started.elapsed(), "WAAS rule set loaded");
            loaded.equip(Arc::new(detector));
            Ok(())
        });
        let loading = async { work.await.map_err(|_| WaasError::Interrupted)? };
        (Self { firewall, listeners: Mutex::default() }, loading)
    }

    /// Puts a policy in force: when this returns, it decides every new request, and its ports listen. A port that
    /// another program uses is logged and tried again.
    ///
    /// # Errors
    /// [`WaasError::Policy`]: the former policy stays in force.
    pub async fn apply(&self, revision: &PolicyRevision) -> Result<(), WaasError> {
        let active = Arc::new(Active::compile(&revision.waas, &self.firewall.config.app_id)?);
        let mut listeners = self.listeners.lock().await;
        let ports: Vec<u16> = active.ports().collect();
        self.firewall.activate(active);
        listeners.set(&ports, &self.firewall).await;
        tracing::info!(revision = revision.revision, ?ports, "WAAS policy applied");
        Ok(())
    }

    /// Returns when every audit that was decided before the call is in the channel. An alert whose request is still
    /// at the application is waited for at most two seconds, and then goes without the application's status.
    pub async fn flush(&self) {
        self.firewall.auditor.flush().await;
    }

    /// What was learned of APIs since it was told last, each as a whole; nothing before half an hour by the firewall's clock is over.
    #[must_use]
    pub fn discovered_if_due(&self) -> Vec<DiscoveredApi> {
        self.firewall.learner.due(self.firewall.clock.now())
    }

    /// The same now.
    #[must_use]
    pub fn discovered(&self) -> Vec<DiscoveredApi> {
        self.firewall.learner.take(self.firewall.clock.now())
    }

    /// What was counted since the start or the last reset, whose number it is.
    #[must_use]
    pub fn statistics(&self) -> (u64, MonitoringStats) {
        self.firewall.statistics.now()
    }

    /// The same if it has changed since it was told last, and a minute by the firewall's clock is over.
    #[must_use]
    pub fn statistics_if_due(&self) -> Option<(u64, MonitoringStats)> {
        self.firewall.statistics.take(self.firewall.clock.now(), false)
    }

    /// The same if it has changed.
    #[must_use]
    pub fn changed_statistics(&self) -> Option<(u64, MonitoringStats)> {
        self.firewall.statistics.take(self.firewall.clock.now(), true)
    }

    /// Measures rates, bans, sessions and the times of its reports by a clock that is so many seconds ahead, a hundred years at most
    /// and never less than before. Returns how far it is ahead. Audits go on telling the machine's time.
    pub fn put_clock_ahead(&self, seconds: u64) -> u64 {
        self.firewall.clock.put_ahead(seconds)
    }

    /// Counts from 0 on, unless a reset of that number, or a later one, was done before.
    pub fn reset_statistics(&self, reset: u64) {
        self.firewall.statistics.reset(reset);
    }

    /// Audits lost since the start because the channel was not read.
    #[must_use]
    pub fn dropped_audits(&self) -> u64 {
        self.firewall.auditor.dropped()
    }

    /// Closes the ports.
    pub async fn close(&self) {
        self.firewall.activate(Arc::default());
        self.listeners.lock().await.close().await;
    }
}
