//! White space: space, tab, line feed, carriage return, vertical tab, form feed, and 160, the no-break space.

use super::utf8::push;

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{a0}')
}

/// Each run of white space as one space.
pub(super) fn compress(value: &[u8]) -> Option<Vec<u8>> {
    let mut behind_space = false;
    rewrite(value, |out, character| {
        let space = character.is_none();
        match character {
            Some(bytes) => out.extend_from_slice(bytes),
            None if !behind_space => out.push(b' '),
            None => {}
        }
        behind_space = space;
    })
}

/// Without white space.
pub(super) fn remove(value: &[u8]) -> Option<Vec<u8>> {
    rewrite(value, |out, character| out.extend_from_slice(character.unwrap_or_default()))
}

/// Tells `write` each character, white space as none. A byte 160 that is no part of a character is one.
fn rewrite(value: &[u8], mut write: impl FnMut(&mut Vec<u8>, Option<&[u8]>)) -> Option<Vec<u8>> {
    if !value.iter().any(|byte| matches!(byte, b' ' | b'\t'..=b'\r' | 0xa0)) {
        return None;
    }
    let mut out = Vec::with_capacity(value.len());
    let mut character = Vec::with_capacity(4);
    for chunk in value.utf8_chunks() {
        for one in chunk.valid().chars() {
            character.clear();
            push(&mut character, one);
            write(&mut out, (!is_space(one)).then_some(&character));
        }
        for byte in chunk.invalid() {
            write(&mut out, (*byte != 0xa0).then_some(std::slice::from_ref(byte)));
        }
    }
    Some(out)
}
