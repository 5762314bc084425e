//! Requests and what came of them.

use super::TOKEN_HEADER;
use bytes::Bytes;
use proofhouse_protocol::observation::TlsSession;
use std::net::SocketAddr;
use std::time::Duration;

/// A request, sent exactly as it stands: method, target and headers are not checked, ordered or normalised.
///
/// Added only where absent: `Host`, `Content-Length` for a body, and the token's header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// Method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Headers, in order and case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Bytes,
    /// Token of the stimulus.
    pub token: Option<String>,
    /// Given up after that; it covers connecting, sending and the whole answer.
    pub within: Duration,
    /// How the connection is encrypted; not at all when absent. A connection that is kept for several requests is not.
    pub tls: Option<TlsOffer>,
}

/// What a client offers to a server that it encrypts its connection to. Whose certificate that server shows is recorded, and not
/// judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsOffer {
    /// `1.0` to `1.3`; the first two are only offered, and never spoken.
    pub version: String,
    /// Name of the server.
    pub server_name: String,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// Client address.
    pub client: SocketAddr,
    /// Server address.
    pub server: SocketAddr,
    /// Status; absent when no answer came.
    pub status: Option<u16>,
    /// Response headers, in order and case.
    pub headers: Vec<(String, String)>,
    /// Response body, as far as it came.
    pub body: Bytes,
    /// SHA-256 of the body, in hexadecimal.
    pub body_sha256: String,
    /// How long it took.
    pub elapsed: Duration,
    /// What went wrong.
    pub error: Option<String>,
    /// Whether it was given up because nothing, or not all, came in time.
    pub timed_out: bool,
    /// What was agreed on, where the connection was encrypted.
    pub tls: Option<TlsSession>,
}

/// What came of bytes that were sent as they were.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawExchange {
    /// All that came back.
    pub received: Bytes,
    /// How long it took.
    pub elapsed: Duration,
    /// What went wrong.
    pub error: Option<String>,
}

// ---------------------------------------------------------------------------------------------------------------------

impl HttpRequest {
    /// A request without headers and body; given up after ten seconds.
    pub fn new(method: impl Into<String>, target: impl Into<String>) -> Self {
        HttpRequest {
            method: method.into(),
            target: target.into(),
            headers: Vec::new(),
            body: Bytes::new(),
            token: None,
            within: Duration::from_secs(10),
            tls: None,
        }
    }

    /// The headers that are sent.
    #[must_use]
    pub fn sent_headers(&self, server: SocketAddr) -> Vec<(String, String)> {
        let has = |wanted: &str| self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let mut headers = Vec::new();
        if !has("host") {
            headers.push(("Host".to_owned(), server.to_string()));
        }
        headers.extend(self.headers.iter().cloned());
        if !self.body.is_empty() && !has("content-length") && !has("transfer-encoding") {
            headers.push(("Content-Length".to_owned(), self.body.len().to_string()));
        }
        if let Some(token) = &self.token {
            headers.push((TOKEN_HEADER.to_owned(), token.clone()));
        }
        headers
    }

    /// The bytes that are sent.
    #[must_use]
    pub fn to_bytes(&self, server: SocketAddr) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        for (name, value) in self.sent_headers(server) {
            bytes.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(&self.body);
        bytes
    }
}

impl Exchange {
    /// The first header of that name, whatever its case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_sent_as_it_stands_and_only_completed() {
        let mut request = HttpRequest::new("POST", "/a?b=%zz");
        request.headers = vec![("x-ODD".to_owned(), "1".to_owned()), ("X-odd".to_owned(), "2".to_owned())];
        request.body = Bytes::from_static(b"hello");
        request.token = Some("t-1".to_owned());
        let text = String::from_utf8(request.to_bytes("10.0.42.7:80".parse().unwrap())).unwrap();
        assert_eq!(
            text,
            "POST /a?b=%zz HTTP/1.1\r\nHost: 10.0.42.7:80\r\nx-ODD: 1\r\nX-odd: 2\r\nContent-Length: 5\r\n\
             X-Proofhouse-Token: t-1\r\n\r\nhello"
        );
        request.headers =
            vec![("host".to_owned(), "shop.test".to_owned()), ("content-length".to_owned(), "9".to_owned())];
        let text = String::from_utf8(request.to_bytes("10.0.42.7:80".parse().unwrap())).unwrap();
        assert!(
            text.starts_with("POST /a?b=%zz HTTP/1.1\r\nhost: shop.test\r\ncontent-length: 9\r\nX-Proof")
        );
    }
}
