//! Answers before the answer (1xx, such as 103 Early Hints), on their way from the application to the client.
//!
//! Declared choices: they are not looked at, as they have no content; 100 is the firewall's own affair, since it asks for the body
//! itself, and 101 is an answer.

use super::forward::without_connection;
use hyper::http::response;
use hyper::{HeaderMap, Response, StatusCode};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// More of them wait for no client.
const MOST: usize = 16;

/// Where the way to the application leaves the early answers of one request, among the extensions of the request.
#[derive(Debug, Clone, Default)]
pub(super) struct Early(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    told: Mutex<Vec<EarlyAnswer>>,
    news: Notify,
}

/// One of them.
#[derive(Debug)]
pub(super) struct EarlyAnswer {
    status: StatusCode,
    headers: HeaderMap,
}

impl Early {
    /// Leaves one here, without what belongs to the application's connection.
    pub(super) fn tell(&self, status: StatusCode, headers: &HeaderMap) {
        let passes = status.is_informational() && status.as_u16() > 101;
        let mut told = self.0.told.lock().unwrap_or_else(PoisonError::into_inner);
        if passes && told.len() < MOST {
            let mut headers = headers.clone();
            without_connection(&mut headers);
            told.push(EarlyAnswer { status, headers });
            self.0.news.notify_one();
        }
    }

    /// What was left here since the last call.
    pub(super) fn take(&self) -> Vec<EarlyAnswer> {
        std::mem::take(&mut *self.0.told.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until something was.
    pub(super) async fn told(&self) {
        self.0.news.notified().await;
    }
}

impl EarlyAnswer {
    /// As it stands on a connection of HTTP/1.1.
    pub(super) fn head(&self) -> Vec<u8> {
        let mut head = String::new();
        let reason = self.status.canonical_reason().unwrap_or_default();
        let _ = write!(head, "HTTP/1.1 {} {reason}\r\n", self.status.as_u16());
        let mut head = head.into_bytes();
        for (name, value) in &self.headers {
            let mut first = true;
            head.extend(name.as_str().bytes().map(|byte| {
                let letter = if first { byte.to_ascii_uppercase() } else { byte };
                first = byte == b'-';
                letter
            }));
            head.extend_from_slice(b": ");
            head.extend_from_slice(value.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        head
    }

    /// As a stream of HTTP/2 has it.
    pub(super) fn response(self) -> Response<()> {
        let (mut parts, ()): (response::Parts, ()) = Response::new(()).into_parts();
        parts.status = self.status;
        parts.headers = self.headers;
        Response::from_parts(parts, ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_are_kept_and_what_belongs_to_a_connection_is_not() {
        let early = Early::default();
        let mut headers = HeaderMap::new();
        headers.append("link", "</a.css>; rel=preload".parse().unwrap());
        headers.append("link", "</b.js>; rel=preload".parse().unwrap());
        headers.append("x-of-this-hop", "1".parse().unwrap());
        headers.append("connection", "x-of-this-hop".parse().unwrap());
        for status in [100, 101, 103, 200, 199] {
            early.tell(StatusCode::from_u16(status).unwrap(), &headers);
        }
        let taken = early.take();
        let heads: Vec<_> = taken.iter().map(|one| String::from_utf8(one.head()).unwrap()).collect();
        let links = "Link: </a.css>; rel=preload\r\nLink: </b.js>; rel=preload\r\n\r\n";
        assert_eq!(
            heads,
            [format!("HTTP/1.1 103 Early Hints\r\n{links}"), format!("HTTP/1.1 199 \r\n{links}")]
        );
        assert!(early.take().is_empty());
    }

    #[test]
    fn an_application_that_goes_on_and_on_fills_nothing() {
        let early = Early::default();
        (0..1000).for_each(|_| early.tell(StatusCode::EARLY_HINTS, &HeaderMap::new()));
        assert_eq!(early.take().len(), MOST);
    }
}
