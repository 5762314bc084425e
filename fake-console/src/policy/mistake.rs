//! What is wrong with a document: all of it, each with its place.

use super::path::JsonPath;
use serde_json::Value;
use std::fmt;

/// What at a path is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong {
    /// What it is, or that it is not there.
    Value,
    /// That it is there at all, whatever it is.
    Member,
}

/// One thing that is wrong with a document. Its text form is that of the API: path, what is wrong, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where; a member that is missing has the path that it would have.
    pub path: JsonPath,
    /// What of it.
    pub wrong: Wrong,
    /// What is wrong, naming the rule.
    pub message: String,
    /// What to do.
    pub hint: String,
}

impl Mistake {
    /// The same mistake of a part of a document, seen from the whole.
    pub(super) fn below(mut self, parent: &JsonPath) -> Self {
        self.path = self.path.below(parent);
        self
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.steps().is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{}: {}", self.message, self.hint)
    }
}

/// Collects what is wrong, so that nobody has to correct one mistake to learn of the next.
#[derive(Debug, Default)]
pub(super) struct Mistakes(Vec<Mistake>);

impl Mistakes {
    pub(super) fn add(&mut self, path: JsonPath, message: impl Into<String>, hint: impl Into<String>) {
        self.push(Mistake { path, wrong: Wrong::Value, message: message.into(), hint: hint.into() });
    }

    /// A member that has no business there.
    pub(super) fn stray(&mut self, path: JsonPath, message: impl Into<String>, hint: impl Into<String>) {
        self.push(Mistake { path, wrong: Wrong::Member, message: message.into(), hint: hint.into() });
    }

    pub(super) fn push(&mut self, mistake: Mistake) {
        self.0.push(mistake);
    }

    /// Takes up what `others` found elsewhere than at or below these paths, where the cause is known already.
    pub(super) fn join(&mut self, others: Self, known: &[JsonPath]) {
        let elsewhere = |mistake: &Mistake| !known.iter().any(|path| mistake.path.starts_with(path));
        self.0.extend(others.0.into_iter().filter(elsewhere));
    }

    /// Everything in the order of the document.
    pub(super) fn in_order_of(mut self, document: &Value) -> Vec<Mistake> {
        self.0.sort_by_cached_key(|mistake| mistake.path.order(document));
        self.0
    }
}
