//! A JSON body as a document: its members with their values, each of those that are repeated.

use serde::de::value::SeqAccessDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use std::fmt;

/// What was read of a JSON text.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Document {
    /// Of an object, as far as it could be read.
    pub(crate) members: Vec<(String, Value)>,
    /// What is no object.
    pub(crate) other: Option<Value>,
    /// Whether the text is JSON to its end.
    pub(crate) complete: bool,
}

impl Document {
    pub(super) fn read(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut document = Self::default();
        let mut deserializer = serde_json::Deserializer::from_slice(bytes);
        let parsed = Root(&mut document).deserialize(&mut deserializer);
        document.complete = parsed.is_ok() && deserializer.end().is_ok();
        document
    }
}

/// A tree would lose all but the last of repeated members, and everything where the text breaks off.
struct Root<'d>(&'d mut Document);

impl Root<'_> {
    fn other<E>(self, value: Value) -> Result<(), E> {
        self.0.other = Some(value);
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Root<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Root<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.other(value.into())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.other(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.other(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.other(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("no finite number"))?;
        self.other(number.into())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.other(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<(), A::Error> {
        let list = Value::deserialize(SeqAccessDeserializer::new(list))?;
        self.other(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(member) = map.next_entry()? {
            self.0.members.push(member);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn repeated_members_are_all_there() {
        let document = Document::read(b"\xef\xbb\xbf {\"a\": 1, \"a\": [2], \"b\": null} ");
        let members = [("a", json!(1)), ("a", json!([2])), ("b", json!(null))];
        assert_eq!(document.members, members.map(|(name, value)| (name.to_owned(), value)));
        assert!(document.complete && document.other.is_none());
    }

    #[test]
    fn what_is_no_object_is_there_too() {
        for value in
            [json!([1, {"a": 2}]), json!("x"), json!(1.5), json!(-1), json!(7), json!(null), json!(true)]
        {
            let document = Document::read(value.to_string().as_bytes());
            assert_eq!((document.other, document.complete), (Some(value), true));
        }
    }

    #[test]
    fn what_breaks_off_is_there_until_then() {
        let document = Document::read(b"{\"a\": 1, \"b\": ");
        assert_eq!((document.members.len(), document.complete), (1, false));
        assert!(!Document::read(b"{\"a\": 1} x").complete);
        assert!(!Document::read(b"").complete);
        assert!(!Document::read("[".repeat(10_000).as_bytes()).complete);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "[\\[\\]{}\",:a1e.\\\\u0 -]{0,80}") {
            let _ = Document::read(text.as_bytes());
        }
    }
}
