//! Which policy decides at which time.

use crate::HistoryRecord;
use proofhouse_protocol::observation::Observation;
use proofhouse_protocol::{RuntimePolicy, WaasPolicy};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A revision of the Console's policy.
#[derive(Debug)]
pub(super) struct Revision {
    pub number: u64,
    /// Place of the record in which the Console has it.
    made: usize,
    /// Place of the record in which the Defender says that it decides by it.
    applied: Option<usize>,
    /// Its runtime policy.
    pub policy: RuntimePolicy,
    /// Its policy of the firewall.
    pub firewall: WaasPolicy,
}

/// A part of a revision; none where it has none.
fn part<T: DeserializeOwned + Default>(policy: &Value, revision: u64) -> Result<T, String> {
    if policy.is_null() {
        return Ok(T::default());
    }
    serde_json::from_value(policy.clone())
        .map_err(|error| format!("revision {revision} cannot be read: {error}"))
}

/// All revisions, in their order.
#[derive(Debug)]
pub(super) struct Revisions {
    all: Vec<Revision>,
}

impl Revisions {
    /// Of these records; `Err` says which cannot be read.
    pub(super) fn of(records: &[HistoryRecord]) -> Result<Self, String> {
        let mut all: Vec<Revision> = Vec::new();
        for (index, record) in records.iter().enumerate() {
            match record.observation() {
                Observation::PolicyRevision { revision, policy } => {
                    let (runtime, firewall) =
                        (part(&policy["runtime"], *revision)?, part(&policy["waas"], *revision)?);
                    all.push(Revision {
                        number: *revision,
                        made: index,
                        applied: None,
                        policy: runtime,
                        firewall,
                    });
                }
                Observation::PolicyApplied { revision } => {
                    let told = all.iter_mut().find(|one| one.number == *revision);
                    if let Some(one) = told.filter(|one| one.applied.is_none()) {
                        one.applied = Some(index);
                    }
                }
                _ => {}
            }
        }
        Ok(Self { all })
    }

    /// Those by which may have been decided between two places: made before its end, and not followed by one that was applied before its
    /// beginning.
    pub(super) fn between(&self, begin: usize, end: usize) -> Vec<&Revision> {
        let settled =
            self.all.iter().rposition(|one| one.applied.is_some_and(|applied| applied < begin)).unwrap_or(0);
        self.all[settled.min(self.all.len())..].iter().filter(|one| one.made < end).collect()
    }
}
