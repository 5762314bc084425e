//! Where a value stands in a document: `rules[0].dns.effect`.

use serde_json::Value;
use std::fmt;

/// One step down into a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// To a member of an object.
    Member(String),
    /// To an item of a list, from 0.
    Item(usize),
}

/// Where a value stands in a document, from its root. Its text form is `rules[0].dns.effect`, empty for the root.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct JsonPath(Vec<Step>);

impl JsonPath {
    /// The steps, from the root.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    pub(super) fn member(&self, name: &str) -> Self {
        self.with(Step::Member(name.to_owned()))
    }

    pub(super) fn item(&self, index: usize) -> Self {
        self.with(Step::Item(index))
    }

    fn with(&self, step: Step) -> Self {
        Self(self.0.iter().cloned().chain([step]).collect())
    }

    /// This path as it is called where its root stands at `parent`.
    pub(super) fn below(&self, parent: &Self) -> Self {
        Self(parent.0.iter().chain(&self.0).cloned().collect())
    }

    /// Its last words, from the last member but one on: enough for a reader who sees the line.
    pub(super) fn end(&self) -> Self {
        let members = self.0.iter().enumerate().rev().filter(|(_, step)| matches!(step, Step::Member(_)));
        let start = members.take(2).last().map_or(0, |(index, _)| index);
        Self(self.0[start..].to_vec())
    }

    pub(super) fn starts_with(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }

    /// The place in the order in which a reader meets it: what is missing stands behind what is there.
    pub(super) fn order(&self, document: &Value) -> Vec<usize> {
        let mut here = Some(document);
        let position = |step: &Step| {
            let (index, next) = match (step, here) {
                (Step::Item(index), value) => (Some(*index), value.and_then(|value| value.get(*index))),
                (Step::Member(name), Some(Value::Object(members))) => {
                    (members.keys().position(|key| key == name), members.get(name))
                }
                (Step::Member(_), _) => (None, None),
            };
            here = next;
            index.unwrap_or(usize::MAX)
        };
        self.0.iter().map(position).collect()
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Member(name) => write!(f, "{}{name}", if index == 0 { "" } else { "." })?,
                Step::Item(item) => write!(f, "[{item}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_reads_like_the_way_to_the_value() {
        let path = JsonPath::default().member("rules").item(2).member("dns").member("effect");
        assert_eq!(path.to_string(), "rules[2].dns.effect");
        assert_eq!(JsonPath::default().to_string(), "");
        assert_eq!(path.end().to_string(), "dns.effect");
        assert_eq!(path.item(3).end().to_string(), "dns.effect[3]");
        assert_eq!(
            JsonPath::default().member("rules").item(2).member("name").end().to_string(),
            "rules[2].name"
        );
        let collection = JsonPath::default().member("name");
        assert_eq!(collection.below(&path.item(0)).to_string(), "rules[2].dns.effect[0].name");
    }

    #[test]
    fn the_order_is_that_of_the_document() {
        let document = json!({"b": [{"y": 1, "x": 2}], "a": 3});
        let at = |text: &[&str]| {
            let path = text.iter().fold(JsonPath::default(), |path, step| {
                step.parse().map_or_else(|_| path.member(step), |index| path.item(index))
            });
            path.order(&document)
        };
        let sorted =
            [at(&["b"]), at(&["b", "0", "y"]), at(&["b", "0", "x"]), at(&["b", "0", "z"]), at(&["a"])];
        assert!(sorted.is_sorted(), "{sorted:?}");
    }
}
