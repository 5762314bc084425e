//! Percent decoding.

use super::{hex_value, narrow};

/// Decodes `%HH`, and `+` as a space if asked; what is not an escape stays. False when nothing changed.
pub fn percent_decode(value: &[u8], plus: bool, out: &mut Vec<u8>) -> bool {
    decode(value, plus, false, out)
}

/// As [`percent_decode`], with `%uHHHH`.
pub fn unicode_percent_decode(value: &[u8], plus: bool, out: &mut Vec<u8>) -> bool {
    decode(value, plus, true, out)
}

fn decode(value: &[u8], plus: bool, unicode: bool, out: &mut Vec<u8>) -> bool {
    let Some(first) = value.iter().position(|b| *b == b'%' || (plus && *b == b'+')) else {
        return false;
    };
    out.extend_from_slice(&value[..first]);
    let mut changed = false;
    let mut at = first;
    while at < value.len() {
        let (byte, length) = match value[at] {
            b'+' if plus => (b' ', 1),
            b'%' if unicode && matches!(value.get(at + 1), Some(b'u' | b'U')) => {
                match value.get(at + 2..at + 6).and_then(hex_value) {
                    Some(code) => (narrow(code), 6),
                    None => (b'%', 1),
                }
            }
            b'%' => match value.get(at + 1..at + 3).and_then(hex_value) {
                Some(code) => (code as u8, 3),
                None => (b'%', 1),
            },
            other => (other, 1),
        };
        changed |= length > 1 || byte != value[at];
        out.push(byte);
        at += length;
    }
    changed
}
