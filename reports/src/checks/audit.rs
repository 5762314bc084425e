//! Audits as records carry them.

use super::expect::{Expect, shown};
use super::text::{excerpt, since};
use crate::HistoryRecord;
use proofhouse_protocol::observation::{Observation, Plane};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// An audit in a slice of records.
#[derive(Debug, Clone, Copy)]
pub struct AuditView<'a> {
    /// Place in the slice.
    pub index: usize,
    /// The record.
    pub record: &'a HistoryRecord,
    /// Which kind.
    pub plane: Plane,
    /// Number on the link.
    pub sequence: u64,
    /// The audit as it was sent, with what the Console added.
    pub audit: &'a Value,
}

/// A member that is not as expected.
pub(super) struct Difference<'a> {
    name: &'a str,
    expected: &'a Expect,
    seen: Option<&'a Value>,
}

impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, saw {}", self.name, self.expected, shown(self.seen))
    }
}

/// The audits of a slice, in order.
pub(super) fn audits(records: &[HistoryRecord]) -> impl Iterator<Item = AuditView<'_>> {
    records.iter().enumerate().filter_map(|(index, record)| {
        let Observation::Audit { plane, sequence, audit } = record.observation() else { return None };
        Some(AuditView { index, record, plane: *plane, sequence: *sequence, audit })
    })
}

impl<'a> AuditView<'a> {
    /// A member by its own name, or by JSON pointer; the audit as a whole by the empty one.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&'a Value> {
        if name.is_empty() || name.starts_with('/') { self.audit.pointer(name) } else { self.audit.get(name) }
    }

    pub(super) fn text(&self, name: &str) -> &'a str {
        self.member(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn differences<'e>(&self, fields: &'e BTreeMap<String, Expect>) -> Vec<Difference<'e>>
    where
        'a: 'e,
    {
        let wrong = fields.iter().filter(|(name, expect)| !expect.accepts(self.member(name)));
        wrong.map(|(name, expected)| Difference { name, expected, seen: self.member(name) }).collect()
    }

    /// `audit 3 (+1.204 s): processes, explicitlyDeniedProcess, prevent, rule ...`.
    #[must_use]
    pub fn describe(&self, records: &[HistoryRecord]) -> String {
        let attack = if self.plane == Plane::Runtime { "attackType" } else { "type" };
        let mut parts = vec![self.text(attack).to_owned(), self.text("effect").to_owned()];
        for (label, name) in [
            ("rule", "ruleName"),
            ("container", "containerName"),
            ("process", "processPath"),
            ("command", "command"),
            ("domain", "domain"),
            ("url", "url"),
        ] {
            let value = self.text(name);
            if !value.is_empty() {
                parts.push(format!("{label} `{}`", excerpt(value)));
            }
        }
        if let Some(n) = self.audit.get("count").and_then(Value::as_u64).filter(|n| *n > 1) {
            parts.push(format!("standing for {n} events"));
        }
        parts.retain(|p| !p.is_empty());
        format!(
            "{} audit {} ({}): {}",
            self.plane,
            self.sequence,
            since(records, self.record),
            parts.join(", ")
        )
    }
}
