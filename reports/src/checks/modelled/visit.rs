//! What became of the requests of a client, beside what the model says.

use super::super::exchange::EVENT_ID_HEADER;
use super::super::text::excerpt;
use super::finding::{Finding, FindingKind};
use super::policies::Revision;
use super::told::{Frame, compare};
use super::trace::Trace;
use super::{Absences, Judgement};
use crate::HistoryRecord;
use proofhouse_model::requests::{Answer, Judged, Sent, judge_request};
use proofhouse_protocol::actor::OwnAnswer;
use proofhouse_protocol::observation::{Body, Observation, sha256};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// Requests of a client, one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    /// Its token; those of its requests have a number behind it, from 1.
    pub token: String,
    /// The requests.
    pub requests: Vec<Asked>,
}

/// A request, and what the app answers to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// What was sent.
    pub sent: Sent,
    /// What the app answers, where that is not what it was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own: Option<OwnAnswer>,
}

impl Visit {
    /// Tokens of its requests.
    pub fn tokens(&self) -> impl Iterator<Item = String> + '_ {
        (1..=self.requests.len()).map(|number| format!("{}-{number}", self.token))
    }
}

/// The judge of a visit.
pub(super) struct VisitJudge<'a> {
    pub trace: &'a Trace<'a>,
    pub absences: &'a Absences,
    pub visit: &'a Visit,
}

/// What may have come about until a request, and what is wrong if it has.
#[derive(Debug, Clone, Default)]
struct Course {
    /// Apps that the client is banned from, and the revision under which it was.
    banned: BTreeSet<String>,
    under: u64,
    findings: Vec<Finding>,
    unproved: Vec<String>,
    clauses: Vec<&'static str>,
}

/// What came of a request, as a client saw it.
#[derive(Clone, Copy)]
pub(super) struct Came<'a> {
    pub record: &'a HistoryRecord,
    pub status: Option<u16>,
    pub headers: &'a [(String, String)],
    pub body: &'a Body,
    error: Option<&'a str>,
}

impl<'a> Came<'a> {
    fn of(record: &'a HistoryRecord) -> Option<Self> {
        let Observation::HttpExchange { status, response_headers, body, error, .. } = record.observation()
        else {
            return None;
        };
        Some(Self { record, status: *status, headers: response_headers, body, error: error.as_deref() })
    }

    /// A header of the answer.
    pub fn header(&self, name: &str) -> Option<&'a str> {
        let mut headers = self.headers.iter();
        headers.find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn shown(&self) -> String {
        match (self.status, self.error) {
            (Some(status), _) => format!("it was answered {status} with `{}`", excerpt(&self.body.text)),
            (None, Some(error)) => format!("it was not answered: {error}"),
            (None, None) => "it was not answered".to_owned(),
        }
    }
}

impl VisitJudge<'_> {
    pub(super) fn judge(&self, judgement: &mut Judgement) {
        let mut courses = vec![Course::default()];
        for (asked, token) in self.visit.requests.iter().zip(self.visit.tokens()) {
            let (began, came) =
                (self.trace.began.get(token.as_str()), self.trace.exchanges.get(token.as_str()));
            let (Some(began), Some(came)) = (began, came) else {
                judgement.unproved.push(format!("{}: it was not sent", self.shown(&token)));
                return;
            };
            let (began, ended) = (*began, *came);
            let Some(came) = Came::of(&self.trace.records[ended]) else { return };
            judgement.decided += 1;
            judgement.on.push(came.record.sequence);
            let revisions = self.trace.revisions.between(began, ended);
            if revisions.is_empty() {
                judgement.unproved.push(format!("{}: no policy is known", self.shown(&token)));
                return;
            }
            let one = Request { judge: self, asked, token: &token, began, came };
            courses = nearest(courses.iter().flat_map(|course| one.goes_on(course, &revisions)));
        }
        let least = courses.into_iter().min_by_key(|course| course.findings.len() + course.unproved.len());
        let Some(course) = least else { return };
        for clause in course.clauses {
            *judgement.clauses.entry(clause).or_default() += 1;
        }
        judgement.findings.extend(course.findings);
        judgement.unproved.extend(course.unproved);
    }

    fn shown(&self, token: &str) -> String {
        let began = self.trace.began.get(token);
        let what = began.and_then(|index| match self.trace.records[*index].observation() {
            Observation::Stimulus { what } => Some(what.as_str()),
            _ => None,
        });
        what.map_or_else(|| format!("`{token}`"), |what| format!("`{token}` ({what})"))
    }
}

/// Of courses that lead to the same, the one with the fewest findings.
fn nearest(all: impl Iterator<Item = Course>) -> Vec<Course> {
    let mut kept: Vec<Course> = Vec::new();
    for course in all {
        let weight = |one: &Course| one.findings.len() + one.unproved.len();
        match kept.iter_mut().find(|one| one.banned == course.banned && one.under == course.under) {
            Some(one) if weight(one) <= weight(&course) => {}
            Some(one) => *one = course,
            None => kept.push(course),
        }
    }
    kept
}

/// A request of a visit.
struct Request<'a> {
    judge: &'a VisitJudge<'a>,
    asked: &'a Asked,
    token: &'a str,
    began: usize,
    came: Came<'a>,
}

impl Request<'_> {
    /// All that may have come about, by each revision that may have been in force, and each order of its protections.
    fn goes_on(&self, course: &Course, revisions: &[&Revision]) -> Vec<Course> {
        let mut all = Vec::new();
        for revision in revisions {
            let mut bans = vec![course.banned.clone()];
            if !course.banned.is_empty() && course.under != revision.number {
                // Whether a ban ends with the policy that made it is not documented.
                bans.push(BTreeSet::new());
            }
            for banned in bans {
                let app_id = self.judge.trace.app_id;
                for judged in judge_request(&revision.firewall, app_id, &self.asked.sent, &banned) {
                    let mut next = course.clone();
                    next.banned = banned.clone();
                    next.under = revision.number;
                    next.banned.extend(judged.bans.clone());
                    next.clauses.extend(judged.trail.ids());
                    self.against(&judged, &mut next);
                    all.push(next);
                }
            }
        }
        all
    }

    /// What is not as it was judged.
    fn against(&self, judged: &Judged, course: &mut Course) {
        if let Some((kind, said)) = self.answer(judged) {
            self.find(course, judged, kind, said, vec![self.came.record.sequence]);
        }
        self.at_app(judged, course);
        let seen = self.judge.trace.audits.get(self.token).map_or(&[][..], Vec::as_slice);
        let frame =
            Frame { trace: self.judge.trace, began: self.began, sent: &self.asked.sent, came: &self.came };
        for (kind, said, on) in compare(&judged.audits, seen, &frame) {
            if kind == FindingKind::AuditMissing
                && let Some(why) = &self.judge.absences.audits
            {
                course.unproved.push(format!("{}: {said}, but {why}", self.judge.shown(self.token)));
                continue;
            }
            self.find(course, judged, kind, said, on);
        }
    }

    fn find(&self, course: &mut Course, judged: &Judged, kind: FindingKind, said: String, on: Vec<u64>) {
        let clauses: Vec<_> =
            judged.trail.ids().iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let said = format!("{}: {said} [{}]", self.judge.shown(self.token), clauses.join(", "));
        let token = Some(self.judge.visit.token.clone());
        course.findings.push(Finding { token, kind, said, clauses, on });
    }

    /// What is wrong with what the client got.
    fn answer(&self, judged: &Judged) -> Option<(FindingKind, String)> {
        let came = &self.came;
        let wrong = |kind, said: &str| Some((kind, format!("{said}; {}", came.shown())));
        let Some(status) = came.status else {
            return match judged.answer {
                Answer::Nothing => None,
                _ => wrong(FindingKind::DidNotHappen, "it was to be answered"),
            };
        };
        let has_body = self.asked.sent.method != "HEAD";
        match &judged.answer {
            Answer::Nothing => return wrong(FindingKind::Happened, "nobody was to listen there"),
            Answer::OfApp => {
                let expected = self.asked.own.as_ref().map_or(200, |own| own.status);
                if status != expected {
                    return wrong(
                        FindingKind::DidNotHappen,
                        &format!("the app's answer {expected} was to come back"),
                    );
                }
                if has_body && let Some(said) = self.not_of_app() {
                    return wrong(FindingKind::CameToSomethingElse, &said);
                }
            }
            Answer::Page { status: expected, own } => {
                if status != *expected {
                    return wrong(
                        FindingKind::Happened,
                        &format!("it was to be refused with status {expected}"),
                    );
                }
                if has_body && let Some(said) = self.not_the_page(own.as_deref()) {
                    return wrong(FindingKind::CameToSomethingElse, &said);
                }
            }
        }
        let id = came.header(EVENT_ID_HEADER).unwrap_or_default();
        match judged.event_id {
            Some(true) if id.is_empty() => {
                wrong(FindingKind::CameToSomethingElse, "the answer was to have an event id")
            }
            Some(false) if !id.is_empty() => wrong(
                FindingKind::CameToSomethingElse,
                &format!("the answer was to have no event id, and has `{id}`"),
            ),
            _ => None,
        }
    }

    /// Why the body is not what the app sent.
    fn not_of_app(&self) -> Option<String> {
        let text = &self.came.body.text;
        if let Some(own) = &self.asked.own {
            return (*text != own.body).then(|| format!("the app answered `{}`", excerpt(&own.body)));
        }
        let Some(echo) = self.came.body.json() else {
            return Some("the app answered with what it was asked, in JSON".to_owned());
        };
        let announced = self.came.header("content-length").and_then(|length| length.parse::<u64>().ok());
        if announced.is_some_and(|length| length != self.came.body.bytes) || !text.ends_with("}\n") {
            return Some("the app's answer was not whole".to_owned());
        }
        echo["method"].is_null().then(|| "the app answered with the method that it was asked by".to_owned())
    }

    /// Why the body is not that of a page which says that it was refused.
    fn not_the_page(&self, own: Option<&str>) -> Option<String> {
        let text = &self.came.body.text;
        let id = self.came.header(EVENT_ID_HEADER).unwrap_or_default();
        if let Some(own) = own {
            let mut at = 0;
            let parts: Vec<&str> = own.split("#eventID").collect();
            let all_there = parts.iter().all(|part| match text[at..].find(part) {
                Some(found) => {
                    at += found + part.len();
                    true
                }
                None => false,
            });
            let whole = all_there && at == text.len() && !text.contains("#eventID") && text.contains(id);
            return (!whole).then(|| format!("the page was to be `{own}`"));
        }
        let is_html = self.came.header("content-type").is_some_and(|kind| kind.starts_with("text/html"));
        let folded = text.to_lowercase();
        let is_page = is_html && folded.contains("access denied") && folded.contains(&id.to_lowercase());
        (!is_page)
            .then(|| "the page was to be HTML that says \"Access denied\", with the event id".to_owned())
    }

    /// What is wrong with what the app saw.
    fn at_app(&self, judged: &Judged, course: &mut Course) {
        let seen = self.judge.trace.at_app.get(self.token).map_or(&[][..], Vec::as_slice);
        let on: Vec<u64> = seen.iter().map(|record| record.sequence).collect();
        let why_unproved = self.judge.absences.requests.get(&self.asked.sent.port);
        if judged.answer != Answer::OfApp {
            if !seen.is_empty() {
                let said = format!("the app was never to see it, and saw it {} times", seen.len());
                self.find(course, judged, FindingKind::Happened, said, on);
            } else if let Some(why) = why_unproved {
                let shown = self.judge.shown(self.token);
                course.unproved.push(format!("{shown}: the app has not seen it so far, but {why}"));
            }
            return;
        }
        match (seen, why_unproved) {
            ([], Some(why)) => {
                let shown = self.judge.shown(self.token);
                course.unproved.push(format!("{shown}: the app has not seen it so far, and {why}"));
            }
            ([], None) => {
                let said = "the app was to see it, and never did".to_owned();
                self.find(course, judged, FindingKind::DidNotHappen, said, vec![self.came.record.sequence]);
            }
            ([one], _) => {
                if let Some(said) = self.altered(one) {
                    self.find(course, judged, FindingKind::Altered, said, on);
                }
            }
            (several, _) => {
                let said = format!("the app was to see it once, and saw it {} times", several.len());
                self.find(course, judged, FindingKind::Altered, said, on);
            }
        }
    }

    /// What is not as it was sent, as the app wrote it down, and as it answered.
    fn altered(&self, seen: &HistoryRecord) -> Option<String> {
        let sent = &self.asked.sent;
        let Observation::AppRequest { method, target, .. } = seen.observation() else { return None };
        if (method, target) != (&sent.method, &sent.target) {
            return Some(format!(
                "`{} {}` was sent, and the app saw `{method} {target}`",
                sent.method, sent.target
            ));
        }
        let echo = self.came.body.json().filter(|_| self.asked.own.is_none())?;
        let (body, found) = (sha256(sent.body.as_bytes()), &echo["body"]["sha256"]);
        if found != &Value::String(body) {
            let (bytes, length) = (sent.body.len(), &echo["body"]["length"]);
            return Some(format!(
                "a body of {bytes} bytes was sent, and the app got another one, of {length}"
            ));
        }
        let headers = echo["headers"].as_array()?;
        let lost = sent.headers.iter().find(|(name, value)| {
            !is_of_connection(name)
                && !headers.iter().any(|one| {
                    let is = |at: usize, text: &str| one[at].as_str().is_some_and(|own| own == text);
                    one[0].as_str().is_some_and(|own| own.eq_ignore_ascii_case(name)) && is(1, value)
                })
        });
        lost.map(|(name, value)| format!("the header `{name}: {value}` was sent, and the app did not get it"))
    }
}

/// Headers that a proxy makes anew: framing, and the way of a request.
pub(super) fn is_of_connection(name: &str) -> bool {
    const OWN: [&str; 4] = ["content-length", "transfer-encoding", "connection", "x-forwarded-for"];
    OWN.iter().any(|own| own.eq_ignore_ascii_case(name))
}
