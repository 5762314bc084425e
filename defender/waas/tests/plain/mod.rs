//! What the canonical forms of a value are, and what transformations do, said slowly: byte by byte, with no thought of speed, and
//! with nothing of the crate in it. The fuzz target `canonical` has it too.

mod forms;
mod transforms;

use proofhouse_waas::{Transform, each_form};

/// The forms are those of the slow statement, in its order, and a visitor that stops has seen their beginning.
pub fn check_forms(value: &[u8]) {
    let mut found: Vec<Vec<u8>> = Vec::new();
    each_form(value, |form| {
        found.push(form.to_vec());
        true
    });
    let expected = forms::forms(value);
    assert_eq!(shown(&found), shown(&expected), "forms of {}", value.escape_ascii());
    for stop in 1..=found.len() {
        let mut seen = Vec::new();
        each_form(value, |form| {
            seen.push(form.to_vec());
            seen.len() < stop
        });
        assert_eq!(shown(&seen), shown(&found[..stop]), "the first {stop} forms of {}", value.escape_ascii());
    }
}

fn shown(forms: &[Vec<u8>]) -> Vec<String> {
    forms.iter().map(|form| form.escape_ascii().to_string()).collect()
}

/// Each transformation does what the slow statement says, says rightly whether it changed anything, and those that bring a value
/// into an order leave it alone the second time.
pub fn check_transforms(value: &[u8]) {
    for (name, plain, settles) in transforms::ALL {
        let transform = Transform::named(name).unwrap_or_else(|| panic!("`{name}` is known"));
        let apply = |value: &[u8]| {
            let mut out = b"left over".to_vec();
            let changed = transform.apply(value, &mut out);
            (changed, if changed { out } else { value.to_vec() })
        };
        let (changed, found) = apply(value);
        let expected = plain(value);
        let told = |value: &[u8]| format!("{name}: {}", value.escape_ascii());
        assert_eq!(told(&found), told(&expected), "of {}", value.escape_ascii());
        assert!(changed || found == value, "{name} of {}", value.escape_ascii());
        if settles {
            assert_eq!(told(&apply(&found).1), told(&found), "the second time, of {}", value.escape_ascii());
        }
    }
}

/// Rewrites a text from its left: at each place some bytes become others, or one byte stays.
fn rewritten(value: &[u8], piece: impl Fn(&[u8]) -> Option<(Vec<u8>, usize)>) -> Vec<u8> {
    let (mut out, mut at) = (Vec::new(), 0);
    while at < value.len() {
        let (bytes, length) = piece(&value[at..]).unwrap_or((vec![value[at]], 1));
        out.extend(bytes);
        at += length;
    }
    out
}

/// The value of digits, if there are as many of this base in front of `text`.
fn digits(text: &[u8], many: usize, base: u32) -> Option<u32> {
    if text.len() < many {
        return None;
    }
    text[..many].iter().try_fold(0, |value, byte| Some(value * base + char::from(*byte).to_digit(base)?))
}

/// The byte that a decoder of bytes makes of a character: of one in full width that which it is of, of any other the last byte.
fn byte_of(code: u32) -> u8 {
    let full_width = (0x21..=0x7e_u8).find(|byte| code == u32::from(*byte) - 0x20 + 0xff00);
    full_width.unwrap_or(code.to_le_bytes()[0])
}

/// `%HH` and, where asked for, `%uHHHH` at the beginning.
fn percent(text: &[u8], unicode: bool) -> Option<(Vec<u8>, usize)> {
    match text {
        [b'%', b'u' | b'U', rest @ ..] if unicode => digits(rest, 4, 16).map(|code| (vec![byte_of(code)], 6)),
        [b'%', rest @ ..] => digits(rest, 2, 16).map(|code| (vec![byte_of(code)], 3)),
        _ => None,
    }
}

/// An HTML reference at the beginning, to one of these names or by number.
fn reference(text: &[u8], names: &[(&str, u8)], number: impl Fn(u128) -> u8) -> Option<(Vec<u8>, usize)> {
    let rest = text.strip_prefix(b"&")?;
    let run = |text: &[u8], wanted: fn(&u8) -> bool| text.iter().take_while(|byte| wanted(byte)).count();
    let (byte, length) = match rest {
        [b'#', b'x' | b'X', rest @ ..] => {
            let many = run(rest, u8::is_ascii_hexdigit);
            (number(large(&rest[..many], 16)?), many + 3)
        }
        [b'#', rest @ ..] => {
            let many = run(rest, u8::is_ascii_digit);
            (number(large(&rest[..many], 10)?), many + 2)
        }
        _ => {
            let many = run(rest, u8::is_ascii_alphanumeric);
            let name = String::from_utf8_lossy(&rest[..many]);
            let known = names.iter().find(|(known, _)| known.eq_ignore_ascii_case(&name))?;
            (known.1, many + 1)
        }
    };
    let semicolon = usize::from(text.get(length) == Some(&b';'));
    Some((vec![byte], length + semicolon))
}

/// A number of any length; none without a digit. What no 64 bits hold is as large as they hold.
fn large(text: &[u8], base: u32) -> Option<u128> {
    if text.is_empty() {
        return None;
    }
    let mut value: u128 = 0;
    for byte in text {
        value = (value * u128::from(base) + u128::from(char::from(*byte).to_digit(base)?)).min(1 << 80);
    }
    Some(value)
}
