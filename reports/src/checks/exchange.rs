//! What a client outside got for its request.

use super::evidence::Evidence;
use super::outcome::Conclusion;
use super::text::{excerpt, with_body};
use crate::HistoryRecord;
use proofhouse_protocol::observation::{Body, Observation, Pipeline, TlsSession};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// Where a page of the user's own has the event id.
const EVENT_ID_PLACE: &str = "#eventID";

/// Response header with the event id (`waas.md`, section 2.6).
pub const EVENT_ID_HEADER: &str = "X-Prisma-Event-Id";

/// Headers that differ from answer to answer, or that the firewall is documented to add (`waas.md` 2.6).
const VOLATILE: [&str; 2] = ["date", EVENT_ID_HEADER];

/// What is expected of the answer to a stimulus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExchangeExpectation {
    /// This status.
    Status(u16),
    /// 403, HTML that says the access was denied, and one event id in header and page (`waas.md` 2.6).
    BlockPage,
    /// The same status, headers and body as the answer to another request; date and event id aside.
    SameAs(String),
    /// The lines of a header have these values, in order; none: it is not there.
    Header {
        /// Name, in any case.
        name: String,
        /// Values.
        values: Vec<String>,
    },
    /// There is a header of that name.
    SomeHeader(String),
    /// This text stands in the body.
    BodyHas(String),
    /// There is an event id, in the form of a UUID (`waas.md` W55).
    EventId,
    /// The event id of the header stands in the body.
    EventIdInBody,
    /// The connection was encrypted, and the server showed this certificate (`waas.md` W109).
    Encrypted {
        /// SHA-256 of the certificate (DER), in hexadecimal.
        certificate_sha256: String,
    },
    /// Every one of so many requests of the stimulus was answered with this status.
    Every {
        /// Status.
        status: u16,
        /// How many were sent.
        count: usize,
    },
    /// The requests of the stimulus were answered with one status, and from some time on with another; counted from the first of
    /// them.
    Changed {
        /// Before.
        from: u16,
        /// From then on.
        to: u16,
        /// Earliest and latest, in milliseconds.
        within_ms: (u64, u64),
    },
    /// The server ended the connection without an answer, and without agreeing to encryption (`waas.md` W109, W110).
    Refused,
}

/// Input of the check of an answer. The last exchange with the token is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// Stimulus.
    pub token: String,
    /// What is expected.
    pub expect: ExchangeExpectation,
}

#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub record: &'a HistoryRecord,
    server: &'a str,
    request: (&'a str, &'a str),
    status: Option<u16>,
    headers: &'a [(String, String)],
    body: &'a Body,
    error: Option<&'a str>,
    timed_out: bool,
    tls: Option<&'a TlsSession>,
}

pub(super) fn last<'a>(evidence: Evidence<'a>, token: &str) -> Result<Seen<'a>, Conclusion> {
    let found = all(evidence, token).next_back();
    found.ok_or_else(|| Conclusion::unproved(format!("stimulus {} sent no request", evidence.named(token))))
}

/// The exchanges of a stimulus, in order.
fn all<'a>(evidence: Evidence<'a>, token: &str) -> impl DoubleEndedIterator<Item = Seen<'a>> {
    evidence.behind(token).iter().filter_map(move |r| match r.observation() {
        Observation::HttpExchange {
            server,
            method,
            target,
            status,
            response_headers,
            body,
            error,
            timed_out,
            tls,
            ..
        } if r.token() == Some(token) => Some(Seen {
            record: r,
            server,
            request: (method, target),
            status: *status,
            headers: response_headers,
            body,
            error: error.as_deref(),
            timed_out: *timed_out,
            tls: tls.as_ref(),
        }),
        _ => None,
    })
}

impl<'a> Seen<'a> {
    pub fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn shown(&self) -> String {
        let (method, target) = self.request;
        let target = excerpt(target);
        match (self.status, self.error) {
            (Some(status), _) => {
                format!("{method} {target} was answered {status} {}", with_body(&self.body.text))
            }
            (None, Some(error)) => format!("{method} {target} got no answer: {error}"),
            (None, None) => format!("{method} {target} got no answer"),
        }
    }

    /// No answer came. Given up, that is the harness's impatience, unless the way is known to be open.
    fn unanswered(&self, evidence: Evidence<'_>, token: &str, said: String) -> Conclusion {
        let on = [self.record.sequence];
        if !self.timed_out {
            return Conclusion::broken(evidence.subject(), said).on(on);
        }
        let port = self.server.parse::<SocketAddr>().map_or(0, |server| server.port());
        match evidence.fence_behind(&Pipeline::AppRequests { port }, token) {
            Ok(fence) => Conclusion::broken(
                evidence.subject(),
                format!("{said}; a later request on the same port was answered"),
            )
            .on([self.record.sequence, fence]),
            Err(why) => Conclusion::unproved(format!("{said}; {why}")).on(on),
        }
    }

    fn stable(&self) -> Vec<(String, &'a str)> {
        let kept =
            self.headers.iter().filter(|(name, _)| !VOLATILE.iter().any(|v| v.eq_ignore_ascii_case(name)));
        kept.map(|(name, value)| (name.to_ascii_lowercase(), value.as_str())).collect()
    }
}

impl Exchange {
    pub(super) fn judge(&self, evidence: Evidence<'_>) -> Conclusion {
        let seen = match last(evidence, &self.token) {
            Ok(seen) => seen,
            Err(conclusion) => return conclusion,
        };
        let by = evidence.subject();
        let on = [seen.record.sequence];
        match &self.expect {
            ExchangeExpectation::Status(expected) => {
                let said = format!("expected {expected}; {}", seen.shown());
                match seen.status {
                    None => seen.unanswered(evidence, &self.token, said),
                    Some(status) => Conclusion::either(status == *expected, by, said).on(on),
                }
            }
            ExchangeExpectation::BlockPage => {
                let missing = missing_of_block_page(&seen);
                let said =
                    format!("expected the block page, missing is {}; {}", missing.join(", "), seen.shown());
                if missing.is_empty() {
                    Conclusion::holds(format!("{} is the block page", seen.shown())).on(on)
                } else if seen.status.is_none() {
                    seen.unanswered(evidence, &self.token, said)
                } else {
                    Conclusion::broken(by, said).on(on)
                }
            }
            ExchangeExpectation::SameAs(other) => same(evidence, &seen, other),
            ExchangeExpectation::Refused => self.refused(evidence, &seen),
            ExchangeExpectation::Changed { from, to, within_ms } => {
                self.changed(evidence, *from, *to, *within_ms)
            }
            ExchangeExpectation::Every { status, count } => self.every(evidence, *status, *count),
            expect => {
                let (holds, said) = match expect {
                    ExchangeExpectation::Header { name, values } => header(&seen, name, values),
                    ExchangeExpectation::Encrypted { certificate_sha256 } => {
                        encrypted(&seen, certificate_sha256)
                    }
                    ExchangeExpectation::SomeHeader(name) => {
                        (seen.header(name).is_some(), format!("expected a header {name}"))
                    }
                    ExchangeExpectation::BodyHas(text) => {
                        (seen.body.text.contains(text), format!("expected the text `{}`", excerpt(text)))
                    }
                    ExchangeExpectation::EventId => {
                        let id = seen.header(EVENT_ID_HEADER).unwrap_or_default();
                        (is_uuid(id), format!("expected an event id; there is `{id}`"))
                    }
                    _ => {
                        let id = seen.header(EVENT_ID_HEADER).unwrap_or_default();
                        let text = &seen.body.text;
                        let holds = !id.is_empty() && text.contains(id) && !text.contains(EVENT_ID_PLACE);
                        (holds, format!("expected the event id `{id}` in the body, wherever it belongs"))
                    }
                };
                let said = format!("{said}; {}", seen.shown());
                match seen.status {
                    None => seen.unanswered(evidence, &self.token, said),
                    Some(_) => Conclusion::either(holds, by, said).on(on),
                }
            }
        }
    }

    fn changed(
        &self,
        evidence: Evidence<'_>,
        from: u16,
        to: u16,
        (earliest, latest): (u64, u64),
    ) -> Conclusion {
        let seen: Vec<_> = all(evidence, &self.token).collect();
        let before = seen.iter().take_while(|seen| seen.status == Some(from)).count();
        let on = seen.iter().map(|seen| seen.record.sequence);
        let time = |at: usize| seen.get(at).map(|seen| seen.record.time);
        let after = match (time(0), time(before)) {
            (Some(first), Some(other)) => other.duration_since(first).as_millis(),
            _ => -1,
        };
        let bounds = i128::from(earliest)..=i128::from(latest);
        let others_fit = seen[before..].iter().all(|seen| seen.status == Some(to));
        let holds = before > 0 && before < seen.len() && others_fit && bounds.contains(&after);
        let statuses: Vec<_> = seen.iter().map(|seen| seen.status).collect();
        let said = format!(
            "expected {from}, and {to} after {earliest} to {latest} ms; {} after {after} ms, of {} requests",
            statuses.last().copied().flatten().map_or_else(|| "nothing".to_owned(), |last| last.to_string()),
            seen.len()
        );
        Conclusion::either(holds, evidence.subject(), said).on(on)
    }

    /// One that is not as it must be is enough to know; that all are, takes all of them.
    fn every(&self, evidence: Evidence<'_>, status: u16, count: usize) -> Conclusion {
        let seen: Vec<_> = all(evidence, &self.token).collect();
        let other = seen.iter().position(|seen| seen.status != Some(status));
        if let Some((at, other)) = other.map(|at| (at, seen[at])) {
            let said = format!(
                "expected {status} for every request; number {} of {count}: {}",
                at + 1,
                other.shown()
            );
            return match other.status {
                None => other.unanswered(evidence, &self.token, said),
                Some(_) => Conclusion::broken(evidence.subject(), said).on([other.record.sequence]),
            };
        }
        let said = format!("{} of {count} requests were answered {status}", seen.len());
        let on: Vec<u64> = seen.iter().map(|seen| seen.record.sequence).collect();
        if seen.len() < count { Conclusion::unproved(said).on(on) } else { Conclusion::holds(said).on(on) }
    }

    /// That nothing came is only proved where the server said so: given up, it may have been slow.
    fn refused(&self, evidence: Evidence<'_>, seen: &Seen<'_>) -> Conclusion {
        let on = [seen.record.sequence];
        let said = format!("expected the server to refuse; {}", seen.shown());
        match (seen.status, seen.tls) {
            (None, None) if seen.timed_out => Conclusion::unproved(said).on(on),
            (None, None) => Conclusion::holds(seen.shown()).on(on),
            (None, Some(session)) => {
                let said = format!("{said}, but it agreed to TLS {}", session.version);
                Conclusion::broken(evidence.subject(), said).on(on)
            }
            (Some(_), _) => Conclusion::broken(evidence.subject(), said).on(on),
        }
    }
}

/// Groups of hexadecimal digits; whether version and variant are right is the product's affair (`waas.md` 1.5).
fn is_uuid(text: &str) -> bool {
    let groups = text
        .split('-')
        .map(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(group.len()));
    groups.eq([8, 4, 4, 4, 12].map(Some))
}

fn header(seen: &Seen<'_>, name: &str, values: &[String]) -> (bool, String) {
    let lines = seen.headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
    let found: Vec<&str> = lines.map(|(_, value)| value.as_str()).collect();
    let shown = |values: &[&str]| match values {
        [] => "no such header".to_owned(),
        values => format!("`{}`", values.join("`, `")),
    };
    let wanted: Vec<&str> = values.iter().map(String::as_str).collect();
    (found == wanted, format!("expected in {name}: {}; there is {}", shown(&wanted), shown(&found)))
}

fn encrypted(seen: &Seen<'_>, certificate_sha256: &str) -> (bool, String) {
    let said = match seen.tls {
        None => "it was not encrypted".to_owned(),
        Some(session) => {
            format!("it came by TLS {} with certificate {}", session.version, session.certificate_sha256)
        }
    };
    let holds = seen.tls.is_some_and(|session| session.certificate_sha256 == certificate_sha256);
    (holds, format!("expected an answer by TLS with certificate {certificate_sha256}; {said}"))
}

fn missing_of_block_page(seen: &Seen<'_>) -> Vec<&'static str> {
    let body = seen.body.text.to_lowercase();
    let id = seen.header(EVENT_ID_HEADER).unwrap_or_default().to_lowercase();
    let mut missing = Vec::new();
    if seen.status != Some(403) {
        missing.push("status 403");
    }
    if !seen.header("Content-Type").is_some_and(|kind| kind.starts_with("text/html")) {
        missing.push("content type text/html");
    }
    if id.is_empty() {
        missing.push("an X-Prisma-Event-Id header");
    } else if !body.contains(&id) {
        missing.push("the event id in the page");
    }
    if !body.contains("access denied") {
        missing.push("the words \"Access denied\" in the page");
    }
    missing
}

fn same(evidence: Evidence<'_>, through: &Seen<'_>, other: &str) -> Conclusion {
    let direct = match last(evidence, other) {
        Ok(direct) => direct,
        Err(conclusion) => return conclusion,
    };
    let on = [through.record.sequence, direct.record.sequence];
    if direct.status.is_none() {
        return Conclusion::unproved(format!(
            "the app itself gave nothing to compare with: {}",
            direct.shown()
        ))
        .on(on);
    }
    let mut different = Vec::new();
    if through.status != direct.status {
        different.push(format!("status {:?} instead of {:?}", through.status, direct.status));
    }
    let (ours, theirs) = (through.stable(), direct.stable());
    if ours != theirs {
        different.push(format!("headers {ours:?} instead of {theirs:?}"));
    }
    if through.body.sha256 != direct.body.sha256 {
        different.push(format!("a body of {} bytes instead of {}", through.body.bytes, direct.body.bytes));
    }
    let said = if different.is_empty() {
        format!("through the firewall came what the app itself sends (SHA-256 {})", direct.body.sha256)
    } else {
        format!("expected what the app itself sends; through the firewall came {}", different.join(", "))
    };
    if through.status.is_none() {
        return through.unanswered(evidence, through.record.token().unwrap_or_default(), said);
    }
    Conclusion::either(different.is_empty(), evidence.subject(), said).on(on)
}
