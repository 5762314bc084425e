//! What a client outside got for its request.

use super::conclusion::Outcome;
use super::evidence::named;
use super::expect::{Expect, shown};
use super::text::excerpt;
use crate::HistoryRecord;
use proofhouse_protocol::Observation;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Response header with the event id (`waas.md`, section 2.6).
pub const EVENT_ID_HEADER: &str = "X-Prisma-Event-Id";

/// Whether the answer must carry an event id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventId {
    /// Either way.
    #[default]
    Any,
    /// No header.
    Absent,
    /// In the header.
    Header,
    /// In the header, and the same in the body.
    HeaderAndBody,
}

/// Input of [`exchange`]. The last exchange with the token is meant.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Exchange {
    /// Stimulus.
    pub token: String,
    /// Status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Event id.
    #[serde(default)]
    pub event_id: EventId,
    /// Response headers by name, in any case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Expect>,
    /// The start of the body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Expect>,
    /// Whether a missing answer is what is expected.
    #[serde(default)]
    pub no_answer: bool,
}

#[derive(Clone, Copy)]
struct Seen<'a> {
    status: Option<u16>,
    headers: &'a [(String, String)],
    body: &'a str,
    sha256: &'a str,
    error: Option<&'a str>,
}

fn last<'a>(records: &'a [HistoryRecord], token: &str) -> Option<Seen<'a>> {
    records.iter().rev().find_map(|r| match r.observation() {
        Observation::HttpExchange { status, response_headers, body, body_sha256, error, .. }
            if r.token() == Some(token) =>
        {
            Some(Seen {
                status: *status,
                headers: response_headers,
                body,
                sha256: body_sha256,
                error: error.as_deref(),
            })
        }
        _ => None,
    })
}

fn header<'a>(seen: &Seen<'a>, name: &str) -> Option<&'a str> {
    seen.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn status(seen: &Seen<'_>) -> String {
    match (seen.status, seen.error) {
        (Some(status), _) => status.to_string(),
        (None, Some(error)) => format!("no answer ({error})"),
        (None, None) => "no answer".to_owned(),
    }
}

/// The answer to a stimulus has that status, event id, headers and body.
#[must_use]
pub fn exchange(records: &[HistoryRecord], input: &Exchange) -> Outcome {
    let subject = named(records, &input.token);
    let Some(seen) = last(records, &input.token) else {
        return Outcome::unproved(format!(
            "expected an answer to stimulus {subject}, but no request was sent"
        ));
    };
    if input.no_answer {
        return match seen.status {
            None => Outcome::holds(format!("stimulus {subject} got {}", status(&seen))),
            Some(code) => {
                Outcome::broken(format!("expected no answer to stimulus {subject}, saw status {code}"))
            }
        };
    }
    let mut wrong = Vec::new();
    if seen.status.is_none() || input.status.is_some_and(|s| seen.status != Some(s)) {
        let wanted = input.status.map_or_else(|| "any".to_owned(), |s| s.to_string());
        wrong.push(format!("status: expected {wanted}, saw {}", status(&seen)));
    }
    let id = header(&seen, EVENT_ID_HEADER);
    match (input.event_id, id) {
        (EventId::Absent, Some(id)) => {
            wrong.push(format!("header {EVENT_ID_HEADER}: expected none, saw `{id}`"))
        }
        (EventId::Header | EventId::HeaderAndBody, None) if seen.status.is_some() => {
            wrong.push(format!("header {EVENT_ID_HEADER}: expected an event id, saw nothing"));
        }
        (EventId::HeaderAndBody, Some(id)) if !seen.body.contains(id) => {
            wrong.push(format!("body: expected the event id `{id}` in it, saw `{}`", excerpt(seen.body)));
        }
        _ => {}
    }
    for (name, expect) in &input.headers {
        let value = header(&seen, name).map(Value::from);
        if !expect.accepts(value.as_ref()) {
            wrong.push(format!("header {name}: expected {expect}, saw {}", shown(value.as_ref())));
        }
    }
    if let Some(expect) = input.body.as_ref().filter(|e| !e.accepts(Some(&Value::from(seen.body)))) {
        wrong.push(format!("body: expected {expect}, saw `{}`", excerpt(seen.body)));
    }
    if wrong.is_empty() {
        return Outcome::holds(format!("stimulus {subject} was answered {}", status(&seen)));
    }
    Outcome::broken(format!("the answer to stimulus {subject} is not as expected:\n- {}", wrong.join("\n- ")))
}

/// Two stimuli got the same status, the same body, and the same headers but for those named.
#[must_use]
pub fn same_bytes(records: &[HistoryRecord], a: &str, b: &str, ignore_headers: &[String]) -> Outcome {
    let (Some(first), Some(second)) = (last(records, a), last(records, b)) else {
        let missing = if last(records, a).is_none() { a } else { b };
        return Outcome::unproved(format!(
            "expected equal answers to `{a}` and `{b}`, but `{missing}` sent no request"
        ));
    };
    if first.status.is_none() && second.status.is_none() {
        return Outcome::unproved(format!("neither `{a}` nor `{b}` got an answer that could be compared"));
    }
    let mut wrong = Vec::new();
    if first.status != second.status {
        wrong.push(format!("status: {} and {}", status(&first), status(&second)));
    }
    if first.sha256 != second.sha256 {
        wrong.push(format!("body: `{}` and `{}`", excerpt(first.body), excerpt(second.body)));
    }
    let (left, right) = (sorted(&first, ignore_headers), sorted(&second, ignore_headers));
    for (name, value) in left.iter().filter(|h| !right.contains(h)) {
        wrong.push(format!("header {name}: `{value}` is in the answer to `{a}` only"));
    }
    for (name, value) in right.iter().filter(|h| !left.contains(h)) {
        wrong.push(format!("header {name}: `{value}` is in the answer to `{b}` only"));
    }
    if wrong.is_empty() && left.len() != right.len() {
        wrong.push(format!("headers: {} and {} lines, some of them repeated", left.len(), right.len()));
    }
    if wrong.is_empty() {
        return Outcome::holds(format!("`{a}` and `{b}` got the same bytes (SHA-256 {})", first.sha256));
    }
    Outcome::broken(format!(
        "expected the same answer to `{a}` and `{b}`, saw differences:\n- {}",
        wrong.join("\n- ")
    ))
}

fn sorted(seen: &Seen<'_>, ignored: &[String]) -> Vec<(String, String)> {
    let kept = seen.headers.iter().filter(|(n, _)| !ignored.iter().any(|i| i.eq_ignore_ascii_case(n)));
    let mut all: Vec<_> = kept.map(|(n, v)| (n.to_ascii_lowercase(), v.clone())).collect();
    all.sort();
    all
}
