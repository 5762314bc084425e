//! Evidence that was lost: it takes the proof from every absence and every number on the way where it was lost.

use crate::HistoryRecord;
use proofhouse_protocol::observation::{Observation, Pipeline};
use std::collections::BTreeMap;

/// The counters of a Defender by which it says that evidence was lost (`docs/link.md`); the rest count work. A wrapper that went
/// without saying that all its audits were delivered may have lost some.
fn told_lost(totals: &BTreeMap<String, u64>, expected: &[&str]) -> Option<String> {
    let (name, count) = totals.iter().find(|(name, count)| {
        **count > 0
            && (name.starts_with("dropped_") || *name == "vanished_wrappers")
            && !expected.contains(&name.as_str())
    })?;
    Some(format!("the Defender counted {count} as `{name}`"))
}

/// Whether what is lost on one way may have been on its way to the other.
fn feeds(lost: &Pipeline, pipeline: &Pipeline) -> bool {
    match (lost, pipeline) {
        (lost, pipeline) if lost == pipeline => true,
        // What an app tells of its requests stands in its log.
        (Pipeline::Logs { .. }, Pipeline::AppRequests { .. }) => true,
        (
            Pipeline::Relay,
            Pipeline::Questions { .. }
            | Pipeline::AppRequests { .. }
            | Pipeline::ServiceRequests { .. }
            | Pipeline::OutsideConnections { .. },
        ) => true,
        _ => false,
    }
}

/// What was lost on a way, in words; none when nothing was.
pub(super) fn on(records: &[HistoryRecord], pipeline: &Pipeline) -> Option<String> {
    lost(records, pipeline, &[])
}

/// As [`on`], but for what the scenario itself asks the Defender to have counted.
pub(super) fn unexpected(records: &[HistoryRecord], pipeline: &Pipeline) -> Option<String> {
    let named = |record: &'_ HistoryRecord| match record.observation() {
        Observation::Check { check, .. } if check["check"] == "counted" => {
            check["name"].as_str().map(str::to_owned)
        }
        _ => None,
    };
    let expected: Vec<String> = records.iter().filter_map(named).collect();
    lost(records, pipeline, &expected.iter().map(String::as_str).collect::<Vec<_>>())
}

fn lost(records: &[HistoryRecord], pipeline: &Pipeline, expected: &[&str]) -> Option<String> {
    records.iter().find_map(|r| match r.observation() {
        Observation::Lost { pipeline: lost, count, why } if feeds(lost, pipeline) => Some(match count {
            0 => format!("{why}, in {lost}"),
            n => format!("{n} in {lost}: {why}"),
        }),
        Observation::AuditGap { after, before } if *pipeline == Pipeline::Audits => {
            Some(if before.saturating_sub(*after) > 1 {
                format!("audits with the numbers {} to {} never arrived", after + 1, before - 1)
            } else {
                format!("the numbers of the audits jumped from {after} to {before}")
            })
        }
        Observation::Counters { totals } if *pipeline == Pipeline::Audits => told_lost(totals, expected),
        Observation::Fence { pipeline: Pipeline::Audits, totals, .. } if *pipeline == Pipeline::Audits => {
            told_lost(totals, expected)
        }
        _ => None,
    })
}
