//! What a member of an audit or an event must be.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;

/// A regular expression that is known to compile.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern(regex::Regex);

/// A text that is not a regular expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a regular expression: {reason}")]
pub struct PatternError {
    /// The text.
    pub text: String,
    /// Why not.
    pub reason: String,
}

impl TryFrom<String> for Pattern {
    type Error = PatternError;

    fn try_from(text: String) -> Result<Self, PatternError> {
        regex::Regex::new(&text).map(Self).map_err(|e| PatternError { text, reason: e.to_string() })
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> Self {
        pattern.0.as_str().to_owned()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

/// An expectation on one value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expect {
    /// Equal to this.
    Equals(Value),
    /// Equal to one of these.
    OneOf(Vec<Value>),
    /// A text with this part, or a list with this element.
    Contains(String),
    /// Nothing with this part: neither its texts nor the names of its members, however deep; absent is nothing, too.
    Lacks(String),
    /// A text that matches somewhere.
    Matches(Pattern),
    /// There, and not empty.
    Present,
    /// Not there, or empty.
    Absent,
}

impl From<&str> for Expect {
    fn from(text: &str) -> Self {
        Self::Equals(Value::from(text))
    }
}

impl From<String> for Expect {
    fn from(text: String) -> Self {
        Self::Equals(Value::from(text))
    }
}

impl From<i64> for Expect {
    fn from(number: i64) -> Self {
        Self::Equals(Value::from(number))
    }
}

impl From<Value> for Expect {
    fn from(value: Value) -> Self {
        Self::Equals(value)
    }
}

impl Expect {
    /// A text that matches this regular expression somewhere.
    ///
    /// # Errors
    /// When it is not one.
    pub fn matches(pattern: &str) -> Result<Self, PatternError> {
        Pattern::try_from(pattern.to_owned()).map(Self::Matches)
    }

    /// Whether a value is as expected.
    #[must_use]
    pub fn accepts(&self, value: Option<&Value>) -> bool {
        match self {
            Self::Equals(expected) => value.is_some_and(|v| equal(v, expected)),
            Self::OneOf(expected) => value.is_some_and(|v| expected.iter().any(|e| equal(v, e))),
            Self::Contains(part) => match value {
                Some(Value::String(text)) => text.contains(part.as_str()),
                Some(Value::Array(items)) => items.iter().any(|i| i.as_str() == Some(part)),
                _ => false,
            },
            Self::Lacks(part) => value.is_none_or(|value| !says(value, part)),
            Self::Matches(pattern) => value.is_some_and(|v| match v {
                Value::String(text) => pattern.0.is_match(text),
                other => pattern.0.is_match(&other.to_string()),
            }),
            Self::Present => !is_empty(value),
            Self::Absent => is_empty(value),
        }
    }
}

/// Whether a text stands anywhere in a value.
fn says(value: &Value, part: &str) -> bool {
    match value {
        Value::String(text) => text.contains(part),
        Value::Array(items) => items.iter().any(|item| says(item, part)),
        Value::Object(members) => {
            members.iter().any(|(name, value)| name.contains(part) || says(value, part))
        }
        Value::Null => false,
        other => other.to_string().contains(part),
    }
}

/// Numbers are equal by value, so that `403` and `403.0` of different writers agree.
fn equal(seen: &Value, expected: &Value) -> bool {
    seen == expected || matches!((seen.as_f64(), expected.as_f64()), (Some(a), Some(b)) if a == b)
}

fn is_empty(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(_) => false,
    }
}

/// A value as messages show it.
pub(super) fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "nothing".to_owned(),
        Some(Value::String(text)) => format!("`{text}`"),
        Some(other) => format!("`{other}`"),
    }
}

impl fmt::Display for Expect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(value) => f.write_str(&shown(Some(value))),
            Self::OneOf(values) => {
                let all: Vec<_> = values.iter().map(|v| shown(Some(v))).collect();
                write!(f, "one of {}", all.join(", "))
            }
            Self::Contains(part) => write!(f, "something with `{part}` in it"),
            Self::Lacks(part) => write!(f, "nothing with `{part}` in it"),
            Self::Matches(pattern) => write!(f, "a match of `{}`", pattern.0.as_str()),
            Self::Present => f.write_str("any value"),
            Self::Absent => f.write_str("nothing"),
        }
    }
}
