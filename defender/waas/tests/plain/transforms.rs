//! The transformations of the rule language.

use super::{byte_of, digits, percent, reference, rewritten};

type Plain = fn(&[u8]) -> Vec<u8>;

/// By name, and whether what comes out stays as it is the second time.
pub const ALL: [(&str, Plain, bool); 19] = [
    ("lowercase", |value| value.to_ascii_lowercase(), true),
    ("urlDecode", |value| rewritten(value, |text| plus(text).or(percent(text, false))), false),
    ("urlDecodeUni", |value| rewritten(value, |text| plus(text).or(percent(text, true))), false),
    ("htmlEntityDecode", html, false),
    ("jsDecode", |value| rewritten(value, javascript), false),
    ("cssDecode", |value| rewritten(value, css), false),
    ("escapeSeqDecode", |value| rewritten(value, ansi_c), false),
    ("removeNulls", |value| value.iter().copied().filter(|byte| *byte != 0).collect(), true),
    ("replaceNulls", |value| value.iter().map(|byte| if *byte == 0 { b' ' } else { *byte }).collect(), true),
    ("cmdLine", command_line, false),
    ("normalizePath", |value| path(value, b"/"), true),
    ("normalizePathWin", |value| path(value, b"/\\"), true),
    ("utf8toUnicode", |value| rewritten(value, escaped), false),
    ("compressWhitespace", |value| rewritten(value, run_of_spaces), true),
    ("removeWhitespace", |value| value.iter().copied().filter(|byte| !is_space(*byte)).collect(), true),
    ("replaceComments", |value| rewritten(value, comment), true),
    ("removeCommentsChar", |value| rewritten(value, mark), false),
    ("base64Decode", base64, false),
    ("trim", trimmed, true),
];

/// As C's `isspace` has it.
fn is_space(byte: u8) -> bool {
    b" \t\n\x0b\x0c\r".contains(&byte)
}

fn plus(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    text.starts_with(b"+").then(|| (b" ".to_vec(), 1))
}

fn html(value: &[u8]) -> Vec<u8> {
    let names = [("quot", b'"'), ("amp", b'&'), ("lt", b'<'), ("gt", b'>'), ("nbsp", 0xa0)];
    // A number that 63 bits do not hold is the largest that they do.
    let number = |code: u128| if code >> 63 == 0 { (code % 256) as u8 } else { 0xff };
    rewritten(value, |text| reference(text, &names, number))
}

/// How many octal digits there are, three at most, and the number that they are.
fn octal(text: &[u8]) -> Option<(u32, usize)> {
    (1..=3).rev().find_map(|many| digits(text, many, 8).map(|code| (code, many)))
}

fn letter(byte: u8) -> Option<u8> {
    let at = b"abtnvfr".iter().position(|known| *known == byte)?;
    Some(b"\x07\x08\t\n\x0b\x0c\r"[at])
}

fn javascript(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let rest = text.strip_prefix(b"\\")?;
    let coded = match rest {
        [] => return None,
        [b'u', rest @ ..] => digits(rest, 4, 16).map(|code| (code, 6)),
        [b'x', rest @ ..] => digits(rest, 2, 16).map(|code| (code, 4)),
        _ => octal(rest).map(|(code, many)| if code > 255 { (code / 8, 3) } else { (code, many + 1) }),
    };
    Some(match coded {
        Some((code, length)) => (vec![byte_of(code)], length),
        None => (vec![letter(rest[0]).unwrap_or(rest[0])], 2),
    })
}

fn css(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let rest = text.strip_prefix(b"\\")?;
    let hex = (1..=6).rev().find_map(|many| digits(rest, many, 16).map(|code| (code, many)));
    Some(match (hex, rest.first()) {
        (Some((code, many)), _) => {
            let space = rest.get(many).is_some_and(|byte| is_space(*byte));
            (vec![byte_of(code)], 1 + many + usize::from(space))
        }
        (None, None) => (Vec::new(), 1),
        (None, Some(b'\n')) => (Vec::new(), 2),
        (None, Some(other)) => (vec![*other], 2),
    })
}

/// What is no escape loses its backslash. Of three octal digits that are more than a byte the last eight bits count.
fn ansi_c(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let rest = text.strip_prefix(b"\\")?;
    let first = *rest.first()?;
    if let Some(byte) = letter(first) {
        return Some((vec![byte], 2));
    }
    let coded = match rest {
        [b'x' | b'X', rest @ ..] => digits(rest, 2, 16).map(|code| (code, 4)),
        _ => octal(rest).map(|(code, many)| (code, many + 1)),
    };
    Some(coded.map_or((vec![first], 2), |(code, length)| (vec![code.to_le_bytes()[0]], length)))
}

/// Quotes, backslashes and carets go; what separates becomes one space, which does not stand before `/` and `(`; small letters.
fn command_line(value: &[u8]) -> Vec<u8> {
    let kept: Vec<u8> = value.iter().copied().filter(|byte| !b"\"'\\^".contains(byte)).collect();
    let separates = |byte: &u8| b",; \t\r\n".contains(byte);
    let spaced = rewritten(&kept, |text| {
        let many = text.iter().take_while(|byte| separates(byte)).count();
        let drops = matches!(text.get(many), Some(b'/' | b'('));
        (many > 0).then(|| (if drops { Vec::new() } else { b" ".to_vec() }, many))
    });
    spaced.to_ascii_lowercase()
}

/// Segments one after the other: empty ones and `.` go, `..` takes the one before it away, if that is one that can be left.
fn path(value: &[u8], separators: &[u8]) -> Vec<u8> {
    let is_separator = |byte: &u8| separators.contains(byte);
    if !value.iter().any(is_separator) {
        return value.to_vec();
    }
    let absolute = is_separator(&value[0]);
    let directory = value.len() > 1 && is_separator(&value[value.len() - 1]);
    let mut kept: Vec<&[u8]> = Vec::new();
    for segment in value.split(is_separator) {
        let leaves = kept.last().is_some_and(|last| *last != b"..");
        match segment {
            b"" | b"." => {}
            b".." if leaves => drop(kept.pop()),
            b".." if absolute => {}
            _ => kept.push(segment),
        }
    }
    let mut out = kept.join(&b'/');
    if absolute {
        out.insert(0, b'/');
    }
    if directory && !kept.is_empty() {
        out.push(b'/');
    }
    out
}

/// Characters beyond ASCII, whole ones or not, and null bytes.
fn escaped(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let lead = text[0];
    let (length, bits) = match lead {
        0 => return Some((Vec::new(), 1)),
        0xc0..=0xdf => (2, 5),
        0xe0..=0xef => (3, 4),
        0xf0..=0xf7 => (4, 3),
        _ => return None,
    };
    // A lead that no character has stays before, one of a character that is too long or half of one stays behind.
    let before = if lead > 0xf4 { vec![lead] } else { Vec::new() };
    let whole = text.get(1..length).filter(|tail| tail.iter().all(|byte| byte >> 6 == 2));
    let Some(tail) = whole else { return Some((before, 1)) };
    let code = tail.iter().fold(u32::from(lead) % (1 << bits), |code, byte| code * 64 + u32::from(byte % 64));
    let least = [0x80, 0x800, 0x1_0000][length - 2];
    let half = (0xd800..0xe000).contains(&code);
    let behind = if code < least || half { vec![lead] } else { Vec::new() };
    Some(([before, format!("%u{code:04x}").into_bytes(), behind].concat(), length))
}

/// With the no-break space of Latin-1.
fn run_of_spaces(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let many = text.iter().take_while(|byte| is_space(**byte) || **byte == 0xa0).count();
    (many > 0).then(|| (b" ".to_vec(), many))
}

fn comment(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let inner = text.strip_prefix(b"/*")?;
    let end = (0..inner.len()).find(|at| inner[*at..].starts_with(b"*/"));
    Some((b" ".to_vec(), end.map_or(text.len(), |end| end + 4)))
}

fn mark(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let marks: [&[u8]; 6] = [b"<!--", b"-->", b"--", b"/*", b"*/", b"#"];
    marks.iter().find(|mark| text.starts_with(mark)).map(|mark| (Vec::new(), mark.len()))
}

/// All of a value that is Base64, padded or not; nothing of any other.
fn base64(value: &[u8]) -> Vec<u8> {
    let alphabet: Vec<u8> = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain(*b"+/").collect();
    let body = value.iter().rposition(|byte| *byte != b'=').map_or(&[][..], |last| &value[..=last]);
    let padding = value.len() - body.len();
    let place = |digit: &u8| alphabet.iter().position(|known| known == digit);
    let places: Option<Vec<usize>> = body.iter().map(place).collect();
    let fits = match body.len() % 4 {
        0 => padding == 0,
        1 => false,
        rest => padding <= 4 - rest,
    };
    let Some(places) = places.filter(|_| fits) else { return Vec::new() };
    let bits: String = places.iter().map(|place| format!("{place:06b}")).collect();
    (0..bits.len() / 8)
        .map(|at| u8::from_str_radix(&bits[at * 8..at * 8 + 8], 2).expect("eight bits"))
        .collect()
}

fn trimmed(value: &[u8]) -> Vec<u8> {
    let inner = |byte: &u8| !is_space(*byte);
    match (value.iter().position(inner), value.iter().rposition(inner)) {
        (Some(first), Some(last)) => value[first..=last].to_vec(),
        _ => Vec::new(),
    }
}
