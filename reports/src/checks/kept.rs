//! What denied things leave while something is killed again and again: each is told of once, or could not be told of.

use super::act::{Act, acts};
use super::audit::{AuditView, audits};
use super::evidence::Evidence;
use super::outcome::Conclusion;
use super::text::{domain, listed, plural};
use crate::HistoryRecord;
use proofhouse_protocol::actor::{End, Reply};
use proofhouse_protocol::observation::{Blame, ContainerHappening, FencePhase, Observation, Pipeline};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Faults that are told in full.
const MOST_TOLD: usize = 12;

/// Input of the check: what is denied in every container, and whether the Console was asked at the end for what it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditsKept {
    /// Program that is denied.
    pub program: String,
    /// Names below this one are denied.
    pub names: String,
    /// Whether the Console was asked for all its audits, behind everything else.
    pub listed: bool,
}

/// What came of the check, in numbers and one by one.
#[derive(Debug, Default)]
pub struct Kept {
    /// Denied things that were answered.
    pub denied: usize,
    /// Those of which an audit is due: behind them a fence came out of their container, and until then neither the container nor the
    /// sidecar had ended.
    pub due: usize,
    /// Audits that were stored.
    pub stored: usize,
    /// What is wrong, by whom, and the record on which that stands.
    pub faults: Vec<(Blame, String, u64)>,
    /// Why it cannot be told whether something is wrong.
    pub unproved: Option<String>,
    on: Vec<u64>,
}

/// A fence of the audits that has come out.
struct Passed<'a> {
    sent: usize,
    index: usize,
    containers: &'a [String],
}

/// When containers ended, or were about to.
struct Lives<'a> {
    ends: HashMap<&'a str, Vec<usize>>,
    sidecar: String,
}

impl Lives<'_> {
    /// Whether neither the container nor the sidecar ended between two places.
    fn last(&self, container: &str, from: usize, to: usize) -> bool {
        let ended = |name: &str| {
            let ends = self.ends.get(name).map(Vec::as_slice).unwrap_or_default();
            ends.iter().any(|end| (from..=to).contains(end))
        };
        !ended(container) && !ended(&self.sidecar)
    }
}

impl AuditsKept {
    /// What came of it.
    #[must_use]
    pub fn kept(&self, records: &[HistoryRecord]) -> Kept {
        let evidence = Evidence::of(records);
        let mut kept = Kept::default();
        let began = beginnings(records);
        let passed = passed(records);
        kept.on.extend(passed.iter().map(|fence| records[fence.index].sequence));
        kept.unproved = dropped(records);
        let told = self.told(records, &began, &mut kept);
        let lives = lives(evidence);
        for act in acts(records).filter(|act| self.denies(act)) {
            let Some((token, start)) = act.record.token().and_then(|t| Some((t, *began.get(t)?))) else {
                continue;
            };
            if happened(act.reply) {
                let governed = passed.iter().any(|fence| {
                    fence.index < start
                        && has(fence, act.container)
                        && lives.last(act.container, fence.sent, act.index)
                });
                if governed {
                    let said = format!("{} was not prevented", evidence.named(token));
                    kept.faults.push((Blame::Defender, said, act.record.sequence));
                }
                continue;
            }
            if !was_denied(act.reply) {
                continue;
            }
            kept.denied += 1;
            let fence = passed.iter().find(|fence| {
                fence.sent > act.index
                    && has(fence, act.container)
                    && lives.last(act.container, start, fence.index)
            });
            let Some(fence) = fence else { continue };
            kept.due += 1;
            let in_time = told.get(token).is_some_and(|audits| audits.iter().any(|a| a.index < fence.index));
            if !in_time {
                let said = format!(
                    "{} was denied, and not told of in front of the fence behind it",
                    evidence.named(token)
                );
                kept.faults.push((Blame::Defender, said, records[fence.index].sequence));
            }
        }
        if self.listed {
            listing(evidence, &mut kept);
        }
        if kept.due == 0 && kept.unproved.is_none() {
            kept.unproved = Some("no fence came out behind anything that was denied".to_owned());
        }
        kept
    }

    /// The audits by stimulus. Each has one, at most one is of each, and those of a container come in the order in which it was done.
    fn told<'a>(
        &self,
        records: &'a [HistoryRecord],
        began: &HashMap<&'a str, usize>,
        kept: &mut Kept,
    ) -> HashMap<&'a str, Vec<AuditView<'a>>> {
        let allowed: BTreeSet<&str> =
            acts(records).filter(|act| !self.denies(act)).filter_map(|act| act.record.token()).collect();
        let mut told: HashMap<&str, Vec<AuditView<'a>>> = HashMap::new();
        let mut latest: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
        for audit in audits(records) {
            kept.stored += 1;
            kept.on.push(audit.record.sequence);
            let mut fault = |said: String| {
                kept.faults.push((
                    Blame::Defender,
                    format!("{}: {said}", audit.describe(records)),
                    audit.record.sequence,
                ));
            };
            let token = words(&audit).find_map(|word| began.get_key_value(word));
            let Some((token, start)) = token.filter(|(token, _)| !allowed.contains(**token)) else {
                fault("nothing that is denied was done".to_owned());
                continue;
            };
            let of = told.entry(token).or_default();
            of.push(audit);
            if of.len() > 1 {
                fault("it was told of before".to_owned());
                continue;
            }
            let container = audit.text("containerName");
            if let Some((_, before)) = latest.get(container).filter(|(last, _)| last > start) {
                fault(format!("what was done behind it, `{before}`, was told of before it"));
            }
            latest.insert(container, (*start, token));
        }
        told
    }

    fn denies(&self, act: &Act<'_>) -> bool {
        let below = |name: String| name.ends_with(&format!(".{}", self.names));
        act.argv().first().is_some_and(|program| *program == self.program)
            || act.query_name().is_some_and(below)
    }

    pub(super) fn judge(&self, evidence: Evidence<'_>) -> Conclusion {
        let Kept { denied, due, stored, faults, unproved, on } = self.kept(evidence.records());
        // A Console that does not have what it acknowledged makes the rest no better.
        if let Some((by, ..)) = faults.iter().min_by_key(|(by, ..)| *by) {
            let texts = faults.iter().map(|(_, said, _)| said.clone());
            let said = format!("{} with audits:{}", plural(faults.len(), "fault"), listed(texts, MOST_TOLD));
            return Conclusion::broken(*by, said).on(faults.iter().map(|(.., record)| *record));
        }
        if let Some(why) = unproved {
            return Conclusion::unproved(why);
        }
        let said = format!(
            "of {denied} things that were denied, {due} had to be told of, and were; none of {} was told of twice",
            plural(stored, "audit")
        );
        Conclusion::holds(said).on(on)
    }
}

fn has(fence: &Passed<'_>, container: &str) -> bool {
    fence.containers.iter().any(|name| name == container)
}

/// Where each stimulus begins.
fn beginnings(records: &[HistoryRecord]) -> HashMap<&str, usize> {
    let mut began = HashMap::new();
    for (index, record) in records.iter().enumerate() {
        if let (Some(token), Observation::Stimulus { .. }) = (record.token(), record.observation()) {
            began.entry(token).or_insert(index);
        }
    }
    began
}

fn passed(records: &[HistoryRecord]) -> Vec<Passed<'_>> {
    let mut sent: HashMap<&str, usize> = HashMap::new();
    let mut all = Vec::new();
    for (index, record) in records.iter().enumerate() {
        let Observation::Fence { pipeline: Pipeline::Audits, id, phase, containers, .. } =
            record.observation()
        else {
            continue;
        };
        match phase {
            FencePhase::Sent => drop(sent.insert(id, index)),
            FencePhase::Passed => {
                all.extend(sent.get(id.as_str()).map(|sent| Passed { sent: *sent, index, containers }));
            }
        }
    }
    all
}

/// The Defender has told that it has lost audits. That wrappers are gone is what a soak does.
fn dropped(records: &[HistoryRecord]) -> Option<String> {
    records.iter().find_map(|record| match record.observation() {
        Observation::Fence { totals, .. } | Observation::Counters { totals } => {
            let (name, count) =
                totals.iter().find(|(name, count)| name.starts_with("dropped_") && **count > 0)?;
            Some(format!("the Defender counted {count} as `{name}`"))
        }
        _ => None,
    })
}

fn lives(evidence: Evidence<'_>) -> Lives<'_> {
    let mut ends: HashMap<&str, Vec<usize>> = HashMap::new();
    // It is told to end before it does, and has ended before that is told: between the two nobody knows.
    for one in evidence.happened() {
        if matches!(one.event, ContainerHappening::Signalled | ContainerHappening::Exited) {
            ends.entry(one.container).or_default().push(one.index);
        }
    }
    Lives { ends, sidecar: evidence.embed_names().sidecar }
}

/// What could be a token in an audit.
fn words<'a>(audit: &AuditView<'a>) -> impl Iterator<Item = &'a str> {
    let (command, name) = (audit.text("command"), audit.text("domain"));
    command.split([' ', '/']).chain(name.split('.'))
}

fn happened(reply: &Reply) -> bool {
    match reply {
        Reply::Ran { end, .. } => matches!(end, End::Exited { code: 0 }),
        Reply::Answer { rcode, .. } => rcode.as_deref() == Some("NOERROR"),
        _ => false,
    }
}

fn was_denied(reply: &Reply) -> bool {
    match reply {
        Reply::Ran { end, .. } => matches!(end, End::NotStarted { .. }),
        Reply::Answer { rcode, .. } => rcode.as_deref().is_some_and(|code| code != "NOERROR"),
        _ => false,
    }
}

/// The Console has every audit that it has acknowledged, each once, and no other.
fn listing(evidence: Evidence<'_>, kept: &mut Kept) {
    let ours = |path: &str| domain(path).starts_with("/audits/runtime/app-embedded");
    let answers: Vec<_> =
        evidence.answers().filter(|answer| answer.is_success() && ours(answer.call.1)).collect();
    let Some(last) = answers.last() else {
        kept.unproved.get_or_insert_with(|| "nobody asked the Console for its audits".to_owned());
        return;
    };
    let mut rows: HashMap<String, usize> = HashMap::new();
    for answer in &answers {
        kept.on.push(answer.record.sequence);
        let Some(body) = answer.body.json() else {
            kept.unproved.get_or_insert_with(|| "an answer of the Console was not kept whole".to_owned());
            return;
        };
        let ids = body.as_array().into_iter().flatten().filter_map(|row| row["_id"].as_str());
        ids.for_each(|id| *rows.entry(id.to_owned()).or_default() += 1);
    }
    let mut fault = |said: String, record: u64| kept.faults.push((Blame::Console, said, record));
    for audit in audits(evidence.records()) {
        let id = audit.member("_id").and_then(Value::as_str).unwrap_or_default();
        let times = rows.remove(id).unwrap_or(0);
        if times != 1 {
            let said = format!("{}: the Console has it {times} times", audit.describe(evidence.records()));
            fault(said, audit.record.sequence);
        }
    }
    for id in rows.keys() {
        fault(format!("the Console has an audit `{id}` that nobody sent"), last.record.sequence);
    }
}
