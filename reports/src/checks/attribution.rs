//! Which stimulus caused which audit.

use super::act::acts;
use super::audit::{AuditView, audits};
use super::audit_count::AuditCount;
use super::evidence::Evidence;
use super::outcome::Conclusion;
use super::text::{domain, has_word, plural};
use crate::HistoryRecord;
use proofhouse_protocol::observation::{Blame, Observation, Pipeline};
use std::collections::HashMap;
use std::net::IpAddr;

/// The audits of a slice, each with its cause where one is found.
#[derive(Debug)]
pub struct Attribution<'a> {
    found: Vec<(AuditView<'a>, Option<Cause<'a>>)>,
}

/// A stimulus, and what ties the audit to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause<'a> {
    /// Token.
    pub token: &'a str,
    /// The tie, for people.
    pub tie: &'static str,
}

/// The members in which a token can travel.
const CARRIERS: [&str; 9] =
    ["command", "requestHeaders", "url", "urlPath", "urlQuery", "domain", "filepath", "processPath", "msg"];

impl<'a> Attribution<'a> {
    /// Attributes every audit of the slice. The strongest tie wins; between equals, the stimulus that began last
    /// before the audit arrived.
    #[must_use]
    pub fn new(records: &'a [HistoryRecord]) -> Self {
        let mut began: HashMap<&str, usize> = HashMap::new();
        for (index, record) in records.iter().enumerate() {
            let caused = matches!(record.observation(), Observation::Audit { .. });
            if let Some(token) = record.token().filter(|_| !caused) {
                began.entry(token).or_insert(index);
            }
        }
        let found = audits(records).map(|audit| (audit, cause(records, &began, &audit))).collect();
        Self { found }
    }

    /// Every audit with its cause.
    pub fn iter(&self) -> impl Iterator<Item = (&AuditView<'a>, Option<&Cause<'a>>)> {
        self.found.iter().map(|(audit, cause)| (audit, cause.as_ref()))
    }

    /// The audits that no stimulus explains.
    pub fn unexplained(&self) -> impl Iterator<Item = &AuditView<'a>> {
        self.found.iter().filter(|(_, cause)| cause.is_none()).map(|(audit, _)| audit)
    }
}

fn cause<'a>(
    records: &'a [HistoryRecord],
    began: &HashMap<&'a str, usize>,
    audit: &AuditView<'a>,
) -> Option<Cause<'a>> {
    if let Some(token) = audit.record.token() {
        return Some(Cause { token, tie: "the Console knew the token" });
    }
    // What begins behind an audit has not caused it.
    let latest = |tokens: &mut dyn Iterator<Item = &'a str>, tie| {
        let before = tokens.filter_map(|token| Some((*began.get(token)?, token)));
        let last = before.filter(|(start, _)| *start < audit.index).max_by_key(|(start, _)| *start);
        last.map(|(_, token)| Cause { token, tie })
    };
    let container = audit.text("containerName");
    let asked = domain(audit.text("domain"));
    let command = audit.text("command");
    let program = audit.text("processPath").rsplit('/').next().unwrap_or_default();

    let carried = &mut began
        .keys()
        .copied()
        .filter(|token| CARRIERS.iter().any(|member| has_word(audit.text(member), token)));
    let answered = &mut exchanges(records).filter_map(|(record, headers)| {
        let event = audit.text("eventID");
        let same = !event.is_empty() && headers.iter().any(|(_, value)| value == event);
        if same { record.token() } else { None }
    });
    let here = || acts(records).filter(|act| act.container == container && act.record.token().is_some());
    let pid = audit.member("pid").and_then(serde_json::Value::as_i64);
    let same_pid = &mut here()
        .filter(|act| pid.is_some() && act.pid().map(i64::from) == pid)
        .filter_map(|act| act.record.token());
    let queried = &mut here()
        .filter(|act| !asked.is_empty() && act.query_name().as_deref() == Some(asked.as_str()))
        .filter_map(|act| act.record.token());
    let ip: Option<IpAddr> = audit.text("ip").parse().ok();
    let port = audit.member("port").and_then(serde_json::Value::as_u64);
    let reached = &mut here()
        .filter(|act| act.place().is_some_and(|(at, of)| port == Some(of.into()) && ip == at))
        .filter_map(|act| act.record.token());
    let mentioned = &mut here()
        .filter(|act| {
            act.argv().iter().any(|arg| {
                (!asked.is_empty() && has_word(&arg.to_ascii_lowercase(), &asked))
                    || (asked.is_empty()
                        && (has_word(arg, program) || arg.contains(command) && !command.is_empty()))
            })
        })
        .filter_map(|act| act.record.token());
    // Such a question has no name in its audit, for nobody can tell what it asks.
    let unreadable = &mut here()
        .filter(|act| asked.is_empty() && audit.text("type") == "network" && act.is_unreadable_question())
        .filter_map(|act| act.record.token());
    let own_start = &mut own_doing(records, began, container);

    latest(carried, "the audit carries the token")
        .or_else(|| latest(answered, "the event id was in the answer"))
        .or_else(|| latest(same_pid, "the process is the stimulus"))
        .or_else(|| latest(queried, "the stimulus asked for the name"))
        .or_else(|| latest(reached, "the stimulus reached for the address and port"))
        .or_else(|| latest(unreadable, "the stimulus asked in parts"))
        .or_else(|| latest(mentioned, "the stimulus named it in its arguments"))
        .or_else(|| latest(own_start, "the container did it by itself while the task started or stopped"))
}

/// The start or the stop of a task as a stimulus: what its containers do on their own is caused by it, as long as nobody has
/// made them do anything else.
fn own_doing<'a>(
    records: &'a [HistoryRecord],
    began: &HashMap<&'a str, usize>,
    container: &str,
) -> impl Iterator<Item = &'a str> {
    let touched = acts(records).any(|act| act.container == container && super::act::is_doing(act.request));
    let mut of_tasks: Vec<_> = records
        .iter()
        .filter(|r| matches!(r.observation(), Observation::TaskBegan { .. }))
        .filter_map(HistoryRecord::token)
        .filter(|token| !touched && began.contains_key(token))
        .collect();
    of_tasks.dedup();
    of_tasks.into_iter()
}

/// Whether an audit carries the token or the event id of something that was done, wherever that stands.
fn is_tied(records: &[HistoryRecord], audit: &AuditView<'_>) -> bool {
    let carried = records.iter().filter(|r| !matches!(r.observation(), Observation::Audit { .. })).any(|r| {
        r.token().is_some_and(|token| CARRIERS.iter().any(|member| has_word(audit.text(member), token)))
    });
    let event = audit.text("eventID");
    let answered = || {
        exchanges(records)
            .any(|(_, headers)| !event.is_empty() && headers.iter().any(|(_, value)| value == event))
    };
    carried || answered()
}

fn exchanges(records: &[HistoryRecord]) -> impl Iterator<Item = (&HistoryRecord, &[(String, String)])> {
    records.iter().filter_map(|record| match record.observation() {
        Observation::HttpExchange { response_headers, .. } => Some((record, response_headers.as_slice())),
        _ => None,
    })
}

/// Every audit was caused by a stimulus, or is one that `expected` covers.
pub(super) fn no_unexplained_audits(evidence: Evidence<'_>, expected: &[AuditCount]) -> Conclusion {
    let records = evidence.records();
    let attribution = Attribution::new(records);
    let strays: Vec<_> =
        attribution.unexplained().filter(|audit| !expected.iter().any(|one| one.covers(audit))).collect();
    let on = attribution.found.iter().map(|(audit, _)| audit.record.sequence);
    // One that is tied to something that stands behind it, or whose beginning was not kept, contradicts the order of records.
    if let Some(early) = strays.iter().find(|audit| is_tied(records, audit)) {
        let said = format!("an audit stands before what it tells of: {}", early.describe(records));
        return Conclusion::unproved(said).on([early.record.sequence]);
    }
    if let Some(headless) = evidence.headless().filter(|_| !strays.is_empty()) {
        let said =
            "an audit has no stimulus, but of something that was done the beginning is not in the records";
        return Conclusion::unproved(said).on([headless.sequence]);
    }
    if let Some(first) = strays.first() {
        let mut said = format!(
            "expected that every audit has a stimulus, saw {} without one: {}",
            strays.len(),
            first.describe(records)
        );
        for audit in &strays[1..] {
            said.push_str("\n- ");
            said.push_str(&audit.describe(records));
        }
        return Conclusion::broken(Blame::Defender, said)
            .on(strays.iter().map(|audit| audit.record.sequence));
    }
    // Behind the last fence, or in a gap, one without a stimulus may have been lost.
    if let Some(why) = super::loss::unexpected(records, &Pipeline::Audits) {
        return Conclusion::unproved(format!(
            "every audit that arrived has a stimulus, but evidence was lost: {why}"
        ));
    }
    Conclusion::holds(format!("each of {} has its stimulus", plural(attribution.found.len(), "audit"))).on(on)
}
