//! UTF-8: characters as `%uHHHH`, and forms that are longer than they need be.

/// `utf8toUnicode`, byte for byte as ModSecurity has it: each character beyond ASCII becomes `%u` and at least four
/// hexadecimal digits, behind it stands its first byte if it is overlong or a surrogate. A null byte vanishes, and
/// so does the first byte of a character that is not whole; any other stray byte stays.
pub(super) fn to_unicode_escapes(value: &[u8], out: &mut Vec<u8>) -> bool {
    if value.iter().all(|byte| (1..0x80).contains(byte)) {
        return false;
    }
    let mut at = 0;
    while let Some(&lead) = value.get(at) {
        let (length, bits, least) = match lead {
            0 => {
                at += 1;
                continue;
            }
            0xc0..=0xdf => (2, lead & 0x1f, 0x80),
            0xe0..=0xef => (3, lead & 0x0f, 0x800),
            0xf0..=0xf7 => (4, lead & 0x07, 0x1_0000),
            other => {
                out.push(other);
                at += 1;
                continue;
            }
        };
        if lead >= 0xf5 {
            out.push(lead);
        }
        let tail = value.get(at + 1..at + length).filter(|tail| tail.iter().all(|byte| byte & 0xc0 == 0x80));
        let Some(tail) = tail else {
            at += 1;
            continue;
        };
        let code = tail.iter().fold(u32::from(bits), |code, byte| (code << 6) | u32::from(byte & 0x3f));
        escape(code, out);
        if code < least || (0xd800..=0xdfff).contains(&code) {
            out.push(lead);
        }
        at += length;
    }
    out != value
}

fn escape(code: u32, out: &mut Vec<u8>) {
    use std::io::Write as _;
    write!(out, "%u{code:04x}").expect("writing to a vector never fails");
}

/// Overlong sequences (`C0 AF` for `/`) become the ASCII character that they hide. Well-formed UTF-8 never has
/// them, so nothing else changes.
pub(crate) fn shorten_overlong(value: &[u8], out: &mut Vec<u8>) -> bool {
    if !value.iter().any(|b| matches!(b, 0xc0 | 0xc1 | 0xe0 | 0xf0 | 0xf8 | 0xfc)) {
        return false;
    }
    let mut at = 0;
    let mut changed = false;
    while at < value.len() {
        match overlong(&value[at..]) {
            Some((byte, length)) => {
                out.push(byte);
                at += length;
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

fn overlong(rest: &[u8]) -> Option<(u8, usize)> {
    let (lead, length) = match *rest.first()? {
        lead @ 0xc0..=0xc1 => (u32::from(lead & 0x1f), 2),
        0xe0 => (0, 3),
        0xf0 => (0, 4),
        0xf8 => (0, 5),
        0xfc => (0, 6),
        _ => return None,
    };
    let code = rest.get(1..length)?.iter().enumerate().try_fold(lead, |code, (at, byte)| {
        // Decoders in the wild take the low six bits of the last byte, whatever its mark: `C0 2F`, `C0 9V`.
        (at + 2 == length || byte & 0xc0 == 0x80).then(|| (code << 6) | u32::from(byte & 0x3f))
    })?;
    (code < 0x80).then_some((code as u8, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_modsecurity() {
        for (value, expected) in [
            (&b"a\xc3\xbcb"[..], &b"a%u00fcb"[..]),
            (b"\xef\xbc\x9c", b"%uff1c"),
            ("\u{1f600}!".as_bytes(), b"%u1f600!"),
            (b"<scr\xc3ipt>\xe2\x82", b"<script>\x82"),
            (b"\x80\xffx", b"\x80\xffx"),
            (b"\xc0\xaf", b"%u002f\xc0"),
            (b"\xed\xa0\x80", b"%ud800\xed"),
            (b"\xf5\x80\x80\x80", b"\xf5%u140000"),
            (b"a\0b", b"ab"),
        ] {
            let mut out = Vec::new();
            let changed = to_unicode_escapes(value, &mut out);
            let found = if changed { &out[..] } else { value };
            assert_eq!(found.escape_ascii().to_string(), expected.escape_ascii().to_string());
        }
    }

    #[test]
    fn overlong_slashes_are_found() {
        let mut out = Vec::new();
        assert!(shorten_overlong(b"..\xc0\xaf..\xe0\x80\xafetc", &mut out));
        assert_eq!(out, b"../../etc");
    }

    #[test]
    fn proper_text_stays() {
        for text in ["grüße", "日本語", "à la carte", "😀 ok", "ﬁ"] {
            assert!(!shorten_overlong(text.as_bytes(), &mut Vec::new()), "{text}");
        }
    }
}
