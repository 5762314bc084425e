//! The head of a request.

/// Longest head that is read.
pub(super) const LONGEST_HEAD: usize = 64 * 1024;

const MOST_HEADERS: usize = 256;

/// Why a request is not served.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    /// The connection failed; there is nobody to answer.
    #[error(transparent)]
    Connection(#[from] std::io::Error),
    /// It is not HTTP/1.
    #[error("request is malformed: {0}")]
    Malformed(String),
    /// The head is too long.
    #[error("request head is longer than {LONGEST_HEAD} bytes or has more than {MOST_HEADERS} headers")]
    TooLong,
    /// The transfer coding is not `chunked`.
    #[error("transfer coding `{0}` is not served, only `chunked`")]
    Coding(String),
}

/// How the body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// After that many bytes.
    Length(u64),
    /// With the last chunk.
    Chunked,
}

/// Request line and headers, as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) method: String,
    pub(super) target: String,
    /// 0 or 1, of HTTP/1.
    pub(super) minor: u8,
    /// Names with their case, values lossy, in order.
    pub(super) headers: Vec<(String, String)>,
    pub(super) framing: Framing,
}

impl Head {
    /// Parses the head at the start of `bytes`; answers it with its length, or `None` when it is not complete.
    pub(super) fn parse(bytes: &[u8]) -> Result<Option<(Self, usize)>, HttpError> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        let length = match request.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(httparse::Error::TooManyHeaders) => return Err(HttpError::TooLong),
            Err(error) => return Err(HttpError::Malformed(error.to_string())),
        };
        let headers: Vec<_> = request
            .headers
            .iter()
            .map(|header| (header.name.to_owned(), String::from_utf8_lossy(header.value).into_owned()))
            .collect();
        let head = Self {
            method: request.method.unwrap_or_default().to_owned(),
            target: request.path.unwrap_or_default().to_owned(),
            minor: request.version.unwrap_or(1),
            framing: framing(&headers)?,
            headers,
        };
        Ok(Some((head, length)))
    }

    /// The first value of a header, whatever its case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        values(&self.headers, name).next()
    }

    /// Whether another request may follow on the connection.
    pub(super) fn keeps_alive(&self) -> bool {
        let closes = values(&self.headers, "connection")
            .flat_map(|value| value.split(','))
            .any(|token| token.trim().eq_ignore_ascii_case("close"));
        self.minor == 1 && !closes
    }

    /// Whether the client waits for leave to send its body.
    pub(super) fn expects_leave(&self) -> bool {
        self.minor == 1
            && self.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue"))
    }
}

fn values<'a>(headers: &'a [(String, String)], name: &str) -> impl Iterator<Item = &'a str> {
    headers.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Two framings in one request are the mark of request smuggling, and refused (RFC 9112, section 6).
fn framing(headers: &[(String, String)]) -> Result<Framing, HttpError> {
    let coding = values(headers, "transfer-encoding").collect::<Vec<_>>().join(", ");
    let mut lengths = values(headers, "content-length");
    let first = lengths.next();
    match (coding.as_str(), first) {
        ("", None) => Ok(Framing::Length(0)),
        ("", Some(length)) => {
            if lengths.any(|other| other != length) {
                return Err(HttpError::Malformed("content lengths differ".to_owned()));
            }
            let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
            length
                .parse()
                .ok()
                .filter(|_| digits)
                .map(Framing::Length)
                .ok_or_else(|| HttpError::Malformed(format!("content length `{length}` is not a number")))
        }
        (coding, None) if coding.eq_ignore_ascii_case("chunked") => Ok(Framing::Chunked),
        (coding, None) => Err(HttpError::Coding(coding.to_owned())),
        (_, Some(_)) => Err(HttpError::Malformed("both a transfer coding and a content length".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Option<(Head, usize)>, HttpError> {
        Head::parse(text.as_bytes())
    }

    #[test]
    fn a_head_is_read_as_it_came() {
        let text = "POST /a?b=%27 HTTP/1.1\r\nHoSt: x\r\nContent-Length: 3\r\n\r\nabc";
        let (head, length) = parse(text).unwrap().unwrap();
        assert_eq!((head.method.as_str(), head.target.as_str(), head.minor), ("POST", "/a?b=%27", 1));
        assert_eq!(head.headers[0], ("HoSt".to_owned(), "x".to_owned()));
        assert_eq!(head.framing, Framing::Length(3));
        assert_eq!(&text[length..], "abc");
        assert!(parse("GET / HTTP/1.1\r\nHost:").unwrap().is_none());
    }

    #[test]
    fn a_request_with_two_framings_is_refused() {
        for headers in [
            "Content-Length: 1\r\nContent-Length: 2\r\n",
            "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
            "Content-Length: +1\r\n",
            "Transfer-Encoding: gzip, chunked\r\n",
        ] {
            let text = format!("POST / HTTP/1.1\r\n{headers}\r\n");
            assert!(parse(&text).is_err(), "{headers}");
        }
        let twice = "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n";
        assert_eq!(parse(twice).unwrap().unwrap().0.framing, Framing::Length(1));
    }

    #[test]
    fn a_connection_ends_when_the_client_says_so() {
        let keeps = |version: &str, header: &str| {
            parse(&format!("GET / HTTP/1.{version}\r\n{header}\r\n")).unwrap().unwrap().0.keeps_alive()
        };
        assert!(keeps("1", ""));
        assert!(!keeps("1", "Connection: Close\r\n"));
        assert!(!keeps("1", "Connection: te, close\r\n"));
        assert!(!keeps("0", ""));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_parser_fail_otherwise_than_by_an_error(bytes: Vec<u8>) {
            let _ = Head::parse(&bytes);
        }

        #[test]
        fn headers_survive(names in proptest::collection::vec("[A-Za-z-]{1,12}", 0..20), value in "[!-~]{0,20}") {
            let unframed: Vec<_> = names
                .into_iter()
                .filter(|name| !["content-length", "transfer-encoding"].contains(&name.to_lowercase().as_str()))
                .collect();
            let lines: String = unframed.iter().map(|name| format!("{name}: {value}\r\n")).collect();
            let (head, _) = Head::parse(format!("GET / HTTP/1.1\r\n{lines}\r\n").as_bytes()).unwrap().unwrap();
            let expected: Vec<_> = unframed.into_iter().map(|name| (name, value.clone())).collect();
            proptest::prop_assert_eq!(head.headers, expected);
        }
    }
}
