//! A request as the detector sees it.

use crate::AttackSet;
use crate::body::{self, BodyView};
use crate::form::{decoded, pairs, push_pair, split_pair};
use crate::input::{Class, Input, Location};
use std::borrow::Cow;

/// A request. Everything is as it was sent.
#[derive(Debug, Clone, Copy, Default)]
pub struct RequestView<'a> {
    /// Method.
    pub method: &'a str,
    /// Whether it came by HTTP/2, where a length need not be announced.
    pub http2: bool,
    /// Path of the target.
    pub path: &'a [u8],
    /// Query of the target, without `?`.
    pub query: Option<&'a [u8]>,
    /// Headers in order, names in any case.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// Whether a body was announced.
    pub has_body: bool,
    /// The part of the body that is inspected.
    pub body: &'a [u8],
    /// What was wrong with its framing, if that was found out below.
    pub framing: Option<&'a str>,
    /// Most bytes that a compressed body may grow to.
    pub body_limit: usize,
}

/// Headers whose values have a grammar of the protocol's: rules look at them only if they name headers.
const STANDARD: [&str; 58] = [
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "access-control-request-headers",
    "access-control-request-method",
    "authorization",
    "cache-control",
    "connection",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-type",
    "date",
    "dnt",
    "expect",
    "forwarded",
    "from",
    "host",
    "http2-settings",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "if-range",
    "if-unmodified-since",
    "keep-alive",
    "last-event-id",
    "max-forwards",
    "origin",
    "pragma",
    "priority",
    "proxy-authorization",
    "proxy-connection",
    "range",
    "sec-ch-ua",
    "sec-ch-ua-mobile",
    "sec-ch-ua-platform",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "sec-fetch-user",
    "sec-gpc",
    "sec-websocket-extensions",
    "sec-websocket-key",
    "sec-websocket-protocol",
    "sec-websocket-version",
    "te",
    "traceparent",
    "tracestate",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "upgrade-insecure-requests",
    "via",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-requested-with",
];

impl<'a> RequestView<'a> {
    /// First value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a [u8]> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// Everything that is inspected, in the order path, query, headers, cookies, body.
    #[must_use]
    pub fn inputs(&self) -> Vec<Input<'a>> {
        let mut inputs = Vec::with_capacity(16);
        self.path_inputs(&mut inputs);
        self.query_inputs(&mut inputs);
        self.header_inputs(&mut inputs);
        if !self.body.is_empty() {
            let view = BodyView {
                content_type: self.header("content-type").unwrap_or_default(),
                content_encoding: self.header("content-encoding").unwrap_or_default(),
                bytes: self.body,
                limit: self.body_limit.max(self.body.len()),
            };
            body::inputs(&view, &mut inputs);
        }
        inputs
    }

    fn path_inputs(&self, inputs: &mut Vec<Input<'a>>) {
        if self.path.len() > 1 {
            inputs.push(input(Class::Path, Location::Url, "", decoded(self.path, false)));
        }
        let segments = self.path.split(|b| *b == b'/').filter(|segment| !segment.is_empty());
        // A payload that starts behind a slash reads differently without it.
        for segment in segments {
            let word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
            if !segment.iter().all(word) {
                inputs.push(input(Class::Path, Location::Url, "", decoded(segment, false)));
            }
        }
    }

    fn query_inputs(&self, inputs: &mut Vec<Input<'a>>) {
        let Some(query) = self.query.filter(|query| !query.is_empty()) else {
            return;
        };
        inputs.push(input(Class::QueryString, Location::Query, "", Cow::Borrowed(query)));
        for (name, value) in pairs(query) {
            push_pair(inputs, Location::Query, Location::QueryParamName, name, value);
        }
    }

    fn header_inputs(&self, inputs: &mut Vec<Input<'a>>) {
        for &(name, value) in self.headers {
            let is = |known: &str| name.eq_ignore_ascii_case(known);
            if is("cookie") {
                cookie_inputs(value, inputs);
                continue;
            }
            let class = if is("user-agent") {
                Class::UserAgent
            } else if is("referer") {
                Class::Referer
            } else if STANDARD.iter().any(|standard| is(standard)) {
                Class::StandardHeader
            } else {
                inputs.push(input(Class::HeaderName, Location::Header, name, Cow::Borrowed(name.as_bytes())));
                Class::CustomHeader
            };
            inputs.push(input(class, Location::Header, name, Cow::Borrowed(value)));
            if ["x-filename", "x_filename", "x.filename", "x-file-name"].iter().any(|file| is(file)) {
                inputs.push(input(Class::FileName, Location::Header, name, Cow::Borrowed(value)));
            }
        }
    }
}

fn cookie_inputs<'a>(value: &'a [u8], inputs: &mut Vec<Input<'a>>) {
    for crumb in value.split(|b| *b == b';').map(<[u8]>::trim_ascii).filter(|crumb| !crumb.is_empty()) {
        let (name, value) = split_pair(crumb);
        let value = value.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\"")).unwrap_or(value);
        let key = String::from_utf8_lossy(name);
        inputs.push(Input {
            class: Class::CookieName,
            location: Location::Cookie,
            key: key.clone(),
            value: decoded(name, false),
            skip: AttackSet::NONE,
        });
        inputs.push(Input {
            class: Class::Cookie,
            location: Location::Cookie,
            key,
            value: decoded(value, false),
            skip: AttackSet::NONE,
        });
    }
}

fn input<'a>(class: Class, location: Location, key: &'a str, value: Cow<'a, [u8]>) -> Input<'a> {
    Input { class, location, key: Cow::Borrowed(key), value, skip: AttackSet::NONE }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(view: &RequestView<'_>) -> Vec<(Class, String, String)> {
        let text = |input: &Input<'_>| String::from_utf8_lossy(&input.value).into_owned();
        view.inputs().iter().map(|input| (input.class, input.key.to_string(), text(input))).collect()
    }

    #[test]
    fn every_place_is_an_input() {
        let view = RequestView {
            method: "GET",
            path: b"/a%20b/c",
            query: Some(b"x=1+2&flag&y=%27"),
            headers: &[("Host", b"h"), ("COOKIE", b"a=\"1%41\"; b"), ("X-Own", b"v"), ("User-Agent", b"ua")],
            ..RequestView::default()
        };
        let expected = [
            (Class::Path, "", "/a b/c"),
            (Class::Path, "", "a b"),
            (Class::QueryString, "", "x=1+2&flag&y=%27"),
            (Class::ArgumentName, "x", "x"),
            (Class::Argument, "x", "1 2"),
            (Class::ArgumentName, "flag", "flag"),
            (Class::ArgumentName, "y", "y"),
            (Class::Argument, "y", "'"),
            (Class::StandardHeader, "Host", "h"),
            (Class::CookieName, "a", "a"),
            (Class::Cookie, "a", "1A"),
            (Class::CookieName, "b", "b"),
            (Class::Cookie, "b", ""),
            (Class::HeaderName, "X-Own", "X-Own"),
            (Class::CustomHeader, "X-Own", "v"),
            (Class::UserAgent, "User-Agent", "ua"),
        ];
        let expected: Vec<_> = expected
            .iter()
            .map(|(class, key, value)| (*class, (*key).to_owned(), (*value).to_owned()))
            .collect();
        assert_eq!(listed(&view), expected);
    }
}
