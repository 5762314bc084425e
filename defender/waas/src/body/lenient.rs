//! JSON as lenient readers take it: single quotes and backticks, bare words, comments, bytes that are no UTF-8, half
//! surrogates, any depth, several documents.
//!
//! No structure is followed. Each text between quotes and each bare word is a value; where quotes may be read in two
//! ways, both are.

use super::push_value;
use crate::input::{Inputs, Location};
use crate::transform::hex_value;

/// Adds the texts of what is no JSON.
pub(super) fn values(bytes: &[u8], inputs: &mut Inputs<'_>) {
    scan(bytes, b"\"", inputs);
    if bytes.iter().any(|byte| matches!(byte, b'\'' | b'`')) {
        scan(bytes, b"\"'`", inputs);
    }
}

fn scan(bytes: &[u8], quotes: &[u8], inputs: &mut Inputs<'_>) {
    let mut rest = bytes;
    while let Some(&first) = rest.first() {
        let (value, length) = if quotes.contains(&first) {
            text(rest)
        } else if is_bare(first) {
            let length = rest.iter().position(|b| !is_bare(*b) || quotes.contains(b)).unwrap_or(rest.len());
            (rest[..length].to_vec(), length)
        } else {
            rest = &rest[1..];
            continue;
        };
        push_value(inputs, Location::JsonBody, "", value);
        rest = &rest[length..];
    }
}

/// Not structure, not white space.
fn is_bare(byte: u8) -> bool {
    !matches!(byte, b'{' | b'}' | b'[' | b']' | b':' | b',' | b' ' | b'\t' | b'\r' | b'\n')
}

/// The text behind the quote that `rest` starts with, and how long it is with its quotes.
fn text(rest: &[u8]) -> (Vec<u8>, usize) {
    let mut value = Vec::new();
    let mut at = 1;
    while let Some(&byte) = rest.get(at) {
        if byte == rest[0] {
            return (value, at + 1);
        }
        if byte == b'\\' {
            at += escape(&rest[at..], &mut value);
        } else {
            value.push(byte);
            at += 1;
        }
    }
    (value, rest.len())
}

/// Undoes one escape, and says how long it was.
fn escape(rest: &[u8], value: &mut Vec<u8>) -> usize {
    let coded = match rest.get(1) {
        Some(b'u') => rest.get(2..6).and_then(hex_value).map(|code| (code, 6)),
        Some(b'x') => rest.get(2..4).and_then(hex_value).map(|code| (code, 4)),
        _ => None,
    };
    if let Some((code, length)) = coded {
        let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        value.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        return length;
    }
    match rest.get(1) {
        Some(b'n') => value.push(b'\n'),
        Some(b'r') => value.push(b'\r'),
        Some(b't') => value.push(b'\t'),
        Some(b'b' | b'f') => value.push(b' '),
        Some(other) => value.push(*other),
        None => return 1,
    }
    2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Vec<String> {
        let mut inputs = Inputs::default();
        values(text, &mut inputs);
        inputs.iter().map(|input| String::from_utf8_lossy(&input.value).into_owned()).collect()
    }

    #[test]
    fn every_text_and_word_is_a_value() {
        assert_eq!(read(br#"{a: "b c", d:1}"#), ["a", "b c", "d", "1"]);
        assert_eq!(read(br#"/* x */["\u0027\x41\n\"\ud800"]"#), ["/*", "x", "*/", "'A\n\"\u{fffd}"]);
        assert_eq!(read(b"\"open \xff"), ["open \u{fffd}"]);
    }

    #[test]
    fn quotes_are_read_in_both_ways() {
        let found = read(br#"{'q': "x' y"}"#);
        assert_eq!(found, ["'q'", "x' y", "q", "x' y"]);
        let found = read(br#"{a: it's, b: "x' y z"}"#);
        assert!(found.contains(&"x' y z".to_owned()) && found.contains(&"s, b: \"x".to_owned()), "{found:?}");
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "[\\[\\]{}\"'`,:a\\\\ux0 ]{0,80}") {
            let _ = read(text.as_bytes());
        }
    }
}
