//! Whether an expression holds.

use super::{Among, Expression, Relation, Subject, Test};
use crate::Trail;
use crate::requests::access::is_of;
use crate::requests::{Sent, sent::FieldOfBody};
use regex::Regex;
use std::net::IpAddr;

/// What a script sees.
pub(in crate::requests) struct Seen<'a> {
    pub sent: &'a Sent,
    pub client: IpAddr,
    /// Whether all of the body is inspected.
    pub whole: bool,
    /// Status of the answer, where there is one.
    pub status: Option<u16>,
}

impl Expression {
    /// Whether it holds; none where nobody says.
    pub(super) fn holds(&self, seen: &Seen<'_>, trail: &mut Trail) -> Option<bool> {
        match self {
            Self::Any(all) => {
                trail.through("request.custom-any");
                any(all.iter().map(|one| one.holds(seen, trail)).collect())
            }
            Self::All(all) => {
                trail.through("request.custom-all");
                let missing = all.iter().map(|one| one.holds(seen, trail).map(|holds| !holds)).collect();
                any(missing).map(|missing| !missing)
            }
            Self::Not(inner) => {
                trail.through("request.custom-not");
                inner.holds(seen, trail).map(|holds| !holds)
            }
            Self::Text { of, steps, test } => {
                trail.through(test.clause());
                if !steps.is_empty() {
                    trail.through("request.custom-transform");
                }
                if of.is_list() {
                    trail.through("request.custom-list");
                }
                let made = |text: &str| steps.iter().try_fold(text.to_owned(), |text, step| step.made(&text));
                let passes = |text: &str| made(text).and_then(|text| test.passes(&text, of));
                let found = any(of.texts(seen, trail)?.iter().map(|one| one.agree(passes)).collect());
                if matches!(test, Test::Differs(_)) { found.map(|found| !found) } else { found }
            }
            Self::Client(among) => {
                trail.through("request.custom-client");
                Some(match among {
                    Among::Is(address) => is_of(address, seen.client),
                    Among::IsNot(address) => !is_of(address, seen.client),
                    Among::In(networks) => networks.iter().any(|network| is_of(network, seen.client)),
                })
            }
            Self::Status(relation, status) => {
                trail.through("request.custom-status");
                seen.status.map(|own| relation.holds(own, *status))
            }
        }
    }
}

/// Whether one of them is so; none where it is one of which nobody says.
fn any(all: Vec<Option<bool>>) -> Option<bool> {
    if all.contains(&Some(true)) {
        return Some(true);
    }
    (!all.contains(&None)).then_some(false)
}

impl Relation {
    fn holds(self, own: u16, other: u16) -> bool {
        match self {
            Self::Equal => own == other,
            Self::Other => own != other,
            Self::Less => own < other,
            Self::AtMost => own <= other,
            Self::More => own > other,
            Self::AtLeast => own >= other,
        }
    }
}

impl Test {
    fn clause(&self) -> &'static str {
        match self {
            Self::Equals(_) => "request.custom-equal",
            Self::Differs(_) => "request.custom-other",
            Self::In(_) => "request.custom-in",
            Self::StartsWith(_) => "request.custom-starts",
            Self::Contains(_) => "request.custom-contains",
            Self::Matches(_) => "request.custom-matches",
        }
    }

    /// Whether a text passes; for [`Test::Differs`] whether it is equal, since of a list none may be. Case counts, but for names of headers.
    fn passes(&self, text: &str, of: &Subject) -> Option<bool> {
        let names = matches!(of, Subject::HeaderNames);
        let folded = |text: &str| if names { text.to_ascii_lowercase() } else { text.to_owned() };
        let own = folded(text);
        Some(match self {
            Self::Equals(other) | Self::Differs(other) => own == folded(other),
            Self::In(others) => others.iter().any(|other| own == folded(other)),
            Self::StartsWith(other) => own.starts_with(&folded(other)),
            // A list contains a text that is one of its own (choice).
            Self::Contains(other) if of.is_list() => own == folded(other),
            Self::Contains(other) => own.contains(&folded(other)),
            Self::Matches(pattern) => Regex::new(pattern).ok()?.is_match(text),
        })
    }
}

/// A text, in each way to read it.
struct Readings(Vec<String>);

impl Readings {
    fn of(text: &str) -> Self {
        Self(vec![text.to_owned()])
    }

    /// What comes of all of them alike.
    fn agree(&self, passes: impl Fn(&str) -> Option<bool>) -> Option<bool> {
        let mut all = self.0.iter().map(|text| passes(text));
        let first = all.next()??;
        all.all(|other| other == Some(first)).then_some(first)
    }
}

impl Subject {
    /// The text, or those of the list; none where nobody says what it is.
    fn texts(&self, seen: &Seen<'_>, trail: &mut Trail) -> Option<Vec<Readings>> {
        let sent = seen.sent;
        if self.is_of_body() && !seen.whole {
            return None;
        }
        let one = |text: &str| Some(vec![Readings::of(text)]);
        let many = |texts: Vec<&str>| Some(texts.into_iter().map(Readings::of).collect());
        let headers = || sent.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let of_key = |found: Vec<&str>, trail: &mut Trail| {
            if found.is_empty() {
                // What is not there is an empty text (choice).
                trail.through("request.custom-absent");
                return one("");
            }
            many(found)
        };
        match self {
            Self::Method => one(&sent.method),
            Self::Host => one(sent.header("host").unwrap_or_default()),
            Self::Path => one(sent.path()),
            Self::FileExtension => one(extension(sent.path())?),
            Self::Body => one(&sent.body),
            Self::Header(name) => {
                let found = headers().filter(|(own, _)| own.eq_ignore_ascii_case(name));
                of_key(found.map(|(_, value)| value).collect(), trail)
            }
            Self::HeaderNames => many(headers().map(|(name, _)| name).collect()),
            Self::HeaderValues => many(headers().map(|(_, value)| value).collect()),
            Self::Cookie(name) => of_key(of_name(&sent.cookies(), name), trail),
            Self::CookieNames => many(sent.cookies().iter().map(|(name, _)| *name).collect()),
            Self::CookieValues => many(sent.cookies().iter().map(|(_, value)| *value).collect()),
            Self::QueryParam(name) => of_key(of_name(&sent.parameters(), name), trail),
            Self::QueryParamNames => many(sent.parameters().iter().map(|(name, _)| *name).collect()),
            Self::QueryParamValues => many(sent.parameters().iter().map(|(_, value)| *value).collect()),
            // Whether names or contents of files are among them is not documented.
            Self::BodyParamValues if !sent.files.is_empty() => None,
            // Whether they are decoded is not documented.
            Self::BodyParamValues => Some(
                sent.fields
                    .iter()
                    .map(|FieldOfBody { written, value }| Readings(vec![written.clone(), value.clone()]))
                    .collect(),
            ),
        }
    }
}

fn of_name<'a>(pairs: &[(&str, &'a str)], name: &str) -> Vec<&'a str> {
    pairs.iter().filter(|(own, _)| *own == name).map(|(_, value)| *value).collect()
}

/// Of the last segment; none where what stands behind its dot is no word.
fn extension(path: &str) -> Option<&str> {
    let file = path.rsplit('/').next().unwrap_or_default();
    let Some((_, extension)) = file.rsplit_once('.') else { return Some("") };
    (!extension.is_empty() && extension.chars().all(|c| c.is_ascii_alphanumeric())).then_some(extension)
}
