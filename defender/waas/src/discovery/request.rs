//! What is kept of a request until it is known whether something can be learned of it.

use super::path::has_extension;
use hyper::body::Body;
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;
use hyper::{Method, Response, Uri};

/// Methods that the policy has words for.
const METHODS: [&str; 7] = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH"];

/// Bytes of a media type, at most.
const LONGEST_TYPE: usize = 100;

/// Letters of a route that is told.
const LONGEST_ROUTE: usize = 256;

/// Method and target of a request.
#[derive(Debug, Clone)]
pub(crate) struct Lesson {
    pub(super) method: Method,
    pub(super) uri: Uri,
}

/// What of an answer is learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Answered<'a> {
    pub(super) status: u16,
    /// As the application wrote it.
    pub(super) content_type: Option<&'a str>,
}

impl Lesson {
    /// Copies nothing but counts of references.
    pub(crate) fn of(request: &Parts) -> Self {
        Self { method: request.method.clone(), uri: request.uri.clone() }
    }

    /// Method and path, cut where they are long.
    pub(crate) fn route(&self) -> String {
        format!("{} {}", self.method, self.uri.path()).chars().take(LONGEST_ROUTE).collect()
    }

    /// What is learned of the answer, if it is one of an API.
    pub(super) fn answered<'a, B: Body>(&self, response: &'a Response<B>) -> Option<Answered<'a>> {
        let status = response.status().as_u16();
        if status >= 400 || !METHODS.contains(&self.method.as_str()) || has_extension(self.uri.path()) {
            return None;
        }
        let content_type = match response.headers().get(CONTENT_TYPE) {
            None => None,
            Some(kind) => Some(kind.to_str().ok().filter(|kind| is_of_api(kind))?),
        };
        Some(Answered { status, content_type })
    }
}

impl Answered<'_> {
    /// Without parameters, in small letters.
    pub(super) fn media_type(&self) -> Option<String> {
        let kind = self.content_type?.split(';').next().unwrap_or_default().trim();
        (kind.len() <= LONGEST_TYPE).then(|| kind.to_ascii_lowercase())
    }
}

/// `text/*` or `application/*`; an empty one is none.
fn is_of_api(kind: &str) -> bool {
    let kind = kind.trim_start();
    let begins = |with: &str| kind.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    kind.is_empty() || begins("text/") || begins("application/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lesson(method: &str, target: &str) -> Lesson {
        Lesson { method: method.parse().unwrap(), uri: target.parse().unwrap() }
    }

    fn answer(status: u16, kind: Option<&str>) -> Response<String> {
        let mut response = Response::builder().status(status);
        if let Some(kind) = kind {
            response = response.header(CONTENT_TYPE, kind);
        }
        response.body(String::new()).unwrap()
    }

    #[test]
    fn only_answers_of_an_api_teach() {
        for (method, target, status, kind, teaches) in [
            ("GET", "/pets", 200, Some("application/json"), true),
            ("GET", "/pets", 200, Some("TEXT/html; charset=utf-8"), true),
            ("DELETE", "/pets/7", 204, None, true),
            ("GET", "/pets", 302, None, true),
            ("GET", "/pets", 404, Some("application/json"), false),
            ("GET", "/pets", 500, None, false),
            ("GET", "/pets", 200, Some("image/png"), false),
            ("GET", "/site.css", 200, Some("text/css"), false),
            ("TRACE", "/pets", 200, None, false),
            ("get", "/pets", 200, None, false),
        ] {
            let response = answer(status, kind);
            let answered = lesson(method, target).answered(&response);
            assert_eq!(answered.is_some(), teaches, "{method} {target} {status} {kind:?}");
        }
        let html = answer(200, Some("TEXT/html; charset=utf-8"));
        let answered = lesson("GET", "/").answered(&html).unwrap();
        assert_eq!(answered.media_type().as_deref(), Some("text/html"));
    }
}
