//! What became of the requests of a client, beside what the model says.

use super::came::Came;
use super::finding::{Finding, FindingKind};
use super::policies::Revision;
use super::told::{Frame, compare};
use super::trace::Trace;
use super::{Absences, Judgement};
use proofhouse_model::requests::{Judged, Meanings, Moment, Sent, Standing, judge_request};
use proofhouse_protocol::actor::OwnAnswer;
use proofhouse_protocol::observation::Observation;
use serde::{Deserialize, Serialize};
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
    pub meanings: &'a Meanings,
    pub visit: &'a Visit,
}

/// What may have come about until a request, and what is wrong if it has.
#[derive(Debug, Clone, Default)]
struct Course {
    /// How the client stands with the apps, and the revision under which it came to that.
    standing: Standing,
    under: u64,
    findings: Vec<Finding>,
    unproved: Vec<String>,
    clauses: Vec<&'static str>,
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
        match kept.iter_mut().find(|one| one.standing == course.standing && one.under == course.under) {
            Some(one) if weight(one) <= weight(&course) => {}
            Some(one) => *one = course,
            None => kept.push(course),
        }
    }
    kept
}

/// A request of a visit.
pub(super) struct Request<'a> {
    judge: &'a VisitJudge<'a>,
    pub asked: &'a Asked,
    token: &'a str,
    began: usize,
    pub came: Came<'a>,
}

impl Request<'_> {
    /// All that may have come about, by each revision that may have been in force, and each order of its protections.
    fn goes_on(&self, course: &Course, revisions: &[&Revision]) -> Vec<Course> {
        let mut all = Vec::new();
        for revision in revisions {
            let mut before = vec![course.standing.clone()];
            if !course.standing.banned.is_empty() && course.under != revision.number {
                // Whether a ban ends with the policy that made it is not documented.
                before.push(Standing { banned: BTreeSet::new(), ..course.standing.clone() });
            }
            for standing in before {
                let VisitJudge { trace, meanings, .. } = self.judge;
                let firewall = &revision.firewall;
                let asked = (&self.asked.sent, self.moment());
                for judged in judge_request(firewall, meanings, trace.app_id, asked, &standing) {
                    let mut next =
                        Course { standing: standing.clone(), under: revision.number, ..course.clone() };
                    next.standing.follow(&judged);
                    next.clauses.extend(judged.trail.ids());
                    self.against(&judged, &mut next);
                    all.push(next);
                }
            }
        }
        all
    }

    fn moment(&self) -> Moment {
        let began = self.judge.trace.records[self.began].monotonic_us / 1000;
        Moment { began, ended: self.came.record.monotonic_us / 1000 }
    }

    /// What is not as it was judged.
    fn against(&self, judged: &Judged, course: &mut Course) {
        if let Some((kind, said)) = self.answer(judged) {
            self.find(course, judged, kind, said, vec![self.came.record.sequence]);
        }
        self.at_app(judged, course);
        let seen = self.judge.trace.audits.get(self.token).map_or(&[][..], Vec::as_slice);
        let status = if judged.reaches_app { Some(self.asked.sent.app_status) } else { self.came.status };
        let frame = Frame {
            trace: self.judge.trace,
            began: self.began,
            sent: &self.asked.sent,
            came: &self.came,
            status,
            reached_app: judged.reaches_app,
        };
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

    /// What is wrong with what the app saw.
    fn at_app(&self, judged: &Judged, course: &mut Course) {
        let seen = self.judge.trace.at_app.get(self.token).map_or(&[][..], Vec::as_slice);
        let on: Vec<u64> = seen.iter().map(|record| record.sequence).collect();
        let why_unproved = self.judge.absences.requests.get(&self.asked.sent.port);
        if !judged.reaches_app {
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
}
