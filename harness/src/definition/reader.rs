//! Typed reading of the tree, collecting every problem instead of stopping at the first.

use super::placeholder::placeholder;
use super::tree::{Node, Value};
use super::{Problem, Span};

/// A value and the path that leads to it.
#[derive(Debug, Clone)]
pub(super) struct Place<'n> {
    pub node: &'n Node,
    pub path: String,
}

impl<'n> Place<'n> {
    /// A member that is there and not null.
    pub fn member(&self, key: &str) -> Option<Place<'n>> {
        let member = self.node.member(key).filter(|member| member.node.value != Value::Null)?;
        let (node, key) = (&member.node, &member.written);
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Some(Place { node, path })
    }

    fn item(&self, index: usize, node: &'n Node) -> Place<'n> {
        Place { node, path: format!("{}[{index}]", self.path) }
    }
}

/// Collects problems.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub problems: Vec<Problem>,
}

impl Reader {
    pub fn problem(&mut self, place: &Place<'_>, message: impl Into<String>, help: impl Into<String>) {
        self.at(place.node.span, &place.path, message, help);
    }

    pub fn at(&mut self, span: Span, path: &str, message: impl Into<String>, help: impl Into<String>) {
        self.problems.push(Problem {
            span,
            path: path.to_owned(),
            message: message.into(),
            help: help.into(),
        });
    }

    fn wrong_type(&mut self, place: &Place<'_>, expected: &str) {
        self.problem(
            place,
            format!("expected {expected}, found {}", place.node.kind()),
            format!("write {expected} here"),
        );
    }

    /// Items of a list; a null or absent list is empty.
    pub fn list<'n>(&mut self, parent: &Place<'n>, key: &str) -> Vec<Place<'n>> {
        let Some(place) = parent.member(key) else { return Vec::new() };
        match &place.node.value {
            Value::Array(items) => items
                .iter()
                .enumerate()
                .filter(|(_, node)| node.value != Value::Null)
                .map(|(index, node)| place.item(index, node))
                .collect(),
            _ => {
                self.wrong_type(&place, "a list");
                Vec::new()
            }
        }
    }

    /// Objects of a list.
    pub fn objects<'n>(&mut self, parent: &Place<'n>, key: &str) -> Vec<Place<'n>> {
        let mut items = self.list(parent, key);
        items.retain(|item| {
            let fits = matches!(item.node.value, Value::Object(_));
            if !fits {
                self.wrong_type(item, "an object");
            }
            fits
        });
        items
    }

    pub fn object<'n>(&mut self, parent: &Place<'n>, key: &str) -> Option<Place<'n>> {
        let place = parent.member(key)?;
        if matches!(place.node.value, Value::Object(_)) {
            return Some(place);
        }
        self.wrong_type(&place, "an object");
        None
    }

    /// A string; numbers are taken as written, because people write `"cpu": 256` and `"cpu": "256"` alike.
    pub fn text(&mut self, parent: &Place<'_>, key: &str) -> Option<String> {
        let place = parent.member(key)?;
        match &place.node.value {
            Value::String(text) | Value::Number(text) | Value::Function(text) => Some(text.clone()),
            _ => {
                self.wrong_type(&place, "a string");
                None
            }
        }
    }

    /// A string that must have been filled in: no `<NAME>`, `${NAME}` or `$NAME`.
    pub fn filled(&mut self, parent: &Place<'_>, key: &str) -> Option<String> {
        let text = self.text(parent, key)?;
        let place = parent.member(key)?;
        match placeholder(&text) {
            Some(found) => {
                self.problem(
                    &place,
                    format!("the placeholder `{found}` is not filled in"),
                    "replace it by a real value",
                );
                None
            }
            None => Some(text),
        }
    }

    pub fn strings(&mut self, parent: &Place<'_>, key: &str) -> Vec<String> {
        let items = self.list(parent, key);
        items
            .iter()
            .filter_map(|item| match &item.node.value {
                Value::String(text) | Value::Number(text) | Value::Function(text) => Some(text.clone()),
                _ => {
                    self.wrong_type(item, "a string");
                    None
                }
            })
            .collect()
    }

    /// `true` or `false`, also as strings, which CloudFormation leaves behind.
    pub fn flag(&mut self, parent: &Place<'_>, key: &str) -> Option<bool> {
        let place = parent.member(key)?;
        match &place.node.value {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => {
                self.wrong_type(&place, "true or false");
                None
            }
        }
    }

    /// A whole number, as a number or a string.
    pub fn number(&mut self, parent: &Place<'_>, key: &str) -> Option<i64> {
        let place = parent.member(key)?;
        let spelling = match &place.node.value {
            Value::Number(text) => text.as_str(),
            Value::String(text) => text.trim(),
            _ => {
                self.wrong_type(&place, "a whole number");
                return None;
            }
        };
        if let Ok(number) = spelling.parse() {
            return Some(number);
        }
        if let Some(found) = placeholder(spelling) {
            self.problem(
                &place,
                format!("the placeholder `{found}` is not filled in"),
                "replace it by a number",
            );
        } else {
            self.problem(
                &place,
                format!("`{spelling}` is not a whole number"),
                "write a number without a fraction",
            );
        }
        None
    }
}
