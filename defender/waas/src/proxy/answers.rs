//! Answers of the application, where something looks at them before they go out.
//!
//! Declared choices: an answer is held back until it is whole or its inspected part is; events (`text/event-stream`), gRPC and
//! media are not; the application is asked for codings that can be undone, and for the whole, as a range is a piece of which
//! nobody knows what it is part of.

use super::deciding::Passage;
use super::facts::{Answer, Facts};
use super::{Body, Firewall, block};
use crate::body::plain;
use hyper::Response;
use hyper::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, IF_RANGE, RANGE,
};

/// Codings that the firewall undoes.
const CODINGS: [&str; 4] = ["gzip", "x-gzip", "deflate", "identity"];

/// Types whose bytes are not looked at, by how they begin.
const MEDIA: [&str; 7] = [
    "image/",
    "audio/",
    "video/",
    "font/",
    "text/event-stream",
    "application/grpc",
    "multipart/x-mixed-replace",
];

/// Asks for an answer that can be looked at.
pub(super) fn ask_for_readable(headers: &mut HeaderMap) {
    headers.remove(RANGE);
    headers.remove(IF_RANGE);
    let wanted: Vec<String> = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|item| {
            let coding = item.split(';').next().unwrap_or_default().trim();
            CODINGS.iter().any(|known| known.eq_ignore_ascii_case(coding))
        })
        .map(str::to_owned)
        .collect();
    let wanted = if wanted.is_empty() { "identity".to_owned() } else { wanted.join(", ") };
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_str(&wanted).expect("parts of a value are one"));
}

impl Firewall {
    /// The answer and whether nothing was found in it, or as an error what the client gets instead.
    pub(super) async fn look_at_answer(
        &self,
        facts: &Facts<'_>,
        response: Response<Body>,
    ) -> Result<(Response<Body>, bool), Response<Body>> {
        self.equipped().await;
        let app = facts.scene.app;
        let (parts, mut body) = response.into_parts();
        let kind =
            parts.headers.get(CONTENT_TYPE).map(|kind| kind.to_str().unwrap_or_default().to_lowercase());
        let kind = kind.as_deref().unwrap_or_default();
        let limit = app.spec.body.inspection_size_bytes;
        let part = if MEDIA.iter().any(|media| kind.starts_with(media)) {
            Vec::new()
        } else {
            match body.fill(limit).await {
                Ok(part) => part.bytes,
                Err(error) => {
                    tracing::warn!(%error, "the application broke off its answer");
                    return Err(block::failed("the application broke off its answer".to_owned()));
                }
            }
        };
        let lines: Vec<_> =
            parts.headers.get_all(CONTENT_ENCODING).iter().map(HeaderValue::as_bytes).collect();
        let body_text = plain(&lines, &part, limit).bytes;
        let (status, text) = (parts.status, is_text(kind));
        let answer = Answer { status, headers: &parts.headers, body: &body_text, text };
        match self.decide_on_answer(facts, &answer) {
            Passage::Closed => Err(block::response(app, facts.scene.event_id)),
            passage => Ok((Response::from_parts(parts, body), passage == Passage::Clean)),
        }
    }
}

/// Whether a body of that type is text; one without a type may be.
fn is_text(kind: &str) -> bool {
    let words =
        ["json", "xml", "javascript", "ecmascript", "yaml", "graphql", "x-sh", "x-www-form-urlencoded"];
    kind.is_empty() || kind.starts_with("text/") || words.iter().any(|word| kind.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_application_is_asked_for_what_can_be_read() {
        let asked = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, HeaderValue::from_static("bytes=0-3"));
            for line in lines {
                headers.append(ACCEPT_ENCODING, HeaderValue::from_static(line));
            }
            ask_for_readable(&mut headers);
            assert!(!headers.contains_key(RANGE));
            headers[ACCEPT_ENCODING].to_str().unwrap().to_owned()
        };
        assert_eq!(asked(&[]), "identity");
        assert_eq!(
            asked(&["gzip, deflate;q=0.5, br;q=1.0", "*;q=0.1, X-GZIP"]),
            "gzip, deflate;q=0.5, X-GZIP"
        );
        assert_eq!(asked(&["br, zstd"]), "identity");
    }

    #[test]
    fn text_is_told_by_its_type() {
        for kind in ["", "text/html; charset=utf-8", "application/problem+json", "image/svg+xml"] {
            assert!(is_text(kind), "{kind}");
        }
        for kind in ["application/octet-stream", "image/png", "application/zip"] {
            assert!(!is_text(kind), "{kind}");
        }
    }
}
