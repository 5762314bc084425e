//! What a Defender must have counted.

use super::evidence::Evidence;
use super::outcome::Conclusion;
use proofhouse_protocol::observation::{Blame, FencePhase, Observation, Pipeline};

/// By its counters, or in the answer to a fence, the Defender of the latest task has told that something happened.
pub(super) fn counted(evidence: Evidence<'_>, name: &str) -> Conclusion {
    let Some((began, ..)) = evidence.task() else {
        return Conclusion::unproved("no task has begun, so that nothing was to be counted");
    };
    let told = evidence.records()[began..].iter().rev().find_map(|record| {
        let totals = match record.observation() {
            Observation::Counters { totals } => totals,
            Observation::Fence { pipeline: Pipeline::Audits, phase: FencePhase::Passed, totals, .. } => {
                totals
            }
            _ => return None,
        };
        Some((record, totals.get(name).copied().filter(|count| *count > 0)))
    });
    if let Some((record, Some(count))) = told {
        return Conclusion::holds(format!("the Defender has counted {count} as `{name}`"))
            .on([record.sequence]);
    }
    let said = format!("expected that the Defender counts `{name}`, it has told of none");
    let happened = evidence.happened().last().map_or(began, |one| one.index);
    let behind = evidence.last_activity(None).map_or(happened, |last| last.max(happened));
    match evidence.fence(&Pipeline::Audits, behind) {
        Ok(fence) => Conclusion::broken(Blame::Defender, said).on([fence]),
        Err(why) => Conclusion::unproved(format!("{said}, but the counters are not final: {why}")),
    }
}
