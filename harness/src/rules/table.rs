//! The dated table and its reading.

use super::finding::{Level, RefusedBy, Wording};
use super::shape::{ROOT, Shape};
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::OnceLock;

/// The table that comes with the harness.
const FARGATE: &str = include_str!("fargate.json");

/// A day, as `2026-01-06`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Date(pub jiff::civil::Date);

impl Date {
    /// Today, by UTC.
    #[must_use]
    pub fn today() -> Self {
        Self(jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now()).date())
    }

    /// Reads `2026-01-06`.
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        text.parse().map(Self).map_err(|_| TableError::Date(text.to_owned()))
    }
}

/// A class of rejection: `E01` to `E35` of `fargate.md` 1.8, or one that has no number there. `timeout`, `value` and
/// `unsupported` are documented as refused; `placeholder` is a value that a template leaves open; `remark` rejects nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Class(pub String);

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A table that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Not the form of a table.
    #[error("the rule table cannot be read: {0}")]
    Form(#[from] serde_json::Error),
    /// A type that the table has no shape for.
    #[error("the rule table has no shape `{0}`")]
    Shape(String),
    /// A pattern that is no regular expression.
    #[error("the pattern of class {class} is no regular expression: {why}")]
    Pattern {
        /// Class.
        class: Class,
        /// Why.
        why: String,
    },
    /// A day that is none.
    #[error("`{0}` is not a date: write it as 2026-01-06")]
    Date(String),
}

/// Rules, sizes and members, each with its dates.
#[derive(Debug, Clone, Deserialize)]
pub struct Table {
    /// Day of the data; it is printed with every report.
    pub data_date: Date,
    pub(super) sizes: Vec<Size>,
    pub(super) rules: Vec<Rule>,
    #[serde(default)]
    pub(super) requests: BTreeMap<String, RequestLimit>,
    #[serde(default)]
    pub(super) log_drivers: BTreeMap<String, LogDriver>,
    pub(super) shapes: BTreeMap<String, Shape>,
}

/// How long a part of a request may be that is no definition.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct RequestLimit {
    pub class: Class,
    pub valid_from: Date,
    /// Characters of compact JSON.
    pub most: usize,
    pub pattern: String,
    pub message: String,
}

/// Options of a log driver.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct LogDriver {
    pub required: Vec<String>,
    pub known: Vec<String>,
}

/// Memory that goes with a CPU size.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Size {
    pub valid_from: Date,
    /// Whether Windows tasks can have it too.
    #[serde(default)]
    pub windows: bool,
    /// What else is known of it.
    pub note: Option<String>,
    pub cpu: u64,
    #[serde(default)]
    pub memory: Vec<u64>,
    #[serde(default)]
    pub from: u64,
    #[serde(default)]
    pub to: u64,
    #[serde(default)]
    pub step: u64,
}

/// One way to be rejected.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Rule {
    pub class: Class,
    pub valid_from: Date,
    #[serde(default)]
    pub valid_until: Option<Date>,
    #[serde(default)]
    pub level: Level,
    #[serde(default)]
    pub refused_by: RefusedBy,
    #[serde(default)]
    pub wording: Wording,
    pub source: String,
    pub path: String,
    pub check: Check,
    #[serde(default)]
    pub pattern: String,
    pub message: String,
    pub help: String,
}

/// What is asked of the value at the path.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Check {
    Word(Word),
    Limits(Limits),
}

/// A question without arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Word {
    /// It must not be there, or be empty.
    Absent,
    /// It must be there.
    Required,
    /// It must be there and not be an empty text.
    Filled,
    /// It must not be true.
    NotTrue,
}

/// Questions with arguments; all that are given are asked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Limits {
    pub must_be: Vec<String>,
    pub must_not_be: Vec<String>,
    pub required: bool,
    pub at_least: Option<i64>,
    pub at_most: Option<i64>,
    pub most_items: Option<usize>,
    /// Of the definition, as compact JSON.
    pub most_bytes: Option<usize>,
    pub matches: Option<String>,
    pub must_not_match: Option<String>,
    /// A question that code asks; see [`super::predicates`].
    pub predicate: Option<String>,
}

impl Table {
    /// The table that comes with the harness.
    ///
    /// # Panics
    /// Never: a test reads it.
    #[must_use]
    pub fn fargate() -> &'static Self {
        static TABLE: OnceLock<Table> = OnceLock::new();
        TABLE.get_or_init(|| Self::parse(FARGATE).expect("the table that comes with the harness is sound"))
    }

    /// Reads a table, such as a newer one than the harness.
    ///
    /// # Errors
    /// It has another shape, or a pattern is no regular expression.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let table: Self = serde_json::from_str(text)?;
        for rule in &table.rules {
            let of_value = match &rule.check {
                Check::Limits(limits) => [&limits.matches, &limits.must_not_match],
                Check::Word(_) => [&None, &None],
            };
            let of_value = of_value.into_iter().flatten().map(String::as_str);
            for pattern in of_value.chain([rule.pattern.as_str()]) {
                Regex::new(pattern).map_err(|error| TableError::Pattern {
                    class: rule.class.clone(),
                    why: error.to_string(),
                })?;
            }
        }
        table.sound_shapes()?;
        Ok(table)
    }

    fn sound_shapes(&self) -> Result<(), TableError> {
        for model in self.shapes.values().flat_map(BTreeMap::values) {
            if let Some(name) = model.kind.shape().filter(|name| !self.shapes.contains_key(*name)) {
                return Err(TableError::Shape(name.to_owned()));
            }
            Regex::new(model.matches.as_deref().unwrap_or_default()).map_err(|error| {
                TableError::Pattern { class: Class("value".to_owned()), why: error.to_string() }
            })?;
        }
        Ok(())
    }

    /// What a service says on that day of the `overrides` of a RunTask request: the class (E31) and the words, if they are longer
    /// than it takes. `length` is in characters of compact JSON; that AWS counts it so is a declared choice.
    #[must_use]
    pub fn overrides_too_long(&self, length: usize, date: Date) -> Option<(Class, String)> {
        let limit = self.requests.get("overrides").filter(|limit| limit.valid_from <= date)?;
        let message = limit.message.replace("{value}", &length.to_string());
        (length > limit.most).then(|| (limit.class.clone(), message))
    }

    /// The class of the service's words about a request that is no definition.
    #[must_use]
    pub fn class_of_request(&self, words: &str) -> Option<&Class> {
        let fits =
            |limit: &&RequestLimit| Regex::new(&limit.pattern).is_ok_and(|pattern| pattern.is_match(words));
        self.requests.values().find(fits).map(|limit| &limit.class)
    }

    /// Members of a task definition that DescribeTaskDefinition adds and registration ignores (`fargate.md` 1.1).
    pub(crate) fn answered(&self) -> impl Iterator<Item = &str> {
        let members = self.shapes.get(ROOT).into_iter().flatten();
        members.filter(|(_, model)| model.answer).map(|(name, _)| name.as_str())
    }

    /// The member whose value has that shape.
    pub(super) fn owner_of(&self, shape: &str) -> Option<&str> {
        let mut members = self.shapes.values().flatten();
        members.find(|(_, model)| model.kind.shape() == Some(shape)).map(|(key, _)| key.as_str())
    }

    pub(super) fn rules_on(&self, date: Date) -> impl Iterator<Item = &Rule> {
        self.rules
            .iter()
            .filter(move |rule| rule.valid_from <= date && rule.valid_until.is_none_or(|until| date < until))
    }
}
