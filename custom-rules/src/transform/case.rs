//! Lower case.

use super::utf8::push;

/// All characters in lower case.
pub(super) fn lower(value: &[u8]) -> Option<Vec<u8>> {
    if value.is_ascii() {
        return value.iter().any(u8::is_ascii_uppercase).then(|| value.to_ascii_lowercase());
    }
    let mut out = Vec::with_capacity(value.len());
    for chunk in value.utf8_chunks() {
        for character in chunk.valid().chars() {
            character.to_lowercase().for_each(|lower| push(&mut out, lower));
        }
        out.extend_from_slice(chunk.invalid());
    }
    Some(out)
}
