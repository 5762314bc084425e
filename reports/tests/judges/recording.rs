//! Recordings of real scenarios that passed.

use proofhouse_protocol::Observation;
use proofhouse_reports::history::read;
use proofhouse_reports::{Check, HistoryRecord};
use std::collections::BTreeSet;
use std::path::Path;

/// The records of one scenario.
pub struct Recording {
    pub name: String,
    pub records: Vec<HistoryRecord>,
}

/// Every check there is, by its name in the history.
const CHECKS: [&str; 39] = [
    "audits",
    "audits_in_order",
    "counted",
    "audit_schema",
    "event_id",
    "no_unexplained_audits",
    "program",
    "printed_alike",
    "path",
    "same_file",
    "lookup",
    "questions",
    "connection",
    "request_unanswered",
    "fault_answer",
    "exchange",
    "app_requests",
    "service_requests",
    "console_answer",
    "app_id",
    "outside_connections",
    "only_known_callers",
    "stranger_refused",
    "syslog",
    "no_credential",
    "embedded",
    "policy_in_force",
    "workloads",
    "acceptance",
    "same_when_described",
    "stop_timeout",
    "nothing_on_the_engine",
    "task",
    "wrote",
    "facts",
    "same_description",
    "same_environment",
    "same_output",
    "both_exited",
];

/// All recordings, in the order of their names.
pub fn recordings() -> Vec<Recording> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges/recordings");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let recording = |path: &std::path::PathBuf| Recording {
        name: path.file_stem().unwrap().to_string_lossy().into_owned(),
        records: read(path).unwrap(),
    };
    paths.iter().map(recording).collect()
}

/// The checks that no recording has.
pub fn unrecorded<'a>(seen: impl Iterator<Item = &'a String>) -> Vec<&'static str> {
    let seen: BTreeSet<&str> = seen.map(String::as_str).collect();
    CHECKS.into_iter().filter(|name| !seen.contains(name)).collect()
}

impl Recording {
    /// Each check with its place.
    pub fn checks(&self) -> Vec<(usize, Check)> {
        let check = |(index, record): (usize, &HistoryRecord)| match record.observation() {
            Observation::Check { check, .. } => Some((index, serde_json::from_value(check.clone()).unwrap())),
            _ => None,
        };
        self.records.iter().enumerate().filter_map(check).collect()
    }
}
