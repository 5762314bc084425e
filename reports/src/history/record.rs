//! One record of the history.

use jiff::Timestamp;
use proofhouse_protocol::{Observation, Recording};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// Version of the record's shape. A reader takes this one, and what it can be made of.
pub const SCHEMA: u32 = 2;

/// One recording with its place in the order of the run. Cloning is cheap: the recording is shared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryRecord {
    /// [`SCHEMA`].
    pub schema: u32,
    /// 1, 2, 3, ... in the order of the run. In JSON it is `seq`: an audit's own number is called `sequence` there.
    #[serde(rename = "seq")]
    pub sequence: u64,
    /// Microseconds since the history was opened, by a clock that never goes back.
    pub monotonic_us: u64,
    /// Wall time.
    pub time: Timestamp,
    /// Id of the scenario; absent for what belongs to the run as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// What was seen, by whom.
    #[serde(flatten)]
    pub recording: Arc<Recording>,
}

impl HistoryRecord {
    /// What was seen.
    #[must_use]
    pub fn observation(&self) -> &Observation {
        &self.recording.observation
    }

    /// Token of the stimulus that caused it, where it is known.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.recording.token.as_deref()
    }
}

/// The records of one scenario, in order.
#[must_use]
pub fn slice(records: &[HistoryRecord], scenario: &str) -> Vec<HistoryRecord> {
    records.iter().filter(|r| r.scenario.as_deref() == Some(scenario)).cloned().collect()
}

/// The records of each scenario, in the order of their first record.
#[must_use]
pub fn by_scenario(records: &[HistoryRecord]) -> Vec<(String, Vec<HistoryRecord>)> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut groups: Vec<(String, Vec<HistoryRecord>)> = Vec::new();
    for record in records {
        let Some(id) = record.scenario.as_deref() else { continue };
        let place = *places.entry(id).or_insert_with(|| {
            groups.push((id.to_owned(), Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(record.clone());
    }
    groups
}
