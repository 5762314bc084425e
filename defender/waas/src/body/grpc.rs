//! Bodies of gRPC: messages, each with its length before it (the protocol's "Length-Prefixed-Message").

use super::coding::{Unread, plain};
use super::{json, owned, protobuf, push_raw};
use crate::input::Inputs;
use base64::Engine as _;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::borrow::Cow;

/// A flag and a length.
pub(crate) const PREFIX: usize = 5;

/// Bit of the flag: the message is compressed.
const COMPRESSED: u8 = 1;
/// Bit of the flag, in gRPC-Web: not a message but trailers.
const TRAILERS: u8 = 0x80;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Whether a body of that type is gRPC's.
pub(crate) fn is_grpc(content_type: &[u8]) -> bool {
    let start = content_type.trim_ascii_start();
    start.get(..16).is_some_and(|start| start.eq_ignore_ascii_case(b"application/grpc"))
}

/// Whether it is that of gRPC-Web as text.
pub(super) fn is_text(media: &str) -> bool {
    media.starts_with("application/grpc-web-text")
}

/// Length of the whole messages at the start of a body.
pub(crate) fn whole(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    while let Some((_, _, behind)) = message(rest) {
        rest = behind;
    }
    bytes.len() - rest.len()
}

/// Adds the values of the messages. A message that was cut, as the last of an inspected part is, is read as far as it goes.
pub(super) fn values<'a>(bytes: &'a [u8], text: bool, limit: usize, inputs: &mut Inputs<'a>) {
    if text && let Some(binary) = from_text(bytes) {
        let mut found = inputs.rest();
        values(&binary, false, limit, &mut found);
        inputs.append(found, owned);
        return;
    }
    each(bytes, limit, |flag, message| {
        if flag & TRAILERS != 0 {
            if let Cow::Borrowed(message) = message {
                push_raw(message, inputs);
            }
            return;
        }
        match message {
            Cow::Borrowed(message) => read(message, inputs),
            Cow::Owned(message) => {
                let mut found = inputs.rest();
                read(&message, &mut found);
                inputs.append(found, owned);
            }
        }
    });
}

/// Why the messages cannot be read whole.
pub(super) fn unread(bytes: &[u8], limit: usize) -> Option<Unread> {
    // No message begins with a letter of Base64.
    let text = bytes.first().is_some_and(u8::is_ascii_alphanumeric).then(|| from_text(bytes)).flatten();
    each(text.as_deref().unwrap_or(bytes), limit, |_, _| {})
}

/// Each message without its compression, until the limit of all of them is reached.
fn each<'a>(bytes: &'a [u8], limit: usize, mut visit: impl FnMut(u8, Cow<'a, [u8]>)) -> Option<Unread> {
    let (mut rest, mut room, mut unread) = (bytes, limit, None);
    while !rest.is_empty() {
        let (flag, body, behind) = message(rest).unwrap_or_else(|| {
            let body = rest.get(PREFIX..).unwrap_or(rest);
            (rest[0], body, &[])
        });
        rest = behind;
        if flag & COMPRESSED == 0 || body.is_empty() {
            visit(flag, Cow::Borrowed(body));
            continue;
        }
        // The header names the coding; whether a reader asks it or looks at the bytes, only one of them comes out.
        let undone = [&b"gzip"[..], b"deflate"].iter().find_map(|coding| {
            let plain = plain(&[coding], body, room);
            matches!(plain.bytes, Cow::Owned(_)).then_some(plain)
        });
        match undone {
            Some(plain) => {
                room -= plain.bytes.len().min(room);
                unread = unread.or(plain.unread);
                visit(flag, plain.bytes);
            }
            None => {
                unread = Some(Unread::Coding);
                visit(flag, Cow::Borrowed(body));
            }
        }
    }
    unread
}

fn read<'a>(message: &'a [u8], inputs: &mut Inputs<'a>) {
    if matches!(message.trim_ascii_start().first(), Some(b'{' | b'[')) {
        json::values(message, inputs);
    }
    protobuf::values(message, inputs);
}

/// Flag and bytes of the first message, and what is behind it; none where it is not whole.
fn message(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (prefix, rest) = bytes.split_at_checked(PREFIX)?;
    let length = u32::from_be_bytes([prefix[1], prefix[2], prefix[3], prefix[4]]);
    let (body, behind) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    Some((prefix[0], body, behind))
}

/// gRPC-Web as text: Base64, in pieces that may each have its padding.
fn from_text(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut binary = Vec::with_capacity(bytes.len());
    let mut rest = bytes.trim_ascii();
    while !rest.is_empty() {
        let end = rest
            .iter()
            .position(|byte| *byte == b'=')
            .map_or(rest.len(), |at| at + rest[at..].iter().take_while(|byte| **byte == b'=').count());
        binary.extend(BASE64.decode(&rest[..end]).ok()?);
        rest = &rest[end..];
    }
    Some(binary)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::{Class, Input};
    use flate2::Compression;
    use flate2::write::{GzEncoder, ZlibEncoder};
    use std::io::Write;

    const LIMIT: usize = 1000;

    fn framed(flag: u8, message: &[u8]) -> Vec<u8> {
        [&[flag][..], &u32::try_from(message.len()).unwrap().to_be_bytes(), message].concat()
    }

    fn named(text: &str) -> Vec<u8> {
        [&[0x0a, u8::try_from(text.len()).unwrap()], text.as_bytes()].concat()
    }

    fn read(bytes: &[u8], text: bool) -> Vec<(Class, String)> {
        let mut inputs = Inputs::default();
        values(bytes, text, LIMIT, &mut inputs);
        let text = |input: &Input<'_>| String::from_utf8_lossy(&input.value).into_owned();
        inputs.iter().map(|input| (input.class, text(input))).collect()
    }

    fn argument(text: &str) -> (Class, String) {
        (Class::Argument, text.to_owned())
    }

    #[test]
    fn each_message_is_read() {
        let body = [framed(0, &named("one")), framed(0, b""), framed(0, &named("two"))].concat();
        assert_eq!(read(&body, false), [argument("one"), argument("two")]);
        assert_eq!(whole(&body), body.len());
        assert_eq!(whole(&body[..body.len() - 1]), 8 + 5 + 2);
        let cut = read(&body[..body.len() - 1], false);
        assert_eq!(cut[0], argument("one"));
        assert_eq!(cut[1].0, Class::RawBody);
        assert!(cut[1].1.ends_with("tw"));
        assert_eq!(whole(b"\0\0\0"), 0);
        assert_eq!(read(b"\0\0\0", false).len(), 1);
    }

    #[test]
    fn compression_is_undone_within_the_limit_of_all() {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&named("packed")).unwrap();
        let gzip = gzip.finish().unwrap();
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(&named("deflated")).unwrap();
        let zlib = zlib.finish().unwrap();
        let body = [framed(1, &gzip), framed(1, &zlib)].concat();
        assert_eq!(read(&body, false), [argument("packed"), argument("deflated")]);
        assert_eq!(unread(&body, LIMIT), None);
        assert_eq!(unread(&body, 5), Some(Unread::Long));
        assert_eq!(unread(&framed(1, b"unknown"), LIMIT), Some(Unread::Coding));
        assert_eq!(unread(&framed(1, b""), LIMIT), None);
        let mut bomb = GzEncoder::new(Vec::new(), Compression::fast());
        bomb.write_all(&vec![b'a'; 10 << 20]).unwrap();
        let bombs = framed(1, &bomb.finish().unwrap()).repeat(20);
        let sum: usize = read(&bombs, false).iter().map(|(_, text)| text.len()).sum();
        assert!(sum <= 2 * LIMIT + 40, "{sum}");
        assert_eq!(unread(&bombs, LIMIT), Some(Unread::Long));
    }

    #[test]
    fn json_and_the_text_form_are_read() {
        let json = framed(0, br#"{"a": "\u0031"}"#);
        assert!(read(&json, false).contains(&argument("1")));
        let body = framed(0, &named("one"));
        let first = BASE64.encode(&body);
        let text = format!("{first}{}", base64::engine::general_purpose::STANDARD.encode(&body));
        assert_eq!(read(first.as_bytes(), true), [argument("one")]);
        assert_eq!(read(text.as_bytes(), true).len(), 2);
        let odd = BASE64.encode(framed(1, b"unknown"));
        assert_eq!(unread(odd.as_bytes(), LIMIT), Some(Unread::Coding));
        assert!(!read(b"!!", true).is_empty());
        assert_eq!(read(&framed(TRAILERS, b"a: b"), false), [(Class::RawBody, "a: b".to_owned())]);
    }

    #[test]
    fn types_are_told() {
        assert!(is_grpc(b" Application/GRPC+proto") && is_grpc(b"application/grpc"));
        assert!(!is_grpc(b"application/grp") && !is_grpc(b"text/plain"));
    }
}
