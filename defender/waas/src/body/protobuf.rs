//! Protocol buffers without their description: a field of bytes may be a text or a message, and is read as both.

use super::push_raw;
use crate::AttackSet;
use crate::input::{Class, Input, Inputs, Location};
use std::borrow::Cow;
use std::fmt::Write as _;

/// Messages in each other that are looked into; what is deeper is looked at as text. Honest ones are shallower, and each level
/// is one more reading of the same bytes.
const DEEPEST: usize = 8;

/// Adds the texts of a message, with the numbers of their fields as path. What does not parse to its end is a raw body too.
pub(super) fn values<'a>(bytes: &'a [u8], inputs: &mut Inputs<'a>) {
    let mut numbers = Vec::new();
    if !walk(bytes, &mut numbers, inputs) {
        push_raw(bytes, inputs);
    }
}

/// False if it is no message to its end; what was found until then is there.
fn walk<'a>(bytes: &'a [u8], numbers: &mut Vec<u32>, inputs: &mut Inputs<'a>) -> bool {
    let depth = numbers.len();
    let mut rest = bytes;
    // Groups that are open: their fields have their numbers before them, as those of a message have.
    while let Some(field) = next(&mut rest) {
        match field {
            Field::Text(number, text) => {
                numbers.push(number);
                if !text.is_empty() {
                    bytes_field(text, numbers, inputs);
                }
                numbers.pop();
            }
            Field::Number => {}
            Field::GroupStart(number) if numbers.len() < DEEPEST => numbers.push(number),
            Field::GroupEnd(number) if numbers.len() > depth && numbers.last() == Some(&number) => {
                numbers.pop();
            }
            Field::GroupStart(_) | Field::GroupEnd(_) => {
                numbers.truncate(depth);
                return false;
            }
        }
    }
    let closed = numbers.len() == depth;
    numbers.truncate(depth);
    closed && rest.is_empty()
}

fn bytes_field<'a>(text: &'a [u8], numbers: &mut Vec<u32>, inputs: &mut Inputs<'a>) {
    let is_message = numbers.len() < DEEPEST && is_message(text);
    if !is_message || std::str::from_utf8(text).is_ok() {
        inputs.push(Input {
            class: Class::Argument,
            location: Location::RawBody,
            key: Cow::Owned(path(numbers)),
            value: Cow::Borrowed(text),
            skip: AttackSet::NONE,
        });
    }
    if is_message {
        walk(text, numbers, inputs);
    }
}

/// Whether the bytes are fields to their end.
fn is_message(bytes: &[u8]) -> bool {
    let mut rest = bytes;
    while next(&mut rest).is_some() {}
    rest.is_empty()
}

fn path(numbers: &[u32]) -> String {
    numbers.iter().fold(String::new(), |mut path, number| {
        let _ = write!(path, "/{number}");
        path
    })
}

enum Field<'a> {
    /// Number of a field, and its bytes.
    Text(u32, &'a [u8]),
    Number,
    GroupStart(u32),
    GroupEnd(u32),
}

/// The next field, taken off; nothing is taken where there is none, or none that is whole.
fn next<'a>(rest: &mut &'a [u8]) -> Option<Field<'a>> {
    let mut bytes = *rest;
    let tag = varint(&mut bytes)?;
    let number = u32::try_from(tag >> 3).ok().filter(|number| (1..1 << 29).contains(number))?;
    let field = match tag & 7 {
        0 => {
            varint(&mut bytes)?;
            Field::Number
        }
        1 => {
            take(&mut bytes, 8)?;
            Field::Number
        }
        2 => {
            let length = varint(&mut bytes)?;
            Field::Text(number, take(&mut bytes, usize::try_from(length).ok()?)?)
        }
        3 => Field::GroupStart(number),
        4 => Field::GroupEnd(number),
        5 => {
            take(&mut bytes, 4)?;
            Field::Number
        }
        _ => return None,
    };
    *rest = bytes;
    Some(field)
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for place in 0..10 {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Vec<(Class, String, String)> {
        let mut inputs = Inputs::default();
        values(bytes, &mut inputs);
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        inputs.iter().map(|input| (input.class, input.key.to_string(), text(&input.value))).collect()
    }

    fn argument(key: &str, value: &str) -> (Class, String, String) {
        (Class::Argument, key.to_owned(), value.to_owned())
    }

    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        [&[number << 3 | 2, u8::try_from(bytes.len()).unwrap()], bytes].concat()
    }

    #[test]
    fn texts_have_the_numbers_of_their_fields() {
        let inner = [field(1, b"deep"), vec![0x10, 0xff, 0x01]].concat();
        let message = [field(1, b"one"), vec![0x15, 1, 2, 3, 4], field(3, &inner), field(3, b"")].concat();
        assert_eq!(read(&message), [argument("/1", "one"), argument("/3/1", "deep")]);
    }

    #[test]
    fn a_text_that_reads_as_a_message_is_read_as_both() {
        let both = field(1, b"a text");
        let found = read(&field(2, &both));
        assert_eq!(found, [argument("/2", "\n\u{6}a text"), argument("/2/1", "a text")]);
    }

    #[test]
    fn groups_have_a_number_too() {
        let message = [vec![0x0b], field(2, b"x"), vec![0x0c], field(2, b"y")].concat();
        assert_eq!(read(&message), [argument("/1/2", "x"), argument("/2", "y")]);
        for broken in [vec![0x0b], vec![0x0c], vec![0x0b, 0x14]] {
            assert_eq!(read(&broken)[0].0, Class::RawBody, "{broken:?}");
        }
    }

    #[test]
    fn what_does_not_end_is_looked_at_as_it_stands() {
        let mut message = [field(1, b"first"), field(2, b"second")].concat();
        message.pop();
        let found = read(&message);
        assert_eq!(found[0], argument("/1", "first"));
        assert_eq!(found[1].0, Class::RawBody);
        assert!(found[1].2.contains("secon"));
    }

    #[test]
    fn depth_is_bounded_and_the_deepest_is_still_read() {
        let mut message = b"the core".to_vec();
        for _ in 0..30 {
            message = field(1, &message);
        }
        let found = read(&message);
        assert!(found.len() <= DEEPEST && found.last().unwrap().2.ends_with("the core"), "{found:?}");
    }

    proptest! {
        /// Whatever stands in a field of bytes is in some value, whole.
        #[test]
        fn nothing_is_left_unread(texts in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 1..6)) {
            let message: Vec<u8> = texts.iter().flat_map(|text| field(1, text)).collect();
            let mut inputs = Inputs::default();
            values(&message, &mut inputs);
            for text in &texts {
                let read_whole = inputs.iter().any(|input| input.value.as_ref() == text.as_slice());
                prop_assert!(read_whole || is_message(text));
            }
        }

        #[test]
        fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let mut inputs = Inputs::default();
            values(&bytes, &mut inputs);
            let sum: usize = inputs.iter().map(|input| input.value.len()).sum();
            prop_assert!(sum <= (DEEPEST + 1) * bytes.len());
        }
    }
}
