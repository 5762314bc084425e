//! What the firewall lets a connection bring to the HTTP library: it is read as requests that end where the firewall says, whatever
//! pieces the bytes come in, and is let through as it is when it comes again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proofhouse_waas::fuzzing::{forwarded, passed};

fuzz_target!(|bytes: &[u8]| {
    let [flags, piece, bytes @ ..] = bytes else { return };
    let (http2, lenient) = (flags & 1 != 0, flags & 2 != 0);
    let whole = passed(&[bytes], http2, lenient);
    let pieces: Vec<&[u8]> = bytes.chunks(usize::from(*piece).max(1)).collect();
    assert_eq!(shown(&passed(&pieces, http2, lenient)), shown(&whole), "pieces of {piece}");
    assert_eq!(shown(&passed(&[&whole], http2, lenient)), shown(&whole), "read again");
    // A byte of a target may become three; what is put in place of a broken head or body is short.
    assert!(whole.len() <= 3 * bytes.len() + 64);
    if !whole.starts_with(b"PRI ") {
        Reader { rest: &whole, lenient }.run();
    }
});

fn shown(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// Reads requests as the library does: the head with `httparse`, and then the body by the one header that announces it.
struct Reader<'a> {
    rest: &'a [u8],
    lenient: bool,
}

impl Reader<'_> {
    fn run(&mut self) {
        while !self.rest.is_empty() {
            let mut headers = [httparse::EMPTY_HEADER; 256];
            let mut request = httparse::Request::new(&mut headers);
            let mut config = httparse::ParserConfig::default();
            config.ignore_invalid_headers_in_requests(self.lenient);
            // A head that breaks off or that is refused is the last: the library closes the connection.
            let Ok(httparse::Status::Complete(length)) = config.parse_request(&mut request, self.rest) else {
                return;
            };
            let head = &self.rest[..length];
            assert!(head.ends_with(b"\r\n\r\n"), "{}", shown(head));
            let named = |name: &str| {
                request
                    .headers
                    .iter()
                    .filter(|header| header.name.eq_ignore_ascii_case(name))
                    .collect::<Vec<_>>()
            };
            let (lengths, codings) = (named("content-length"), named("transfer-encoding"));
            assert!(lengths.len() + codings.len() <= 1, "{}", shown(head));
            assert!(named("host").len() <= 1, "{}", shown(head));
            let target = request.path.unwrap_or_default().as_bytes();
            if let Some(uri) = forwarded(target, 8080) {
                assert!(uri.starts_with("http://127.0.0.1:8080/"), "{uri}");
                assert!(uri.bytes().all(|byte| byte.is_ascii_graphic() || byte >= 0x80), "{uri}");
            }
            self.rest = &self.rest[length..];
            if let [length] = lengths.as_slice() {
                let digits = std::str::from_utf8(length.value).expect("a length is a text");
                assert!(digits.bytes().all(|byte| byte.is_ascii_digit()), "{digits:?}");
                let length: u64 = digits.parse().expect("a length is a number");
                let here = length.min(self.rest.len() as u64) as usize;
                self.rest = &self.rest[here..];
            } else if let [coding] = codings.as_slice() {
                assert!(coding.value.eq_ignore_ascii_case(b"chunked"));
                if !self.chunks() {
                    return;
                }
            }
        }
    }

    /// False if the body breaks off.
    fn chunks(&mut self) -> bool {
        loop {
            let Ok(httparse::Status::Complete((line, size))) = httparse::parse_chunk_size(self.rest) else {
                return false;
            };
            self.rest = &self.rest[line..];
            if size == 0 {
                break;
            }
            let Some(behind) = self.rest.get(usize::try_from(size).unwrap_or(usize::MAX)..) else {
                return false;
            };
            let Some(behind) = behind.strip_prefix(b"\r\n") else { return false };
            self.rest = behind;
        }
        // Trailers, up to the first blank line.
        while let Some(end) = self.rest.windows(2).position(|pair| pair == b"\r\n") {
            self.rest = &self.rest[end + 2..];
            if end == 0 {
                return true;
            }
        }
        false
    }
}
