//! What makes two readers of one request disagree, checked on the raw head before the HTTP library reads it.
//!
//! The library repairs much of this silently (it drops `Content-Length` beside `Transfer-Encoding`, joins equal
//! lengths, takes bare line feeds); section 4.4 of `waas.md` wants such requests refused.

use super::target;

/// How the body of a request ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyKind {
    /// After so many bytes.
    Length(u64),
    /// With a last chunk.
    Chunked,
}

/// What is to be done with a head.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Goes on, with a target that the library can read, if it was changed.
    Pass {
        /// How the body ends.
        body: BodyKind,
        /// The head with another target.
        rewritten: Option<Vec<u8>>,
    },
    /// A request, but one that readers may end at different places. The head given has no body.
    Contradiction {
        /// Why, in few words.
        reason: &'static str,
        /// The head without what contradicts.
        head: Vec<u8>,
    },
    /// Not a request: the library answers 400 to what it gets instead.
    Broken,
}

/// Judges a head, from the first byte of the request line through the blank line.
pub(super) fn judge(head: &[u8], lenient_names: bool) -> Verdict {
    if !head.ends_with(b"\r\n\r\n") {
        return Verdict::Broken;
    }
    let text = &head[..head.len() - 4];
    let mut lines = Vec::new();
    for line in text.split(|b| *b == b'\n') {
        lines.push(line.strip_suffix(b"\r").unwrap_or(line));
    }
    // One line feed per carriage return, and none alone.
    let mut feeds = memchr::memchr_iter(b'\n', text);
    let returns = memchr::memchr_iter(b'\r', text).all(|at| feeds.next() == Some(at + 1));
    if !returns || feeds.next().is_some() || memchr::memchr(0, text).is_some() {
        return Verdict::Broken;
    }
    let Some(request) = RequestLine::parse(lines[0]) else {
        return Verdict::Broken;
    };
    let mut seen = Seen::default();
    for line in &lines[1..] {
        if !seen.header(line, lenient_names) {
            return Verdict::Broken;
        }
    }
    match seen.body(&request) {
        Err(reason) => Verdict::Contradiction { reason, head: harmless(&request, &lines[1..]) },
        Ok(body) => Verdict::Pass { body, rewritten: request.readable(head, lines[0].len()) },
    }
}

struct RequestLine<'a> {
    method: &'a [u8],
    target: &'a [u8],
    minor: u8,
}

impl<'a> RequestLine<'a> {
    fn parse(line: &'a [u8]) -> Option<Self> {
        let mut words = line.split(|b| *b == b' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        let minor = match version {
            b"HTTP/1.1" => 1,
            b"HTTP/1.0" => 0,
            _ => return None,
        };
        let fine = words.next().is_none()
            && !method.is_empty()
            && method.iter().all(|b| is_token(*b))
            && !target.is_empty()
            && !target.iter().any(u8::is_ascii_control);
        fine.then_some(Self { method, target, minor })
    }

    /// Whether a target that names a host names this one, as it came and as the library gets it.
    fn is_of(&self, host: &[u8]) -> bool {
        let named = authority(self.target).is_none_or(|named| named.eq_ignore_ascii_case(host));
        let read = target::readable(self.target);
        let read = read.as_deref().and_then(authority).is_none_or(|named| named.eq_ignore_ascii_case(host));
        named && read
    }

    /// The head with a target that the library accepts; `None` if it does already.
    fn readable(&self, head: &[u8], line_length: usize) -> Option<Vec<u8>> {
        let target = target::readable(self.target)?;
        let mut out = Vec::with_capacity(head.len() + 32);
        self.write(&target, &mut out);
        out.extend_from_slice(&head[line_length..]);
        Some(out)
    }

    fn write(&self, target: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(self.method);
        out.push(b' ');
        out.extend_from_slice(target);
        out.extend_from_slice(if self.minor == 1 { b" HTTP/1.1" } else { b" HTTP/1.0" });
    }
}

/// Host and port of a target that names them: `http://host/path`.
fn authority(target: &[u8]) -> Option<&[u8]> {
    let colon = target.windows(3).position(|part| part == b"://")?;
    let scheme = &target[..colon];
    if scheme.is_empty() || !scheme.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let rest = &target[colon + 3..];
    let end = rest.iter().position(|byte| matches!(byte, b'/' | b'?' | b'#' | b'\\')).unwrap_or(rest.len());
    Some(&rest[..end])
}

#[derive(Default)]
struct Seen<'a> {
    lengths: Vec<&'a [u8]>,
    codings: Vec<&'a [u8]>,
    hosts: Vec<&'a [u8]>,
}

impl<'a> Seen<'a> {
    /// False if the line is no header.
    fn header(&mut self, line: &'a [u8], lenient_names: bool) -> bool {
        let Some(colon) = line.iter().position(|b| *b == b':') else {
            return false;
        };
        let (name, value) = (&line[..colon], line[colon + 1..].trim_ascii());
        let proper = !name.is_empty() && name.iter().all(|b| is_token(*b));
        // White space at either end hides a name from one reader and not from another: never lenient there. At the
        // start it is also how an obsolete folded line begins.
        if !proper && (!lenient_names || name.trim_ascii().len() != name.len() || name.is_empty()) {
            return false;
        }
        if value.iter().any(|b| (*b < b' ' && *b != b'\t') || *b == 0x7f) {
            return false;
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            self.lengths.push(value);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.codings.push(value);
        } else if name.eq_ignore_ascii_case(b"host") {
            self.hosts.push(value);
        }
        true
    }

    fn body(&self, request: &RequestLine<'_>) -> Result<BodyKind, &'static str> {
        let minor = request.minor;
        match self.hosts.as_slice() {
            [] if minor == 1 => return Err("no Host"),
            [] => {}
            [host] if !host.iter().all(|byte| is_host(*byte)) => return Err("invalid Host"),
            [host] => {
                if !request.is_of(host) {
                    return Err("Host is not that of the target");
                }
            }
            _ => return Err("repeated Host"),
        }
        match (self.lengths.as_slice(), self.codings.as_slice()) {
            ([], []) => Ok(BodyKind::Length(0)),
            ([length], []) => number(length).map(BodyKind::Length).ok_or("invalid Content-Length"),
            ([], [coding]) if minor == 1 && coding.eq_ignore_ascii_case(b"chunked") => Ok(BodyKind::Chunked),
            ([], [_]) if minor == 0 => Err("Transfer-Encoding in HTTP/1.0"),
            ([], [_]) => Err("unknown Transfer-Encoding"),
            ([], _) => Err("repeated Transfer-Encoding"),
            (_, []) => Err("repeated Content-Length"),
            _ => Err("Content-Length and Transfer-Encoding"),
        }
    }
}

fn number(text: &[u8]) -> Option<u64> {
    let digits = !text.is_empty() && text.len() <= 18 && text.iter().all(u8::is_ascii_digit);
    digits.then(|| text.iter().fold(0, |value, digit| value * 10 + u64::from(digit - b'0')))
}

/// The request without a body, so that it can be reported; the connection ends behind it. A `Host` that cannot be one is left out.
fn harmless(request: &RequestLine<'_>, headers: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    let target = target::readable(request.target);
    request.write(target.as_deref().unwrap_or(request.target), &mut out);
    out.extend_from_slice(b"\r\n");
    let mut host = false;
    for line in headers {
        let name = line.split(|b| *b == b':').next().unwrap_or_default();
        let is = |known: &[u8]| name.eq_ignore_ascii_case(known);
        let first_host = is(b"host") && !host;
        host |= first_host;
        let framing = is(b"content-length") || is(b"transfer-encoding") || is(b"connection") || is(b"expect");
        if first_host || !(framing || is(b"host")) {
            out.extend_from_slice(line);
            out.extend_from_slice(b"\r\n");
        }
    }
    out.extend_from_slice(b"Connection: close\r\n\r\n");
    out
}

/// Letters of names, addresses and ports.
fn is_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._:[]%~".contains(&byte)
}

pub(super) fn is_token(byte: u8) -> bool {
    TOKEN[usize::from(byte)]
}

static TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let marks = b"!#$%&'*+-.^_`|~";
    let mut at = 0;
    while at < 256 {
        table[at] = (at as u8).is_ascii_alphanumeric();
        at += 1;
    }
    at = 0;
    while at < marks.len() {
        table[marks[at] as usize] = true;
        at += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(headers: &str) -> Verdict {
        judge(format!("POST /x HTTP/1.1\r\nHost: h\r\n{headers}\r\n").as_bytes(), false)
    }

    fn contradiction(headers: &str) -> Option<&'static str> {
        match judged(headers) {
            Verdict::Contradiction { reason, head } => {
                assert_eq!(
                    judge(&head, false),
                    Verdict::Pass { body: BodyKind::Length(0), rewritten: None },
                    "{headers}: {}",
                    String::from_utf8_lossy(&head)
                );
                Some(reason)
            }
            _ => None,
        }
    }

    #[test]
    fn proper_requests_pass() {
        let pass = |body| Verdict::Pass { body, rewritten: None };
        assert_eq!(judged(""), pass(BodyKind::Length(0)));
        assert_eq!(judged("content-LENGTH: 12\r\n"), pass(BodyKind::Length(12)));
        assert_eq!(judged("Transfer-Encoding:\tChunked \r\n"), pass(BodyKind::Chunked));
        assert_eq!(judge(b"GET / HTTP/1.0\r\n\r\n", false), pass(BodyKind::Length(0)));
    }

    #[test]
    fn contradictions_are_named() {
        for (headers, reason) in [
            ("Content-Length: 1\r\nContent-Length: 1\r\n", "repeated Content-Length"),
            ("Content-Length: 1\r\nContent-Length: 2\r\n", "repeated Content-Length"),
            ("Content-Length: 1, 1\r\n", "invalid Content-Length"),
            ("Content-Length: +1\r\n", "invalid Content-Length"),
            ("Content-Length: 0x1\r\n", "invalid Content-Length"),
            ("Content-Length:\r\n", "invalid Content-Length"),
            ("Content-Length: 9999999999999999999\r\n", "invalid Content-Length"),
            ("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", "Content-Length and Transfer-Encoding"),
            ("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n", "Content-Length and Transfer-Encoding"),
            ("Transfer-Encoding: xchunked\r\n", "unknown Transfer-Encoding"),
            ("Transfer-Encoding: gzip, chunked\r\n", "unknown Transfer-Encoding"),
            ("Transfer-Encoding: chunked, identity\r\n", "unknown Transfer-Encoding"),
            ("Transfer-Encoding: \"chunked\"\r\n", "unknown Transfer-Encoding"),
            ("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", "repeated Transfer-Encoding"),
            ("host: other\r\n", "repeated Host"),
        ] {
            assert_eq!(contradiction(headers), Some(reason), "{headers}");
        }
        for (head, reason) in [
            ("GET http://a/ HTTP/1.1\r\nHost: b\r\n", "Host is not that of the target"),
            ("GET http://b@a/ HTTP/1.1\r\nHost: a\r\n", "Host is not that of the target"),
            ("GET http://a:80/ HTTP/1.1\r\nHost: a\r\n", "Host is not that of the target"),
            ("GET http://a\\@b/ HTTP/1.1\r\nHost: b\r\n", "Host is not that of the target"),
            ("GET http://a#@b/ HTTP/1.1\r\nHost: a\r\n", "Host is not that of the target"),
            ("GET http://a\\@b/ HTTP/1.1\r\nHost: a\r\n", "Host is not that of the target"),
            ("GET / HTTP/1.1\r\nHost: a/b\r\n", "invalid Host"),
            ("GET / HTTP/1.1\r\nHost: a, b\r\n", "invalid Host"),
            ("GET / HTTP/1.1\r\nHost: x@a\r\n", "invalid Host"),
        ] {
            let judged = judge(format!("{head}\r\n").as_bytes(), false);
            assert!(
                matches!(judged, Verdict::Contradiction { reason: why, .. } if why == reason),
                "{head}: {judged:?}"
            );
        }
        for head in [
            "GET HTTP://A:80/x HTTP/1.1\r\nHost: a:80\r\n",
            "GET /?u=http://b/ HTTP/1.1\r\nHost: a\r\n",
            "GET / HTTP/1.1\r\nHost:\r\n",
        ] {
            assert!(matches!(judge(format!("{head}\r\n").as_bytes(), false), Verdict::Pass { .. }), "{head}");
        }
        let old = judge(b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", false);
        assert!(matches!(old, Verdict::Contradiction { reason: "Transfer-Encoding in HTTP/1.0", .. }));
        let bare = judge(b"GET / HTTP/1.1\r\n\r\n", false);
        assert!(matches!(bare, Verdict::Contradiction { reason: "no Host", .. }));
    }

    #[test]
    fn what_is_no_head_is_broken() {
        for headers in [
            "A: b\r\n c\r\n",
            "Transfer-Encoding : chunked\r\n",
            " Transfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chun\x0bked\r\n",
            "Transfer-Encoding: chunked\nX: y\r\n",
            "X: a\rTransfer-Encoding: chunked\r\n",
            "A\0: b\r\n",
            "no colon\r\n",
            ": empty\r\n",
            "Bad[Name]: x\r\n",
        ] {
            assert_eq!(judged(headers), Verdict::Broken, "{headers:?}");
        }
        for head in [
            "GET  / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1 \r\n\r\n",
            "GET / HTTP/2.0\r\n\r\n",
            "G@T / HTTP/1.1\r\n\r\n",
            "\r\n\r\n",
        ] {
            assert_eq!(judge(head.as_bytes(), false), Verdict::Broken, "{head:?}");
        }
        let odd = b"GET / HTTP/1.1\r\nHost: h\r\nBad[Name]: x\r\n\r\n";
        assert!(matches!(judge(odd, true), Verdict::Pass { .. }));
        assert_eq!(judge(b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length : 1\r\n\r\n", true), Verdict::Broken);
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(GET|POST| |/|HTTP/1.1|\r\n|\n|Host: h|Content-Length: |Transfer-Encoding: |chunked|[0-9a-f;]|\t){0,25}") {
            let _ = judge(text.as_bytes(), false);
            let _ = judge(format!("{text}\r\n\r\n").as_bytes(), true);
        }
    }
}
