//! HTML character references.

use super::{hex, narrow};

/// Which named references are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    /// Those of ModSecurity's `htmlEntityDecode`: rules look for the text of any other.
    ModSecurity,
    /// Those of XML.
    Xml,
    /// Those of HTML that matter to an attack.
    Html,
}

/// Names with their bytes.
const NAMES: [(&[u8], u8); 17] = [
    (b"quot", b'"'),
    (b"amp", b'&'),
    (b"lt", b'<'),
    (b"gt", b'>'),
    (b"nbsp", 0xa0),
    (b"apos", b'\''),
    (b"Tab", b'\t'),
    (b"NewLine", b'\n'),
    (b"colon", b':'),
    (b"semi", b';'),
    (b"lpar", b'('),
    (b"rpar", b')'),
    (b"sol", b'/'),
    (b"bsol", b'\\'),
    (b"equals", b'='),
    (b"grave", b'`'),
    (b"period", b'.'),
];

impl Names {
    fn knows(self, name: &[u8]) -> bool {
        match self {
            Self::ModSecurity => matches!(name, b"quot" | b"amp" | b"lt" | b"gt" | b"nbsp"),
            Self::Xml => matches!(name, b"quot" | b"amp" | b"lt" | b"gt" | b"apos"),
            Self::Html => true,
        }
    }
}

/// Decodes `&name;`, `&#D;` and `&#xH;`; the semicolon may be missing. False when nothing changed.
pub(crate) fn html_decode(value: &[u8], names: Names, out: &mut Vec<u8>) -> bool {
    let Some(first) = value.iter().position(|b| *b == b'&') else {
        return false;
    };
    out.extend_from_slice(&value[..first]);
    let mut at = first;
    let mut changed = false;
    while at < value.len() {
        match (value[at] == b'&').then(|| reference(&value[at + 1..], names)).flatten() {
            Some((byte, length)) => {
                out.push(byte);
                at += 1 + length;
                at += usize::from(value.get(at) == Some(&b';'));
                changed = true;
            }
            None => {
                out.push(value[at]);
                at += 1;
            }
        }
    }
    changed
}

/// The byte and how many bytes behind the `&` it took, without the semicolon.
fn reference(rest: &[u8], names: Names) -> Option<(u8, usize)> {
    if rest.first() != Some(&b'#') {
        let (name, byte) = NAMES.iter().find(|(name, _)| {
            names.knows(name)
                && rest.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name))
                && !rest.get(name.len()).is_some_and(u8::is_ascii_alphanumeric)
        })?;
        return Some((*byte, name.len()));
    }
    let (base, start) = if matches!(rest.get(1), Some(b'x' | b'X')) { (16, 2) } else { (10, 1) };
    let mut code = 0u64;
    let mut end = start;
    while let Some(digit) = rest.get(end).and_then(|b| hex(*b)).filter(|digit| u64::from(*digit) < base) {
        code = code.saturating_mul(base).saturating_add(u64::from(digit)).min(i64::MAX as u64);
        end += 1;
    }
    let byte = match names {
        Names::ModSecurity => (code & 0xff) as u8,
        Names::Xml | Names::Html => narrow(u32::try_from(code).unwrap_or(u32::MAX)),
    };
    (end > start).then_some((byte, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(value: &str, names: Names) -> String {
        let mut out = Vec::new();
        if html_decode(value.as_bytes(), names, &mut out) {
            String::from_utf8_lossy(&out).into_owned()
        } else {
            value.to_owned()
        }
    }

    #[test]
    fn each_reader_knows_its_own_names() {
        let text = "&LT;&apos;&colon;&#58;&tab;&ltx;";
        assert_eq!(decoded(text, Names::ModSecurity), "<&apos;&colon;:&tab;&ltx;");
        assert_eq!(decoded(text, Names::Xml), "<'&colon;:&tab;&ltx;");
        assert_eq!(decoded(text, Names::Html), "<'::\t&ltx;");
        // A full-width bracket, and more than any number.
        let text = "&#xff1c;&#x1003e;&#99999999999999999999;";
        assert_eq!(decoded(text, Names::ModSecurity).as_bytes(), b"\x1c>\xef\xbf\xbd");
        assert_eq!(decoded(text, Names::Html).as_bytes(), b"<>\xef\xbf\xbd");
    }
}
