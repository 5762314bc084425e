//! Mutants of a recording.

use proofhouse_reports::HistoryRecord;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt;

/// Whose doing a record, or a member of one, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// What is tested, or the Console, or the simulated Fargate.
    Subject,
    /// The harness.
    Evidence,
}

/// What was done to the recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A record is gone.
    Dropped,
    /// A record stands there twice.
    Doubled,
    /// A record stands before everything that was done.
    Moved,
    /// A member has another value; its pointer, places of lists left out.
    Altered(String),
}

/// A recording with one change.
pub struct Mutant {
    pub records: Vec<HistoryRecord>,
    pub of: Of,
    pub kind: String,
    pub change: Change,
}

impl Mutant {
    /// Kind of record and change, as `indifferent.txt` has them.
    pub fn key(&self) -> String {
        format!("{} {}", self.kind, self.change)
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dropped => f.write_str("dropped"),
            Self::Doubled => f.write_str("doubled"),
            Self::Moved => f.write_str("moved"),
            Self::Altered(pointer) => f.write_str(pointer),
        }
    }
}

/// Kinds of record that the harness makes of its own doing.
const EVIDENCE: [&str; 12] = [
    "stimulus",
    "fence",
    "lost",
    "limit_passed",
    "task_began",
    "scenario_began",
    "scenario_ended",
    "step",
    "check",
    "note",
    "capture",
    "fault",
];

/// Members that say who saw something and when, or what the harness asked for.
fn of_member(kind: &str, pointer: &str) -> Of {
    let asked = match kind {
        "act" => pointer.starts_with("/request"),
        "http_exchange" => ["/client", "/server", "/method", "/target", "/request_headers"]
            .iter()
            .any(|member| pointer.starts_with(member)),
        "console_answer" => {
            ["/user", "/method", "/path", "/sent"].iter().any(|member| pointer.starts_with(member))
        }
        "looked" => pointer.starts_with("/path"),
        _ => EVIDENCE.contains(&kind),
    };
    // Which container did a thing is the doing of whoever did it.
    if pointer.starts_with("/source/container") || pointer.starts_with("/source/actor") {
        return Of::Subject;
    }
    let frame = ["/source", "/token", "/time", "/monotonic_us", "/seq", "/scenario", "/schema"];
    if asked || frame.iter().any(|member| pointer.starts_with(member)) { Of::Evidence } else { Of::Subject }
}

/// All mutants of the records before a check that stands on some of them.
pub fn mutants(before: &[HistoryRecord], on: &[u64]) -> impl Iterator<Item = Mutant> {
    let on: BTreeSet<u64> = on.iter().copied().collect();
    let wanted: Vec<usize> = before
        .iter()
        .enumerate()
        .filter(|(_, record)| on.contains(&record.sequence) || is_frame(record))
        .map(|(index, _)| index)
        .collect();
    wanted.into_iter().flat_map(move |index| {
        let mut all = whole(before, index);
        if on.contains(&before[index].sequence) {
            all.extend(members(before, index));
        }
        all
    })
}

/// A record that a conclusion need not name, and without which it cannot be drawn.
fn is_frame(record: &HistoryRecord) -> bool {
    ["stimulus", "fence", "task_began"].contains(&kind_of(record).as_str())
}

fn kind_of(record: &HistoryRecord) -> String {
    let json = serde_json::to_value(record).unwrap();
    json["kind"].as_str().unwrap().to_owned()
}

/// A record dropped, doubled, and moved to the beginning.
fn whole(before: &[HistoryRecord], index: usize) -> Vec<Mutant> {
    let kind = kind_of(&before[index]);
    let of = if EVIDENCE.contains(&kind.as_str()) { Of::Evidence } else { Of::Subject };
    let mut dropped = before.to_vec();
    let record = dropped.remove(index);
    let mut moved = dropped.clone();
    moved.insert(1.min(moved.len()), record.clone());
    let mut doubled = before.to_vec();
    doubled.insert(index + 1, record);
    [(Change::Dropped, dropped), (Change::Doubled, doubled), (Change::Moved, moved)]
        .into_iter()
        .map(|(change, records)| Mutant { records, of, kind: kind.clone(), change })
        .collect()
}

/// Every member of a record with another value.
fn members(before: &[HistoryRecord], index: usize) -> Vec<Mutant> {
    let kind = kind_of(&before[index]);
    let json = serde_json::to_value(&before[index]).unwrap();
    let mut pointers = Vec::new();
    leaves(&json, String::new(), &mut pointers);
    pointers
        .into_iter()
        .filter(|pointer| !["/kind", "/schema", "/seq"].contains(&pointer.as_str()))
        .filter_map(|pointer| {
            let mut changed = json.clone();
            let value = changed.pointer_mut(&pointer)?;
            *value = another(value);
            // What the types do not allow cannot be in a history.
            let record: HistoryRecord = serde_json::from_value(changed).ok()?;
            let mut records = before.to_vec();
            records[index] = record;
            let name = without_places(&pointer);
            Some(Mutant {
                records,
                of: of_member(&kind, &name),
                kind: kind.clone(),
                change: Change::Altered(name),
            })
        })
        .collect()
}

fn leaves(value: &Value, at: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                leaves(member, format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")), pointers);
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                leaves(item, format!("{at}/{place}"), pointers);
            }
        }
        _ => pointers.push(at),
    }
}

fn without_places(pointer: &str) -> String {
    let parts = pointer.split('/').map(|part| if part.parse::<usize>().is_ok() { "*" } else { part });
    parts.collect::<Vec<_>>().join("/")
}

/// A value of the same type that is another one.
fn another(value: &Value) -> Value {
    match value {
        Value::Null => json!("another"),
        Value::Bool(flag) => json!(!flag),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(n), _) => json!(n + 1_000_003),
            (None, Some(n)) => json!(n - 1_000_003),
            _ => json!(number.as_f64().unwrap_or_default() + 1e9),
        },
        Value::String(text) => match text.parse::<jiff::Timestamp>() {
            Ok(_) => json!("2001-01-01T00:00:00Z"),
            Err(_) => another_word(text),
        },
        other => other.clone(),
    }
}

/// Another word of the same set, where it is one that the protocol knows; else a text that nobody expects.
fn another_word(text: &str) -> Value {
    const SETS: [&[&str]; 9] = [
        &["runtime", "firewall"],
        &["stdout", "stderr"],
        &["sent", "passed"],
        &["bare", "protected"],
        &["original", "embedded", "described"],
        &["file", "directory"],
        &["HEALTHY", "UNHEALTHY", "UNKNOWN"],
        &["RUNNING", "STOPPED"],
        &["created", "started", "exited", "signalled", "healthy"],
    ];
    let set = SETS.iter().find(|set| set.contains(&text));
    match set {
        Some(set) => {
            let place = set.iter().position(|word| *word == text).unwrap();
            json!(set[(place + 1) % set.len()])
        }
        // No part of it is in there, for many checks look for a part.
        None => json!(format!("another{}", text.chars().rev().collect::<String>())),
    }
}
