//! Every audit that came, word for word, and the rows that people see.

use super::aggregate::{FirewallAggregator, RuntimeAggregator};
use super::sequence::{Arrival, Gap, Sequence};
use crate::random;
use crate::scope::{Workload, covers};
use jiff::Timestamp;
use proofhouse_protocol::Collection;
use proofhouse_protocol::link::{LinkAudit, SequencedAudit};
pub use proofhouse_protocol::observation::Plane;
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};

/// The oldest go when there are more (retention [S13]).
const RETAINED: usize = 200_000;

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

/// What one delivery was.
#[derive(Debug)]
pub(crate) struct Delivery {
    /// The audit, unless it was a repetition.
    pub(crate) stored: Option<StoredAudit>,
    /// Numbers that are missing before it.
    pub(crate) gap: Option<Gap>,
}

/// All audits of a Console.
#[derive(Debug, Default)]
pub(crate) struct AuditStore {
    sequences: HashMap<(String, String), Sequence>,
    raw: VecDeque<StoredAudit>,
    gaps: Vec<(String, Gap)>,
    runtime: VecDeque<Value>,
    firewall: VecDeque<Value>,
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
    /// Takes in one delivery of one audit.
    pub(crate) fn deliver(
        &mut self,
        app_id: &str,
        incarnation: &str,
        item: SequencedAudit,
        collections: &[Collection],
        aggregate: bool,
        now: Timestamp,
    ) -> Delivery {
        let sequence = self.sequences.entry((app_id.to_owned(), incarnation.to_owned())).or_default();
        let gap = match sequence.arrive(item.sequence) {
            Arrival::Repeated => return Delivery { stored: None, gap: None },
            Arrival::Next | Arrival::Late => None,
            Arrival::Behind(gap) => Some(gap),
        };
        self.gaps.extend(gap.map(|gap| (app_id.to_owned(), gap)));
        let (plane, audit) = complete(item.audit, collections);
        let stored = StoredAudit {
            plane,
            app_id: app_id.to_owned(),
            incarnation: incarnation.to_owned(),
            sequence: item.sequence,
            received: now,
            audit,
        };
        push(&mut self.raw, stored.clone());
        self.show(plane, stored.audit.clone(), aggregate, now);
        Delivery { stored: Some(stored), gap }
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

/// The audit with its `_id` and the names of the collections that its workload is in.
fn complete(audit: LinkAudit, collections: &[Collection]) -> (Plane, Value) {
    let id = random::hex::<12>();
    let within = |workload: Workload<'_>| -> Vec<String> {
        collections.iter().filter(|c| covers(c, workload)).map(|c| c.name.clone()).collect()
    };
    match audit {
        LinkAudit::Runtime(mut audit) => {
            audit.collections = Some(within(Workload {
                app_id: &audit.app_id,
                container: audit.container_name.as_deref(),
                image: audit.image_name.as_deref(),
                cluster: audit.cluster.as_deref(),
                account: audit.account_id.as_deref(),
            }));
            audit.id = Some(id);
            (Plane::Runtime, serde_json::to_value(audit).expect("an audit is made of strings and numbers"))
        }
        LinkAudit::Firewall(mut audit) => {
            audit.collections = Some(within(Workload {
                app_id: &audit.app_id,
                cluster: audit.cluster.as_deref(),
                account: audit.account_id.as_deref(),
                ..Workload::default()
            }));
            audit.id = Some(id);
            (Plane::Firewall, serde_json::to_value(audit).expect("an audit is made of strings and numbers"))
        }
    }
}
