//! Comments of C.

use memchr::memmem;

/// Each `/* ... */` as one space; a comment that is not closed reaches to the end.
pub(super) fn replace(value: &[u8]) -> Option<Vec<u8>> {
    memmem::find(value, b"/*")?;
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some(open) = memmem::find(rest, b"/*") {
        out.extend_from_slice(&rest[..open]);
        out.push(b' ');
        let inside = &rest[open + 2..];
        rest = memmem::find(inside, b"*/").map_or(&[][..], |close| &inside[close + 2..]);
    }
    out.extend_from_slice(rest);
    Some(out)
}

/// Without each `/*` and `*/`, in one pass.
pub(super) fn remove_symbols(value: &[u8]) -> Option<Vec<u8>> {
    let is_symbol = |at: &[u8]| matches!(at, [b'/', b'*', ..] | [b'*', b'/', ..]);
    if !value.windows(2).any(is_symbol) {
        return None;
    }
    let mut out = Vec::with_capacity(value.len());
    let mut rest = value;
    while let [first, behind @ ..] = rest {
        if is_symbol(rest) {
            rest = &rest[2..];
        } else {
            out.push(*first);
            rest = behind;
        }
    }
    Some(out)
}
