//! Waiting for what Defenders do: deadlines and events, never a pause.

use crate::audits::StoredAudit;
use crate::console::Console;
use crate::defenders::Command;
use crate::fences::PendingFence;
use crate::random;
use proofhouse_protocol::Observation;
use proofhouse_protocol::observation::{FencePhase, Pipeline};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Waiting was in vain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WaitError {
    /// The Defender refused the revision.
    #[error("defender '{app_id}' refused policy revision {revision}: {error}")]
    Rejected {
        /// Who.
        app_id: String,
        /// Which.
        revision: u64,
        /// Why.
        error: String,
    },
    /// It did not happen in time.
    #[error("{what} did not happen within {} ms; {seen}", within.as_millis())]
    TimedOut {
        /// What was waited for.
        what: String,
        /// How long.
        within: Duration,
        /// What there was instead.
        seen: String,
    },
}

/// A fence did not come out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FenceError {
    /// Nobody to send it to.
    #[error("no defender is connected, so no fence can pass")]
    NoDefender,
    /// Some Defenders did not answer.
    #[error("fence '{id}' did not come out of {missing:?} within {} ms", within.as_millis())]
    TimedOut {
        /// Id.
        id: String,
        /// App IDs that did not answer.
        missing: Vec<String>,
        /// How long was waited.
        within: Duration,
    },
}

/// A fence that came out everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FencePassed {
    /// Id.
    pub id: String,
    /// Containers whose part of the Defender answered, by app ID.
    pub containers: BTreeMap<String, Vec<String>>,
    /// Counters of all Defenders together when it came out, by name.
    pub totals: BTreeMap<String, u64>,
}

impl Console {
    /// Waits until a Defender is connected: that of the app ID, or any. Returns its app ID.
    ///
    /// # Errors
    /// When none is in time.
    pub async fn wait_connected(&self, app_id: Option<&str>, within: Duration) -> Result<String, WaitError> {
        let found = self
            .shared
            .wait(within, |inner| {
                inner.connected().into_iter().find(|app| app_id.is_none_or(|wanted| wanted == app))
            })
            .await;
        found.ok_or_else(|| WaitError::TimedOut {
            what: format!("connection of {}", app_id.unwrap_or("a defender")),
            within,
            seen: format!("connected are {:?}", self.shared.lock().connected()),
        })
    }

    /// Waits until no Defender is connected.
    ///
    /// # Errors
    /// When one still is in the end.
    pub async fn wait_disconnected(&self, within: Duration) -> Result<(), WaitError> {
        let gone = self.shared.wait(within, |inner| inner.connected().is_empty().then_some(())).await;
        gone.ok_or_else(|| WaitError::TimedOut {
            what: "the end of every link".to_owned(),
            within,
            seen: format!("connected are {:?}", self.shared.lock().connected()),
        })
    }

    /// Waits until the Defender of the app ID decides by that revision or a later one; without an app ID, until
    /// at least one Defender is connected and every connected one does.
    ///
    /// # Errors
    /// When a Defender refuses exactly that revision, or it is not applied in time.
    pub async fn wait_applied(
        &self,
        app_id: Option<&str>,
        revision: u64,
        within: Duration,
    ) -> Result<(), WaitError> {
        let outcome = self
            .shared
            .wait(within, |inner| {
                let mut connected = inner
                    .defenders
                    .iter()
                    .filter(|(app, record)| {
                        record.session.is_some() && app_id.is_none_or(|wanted| wanted == app.as_str())
                    })
                    .peekable();
                connected.peek()?;
                let mut all = true;
                for (app_id, record) in connected {
                    match &record.rejected {
                        Some((rejected, error)) if *rejected == revision && record.applied < revision => {
                            return Some(Err(WaitError::Rejected {
                                app_id: app_id.clone(),
                                revision,
                                error: error.clone(),
                            }));
                        }
                        _ => all &= record.applied >= revision,
                    }
                }
                all.then_some(Ok(()))
            })
            .await;
        outcome.unwrap_or_else(|| {
            let seen: Vec<String> = self
                .defenders()
                .iter()
                .filter(|defender| defender.connected)
                .map(|defender| format!("'{}' has {}", defender.app_id, defender.applied))
                .collect();
            let seen = if seen.is_empty() { "no defender is connected".to_owned() } else { seen.join(", ") };
            Err(WaitError::TimedOut { what: format!("policy revision {revision}"), within, seen })
        })
    }

    /// Waits for an audit, among those that have come and those that will.
    ///
    /// # Errors
    /// When none matches in time.
    pub async fn wait_audit(
        &self,
        within: Duration,
        matches: impl Fn(&StoredAudit) -> bool,
    ) -> Result<StoredAudit, WaitError> {
        let found = self.shared.wait(within, |inner| inner.audits.find(&matches)).await;
        found.ok_or_else(|| WaitError::TimedOut {
            what: "expected audit".to_owned(),
            within,
            seen: format!("{} audits came", self.audits().len()),
        })
    }

    /// Has the clock of every firewall put forward, also of one that connects later, and waits until each that is connected says that it is.
    /// That is no part of a real Console.
    ///
    /// # Errors
    /// When no Defender is connected, or one has not done it in time: a Defender may know no such message.
    pub async fn pass_time_of_firewalls(&self, by: Duration, within: Duration) -> Result<(), WaitError> {
        let ahead = {
            let mut inner = self.shared.lock();
            inner.ahead = inner.ahead.saturating_add(by);
            let connected = inner.connected();
            inner.command(&connected, &Command::Clock(inner.ahead));
            inner.ahead
        };
        let done = self.shared.wait(within, |inner| {
            let mut connected = inner.defenders.values().filter(|record| record.session.is_some()).peekable();
            connected.peek()?;
            connected.all(|record| record.ahead >= ahead).then_some(())
        });
        done.await.ok_or_else(|| WaitError::TimedOut {
            what: format!("a firewall's clock {} s ahead", ahead.as_secs()),
            within,
            seen: format!("connected are {:?}", self.shared.lock().connected()),
        })
    }

    /// Sends a fence to every connected Defender and waits until it has come out of each: whatever they decided
    /// before has then been stored. A Defender that loses its link meanwhile is asked again when it is back.
    ///
    /// # Errors
    /// When no Defender is connected, or one does not answer in time.
    pub async fn fence(&self, within: Duration) -> Result<FencePassed, FenceError> {
        let id = format!("fence-{}-{}", self.shared.number(), random::hex::<4>());
        {
            let mut inner = self.shared.lock();
            let waiting: BTreeSet<String> = inner.connected();
            if waiting.is_empty() {
                return Err(FenceError::NoDefender);
            }
            self.shared.tell(Observation::Fence {
                pipeline: Pipeline::Audits,
                id: id.clone(),
                phase: FencePhase::Sent,
                containers: Vec::new(),
                totals: BTreeMap::new(),
            });
            inner.command(&waiting, &Command::Fence(id.clone()));
            inner.fences.insert(id.clone(), PendingFence::sent(waiting));
        }
        let passed = self
            .shared
            .wait(within, |inner| {
                let pending = inner.fences.get(&id)?;
                pending.waiting.is_empty().then(|| (pending.answers.clone(), pending.totals()))
            })
            .await;
        let pending = self.shared.lock().fences.remove(&id).unwrap_or_default();
        match passed {
            Some((answers, totals)) => {
                let containers = answers.into_iter().map(|(app, answer)| (app, answer.containers)).collect();
                Ok(FencePassed { id, containers, totals })
            }
            None => Err(FenceError::TimedOut { id, missing: pending.waiting.into_iter().collect(), within }),
        }
    }
}
