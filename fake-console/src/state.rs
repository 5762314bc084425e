//! What all tasks of a Console share. Locks are short and never held across an await.

use crate::audits::AuditStore;
use crate::authority::Authority;
use crate::config::ConsoleConfig;
use crate::defenders::{Command, Record};
use crate::discovery::Discovered;
use crate::faults::Faults;
use crate::fences::PendingFence;
use crate::policy::{PolicyStore, Refusal, Writer, secrets_in};
use crate::sabotage::Sabotages;
use crate::version::Version;
use jiff::Timestamp;
use proofhouse_protocol::link::PolicyRevision;
use proofhouse_protocol::observation::record;
use proofhouse_protocol::{Observation, Source};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How many revisions the Console can still push again.
const REMEMBERED_REVISIONS: usize = 1000;

/// The mutable part.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) policies: PolicyStore,
    pub(crate) revisions: Vec<Arc<PolicyRevision>>,
    pub(crate) defenders: BTreeMap<String, Record>,
    pub(crate) audits: AuditStore,
    pub(crate) discovered: Discovered,
    pub(crate) fences: BTreeMap<String, PendingFence>,
    /// How far ahead the clock of every firewall is to be; zero says nothing of it.
    pub(crate) ahead: Duration,
    pub(crate) filesystem_monitoring: bool,
}

/// What all tasks of a Console share.
pub(crate) struct Shared {
    pub(crate) config: ConsoleConfig,
    pub(crate) authority: Authority,
    pub(crate) faults: Faults,
    pub(crate) sabotages: Sabotages,
    pub(crate) policy: watch::Sender<Arc<PolicyRevision>>,
    pub(crate) shutdown: CancellationToken,
    pub(crate) tasks: TaskTracker,
    pub(crate) rest_address: Mutex<Option<SocketAddr>>,
    pub(crate) token_key: [u8; 32],
    /// Whether audits are aggregated from now on.
    pub(crate) aggregation: AtomicBool,
    /// That of the configuration, until the Console is upgraded.
    version: Mutex<Version>,
    inner: Mutex<Inner>,
    changed: watch::Sender<u64>,
    numbers: AtomicU64,
}

impl Shared {
    pub(crate) fn new(config: ConsoleConfig, authority: Authority) -> Result<Self, Refusal> {
        let now = config.clock.now().to_string();
        let policies = PolicyStore::new(&config.semantics, config.lenient, &now);
        let first = Arc::new(policies.revision(1, &config.semantics)?);
        let shared = Self {
            faults: Faults::new(config.recorder.clone()),
            sabotages: Sabotages::default(),
            policy: watch::Sender::new(first.clone()),
            shutdown: CancellationToken::new(),
            tasks: TaskTracker::new(),
            rest_address: Mutex::new(None),
            token_key: crate::random::bytes(),
            aggregation: AtomicBool::new(config.aggregation),
            version: Mutex::new(config.version),
            inner: Mutex::new(Inner {
                policies,
                revisions: vec![first.clone()],
                defenders: BTreeMap::new(),
                audits: AuditStore::default(),
                discovered: Discovered::default(),
                fences: BTreeMap::new(),
                ahead: Duration::ZERO,
                filesystem_monitoring: false,
            }),
            changed: watch::Sender::new(0),
            numbers: AtomicU64::new(1),
            config,
            authority,
        };
        shared.tell(told(&first));
        Ok(shared)
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.config.clock.now()
    }

    /// The version that the Console has now.
    pub(crate) fn version(&self) -> Version {
        *self.version.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on it is another.
    pub(crate) fn upgrade(&self, to: Version) {
        *self.version.lock().unwrap_or_else(PoisonError::into_inner) = to;
    }

    /// A number that was not given before.
    pub(crate) fn number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn tell(&self, observation: Observation) {
        record(&*self.config.recorder, Source::Console, observation);
    }

    /// Wakes everyone who waits for a change.
    pub(crate) fn changed(&self) {
        self.changed.send_modify(|n| *n = n.wrapping_add(1));
    }

    /// Waits until `probe` finds what it looks for.
    pub(crate) async fn wait<T>(
        &self,
        within: Duration,
        mut probe: impl FnMut(&mut Inner) -> Option<T>,
    ) -> Option<T> {
        let deadline = Instant::now() + within;
        let mut changed = self.changed.subscribe();
        loop {
            if let Some(found) = probe(&mut self.lock()) {
                return Some(found);
            }
            match timeout_at(deadline, changed.changed()).await {
                Ok(Ok(())) => {}
                _ => return probe(&mut self.lock()),
            }
        }
    }

    /// Tells the recorder of the secrets in a policy, before anything of it is recorded.
    pub(crate) fn keep_secrets(&self, policy: &Value) {
        for (what, secret) in secrets_in(policy) {
            self.config.recorder.keep_secret(what, &secret);
        }
    }

    /// Tries a write on a copy; when it is accepted, a new revision exists and goes to every Defender.
    pub(crate) fn write(
        &self,
        user: &str,
        write: impl FnOnce(&mut PolicyStore, Writer<'_>) -> Result<(), Refusal>,
    ) -> Result<u64, Refusal> {
        let mut inner = self.lock();
        let mut policies = inner.policies.clone();
        write(&mut policies, Writer { user, now: &self.now().to_string() })?;
        let number = self.policy.borrow().revision.saturating_add(1);
        let revision = Arc::new(policies.revision(number, &self.config.semantics)?);
        inner.policies = policies;
        self.publish(&mut inner, revision);
        Ok(number)
    }

    /// Goes on behind a revision that a Defender has from a former life of this Console, so that what it gets is
    /// newer than what it has.
    pub(crate) fn overtake(&self, inner: &mut Inner, theirs: u64) {
        let current = self.policy.borrow().clone();
        if theirs > current.revision {
            let revision = PolicyRevision { revision: theirs.saturating_add(1), ..(*current).clone() };
            self.publish(inner, Arc::new(revision));
        }
    }

    fn publish(&self, inner: &mut Inner, revision: Arc<PolicyRevision>) {
        if inner.revisions.len() == REMEMBERED_REVISIONS {
            inner.revisions.remove(0);
        }
        inner.revisions.push(revision.clone());
        // In one step for everyone: who has read of it finds it in the API, and nobody gets it before it is told, so that
        // no observation of its effect stands before it.
        let told = told(&revision);
        self.policy.send_modify(|current| {
            *current = revision;
            self.tell(told);
        });
        self.changed();
    }

    /// Forgets Defenders that have been gone for too long.
    pub(crate) fn forget_old_defenders(&self, inner: &mut Inner) {
        let now = self.now();
        inner.defenders.retain(|_, record| !record.expired(now));
    }
}

fn told(revision: &PolicyRevision) -> Observation {
    let policy = serde_json::to_value(revision).expect("a policy is made of strings and numbers");
    Observation::PolicyRevision { revision: revision.revision, policy }
}

impl Inner {
    /// Sends a command to the links of these apps; an app without a link is left out.
    pub(crate) fn command(&self, apps: &BTreeSet<String>, command: &Command) {
        for session in apps.iter().filter_map(|app| self.defenders.get(app)?.session.as_ref()) {
            // A link that is just ending has no receiver; what it misses is sent again when it comes back.
            let _ = session.commands.send(command.clone());
        }
    }

    pub(crate) fn connected(&self) -> BTreeSet<String> {
        self.defenders
            .iter()
            .filter(|(_, record)| record.session.is_some())
            .map(|(app, _)| app.clone())
            .collect()
    }
}
