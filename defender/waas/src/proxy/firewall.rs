//! What requests are decided by, and how it comes and changes.

use super::forward::Upstream;
use crate::auditor::Auditor;
use crate::bans::Bans;
use crate::captcha::Verifier;
use crate::clock::{Clock, ShiftedClock};
use crate::countries::Countries;
use crate::discovery::Learner;
use crate::dos::Floods;
use crate::policy::Active;
use crate::sessions::Sessions;
use crate::statistics::Statistics;
use crate::{Detector, WaasConfig};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::SetOnce;

/// Everything that requests are decided by.
pub(crate) struct Firewall {
    pub(crate) config: WaasConfig,
    /// There once the rule set is loaded.
    pub(super) detector: SetOnce<Arc<Detector>>,
    /// Whether its rules are compiled, or are being compiled.
    pub(super) warmed: AtomicBool,
    /// There once the database is read, or known not to be there; long before the rule set.
    pub(super) countries: SetOnce<Countries>,
    pub(crate) auditor: Arc<Auditor>,
    pub(crate) clock: ShiftedClock,
    pub(super) active: RwLock<Arc<Active>>,
    pub(super) bans: Bans,
    pub(super) floods: Floods,
    pub(super) sessions: Sessions,
    pub(super) verifier: Verifier,
    pub(crate) learner: Learner,
    pub(crate) statistics: Statistics,
    pub(super) upstream: Upstream,
}

impl std::fmt::Debug for Firewall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Firewall").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Firewall {
    pub(crate) fn new(config: WaasConfig, auditor: Arc<Auditor>, clock: Arc<dyn Clock>) -> Arc<Self> {
        let clock = ShiftedClock::of(clock);
        Arc::new(Self {
            verifier: Verifier::new(config.re_captcha.clone(), config.resolve),
            config,
            detector: SetOnce::new(),
            warmed: AtomicBool::new(false),
            countries: SetOnce::new(),
            auditor,
            active: RwLock::default(),
            bans: Bans::default(),
            floods: Floods::new(clock.now()),
            sessions: Sessions::new(clock.now()),
            learner: Learner::new(clock.now()),
            statistics: Statistics::new(clock.now()),
            clock,
            upstream: Upstream::new(),
        })
    }

    /// Gives it the database of countries, once.
    pub(crate) fn locate_by(&self, countries: Countries) {
        self.countries.set(countries).expect("the database of countries is loaded once");
    }

    /// Gives it the rule set, once.
    pub(crate) fn equip(&self, detector: Arc<Detector>) {
        self.detector.set(detector).expect("the rule set is loaded once");
        self.warm_up();
    }

    /// Compiles the rules beside requests, once, as soon as they are there and a policy asks for them.
    fn warm_up(&self) {
        let Some(detector) = self.detector.get().filter(|_| self.active().inspects()) else { return };
        if self.warmed.swap(true, Ordering::Relaxed) {
            return;
        }
        Arc::clone(detector).warm_up_beside();
    }

    /// Returns when the rule set is there.
    pub(super) async fn equipped(&self) {
        self.detector.wait().await;
    }

    /// The rule set, if it is there.
    pub(super) fn detector(&self) -> Option<&Detector> {
        self.detector.get().map(AsRef::as_ref)
    }

    /// The policy in force.
    pub(crate) fn active(&self) -> Arc<Active> {
        Arc::clone(&self.active.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Decides by another policy from now on. Bans end with the app that made them, unless it stays as it was: a
    /// declared choice.
    pub(crate) fn activate(&self, active: Arc<Active>) {
        let former = std::mem::replace(
            &mut *self.active.write().unwrap_or_else(PoisonError::into_inner),
            Arc::clone(&active),
        );
        self.bans.retain(|app| active.keeps(&former, app));
        self.floods.retain(|app| active.keeps(&former, app));
        self.learner.retain(|app| active.learns(app));
        self.warm_up();
    }
}
