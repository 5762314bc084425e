//! Every audit that came, word for word, and the rows that people see.

use super::aggregate::{FirewallAggregator, RuntimeAggregator};
use super::incidents::Incidents;
use super::sent::{Completed, SentAudit};
use super::sequence::{Arrival, Gap, Sequence};
use super::syslog::firewall_line;
use jiff::Timestamp;
use proofhouse_protocol::observation::Pipeline;
pub use proofhouse_protocol::observation::Plane;
use proofhouse_protocol::{Collection, Observation};
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};

/// The oldest go when there are more (retention [S13]).
const RETAINED: usize = 200_000;

/// Characters of something unintelligible that are told.
const TOLD: usize = 2000;

/// An audit as it came, with what the Console added.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredAudit {
    /// Kind.
    pub plane: Plane,
    /// App ID of the link it came on.
    pub app_id: String,
    /// Incarnation of the sidecar.
    pub incarnation: String,
    /// Sequence number within the incarnation.
    pub sequence: u64,
    /// When the Console had it.
    pub received: Timestamp,
    /// The audit with `_id` and `collections`.
    pub audit: Value,
}

/// All audits of a Console.
#[derive(Debug, Default)]
pub(crate) struct AuditStore {
    sequences: HashMap<(String, String), Sequence>,
    raw: VecDeque<StoredAudit>,
    gaps: Vec<(String, Gap)>,
    runtime: VecDeque<Value>,
    firewall: VecDeque<Value>,
    incidents: Incidents,
    bursts: RuntimeAggregator,
    equals: FirewallAggregator,
}

fn push<T>(queue: &mut VecDeque<T>, item: T) {
    if queue.len() == RETAINED {
        queue.pop_front();
    }
    queue.push_back(item);
}

impl AuditStore {
    /// Takes in one delivery of one audit, and says what there is to tell of it: nothing of a repetition.
    pub(crate) fn deliver(
        &mut self,
        app_id: &str,
        incarnation: &str,
        item: SentAudit,
        collections: &[Collection],
        aggregate: bool,
        now: Timestamp,
    ) -> Vec<Observation> {
        let mut told = Vec::new();
        let sequence = item.sequence;
        let numbers = self.sequences.entry((app_id.to_owned(), incarnation.to_owned())).or_default();
        match numbers.arrive(sequence) {
            Arrival::Repeated => return told,
            Arrival::Next | Arrival::Late => {}
            Arrival::Behind(gap) => {
                self.gaps.push((app_id.to_owned(), gap));
                told.push(Observation::AuditGap { after: gap.after, before: gap.before });
            }
        }
        match item.complete(collections) {
            Ok(Completed { plane, shown, sent }) => {
                let stored = StoredAudit {
                    plane,
                    app_id: app_id.to_owned(),
                    incarnation: incarnation.to_owned(),
                    sequence,
                    received: now,
                    audit: shown.clone(),
                };
                push(&mut self.raw, stored);
                told.push(Observation::Audit { plane, sequence, audit: sent });
                match plane {
                    Plane::Firewall => told.push(Observation::SyslogLine { line: firewall_line(&shown) }),
                    Plane::Runtime => self.incidents.hear(&shown, now),
                }
                self.show(plane, shown, aggregate, now);
            }
            Err(error) => told.extend(refused(app_id, item, &error)),
        }
        told
    }

    /// What may be acknowledged to that incarnation.
    pub(crate) fn through(&self, app_id: &str, incarnation: &str) -> u64 {
        self.sequences.get(&(app_id.to_owned(), incarnation.to_owned())).map_or(0, Sequence::through)
    }

    fn show(&mut self, plane: Plane, audit: Value, aggregate: bool, now: Timestamp) {
        match plane {
            Plane::Runtime if aggregate => {
                for row in self.bursts.event(audit, now) {
                    push(&mut self.runtime, row);
                }
            }
            Plane::Runtime => push(&mut self.runtime, audit),
            Plane::Firewall => {
                let row = if aggregate { self.equals.row_of(&audit, now) } else { None };
                let row =
                    row.and_then(|id| self.firewall.iter_mut().rev().find(|row| row["_id"] == id.as_str()));
                match row {
                    Some(row) => {
                        let more = audit["count"].as_u64().unwrap_or(1);
                        row["count"] = json!(row["count"].as_u64().unwrap_or(1) + more);
                    }
                    None => push(&mut self.firewall, audit),
                }
            }
        }
    }

    /// The rows that people see at that time.
    pub(crate) fn rows(&mut self, plane: Plane, now: Timestamp) -> Vec<Value> {
        for summary in self.bursts.tick(now) {
            push(&mut self.runtime, summary);
        }
        match plane {
            Plane::Runtime => self.runtime.iter().cloned().collect(),
            Plane::Firewall => self.firewall.iter().cloned().collect(),
        }
    }

    /// The incidents that serious audits have raised.
    pub(crate) fn incidents(&self) -> Vec<Value> {
        self.incidents.rows()
    }

    pub(crate) fn raw(&self) -> Vec<StoredAudit> {
        self.raw.iter().cloned().collect()
    }

    pub(crate) fn find(&self, matches: impl Fn(&StoredAudit) -> bool) -> Option<StoredAudit> {
        self.raw.iter().find(|audit| matches(audit)).cloned()
    }

    pub(crate) fn gaps(&self) -> Vec<(String, Gap)> {
        self.gaps.clone()
    }
}

/// What came in the place of an audit is told as it was sent, where it says which kind it is meant to be; that the Console
/// has no use for it is a loss.
fn refused(app_id: &str, item: SentAudit, error: &serde_json::Error) -> Vec<Observation> {
    let sequence = item.sequence;
    let plane = item.plane();
    let mut why = format!("audit {sequence} of '{app_id}' is none, and is not stored: {error}");
    if plane.is_none() {
        let sent: String = item.audit.to_string().chars().take(TOLD).collect();
        why = format!("{why}: its plane is {}, and it says {sent}", item.plane);
    }
    let audit = plane.map(|plane| Observation::Audit { plane, sequence, audit: item.audit });
    let lost = Observation::Lost { pipeline: Pipeline::Audits, count: 1, why };
    audit.into_iter().chain([lost]).collect()
}
