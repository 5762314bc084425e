//! Request targets that the HTTP library cannot read, made readable.
//!
//! Clients send `<`, `>` and other marks raw, as the documented test `/?id=<script>` does. Percent-encoding them
//! changes the target's bytes, and not its meaning: a declared choice.

use hyper::Uri;

/// The target with the bytes encoded that the library refuses or cuts off at; `None` if there are none.
pub(super) fn readable(target: &[u8]) -> Option<Vec<u8>> {
    let suspicious = |byte: &u8| {
        !byte.is_ascii()
            || matches!(byte, b'<' | b'>' | b'#' | b'"' | b'^' | b'`' | b'{' | b'}' | b'|' | b'\\')
    };
    if !target.iter().any(suspicious) {
        return None;
    }
    if !target.contains(&b'#') && Uri::try_from(target).is_ok() {
        return None;
    }
    let mut out = Vec::with_capacity(target.len() + 16);
    for byte in target {
        if suspicious(byte) {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        } else {
            out.push(*byte);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transform::percent_decode;

    #[test]
    fn ordinary_targets_stay() {
        for target in ["/", "/a?b=c&d=%20", "*", "http://h/x", "/?q='(x)[y]"] {
            assert_eq!(readable(target.as_bytes()), None, "{target}");
        }
    }

    #[test]
    fn every_byte_can_stand_in_a_target() {
        for byte in (0x21..=0x7e).chain(0x80..=0xff) {
            for target in [vec![b'/', byte], vec![b'/', b'?', byte]] {
                let read = readable(&target).unwrap_or_else(|| target.clone());
                let uri = Uri::try_from(read.as_slice());
                assert!(uri.is_ok(), "{byte:#x}");
                let mut back = Vec::new();
                if !percent_decode(uri.unwrap().to_string().as_bytes(), false, &mut back) {
                    back = read;
                }
                assert_eq!(back, target);
            }
        }
    }
}
