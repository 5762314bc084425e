//! What shells ignore, white space, and comments.

use super::is_space;

/// `cmdLine`: quotes, backslashes and carets vanish; blanks, line ends, `,` and `;` become one space; no space stands
/// before `/` or `(`; lower case.
pub(super) fn normalise(value: &[u8], out: &mut Vec<u8>) -> bool {
    let mut space = false;
    for &byte in value {
        match byte {
            b'"' | b'\'' | b'\\' | b'^' => {}
            b',' | b';' | b' ' | b'\t' | b'\r' | b'\n' => space = true,
            _ => {
                if space && byte != b'/' && byte != b'(' {
                    out.push(b' ');
                }
                space = false;
                out.push(byte.to_ascii_lowercase());
            }
        }
    }
    if space {
        out.push(b' ');
    }
    out != value
}

/// `compressWhitespace`: each run becomes one space.
pub(super) fn compress_whitespace(value: &[u8], out: &mut Vec<u8>) -> bool {
    let mut space = false;
    for &byte in value {
        let is = is_space(byte) || byte == 0xa0;
        if is && !space {
            out.push(b' ');
        } else if !is {
            out.push(byte);
        }
        space = is;
    }
    out != value
}

/// `replaceComments`: a comment, closed or not, becomes one space.
pub(super) fn replace_comments(value: &[u8], out: &mut Vec<u8>) -> bool {
    if memchr::memchr(b'*', value).is_none() {
        return false;
    }
    let mut rest = value;
    let mut changed = false;
    while let Some(start) = rest.windows(2).position(|pair| pair == b"/*") {
        out.extend_from_slice(&rest[..start]);
        out.push(b' ');
        changed = true;
        rest = match rest[start + 2..].windows(2).position(|pair| pair == b"*/") {
            Some(end) => &rest[start + 2 + end + 2..],
            None => &[],
        };
    }
    out.extend_from_slice(rest);
    changed
}

/// `removeCommentsChar`: `/*`, `*/`, `<!--`, `-->`, `--` and `#` vanish, each where it is met from the left.
pub(super) fn remove_comment_marks(value: &[u8], out: &mut Vec<u8>) -> bool {
    const MARKS: [&[u8]; 6] = [b"/*", b"*/", b"<!--", b"-->", b"--", b"#"];
    if memchr::memchr3(b'*', b'#', b'-', value).is_none() {
        return false;
    }
    let mut rest = value;
    while let Some(&first) = rest.first() {
        match MARKS.iter().find(|mark| rest.starts_with(mark)) {
            Some(mark) => rest = &rest[mark.len()..],
            None => {
                out.push(first);
                rest = &rest[1..];
            }
        }
    }
    out.len() != value.len()
}
