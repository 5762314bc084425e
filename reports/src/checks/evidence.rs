//! Whether there is enough evidence: stimuli that ran, fences that came out, nothing lost.

use super::act::acts;
use super::conclusion::Outcome;
use super::text::since;
use crate::HistoryRecord;
use proofhouse_protocol::{Observation, Source};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// Index of the last thing the stimulus did; of any stimulus when no token is given.
///
/// Looking (`ping`, `describe`, `stat`, `read`) is not doing: a scenario looks after its fence, to see what is there.
pub(super) fn last_activity(records: &[HistoryRecord], token: Option<&str>) -> Option<usize> {
    let does = |request: &Value| {
        !matches!(request.get("do").and_then(Value::as_str), Some("ping" | "describe" | "stat" | "read"))
    };
    records.iter().rposition(|r| {
        let active = match r.observation() {
            Observation::Stimulus { .. } | Observation::HttpExchange { .. } => true,
            Observation::Act { request, .. } => does(request),
            _ => false,
        };
        active && r.token().is_some_and(|own| token.is_none_or(|t| own == t))
    })
}

/// `` `t-7` (run mkdir) ``.
pub(super) fn named(records: &[HistoryRecord], token: &str) -> String {
    let what = records.iter().find_map(|r| match r.observation() {
        Observation::Stimulus { what } if r.token() == Some(token) => Some(what),
        _ => None,
    });
    what.map_or_else(|| format!("`{token}`"), |what| format!("`{token}` ({what})"))
}

/// Evidence that was lost, if any: a gap in the audits' numbers, or a counter of drops.
#[must_use]
pub fn losses(records: &[HistoryRecord]) -> Option<String> {
    records.iter().find_map(|r| match r.observation() {
        Observation::AuditGap { after, before } if before.saturating_sub(*after) > 1 => {
            Some(format!("audits with the numbers {} to {} never arrived", after + 1, before - 1))
        }
        Observation::AuditGap { after, before } => {
            Some(format!("the numbers of the audits jumped from {after} to {before}"))
        }
        Observation::Counters { totals } => match totals.get("dropped_audits").and_then(Value::as_f64) {
            Some(n) if n > 0.0 => Some(format!("the Defender counted {n} dropped audits")),
            _ => None,
        },
        _ => None,
    })
}

/// `Err` says why the absence of something after the stimulus proves nothing.
///
/// A fence counts when it was sent after the last thing the stimulus did, has come out, and every container in which
/// the stimulus acted has answered it or has exited.
pub(super) fn fence(records: &[HistoryRecord], token: Option<&str>) -> Result<(), String> {
    let subject =
        token.map_or_else(|| "the stimuli".to_owned(), |t| format!("stimulus {}", named(records, t)));
    let Some(last) = last_activity(records, token) else {
        return Err(format!("{subject} did not run"));
    };
    let needed: BTreeSet<&str> = acts(records)
        .filter(|a| token.is_none_or(|t| a.record.token() == Some(t)))
        .map(|a| a.container)
        .collect();
    let mut sent: HashMap<&str, usize> = HashMap::new();
    let mut exited: BTreeSet<&str> = BTreeSet::new();
    let mut problem = format!("no fence came out after {subject}");
    for (index, record) in records.iter().enumerate() {
        match record.observation() {
            Observation::ContainerEvent { event, .. } => {
                if let Source::Container(name) = &record.recording.source {
                    match event.as_str() {
                        "exited" | "removed" => drop(exited.insert(name)),
                        "started" => drop(exited.remove(name.as_str())),
                        _ => {}
                    }
                }
            }
            Observation::Fence { id, phase, .. } if phase == "sent" => {
                sent.insert(id, index);
                if index > last {
                    problem = format!(
                        "fence `{id}`, sent at {} after {subject}, has not come out",
                        since(records, record)
                    );
                }
            }
            Observation::Fence { id, phase, containers } if phase == "passed" => {
                if *sent.get(id.as_str()).unwrap_or(&index) < last {
                    continue;
                }
                let silent: Vec<_> = needed
                    .iter()
                    .filter(|c| !exited.contains(**c) && !containers.iter().any(|x| x == **c))
                    .map(|c| format!("`{c}`"))
                    .collect();
                if silent.is_empty() {
                    return Ok(());
                }
                problem = format!("fence `{id}` came out without an answer of {}", silent.join(", "));
            }
            _ => {}
        }
    }
    Err(problem)
}

/// A fence came out after the stimulus, so that what is absent now stays absent.
#[must_use]
pub fn fence_passed_after(records: &[HistoryRecord], token: &str) -> Outcome {
    match fence(records, Some(token)) {
        Ok(()) => Outcome::holds(format!("a fence came out after stimulus {}", named(records, token))),
        Err(why) => Outcome::unproved(format!("expected a fence behind stimulus `{token}`, but {why}")),
    }
}
