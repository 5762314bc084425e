//! A value of a document with its path. `null` counts as absent: exporters write it for empty lists.

use super::path::JsonPath;
use serde_json::Value;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Spot<'a> {
    pub(super) path: JsonPath,
    pub(super) value: &'a Value,
}

impl<'a> Spot<'a> {
    pub(super) fn root(value: &'a Value) -> Self {
        Self { path: JsonPath::default(), value }
    }

    /// A member that is there.
    pub(super) fn member(&self, name: &str) -> Option<Self> {
        let value = self.value.get(name).filter(|value| !value.is_null())?;
        Some(Self { path: self.path.member(name), value })
    }

    /// Members that are there, in the order of the document.
    pub(super) fn members(&self) -> impl Iterator<Item = (&'a str, Self)> {
        let members = self.value.as_object().into_iter().flatten();
        let there = members.filter(|(_, value)| !value.is_null());
        there.map(|(name, value)| (name.as_str(), Self { path: self.path.member(name), value }))
    }

    /// Items of a list; none of anything else.
    pub(super) fn items(&self) -> impl Iterator<Item = Self> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items.map(|(index, value)| Self { path: self.path.item(index), value })
    }

    pub(super) fn text(&self) -> Option<&'a str> {
        self.value.as_str()
    }

    /// Everything that stands at a pattern such as `headerSpecs.*.effect`. `*` is every item of a list, or every
    /// member of an object that is a string.
    pub(super) fn along(&self, pattern: &str) -> Vec<Self> {
        let (step, rest) = pattern.split_once('.').map_or((pattern, None), |(step, rest)| (step, Some(rest)));
        let next: Vec<Self> = match (step, self.value) {
            ("*", Value::Array(_)) => self.items().collect(),
            ("*", _) => self.members().map(|(_, member)| member).filter(|m| m.value.is_string()).collect(),
            (step, _) => self.member(step).into_iter().collect(),
        };
        match rest {
            Some(rest) => next.iter().flat_map(|spot| spot.along(rest)).collect(),
            None => next,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pattern_finds_what_stands_there() {
        let document = json!({"specs": [{"effect": "a"}, {"effect": null}, 7, {"effect": 1}],
                              "bots": {"news": "b", "deep": {"x": 1}}});
        let found = |pattern: &str| {
            let spots = Spot::root(&document).along(pattern);
            spots.iter().map(|spot| spot.path.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(found("specs.*.effect"), ["specs[0].effect", "specs[3].effect"]);
        assert_eq!(found("specs.*").len(), 4);
        assert_eq!(found("bots.*"), ["bots.news"]);
        assert!(found("specs.effect").is_empty());
    }
}
