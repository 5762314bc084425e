//! How long a value is on the wire.

use super::tree::{Node, Value};

/// Brackets or braces around members, and the commas between them.
fn enclosed(lengths: impl Iterator<Item = usize>) -> usize {
    let (count, sum) = lengths.fold((0usize, 0), |(count, sum), length| (count + 1, sum + length));
    2 + sum + count.saturating_sub(1)
}

/// Bytes of a text in quotes, with what JSON escapes.
fn quoted(text: &str) -> usize {
    let escaped = |letter: char| match letter {
        '"' | '\\' | '\u{8}' | '\t' | '\n' | '\u{c}' | '\r' => 2,
        letter if letter < ' ' => 6,
        letter => letter.len_utf8(),
    };
    2 + text.chars().map(escaped).sum::<usize>()
}

impl Node {
    /// Bytes of the value as compact JSON in UTF-8, keys spelled as the API does. A key that is there twice counts once, and
    /// what CloudFormation fills in counts as an empty text: it is at least as long.
    #[must_use]
    pub fn json_length(&self) -> usize {
        self.json_length_without(&[])
    }

    /// The same without some members of the value itself.
    #[must_use]
    pub fn json_length_without(&self, left_out: &[&str]) -> usize {
        match &self.value {
            Value::Null => 4,
            Value::Bool(flag) => flag.to_string().len(),
            Value::Number(text) => text.len(),
            Value::String(text) => quoted(text),
            Value::Function(_) => 2,
            Value::Array(items) => enclosed(items.iter().map(Node::json_length)),
            Value::Object(members) => {
                let counts = |index: usize, key: &str| {
                    !left_out.contains(&key) && members[index + 1..].iter().all(|later| later.key != key)
                };
                enclosed(
                    members
                        .iter()
                        .enumerate()
                        .filter(|(index, member)| counts(*index, &member.key))
                        .map(|(_, member)| quoted(&member.key) + 1 + member.node.json_length()),
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::definition::json;
    use proptest::prelude::*;

    fn length(text: &str) -> usize {
        json::parse(text).unwrap().json_length()
    }

    #[test]
    fn a_key_counts_once_and_left_out_members_do_not() {
        assert_eq!(length(r#"{ "a" : [1, 2 ], "a": "\u00e9" }"#), r#"{"a":"é"}"#.len());
        let node = json::parse(r#"{"a": {"b": 1}, "b": 2}"#).unwrap();
        assert_eq!(node.json_length_without(&["b"]), r#"{"a":{"b":1}}"#.len());
    }

    fn any_value() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(3, 24, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
                prop::collection::btree_map(any::<String>(), inner, 0..5)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn it_is_what_is_written_out_whatever_the_spaces(value in any_value()) {
            let compact = value.to_string();
            prop_assert_eq!(length(&compact), compact.len());
            prop_assert_eq!(length(&serde_json::to_string_pretty(&value).unwrap()), compact.len());
        }
    }
}
