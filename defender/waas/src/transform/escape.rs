//! Backslash escapes: JavaScript, CSS, ANSI C.

use super::{hex, hex_value, is_space, narrow};

/// `jsDecode`: every backslash goes.
pub(super) fn js_decode(value: &[u8], out: &mut Vec<u8>) -> bool {
    backslashes(value, out, |rest| {
        if let Some(found) = coded(rest) {
            return found;
        }
        let Some(letter) = rest.get(1) else {
            return (Some(b'\\'), 1);
        };
        (Some(control(*letter).unwrap_or(*letter)), 2)
    })
}

/// Decodes only `\xHH`, `\uHHHH`, `\u{H...}` and three octal digits, and leaves every other backslash: what an
/// attacker needs, without damage to Windows paths.
pub(crate) fn js_decode_strict(value: &[u8], out: &mut Vec<u8>) -> bool {
    backslashes(value, out, |rest| {
        if rest.get(1) == Some(&b'u') && rest.get(2) == Some(&b'{') {
            let digits = rest[3..].iter().take(6).take_while(|b| hex(**b).is_some()).count();
            if digits > 0 && rest.get(3 + digits) == Some(&b'}') {
                return (hex_value(&rest[3..3 + digits]).map(narrow), digits + 4);
            }
        }
        match coded(rest) {
            Some(found) if matches!(rest.get(1), Some(b'x' | b'u')) || found.1 == 4 => found,
            _ => (Some(b'\\'), 1),
        }
    })
}

/// `escapeSeqDecode`: what is no escape loses its backslash; of three octal digits above `\377` the low byte counts.
pub(super) fn sequence_decode(value: &[u8], out: &mut Vec<u8>) -> bool {
    backslashes(value, out, |rest| match rest.get(1) {
        None => (Some(b'\\'), 1),
        Some(b'x' | b'X') => match rest.get(2..4).and_then(hex_value) {
            Some(code) => (Some(code as u8), 4),
            None => (Some(rest[1]), 2),
        },
        Some(b'0'..=b'7') => {
            let (code, digits) = octal(&rest[1..]);
            (Some((code & 0xff) as u8), digits + 1)
        }
        Some(&letter) => (Some(control(letter).unwrap_or(letter)), 2),
    })
}

/// `cssDecode`: up to six hexadecimal digits and one white space behind them; an escaped line break vanishes.
pub(super) fn css_decode(value: &[u8], out: &mut Vec<u8>) -> bool {
    backslashes(value, out, |rest| {
        let digits = rest[1..].iter().take(6).take_while(|b| hex(**b).is_some()).count();
        match rest.get(1) {
            None => (None, 1),
            Some(_) if digits > 0 => {
                let code = hex_value(&rest[1..=digits]).unwrap_or_default();
                let space = usize::from(rest.get(digits + 1).is_some_and(|b| is_space(*b)));
                (Some(narrow(code)), 1 + digits + space)
            }
            Some(b'\n') => (None, 2),
            Some(other) => (Some(*other), 2),
        }
    })
}

/// Copies, and asks what to do at each backslash: which byte comes out, and how many go in (at least one).
fn backslashes(value: &[u8], out: &mut Vec<u8>, decode: impl Fn(&[u8]) -> (Option<u8>, usize)) -> bool {
    let Some(first) = value.iter().position(|b| *b == b'\\') else {
        return false;
    };
    out.extend_from_slice(&value[..first]);
    let mut at = first;
    let mut changed = false;
    while at < value.len() {
        if value[at] == b'\\' {
            let (byte, length) = decode(&value[at..]);
            changed |= length > 1 || byte.is_none();
            out.extend(byte);
            at += length;
        } else {
            out.push(value[at]);
            at += 1;
        }
    }
    changed
}

/// `\uHHHH`, `\xHH` and up to three octal digits.
fn coded(rest: &[u8]) -> Option<(Option<u8>, usize)> {
    match rest.get(1)? {
        b'u' => rest.get(2..6).and_then(hex_value).map(|code| (Some(narrow(code)), 6)),
        b'x' => rest.get(2..4).and_then(hex_value).map(|code| (Some(code as u8), 4)),
        b'0'..=b'7' => {
            let (code, digits) = octal(&rest[1..]);
            // Three digits above \377 are two digits and a character.
            if code > 0xff {
                Some((Some((code >> 3) as u8), 3))
            } else {
                Some((Some(code as u8), digits + 1))
            }
        }
        _ => None,
    }
}

/// The number that up to three octal digits are, and how many.
fn octal(text: &[u8]) -> (u32, usize) {
    let digits = text.iter().take(3).take_while(|b| matches!(b, b'0'..=b'7'));
    digits.fold((0, 0), |(code, many), digit| (code * 8 + u32::from(digit - b'0'), many + 1))
}

fn control(letter: u8) -> Option<u8> {
    Some(match letter {
        b'a' => 7,
        b'b' => 8,
        b't' => 9,
        b'n' => 10,
        b'v' => 11,
        b'f' => 12,
        b'r' => 13,
        _ => return None,
    })
}
