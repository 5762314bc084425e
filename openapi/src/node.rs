//! A value of a document with its place; `null` counts as absent.

use crate::document::Document;
use crate::error::ImportError;
use crate::limits::DEEPEST;
use crate::line::one_line;
use crate::place::Place;
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Characters that are shown of what is wrong.
const SHOWN: usize = 300;

/// A value, and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Node<'d> {
    pub(crate) document: &'d Document,
    pub(crate) value: &'d Value,
    pub(crate) place: Place<'d>,
}

impl<'d> Node<'d> {
    /// A member that is there.
    pub(crate) fn member(&self, name: &str) -> Option<Self> {
        let (name, value) = self.value.as_object()?.get_key_value(name)?;
        (!value.is_null()).then(|| self.below(value, name.as_str()))
    }

    /// Members that are there, in the order of the document.
    ///
    /// # Errors
    /// When it is no object.
    pub(crate) fn members(&self) -> Result<Vec<(&'d str, Self)>, ImportError> {
        let members = self.object()?.iter().filter(|(_, value)| !value.is_null());
        Ok(members.map(|(name, value)| (name.as_str(), self.below(value, name.as_str()))).collect())
    }

    /// # Errors
    /// When it is no list.
    pub(crate) fn items(&self) -> Result<Vec<Self>, ImportError> {
        let Value::Array(items) = self.value else { return Err(self.not("a list")) };
        Ok(items.iter().enumerate().map(|(at, value)| self.below(value, at.to_string())).collect())
    }

    /// # Errors
    /// When it is no object.
    pub(crate) fn object(&self) -> Result<&'d Map<String, Value>, ImportError> {
        self.value.as_object().ok_or_else(|| self.not("an object"))
    }

    /// # Errors
    /// When it is no text.
    pub(crate) fn text(&self) -> Result<&'d str, ImportError> {
        self.value.as_str().ok_or_else(|| self.not("a text"))
    }

    /// A member that is a text.
    ///
    /// # Errors
    /// When it is something else.
    pub(crate) fn text_of(&self, name: &str) -> Result<Option<&'d str>, ImportError> {
        self.member(name).map(|member| member.text()).transpose()
    }

    /// Whether a member is there and true.
    ///
    /// # Errors
    /// When it is neither true nor false.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, ImportError> {
        let flag = |member: Self| member.value.as_bool().ok_or_else(|| member.not("`true` or `false`"));
        self.member(name).map(flag).transpose()
    }

    /// A member that is a list of texts; empty if it is not there.
    ///
    /// # Errors
    /// When it is something else.
    pub(crate) fn texts_of(&self, name: &str) -> Result<Vec<&'d str>, ImportError> {
        let items = self.member(name).map(|member| member.items()).transpose()?;
        items.unwrap_or_default().iter().map(Self::text).collect()
    }

    /// Itself, or what its `$ref` leads to.
    ///
    /// # Errors
    /// When that is not in the document, or leads around.
    pub(crate) fn resolved(self) -> Result<Self, ImportError> {
        let mut node = self;
        for _ in 0..DEEPEST {
            let Some(reference) = node.member("$ref") else { return Ok(node) };
            node.document.step(&node.place)?;
            node = reference.target()?;
        }
        Err(node
            .wrong("the reference leads around, or through too many others", "let it end at what is meant"))
    }

    /// What this text refers to.
    fn target(&self) -> Result<Self, ImportError> {
        let text = self.text()?;
        let Some(pointer) = text.strip_prefix('#').filter(|rest| rest.is_empty() || rest.starts_with('/'))
        else {
            let what = format!("`{text}` is outside of the document");
            return Err(self.wrong(&what, "put what it means into the document, and refer to it with `#/`"));
        };
        let mut node = self.document.root();
        for step in pointer.split('/').skip(1) {
            let step = percent_decoded(step).replace("~1", "/").replace("~0", "~");
            let next = match node.value {
                Value::Array(items) => step.parse::<usize>().ok().and_then(|at| items.get(at)),
                other => other.get(&step),
            };
            let Some(next) = next else {
                let what = format!("`{text}` is not in the document");
                return Err(self.wrong(&what, "refer to something that is there"));
            };
            node = node.below(next, step);
        }
        Ok(node)
    }

    /// Something wrong here.
    pub(crate) fn wrong(&self, what: &str, hint: &str) -> ImportError {
        ImportError::At { place: self.place.to_string(), what: one_line(what, SHOWN), hint: hint.to_owned() }
    }

    /// A word that is none of those that are known.
    pub(crate) fn unknown(&self, known: &str) -> ImportError {
        self.wrong(&format!("it is {}", told(self.value)), &format!("use one of {known}"))
    }

    /// A value of the wrong type.
    pub(crate) fn not(&self, wanted: &str) -> ImportError {
        self.wrong(&format!("it is {}", told(self.value)), &format!("give {wanted}"))
    }

    fn below(&self, value: &'d Value, step: impl Into<Cow<'d, str>>) -> Self {
        Self { document: self.document, value, place: self.place.below(step) }
    }
}

/// A value in an error; one that may be long is told by its type.
fn told(value: &Value) -> String {
    match value {
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
        Value::String(text) if text.len() > 60 => "a long text".to_owned(),
        Value::String(text) => format!("`{text}`"),
        short => short.to_string(),
    }
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.filter(|_| first == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn document() -> Document {
        Document::of(json!({"openapi": "3.0.0", "a/b~": {"{x}": [7, {"$ref": "#/a~1b~0/%7Bx%7D/0"}]},
            "round": {"$ref": "#/around"}, "around": {"$ref": "#/round"}, "none": {"$ref": "#/b/c"},
            "other": {"$ref": "other.yaml#/x"}, "self": {"$ref": 7}, "null": null}))
        .unwrap()
    }

    fn resolved(name: &str) -> Result<(String, Value), ImportError> {
        let document = document();
        let node = document.root().member(name).unwrap().resolved()?;
        Ok((node.place.to_string(), node.value.clone()))
    }

    fn error(place: &str, what: &str, hint: &str) -> ImportError {
        ImportError::At { place: place.to_owned(), what: what.to_owned(), hint: hint.to_owned() }
    }

    #[test]
    fn references_lead_to_places_of_the_document() {
        let document = document();
        let list = document.root().member("a/b~").unwrap().member("{x}").unwrap();
        let found = list.items().unwrap()[1].clone().resolved().unwrap();
        assert_eq!((found.place.to_string().as_str(), found.value), ("#/a~1b~0/{x}/0", &json!(7)));
        assert!(document.root().member("null").is_none());
    }

    #[test]
    fn references_that_lead_nowhere_say_so() {
        let around = "the reference leads around, or through too many others";
        assert_eq!(resolved("round"), Err(error("#/round", around, "let it end at what is meant")));
        let nowhere = "`#/b/c` is not in the document";
        assert_eq!(resolved("none"), Err(error("#/none/$ref", nowhere, "refer to something that is there")));
        let hint = "put what it means into the document, and refer to it with `#/`";
        let outside = "`other.yaml#/x` is outside of the document";
        assert_eq!(resolved("other"), Err(error("#/other/$ref", outside, hint)));
        assert_eq!(resolved("self"), Err(error("#/self/$ref", "it is 7", "give a text")));
    }
}
