//! Path normalisation: `//`, `/./` and `/x/../`.

/// Resolves self and parent references as far as the path reaches; a relative path may keep leading `..`.
pub(super) fn normalise(value: &[u8], windows: bool, out: &mut Vec<u8>) -> bool {
    let separator = |byte: u8| byte == b'/' || (windows && byte == b'\\');
    if !value.iter().any(|b| separator(*b)) {
        return false;
    }
    let absolute = value.first().is_some_and(|b| separator(*b));
    let directory = value.len() > 1 && value.last().is_some_and(|b| separator(*b));
    // Segments are taken off again from what is written: a path of slashes has as many as half its bytes.
    let root = usize::from(absolute);
    out.extend_from_slice(&b"/"[..root]);
    for segment in value.split(|b| separator(*b)) {
        let last = out.iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
        match segment {
            b"" | b"." => {}
            b".." if out.len() > root && out[last..] != *b".." => {
                out.truncate(last.saturating_sub(1).max(root))
            }
            b".." if absolute && out.len() == root => {}
            _ => {
                if out.len() > root {
                    out.push(b'/');
                }
                out.extend_from_slice(segment);
            }
        }
    }
    if directory && out.len() > root {
        out.push(b'/');
    }
    out != value
}
