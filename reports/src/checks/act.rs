//! What the actor did, as records tell it.

use super::text::domain;
use crate::HistoryRecord;
use proofhouse_protocol::{Observation, Source};
use serde_json::Value;

/// One request to the actor and its result.
#[derive(Debug, Clone, Copy)]
pub(super) struct Act<'a> {
    pub index: usize,
    pub record: &'a HistoryRecord,
    pub container: &'a str,
    pub request: &'a Value,
    pub result: &'a Value,
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    Exited(i64),
    Signalled(i64),
    NotStarted(String),
    TimedOut,
    Unknown(String),
}

pub(super) fn acts(records: &[HistoryRecord]) -> impl Iterator<Item = Act<'_>> {
    records.iter().enumerate().filter_map(|(index, record)| {
        let Observation::Act { request, result } = record.observation() else { return None };
        let (Source::Actor(container) | Source::Container(container)) = &record.recording.source else {
            return None;
        };
        Some(Act { index, record, container, request, result })
    })
}

pub(super) fn acts_of<'a>(records: &'a [HistoryRecord], token: &'a str) -> impl Iterator<Item = Act<'a>> {
    acts(records).filter(move |act| act.record.token() == Some(token))
}

impl<'a> Act<'a> {
    pub fn does(&self, verb: &str) -> bool {
        text(self.request, "do") == verb
    }

    pub fn replied(&self, kind: &str) -> bool {
        text(self.result, "reply") == kind
    }

    pub fn pid(&self) -> Option<i64> {
        self.result.get("pid").and_then(Value::as_i64).filter(|pid| *pid > 0)
    }

    pub fn argv(&self) -> Vec<&'a str> {
        let list = self.request.get("argv").and_then(Value::as_array);
        list.map_or_else(Vec::new, |items| items.iter().filter_map(Value::as_str).collect())
    }

    pub fn query_name(&self) -> Option<String> {
        if self.does("query") { self.request.get("name").and_then(Value::as_str).map(domain) } else { None }
    }

    pub fn path(&self) -> &'a str {
        text(self.request, "path")
    }

    pub fn stdout(&self) -> &'a str {
        text(self.result, "stdout")
    }

    pub fn stderr(&self) -> &'a str {
        text(self.result, "stderr")
    }

    pub fn ended(&self) -> Ended {
        let end = self.result.get("end").unwrap_or(&Value::Null);
        let number = |key| end.get(key).and_then(Value::as_i64);
        match (text(end, "end"), number("code"), number("signal")) {
            ("exited", Some(code), _) => Ended::Exited(code),
            ("signalled", _, Some(signal)) => Ended::Signalled(signal),
            ("not_started", ..) => Ended::NotStarted(text(end, "error").to_owned()),
            ("timed_out", ..) => Ended::TimedOut,
            _ => Ended::Unknown(self.result.to_string()),
        }
    }

    /// Whether the actor could not do what it was asked: not a result, no evidence of anything.
    pub fn could_not(&self) -> Option<&'a str> {
        self.replied("failed").then(|| text(self.result, "error"))
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Exited(code) => write!(f, "it exited with code {code}"),
            Self::Signalled(signal) => write!(f, "it was killed by signal {signal}"),
            Self::NotStarted(error) => write!(f, "its exec failed: {error}"),
            Self::TimedOut => f.write_str("it still ran at the deadline"),
            Self::Unknown(result) => write!(f, "its end is not known from `{result}`"),
        }
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}
