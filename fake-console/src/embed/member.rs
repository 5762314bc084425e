//! Reading members of a task definition: `null` and `[]` count as absent (E19), a wrong shape is an error.

use super::EmbedError;
use serde_json::{Map, Value};

/// One object of the document, with the words by which errors call it.
pub(super) struct Place<'a> {
    pub(super) object: &'a Map<String, Value>,
    pub(super) name: &'a str,
}

impl Place<'_> {
    fn wrong(&self, member: &str, expected: &'static str) -> EmbedError {
        EmbedError::BadMember { place: self.name.to_owned(), member: member.to_owned(), expected }
    }

    /// Elements of an array; none when absent.
    pub(super) fn list(&self, member: &str) -> Result<Vec<Value>, EmbedError> {
        match self.object.get(member) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => Ok(items.clone()),
            Some(_) => Err(self.wrong(member, "a list")),
        }
    }

    /// Strings of an array; none when absent.
    pub(super) fn strings(&self, member: &str) -> Result<Vec<String>, EmbedError> {
        self.list(member)?
            .into_iter()
            .map(|item| match item {
                Value::String(text) => Ok(text),
                _ => Err(self.wrong(member, "a list of strings")),
            })
            .collect()
    }

    /// Objects of an array; none when absent.
    pub(super) fn objects(&self, member: &str) -> Result<Vec<Map<String, Value>>, EmbedError> {
        self.list(member)?
            .into_iter()
            .map(|item| match item {
                Value::Object(object) => Ok(object),
                _ => Err(self.wrong(member, "a list of objects")),
            })
            .collect()
    }

    /// An object; empty when absent.
    pub(super) fn object(&self, member: &str) -> Result<Map<String, Value>, EmbedError> {
        match self.object.get(member) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(object)) => Ok(object.clone()),
            Some(_) => Err(self.wrong(member, "an object")),
        }
    }

    /// A string that must be there and not be empty.
    pub(super) fn text(&self, member: &str) -> Result<String, EmbedError> {
        match self.object.get(member) {
            Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
            _ => Err(self.wrong(member, "a non-empty string")),
        }
    }
}

/// Value of a string member, if it is one.
pub(super) fn text_of<'a>(object: &'a Map<String, Value>, member: &str) -> Option<&'a str> {
    object.get(member).and_then(Value::as_str)
}
