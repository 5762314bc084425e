//! JSON bodies: every string and every member name, with its path.

use super::path::Room;
use crate::AttackSet;
use crate::input::{Class, Input, Inputs, Location};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Adds the values found; false if the text is not JSON to its end. Elements of a list have the path of the list.
pub(super) fn values(bytes: &[u8], inputs: &mut Inputs<'_>) -> bool {
    let (mut names, mut room) = (Vec::new(), Room::of(bytes.len()));
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let parsed = Walk { names: &mut names, room: &mut room, inputs }.deserialize(&mut deserializer);
    parsed.is_ok() && deserializer.end().is_ok()
}

/// Visits a value in place: a tree would lose all but the last of repeated members.
struct Walk<'w, 'a> {
    /// Of the members that the value is in.
    names: &'w mut Vec<String>,
    room: &'w mut Room,
    inputs: &'w mut Inputs<'a>,
}

impl Walk<'_, '_> {
    fn push(&mut self, class: Class, value: &str) {
        if !value.is_empty() {
            self.inputs.push(Input {
                class,
                location: Location::JsonBody,
                key: Cow::Owned(self.room.path(self.names.iter())),
                value: Cow::Owned(value.as_bytes().to_vec()),
                skip: AttackSet::NONE,
            });
        }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_str<E>(mut self, value: &str) -> Result<(), E> {
        self.push(Class::Argument, value);
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Self { names, room, inputs } = self;
        while list.next_element_seed(Walk { names, room, inputs })?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            self.names.push(name.clone());
            self.push(Class::ArgumentName, &name);
            map.next_value_seed(Walk { names: self.names, room: self.room, inputs: self.inputs })?;
            self.names.pop();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (bool, Vec<(String, String)>) {
        let mut inputs = Inputs::default();
        let complete = values(text.as_bytes(), &mut inputs);
        let found = inputs
            .iter()
            .filter(|input| input.class == Class::Argument)
            .map(|input| (input.key.to_string(), String::from_utf8_lossy(&input.value).into_owned()))
            .collect();
        (complete, found)
    }

    fn pair(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    #[test]
    fn nested_values_have_paths() {
        let (complete, found) = read(r#"{"a": {"b": ["x", {"c": "y"}, 3, null, true]}, "d": "z"}"#);
        assert!(complete);
        assert_eq!(found, [pair("/a/b", "x"), pair("/a/b/c", "y"), pair("/d", "z")]);
    }

    #[test]
    fn repeated_members_are_all_seen() {
        assert_eq!(read(r#"{"a":"1","a":"2"}"#).1, [pair("/a", "1"), pair("/a", "2")]);
    }

    #[test]
    fn what_breaks_off_counts_until_there() {
        assert_eq!(read(r#"{"a":"1","b":"2"#), (false, vec![pair("/a", "1")]));
        assert_eq!(read(r#""x" y"#), (false, vec![pair("", "x")]));
        assert!(!read(&"[".repeat(10_000)).0);
    }

    #[test]
    fn long_paths_do_not_multiply() {
        let name = "n".repeat(1000);
        let body = format!(
            "{}[{}\"x\"]{}",
            format!("{{\"{name}\":").repeat(60),
            "\"x\",".repeat(10_000),
            "}".repeat(60)
        );
        let mut inputs = Inputs::default();
        assert!(values(body.as_bytes(), &mut inputs));
        let kept: usize = inputs.iter().map(|input| input.key.len() + input.value.len()).sum();
        assert!(inputs.len() > 10_000 && kept < 30 * body.len(), "{kept} of {}", body.len());
    }

    #[test]
    fn many_values_under_a_long_path_take_no_more_than_the_body() {
        let name = "n".repeat(250);
        for member in ["\"x\",", "{\"b\":\"x\"},"] {
            let body = format!("{{\"{name}\":[{}\"x\"]}}", member.repeat(5_000));
            let mut inputs = Inputs::default();
            assert!(values(body.as_bytes(), &mut inputs));
            let kept: usize = inputs.iter().map(|input| input.key.len() + input.value.len()).sum();
            assert!(inputs.len() > 5_000 && kept < 8 * body.len(), "{kept} of {}", body.len());
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "[\\[\\]{}\",:a\\\\u0 ]{0,80}") {
            let _ = read(&text);
        }
    }
}
