//! Any record, picked by what its JSON says: how many, and in which order.

use super::audit_count::Count;
use super::conclusion::Outcome;
use super::expect::Expect;
use super::text::since;
use crate::HistoryRecord;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// Picks records by their JSON form, as it stands in the history file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventSelector {
    /// Kind of observation, such as `container_event`.
    pub kind: String,
    /// Token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Members of the record: a name, or a JSON pointer when it starts with `/`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Expect>,
}

impl EventSelector {
    /// Every record of a kind.
    #[must_use]
    pub fn kind(kind: &str) -> Self {
        Self { kind: kind.to_owned(), token: None, fields: BTreeMap::new() }
    }

    /// Only with this token.
    #[must_use]
    pub fn of(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// Only with this member.
    #[must_use]
    pub fn field(mut self, name: &str, expect: impl Into<Expect>) -> Self {
        self.fields.insert(name.to_owned(), expect.into());
        self
    }

    fn picks(&self, record: &HistoryRecord) -> bool {
        if self.token.as_deref().is_some_and(|t| record.token() != Some(t)) {
            return false;
        }
        // A record that cannot be written as JSON is not in the file either.
        let Ok(json) = serde_json::to_value(&*record.recording) else { return false };
        let member = |name: &str| if name.starts_with('/') { json.pointer(name) } else { json.get(name) };
        json.get("kind").and_then(Value::as_str) == Some(&self.kind)
            && self.fields.iter().all(|(name, expect)| expect.accepts(member(name)))
    }

    fn find<'a>(&self, records: &'a [HistoryRecord]) -> Vec<(usize, &'a HistoryRecord)> {
        records.iter().enumerate().filter(|(_, r)| self.picks(r)).collect()
    }
}

impl fmt::Display for EventSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind.replace('_', " "))?;
        let mut with: Vec<_> = self.fields.iter().map(|(name, expect)| format!("{name} {expect}")).collect();
        with.extend(self.token.iter().map(|t| format!("token `{t}`")));
        if with.is_empty() { Ok(()) } else { write!(f, " with {}", with.join(" and ")) }
    }
}

/// So many records are like this.
#[must_use]
pub fn event_count(records: &[HistoryRecord], event: &EventSelector, count: Count) -> Outcome {
    let found = event.find(records);
    let (low, high) = count.bounds();
    let times: Vec<_> = found.iter().take(10).map(|(_, r)| since(records, r)).collect();
    let at = if times.is_empty() { String::new() } else { format!(" (at {})", times.join(", ")) };
    if (low..=high).contains(&found.len()) {
        return Outcome::holds(format!("saw {} of: {event}{at}", found.len()));
    }
    Outcome::broken(format!("expected {count} of: {event}, saw {}{at}", found.len()))
}

/// The first record of one kind stands before the first of another.
#[must_use]
pub fn order(records: &[HistoryRecord], before: &EventSelector, after: &EventSelector) -> Outcome {
    let (firsts, seconds) = (before.find(records), after.find(records));
    match (firsts.first(), seconds.first()) {
        (Some((a, first)), Some((b, second))) => {
            let (t1, t2) = (since(records, first), since(records, second));
            if a < b {
                Outcome::holds(format!("{before} ({t1}) stands before {after} ({t2})"))
            } else {
                Outcome::broken(format!("expected {before} before {after}, saw it at {t1}, behind {t2}"))
            }
        }
        (None, _) => Outcome::unproved(format!("expected {before} before {after}, but never saw: {before}")),
        (_, None) => Outcome::unproved(format!("expected {before} before {after}, but never saw: {after}")),
    }
}
