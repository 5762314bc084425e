//! UTF-8: characters as `%uHHHH`, and forms that are longer than they need be.

/// `utf8toUnicode`: each well-formed character beyond ASCII becomes `%u` and four hexadecimal digits.
pub(super) fn to_unicode_escapes(value: &[u8], out: &mut Vec<u8>) -> bool {
    if value.is_ascii() {
        return false;
    }
    for chunk in value.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c.is_ascii() {
                out.push(c as u8);
            } else {
                let code = u32::from(c);
                for digit in [b'%', b'u'] {
                    out.push(digit);
                }
                for shift in [12, 8, 4, 0] {
                    out.push(b"0123456789abcdef"[((code >> shift) & 15) as usize]);
                }
            }
        }
        out.extend_from_slice(chunk.invalid());
    }
    true
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
