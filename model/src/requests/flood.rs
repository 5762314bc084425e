//! Clients that send too much (section 2.10).
//!
//! How a window slides is not documented. What is counted as half of a rate or less, whatever the window, is no flood; twice the rate within one
//! window is one; between them it may be. Whether what never reaches the app counts is not documented either.

use super::Sent;
use super::access::is_in;
use crate::Trail;
use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::waas_policy::{ApplicationSpec, DosMatchCondition, DosRates, NetworkList};
use std::net::IpAddr;

/// Seconds over which the two rates are taken.
const WINDOWS: [u64; 2] = [5, 120];

/// When a request was sent, and when it was answered, in milliseconds of any clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment {
    /// When it began.
    pub began: u64,
    /// When it was over.
    pub ended: u64,
}

/// What a client has sent to an app.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sending {
    /// When those requests began that count for sure.
    sure: Vec<u64>,
    /// How many may count beside them.
    perhaps: usize,
    /// Whether it was told of.
    told: bool,
}

/// Something that may come of the number of requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Counted {
    /// Effects that are told of: alert, ban, both or none.
    pub effects: Vec<WaasEffect>,
    /// What the client has sent by then.
    pub sending: Sending,
}

impl Sending {
    /// With a request of which nobody says whether it counts.
    pub(super) fn perhaps_more(&self, app: &ApplicationSpec) -> Self {
        let more = usize::from(app.dos_config.enabled);
        Self { perhaps: self.perhaps + more, ..self.clone() }
    }
}

/// W72 to W75: what may come of one request more that nothing blocks.
pub(super) fn counted(
    app: &ApplicationSpec,
    lists: &[NetworkList],
    client: IpAddr,
    (sent, moment): (&Sent, Moment),
    before: &Sending,
    trail: &mut Trail,
) -> Vec<Counted> {
    let dos = &app.dos_config;
    let unmoved = |sending: Sending| vec![Counted { effects: Vec::new(), sending }];
    if !dos.enabled {
        return unmoved(before.clone());
    }
    if is_in(&dos.excluded_network_lists, lists, client) {
        trail.through("request.flood-excluded");
        return unmoved(before.clone());
    }
    let conditions = &dos.match_conditions;
    if !conditions.is_empty() && !conditions.iter().any(|one| meets(one, sent)) {
        trail.through("request.flood-of-others");
        return unmoved(before.clone());
    }
    let mut sending = before.clone();
    sending.sure.push(moment.began);
    let mut all = vec![Counted { effects: Vec::new(), sending: sending.clone() }];
    // The ban first, as what is banned is not told of as a flood again.
    match level(&dos.ban, &sending, moment) {
        Level::Under => {}
        Level::Between => {
            trail.through("request.flood-unclear");
            all.push(Counted { effects: vec![WaasEffect::Ban], sending: sending.clone() });
        }
        Level::Over => all = vec![Counted { effects: vec![WaasEffect::Ban], sending: sending.clone() }],
    }
    let alerts = level(&dos.alert, &sending, moment);
    let told = |one: &Counted| Counted {
        effects: [vec![WaasEffect::Alert], one.effects.clone()].concat(),
        sending: Sending { told: true, ..one.sending.clone() },
    };
    match alerts {
        Level::Under => {
            if all.len() == 1 && all[0].effects.is_empty() {
                trail.through("request.flood-under");
            }
            all
        }
        Level::Over if !sending.told => {
            // One that is banned need not be told of beside it.
            let banned = all.iter().filter(|one| !one.effects.is_empty()).cloned();
            all.iter().map(told).chain(banned).collect()
        }
        Level::Between | Level::Over => {
            trail.through("request.flood-unclear");
            let with: Vec<_> = all.iter().map(told).collect();
            [all, with].concat()
        }
    }
}

/// Where a number of requests stands beside a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Under,
    Between,
    Over,
}

fn level(rates: &DosRates, sending: &Sending, moment: Moment) -> Level {
    let each = [rates.burst, rates.average].into_iter().zip(WINDOWS).map(|(rate, seconds)| {
        let Some(rate) = rate.filter(|rate| *rate > 0) else { return Level::Under };
        let limit = usize::try_from(u64::from(rate) * seconds).unwrap_or(usize::MAX);
        let within = |began: &&u64| moment.ended.saturating_sub(**began) < seconds * 1000;
        if sending.sure.iter().filter(within).count() >= 2 * limit {
            Level::Over
        } else if 2 * (sending.sure.len() + sending.perhaps) > limit {
            Level::Between
        } else {
            Level::Under
        }
    });
    each.max().unwrap_or(Level::Under)
}

/// W74: all that a condition names.
fn meets(condition: &DosMatchCondition, sent: &Sent) -> bool {
    let DosMatchCondition { methods, file_types, response_code_ranges } = condition;
    let file = sent.path().rsplit('/').next().unwrap_or_default();
    let in_range = |range: &proofhouse_protocol::waas_policy::CodeRange| {
        let end = range.end.filter(|end| *end > 0).unwrap_or(range.start);
        (range.start..=end).contains(&sent.app_status)
    };
    (methods.is_empty() || methods.contains(&sent.method))
        && (file_types.is_empty() || file_types.iter().any(|own| file.ends_with(own.as_str())))
        && (response_code_ranges.is_empty() || response_code_ranges.iter().any(in_range))
}

#[cfg(test)]
#[path = "flood_tests.rs"]
mod tests;
