//! Several stimuli, each told of once, in the order in which they were done.

use super::attribution::Attribution;
use super::audit::AuditView;
use super::evidence::Evidence;
use super::outcome::Conclusion;
use proofhouse_protocol::observation::{Blame, Pipeline, Plane};

/// Each of these stimuli caused exactly one runtime audit; they arrived in this order, and say that they happened in it.
pub(super) fn told_in_order(evidence: Evidence<'_>, tokens: &[String]) -> Conclusion {
    let Some(last) = tokens.last().filter(|_| tokens.len() > 1) else {
        return Conclusion::unproved("an order is one of several things, and no two were done");
    };
    let attribution = Attribution::new(evidence.records());
    let of = |token: &str| -> Vec<&AuditView<'_>> {
        let found = attribution.iter().filter(|(audit, _)| audit.plane == Plane::Runtime);
        found
            .filter(|(_, cause)| cause.is_some_and(|cause| cause.token == token))
            .map(|(audit, _)| audit)
            .collect()
    };
    let all: Vec<_> = tokens.iter().map(|token| (token, of(token))).collect();
    let on: Vec<u64> = all.iter().flat_map(|(_, audits)| audits).map(|audit| audit.record.sequence).collect();
    if let Some((token, audits)) = all.iter().find(|(_, audits)| audits.len() > 1) {
        let said = format!("expected one audit of stimulus {}, saw {}", evidence.named(token), audits.len());
        return Conclusion::broken(Blame::Defender, said).on(on);
    }
    let fence = match evidence.fence_behind(&Pipeline::Audits, last) {
        Ok(fence) => fence,
        Err(why) => return Conclusion::unproved(format!("the number of audits is not final: {why}")).on(on),
    };
    if let Some((token, _)) = all.iter().find(|(_, audits)| audits.is_empty()) {
        let said = format!("expected one audit of stimulus {}, saw 0", evidence.named(token));
        return Conclusion::broken(Blame::Defender, said).on(on.into_iter().chain([fence]));
    }
    let audits: Vec<&AuditView<'_>> = all.iter().flat_map(|(_, audits)| audits.iter().copied()).collect();
    let times: Vec<Option<jiff::Timestamp>> =
        audits.iter().map(|audit| audit.text("time").parse().ok()).collect();
    for (pair, times) in audits.windows(2).zip(times.windows(2)) {
        let what = format!(
            "{} behind {}",
            pair[1].describe(evidence.records()),
            pair[0].describe(evidence.records())
        );
        if pair[1].index < pair[0].index {
            return Conclusion::broken(Blame::Defender, format!("expected {what}, it arrived before it"))
                .on(on);
        }
        if !matches!(times, [Some(first), Some(then)] if first <= then) {
            let said = format!(
                "expected {what}, they say that they happened at `{}` and `{}`",
                pair[0].text("time"),
                pair[1].text("time")
            );
            return Conclusion::broken(Blame::Defender, said).on(on);
        }
    }
    Conclusion::holds(format!("each of {} was told of once, in their order", tokens.len()))
        .on(on.into_iter().chain([fence]))
}
