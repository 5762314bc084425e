//! Character references of HTML.

use super::entity;
use super::utf8::push;

/// Longest name that is looked for.
const LONGEST_NAME: usize = 24;

/// What browsers make of the references 128 to 159: the characters of Windows-1252.
const WINDOWS: &str = "\u{20ac}\u{81}\u{201a}\u{192}\u{201e}\u{2026}\u{2020}\u{2021}\u{2c6}\u{2030}\u{160}\u{2039}\
    \u{152}\u{8d}\u{17d}\u{8f}\u{90}\u{2018}\u{2019}\u{201c}\u{201d}\u{2022}\u{2013}\u{2014}\u{2dc}\u{2122}\u{161}\
    \u{203a}\u{153}\u{9d}\u{17e}\u{178}";

/// Undoes `&name;`, `&#D;` and `&#xH;`. The semicolon may be missing behind a number and behind the oldest names.
pub(super) fn decode(value: &[u8]) -> Option<Vec<u8>> {
    let first = memchr::memchr(b'&', value)?;
    let mut out = Vec::with_capacity(value.len());
    out.extend_from_slice(&value[..first]);
    let mut rest = &value[first..];
    while let [byte, behind @ ..] = rest {
        match (*byte == b'&').then(|| reference(behind)).flatten() {
            Some((character, length)) => {
                push(&mut out, character);
                rest = &behind[length..];
            }
            None => {
                out.push(*byte);
                rest = behind;
            }
        }
    }
    Some(out)
}

/// The character that is referred to, and how long the reference is behind its `&`.
fn reference(behind: &[u8]) -> Option<(char, usize)> {
    match behind {
        [b'#', b'x' | b'X', digits @ ..] => {
            number(digits, 16).map(|(character, length)| (character, length + 2))
        }
        [b'#', digits @ ..] => number(digits, 10).map(|(character, length)| (character, length + 1)),
        _ => named(behind),
    }
}

fn number(text: &[u8], radix: u32) -> Option<(char, usize)> {
    let digits = text.iter().take_while(|byte| char::from(**byte).is_digit(radix)).count();
    if digits == 0 {
        return None;
    }
    let code = text[..digits].iter().fold(0u32, |code, byte| {
        let digit = char::from(*byte).to_digit(radix).unwrap_or(0);
        code.saturating_mul(radix).saturating_add(digit)
    });
    let character = match code {
        0 => char::REPLACEMENT_CHARACTER,
        0x80..=0x9f => WINDOWS.chars().nth(code as usize - 0x80).unwrap_or(char::REPLACEMENT_CHARACTER),
        _ => char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
    };
    Some((character, digits + usize::from(text.get(digits) == Some(&b';'))))
}

fn named(text: &[u8]) -> Option<(char, usize)> {
    let letters = text.iter().take(LONGEST_NAME).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let name = &text[..letters];
    if text.get(letters) == Some(&b';')
        && let Some(character) = entity::named(name)
    {
        return Some((character, letters + 1));
    }
    let old = entity::OLDEST.iter().find(|old| name.starts_with(old.as_bytes()))?;
    entity::named(old.as_bytes()).map(|character| (character, old.len()))
}

/// Each `&lt;` and `&gt;` as one space.
pub(super) fn remove_tags(value: &[u8]) -> Option<Vec<u8>> {
    let is_tag = |at: &[u8]| {
        at.first_chunk::<4>()
            .is_some_and(|at| at.eq_ignore_ascii_case(b"&lt;") || at.eq_ignore_ascii_case(b"&gt;"))
    };
    if !value.windows(4).any(is_tag) {
        return None;
    }
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let [first, behind @ ..] = rest {
        if is_tag(rest) {
            out.push(b' ');
            rest = &rest[4..];
        } else {
            out.push(*first);
            rest = behind;
        }
    }
    Some(out)
}
