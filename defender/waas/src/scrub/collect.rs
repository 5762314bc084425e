//! Where the secrets of a request stand.

use super::gathered::Gathered;
use super::rule::{Place, Scrubbing};
use super::secrets::Secrets;
use crate::RequestView;
use crate::body::{Fields, plain};
use crate::form::{crumbs, decoded, pairs, split_pair};
use crate::headers;
use crate::input::{Class, Location};
use regex::bytes::Regex;
use serde_json::Value;
use std::borrow::Cow;

/// A value of a request, as it was sent and decoded.
struct Piece<'a> {
    location: Location,
    /// Name of the parameter, cookie, header or field, or path of the value.
    name: Cow<'a, [u8]>,
    sent: &'a [u8],
    decoded: Cow<'a, [u8]>,
}

impl Piece<'_> {
    /// Its own name, without those that it is in.
    fn last_name(&self) -> &[u8] {
        match self.location {
            Location::JsonBody | Location::XmlBody => {
                self.name.rsplit(|byte| *byte == b'/').next().unwrap_or_default()
            }
            _ => &self.name,
        }
    }

    /// Whether it stands at a path, or below.
    fn is_at(&self, path: &str) -> bool {
        let rest = self.name.strip_prefix(path.as_bytes());
        rest.is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
    }
}

impl Scrubbing {
    /// What audits of a request must not tell.
    pub(crate) fn secrets<'s>(&'s self, view: &RequestView<'_>) -> Secrets<'s> {
        let mut found = Found { scrubbing: self, secrets: Gathered::of(view.body_limit), first: None };
        if !self.rules.is_empty() {
            found.in_path(view);
            found.in_query(view);
            found.in_headers(view);
            found.in_body(view);
        }
        Secrets::new(self, found.secrets)
    }
}

/// Secrets with the rules that they are by.
struct Found<'s> {
    scrubbing: &'s Scrubbing,
    secrets: Gathered,
    /// The rule of the first one since this was last forgotten.
    first: Option<usize>,
}

impl Found<'_> {
    fn add(&mut self, secret: &[u8], rule: usize) {
        self.first.get_or_insert(rule);
        self.secrets.add(secret, rule);
    }

    fn in_path(&mut self, view: &RequestView<'_>) {
        let segments = view.path.split(|byte| *byte == b'/').filter(|segment| !segment.is_empty());
        for sent in segments {
            self.look(&piece(Location::Url, b"", sent, decoded(sent, false)));
        }
        let whole = decoded(view.path, false);
        let across = |pattern: &&Regex| pattern.find_iter(&whole).any(|part| part.as_bytes().contains(&b'/'));
        self.look_for_parts(view.path, &whole, |place| match place {
            Place::Path(pattern) | Place::Anywhere { values: Some(pattern), .. } => {
                Some(pattern).filter(across)
            }
            _ => None,
        });
    }

    fn in_query(&mut self, view: &RequestView<'_>) {
        for (name, sent) in pairs(view.query.unwrap_or_default()) {
            let name = decoded(name, true);
            self.look(&piece(Location::QueryParamName, b"", &name, Cow::Borrowed(&name)));
            for plus in [true, false] {
                self.look(&piece(Location::Query, &name, sent, decoded(sent, plus)));
            }
        }
    }

    fn in_headers(&mut self, view: &RequestView<'_>) {
        for &(name, sent) in view.headers {
            self.look(&piece(Location::Header, name.as_bytes(), sent, Cow::Borrowed(sent)));
            if name.eq_ignore_ascii_case("cookie") {
                for crumb in crumbs(sent) {
                    let (name, sent) = split_pair(crumb);
                    let bare = sent.strip_prefix(b"\"").and_then(|value| value.strip_suffix(b"\""));
                    let sent = bare.unwrap_or(sent);
                    self.look(&piece(Location::Cookie, name, sent, decoded(sent, false)));
                }
            } else if let Some(user) = headers::user_name(sent) {
                self.look(&piece(Location::Header, name.as_bytes(), sent, Cow::Owned(user)));
            }
        }
    }

    fn in_body(&mut self, view: &RequestView<'_>) {
        if view.body.is_empty() {
            return;
        }
        self.first = None;
        let inputs = view.body_inputs();
        let unread = inputs.left_out() || view.has_too_many_fields();
        for input in inputs {
            let unnamed = matches!(input.class, Class::ArgumentName | Class::FileContent | Class::RawBody);
            let name = if unnamed { &b""[..] } else { input.key.as_bytes() };
            self.look(&piece(input.location, name, &input.value, Cow::Borrowed(&input.value)));
        }
        if unread {
            // What nobody reads may be a secret: the whole body goes.
            self.add(view.body, 0);
        }
        let codings = view.lines("content-encoding");
        let body = plain(&codings, view.body, view.body_limit.max(view.body.len())).bytes;
        let fields = view.fields();
        for fields in &fields {
            if let Fields::Json(document) = fields {
                let members = document.members.iter();
                members.for_each(|(name, value)| self.in_json(&mut format!("/{name}"), value));
            }
        }
        // What is written otherwise in the body than it is read stands nowhere in it.
        let torn = fields.iter().any(|fields| matches!(fields, Fields::Xml(_)));
        let escaped = torn || body.iter().any(|byte| matches!(byte, b'\\' | b'&' | 0));
        if let Some(rule) = self.first.filter(|_| escaped && fields.iter().any(|fields| !is_form(fields))) {
            self.add(&body, rule);
        }
        if fields.iter().any(is_form) {
            for (name, sent) in pairs(&body) {
                self.look(&piece(Location::FormBody, &decoded(name, true), sent, decoded(sent, true)));
            }
        }
        for raw in [&*body, view.body] {
            self.look_for_parts(raw, raw, |place| match place {
                Place::RawBody(pattern) | Place::Anywhere { values: Some(pattern), .. } => Some(pattern),
                _ => None,
            });
        }
    }

    /// Numbers, which no attack can be in, but a custom rule may tell.
    fn in_json(&mut self, path: &mut String, value: &Value) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    let before = path.len();
                    path.push('/');
                    path.push_str(name);
                    self.in_json(path, value);
                    path.truncate(before);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.in_json(path, item)),
            Value::Number(number) => {
                let number = number.to_string();
                let sent = number.as_bytes();
                self.look(&piece(Location::JsonBody, path.as_bytes(), sent, Cow::Borrowed(sent)));
            }
            Value::String(_) | Value::Bool(_) | Value::Null => {}
        }
    }

    /// Asks every rule about a value.
    fn look(&mut self, piece: &Piece<'_>) {
        let (location, name) = (piece.location, &piece.name);
        for (index, rule) in self.scrubbing.rules.iter().enumerate() {
            let whole = match &rule.place {
                Place::QueryName(pattern) => location == Location::Query && pattern.is_match(name),
                Place::CookieName(pattern) => location == Location::Cookie && pattern.is_match(name),
                Place::HeaderName(pattern) => location == Location::Header && pattern.is_match(name),
                Place::FieldName(pattern) => {
                    matches!(location, Location::FormBody | Location::MultipartBody)
                        && !name.is_empty()
                        && pattern.is_match(name)
                }
                Place::JsonPath(path) => location == Location::JsonBody && piece.is_at(path),
                Place::XmlPath(path) => location == Location::XmlBody && piece.is_at(path),
                Place::Anywhere { names: Some(pattern), .. } => {
                    !name.is_empty() && pattern.is_match(piece.last_name())
                }
                _ => false,
            };
            if whole {
                self.add(piece.sent, index);
                self.add(&piece.decoded, index);
            }
        }
        let agent = name.eq_ignore_ascii_case(b"user-agent");
        self.look_for_parts(piece.sent, &piece.decoded, |place| match place {
            Place::Path(pattern) if location == Location::Url => Some(pattern),
            Place::QueryValue(pattern) if location == Location::Query => Some(pattern),
            Place::UserAgent(pattern) if location == Location::Header && agent => Some(pattern),
            Place::Anywhere { values: Some(pattern), .. } => Some(pattern),
            _ => None,
        });
    }

    /// Whatever matches in a value; all of it as it was sent, where that cannot be told from how it is encoded.
    fn look_for_parts(&mut self, sent: &[u8], decoded: &[u8], pattern: impl Fn(&Place) -> Option<&Regex>) {
        for (index, rule) in self.scrubbing.rules.iter().enumerate() {
            let Some(pattern) = pattern(&rule.place) else { continue };
            let mut any = false;
            for part in pattern.find_iter(decoded) {
                any = true;
                self.add(part.as_bytes(), index);
            }
            if sent != decoded {
                if any {
                    self.add(sent, index);
                }
                pattern.find_iter(sent).for_each(|part| self.add(part.as_bytes(), index));
            }
        }
    }
}

fn piece<'a>(location: Location, name: &'a [u8], sent: &'a [u8], decoded: Cow<'a, [u8]>) -> Piece<'a> {
    Piece { location, name: Cow::Borrowed(name), sent, decoded }
}

fn is_form(fields: &Fields) -> bool {
    matches!(fields, Fields::Form(_))
}
