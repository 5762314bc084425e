//! A request as the detector sees it.

use crate::AttackSet;
use crate::body::{self, BodyView, Fields, Unread};
use crate::canonical::is_base64_text;
use crate::form::{crumbs, decoded, pairs, push_pair, split_pair};
use crate::headers;
use crate::input::{Class, Input, Inputs, Location};
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

/// Segments of a path from which on it is tried as Base64, whose alphabet has a slash of its own.
const BASE64_STARTS: usize = 4;

impl<'a> RequestView<'a> {
    /// First value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&'a [u8]> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// Everything that is inspected, in the order path, query, headers, cookies, body.
    #[must_use]
    pub fn inputs(&self) -> Inputs<'a> {
        let mut inputs = Inputs::of(self.body_limit);
        self.path_inputs(&mut inputs);
        self.query_inputs(&mut inputs);
        self.header_inputs(&mut inputs);
        self.read_body(&mut inputs);
        inputs
    }

    /// The values of the body.
    pub(crate) fn body_inputs(&self) -> Inputs<'a> {
        let mut inputs = Inputs::of(self.body_limit);
        self.read_body(&mut inputs);
        inputs
    }

    fn read_body(&self, inputs: &mut Inputs<'a>) {
        if !self.body.is_empty() {
            let (types, codings) = (self.lines("content-type"), self.lines("content-encoding"));
            body::inputs(&self.body_view(&types, &codings), self.body, inputs);
        }
    }

    /// The body by the names in it.
    pub(crate) fn fields(&self) -> Vec<Fields> {
        if self.body.is_empty() {
            return Vec::new();
        }
        let (types, codings) = (self.lines("content-type"), self.lines("content-encoding"));
        body::fields(&self.body_view(&types, &codings), self.body)
    }

    /// Whether the body has more names than [`Self::fields`] keeps.
    pub(crate) fn has_too_many_fields(&self) -> bool {
        let (types, codings) = (self.lines("content-type"), self.lines("content-encoding"));
        !self.body.is_empty() && body::has_too_many(&self.body_view(&types, &codings), self.body)
    }

    /// Files of the body, as many as there is room for.
    pub(crate) fn files(&self) -> Inputs<'a> {
        let mut files = Inputs::only(Class::FileContent, self.body_limit);
        self.read_body(&mut files);
        files
    }

    /// Values of every line of a header.
    pub(crate) fn lines(&self, name: &str) -> Vec<&'a [u8]> {
        let mine = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        mine.map(|(_, value)| *value).collect()
    }

    /// Whether `Connection` names a header: it ends here, and the application does not see it.
    pub(crate) fn is_hidden(&self, name: &str) -> bool {
        let words = self.lines("connection");
        let mut words = words.iter().flat_map(|line| line.split(|byte| *byte == b','));
        words.any(|word| word.trim_ascii().eq_ignore_ascii_case(name.as_bytes()))
    }

    fn body_view<'v>(&self, types: &'v [&'v [u8]], codings: &'v [&'v [u8]]) -> BodyView<'v> {
        BodyView {
            types,
            type_hidden: self.is_hidden("content-type"),
            codings,
            coding_hidden: self.is_hidden("content-encoding"),
            limit: self.body_limit.max(self.body.len()),
        }
    }

    /// Why the body is not inspected whole although all of it may be here.
    #[must_use]
    pub fn unread(&self) -> Option<Unread> {
        if self.body.is_empty() {
            return None;
        }
        let (types, codings) = (self.lines("content-type"), self.lines("content-encoding"));
        body::unread(&self.body_view(&types, &codings), self.body)
    }

    fn path_inputs(&self, inputs: &mut Inputs<'a>) {
        if self.path.len() > 1 {
            inputs.push(input(Class::Path, Location::Url, "", decoded(self.path, false)));
            inputs.push(input(Class::Uri, Location::Url, "", Cow::Borrowed(self.path)));
        }
        let mut tried = 0;
        let mut rest = self.path;
        while !rest.is_empty() {
            let end = rest.iter().position(|b| *b == b'/').unwrap_or(rest.len());
            let (segment, whole) = (&rest[..end], rest);
            rest = &rest[(end + 1).min(rest.len())..];
            if segment.is_empty() {
                continue;
            }
            // A payload that starts behind a slash reads differently without it.
            let word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
            if !segment.iter().all(word) || is_base64_text(segment) {
                inputs.push(input(Class::Path, Location::Url, "", decoded(segment, false)));
            }
            tried += 1;
            if tried <= BASE64_STARTS && !rest.is_empty() {
                let whole = decoded(whole, false);
                if is_base64_text(&whole) {
                    inputs.push(input(Class::Path, Location::Url, "", whole));
                }
            }
        }
    }

    fn query_inputs(&self, inputs: &mut Inputs<'a>) {
        let Some(query) = self.query.filter(|query| !query.is_empty()) else {
            return;
        };
        inputs.push(input(Class::QueryString, Location::Query, "", Cow::Borrowed(query)));
        for (name, value) in pairs(query) {
            push_pair(inputs, Location::Query, Location::QueryParamName, name, value);
            uri_inputs(name, value, inputs);
        }
    }

    fn header_inputs(&self, inputs: &mut Inputs<'a>) {
        for &(name, value) in self.headers {
            let is = |known: &str| name.eq_ignore_ascii_case(known);
            if is("cookie") {
                cookie_inputs(value, inputs);
                continue;
            }
            let class = headers::class(name, value);
            if class == Class::CustomHeader && !headers::is_standard(name) {
                inputs.push(input(Class::HeaderName, Location::Header, name, Cow::Borrowed(name.as_bytes())));
            }
            inputs.push(input(class, Location::Header, name, Cow::Borrowed(value)));
            if (is("authorization") || is("proxy-authorization"))
                && let Some(user) = headers::user_name(value)
            {
                inputs.push(input(Class::CustomHeader, Location::Header, name, Cow::Owned(user)));
            }
            if ["x-filename", "x_filename", "x.filename", "x-file-name"].iter().any(|file| is(file)) {
                inputs.push(input(Class::FileName, Location::Header, name, Cow::Borrowed(value)));
            }
        }
    }
}

/// Name and value of a parameter, as sent: rules on the target see the query piece by piece, so that an exception of
/// a parameter frees its own.
fn uri_inputs<'a>(name: &'a [u8], value: &'a [u8], inputs: &mut Inputs<'a>) {
    let key = String::from_utf8_lossy(&decoded(name, true)).into_owned();
    for (location, text) in [(Location::QueryParamName, name), (Location::Query, value)] {
        if !text.is_empty() {
            inputs.push(Input {
                class: Class::Uri,
                location,
                key: Cow::Owned(key.clone()),
                value: Cow::Borrowed(text),
                skip: AttackSet::NONE,
            });
        }
    }
}

fn cookie_inputs<'a>(value: &'a [u8], inputs: &mut Inputs<'a>) {
    for crumb in crumbs(value) {
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
            (Class::Uri, "", "/a%20b/c"),
            (Class::Path, "", "a b"),
            (Class::QueryString, "", "x=1+2&flag&y=%27"),
            (Class::ArgumentName, "x", "x"),
            (Class::Argument, "x", "1 2"),
            (Class::Uri, "x", "x"),
            (Class::Uri, "x", "1+2"),
            (Class::ArgumentName, "flag", "flag"),
            (Class::Uri, "flag", "flag"),
            (Class::ArgumentName, "y", "y"),
            (Class::Argument, "y", "'"),
            (Class::Uri, "y", "y"),
            (Class::Uri, "y", "%27"),
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
