//! Path normalisation: `//`, `/./` and `/x/../`.

/// Resolves self and parent references as far as the path reaches; a relative path may keep leading `..`.
pub(super) fn normalise(value: &[u8], windows: bool, out: &mut Vec<u8>) -> bool {
    let separator = |byte: u8| byte == b'/' || (windows && byte == b'\\');
    if !value.iter().any(|b| separator(*b)) {
        return false;
    }
    let absolute = value.first().is_some_and(|b| separator(*b));
    let directory = value.len() > 1 && value.last().is_some_and(|b| separator(*b));
    let mut segments: Vec<&[u8]> = Vec::new();
    for segment in value.split(|b| separator(*b)) {
        match segment {
            b"" | b"." => {}
            b".." => match segments.last() {
                Some(last) if *last != b".." => {
                    segments.pop();
                }
                None if absolute => {}
                _ => segments.push(segment),
            },
            _ => segments.push(segment),
        }
    }
    if absolute {
        out.push(b'/');
    }
    for (at, segment) in segments.iter().enumerate() {
        if at > 0 {
            out.push(b'/');
        }
        out.extend_from_slice(segment);
    }
    if directory && !segments.is_empty() {
        out.push(b'/');
    }
    out != value
}
