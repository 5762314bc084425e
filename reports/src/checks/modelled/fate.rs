//! What became of one trial, beside what the model says.

use super::super::act::{Act, ended};
use super::super::text::{domain, excerpt};
use super::audits::{self, Owed};
use super::finding::{Finding, FindingKind};
use super::trace::Trace;
use super::{Absences, AsModelled, Judgement, Tried};
use proofhouse_model::{Container, Decision, Deed, Ending, Links, Outcome, decide, decide_one};
use proofhouse_protocol::actor::{End, Reply};
use std::collections::BTreeSet;

/// The caller of a prevented name knows so within a second, in milliseconds (declared choice).
const DEFINITE_MS: f64 = 1000.0;

/// The judge of one trial.
pub(super) struct Judge<'a> {
    pub check: &'a AsModelled,
    pub trace: &'a Trace<'a>,
    pub links: &'a [(&'a str, &'a str)],
    pub absences: &'a Absences,
    pub tried: &'a Tried,
}

/// What the model says, by one revision or by one for each deed.
#[derive(Debug)]
struct Fate<'a> {
    decisions: Vec<Decision<'a>>,
}

impl Fate<'_> {
    /// The deed that does not happen.
    fn prevented(&self) -> Option<&Deed> {
        self.decisions.last().filter(|last| !last.verdict.happens).map(|last| last.deed)
    }

    fn clauses(&self) -> Vec<&'static str> {
        let all: BTreeSet<_> =
            self.decisions.iter().flat_map(|one| one.verdict.trail.ids().iter().copied()).collect();
        all.into_iter().collect()
    }
}

impl Judge<'_> {
    pub(super) fn judge(&self, judgement: &mut Judgement) {
        let token = self.tried.token.as_str();
        let (Some(began), Some(act)) = (self.trace.began.get(token), self.trace.acts.get(token)) else {
            judgement.unproved.push(format!("{}: it was not done", self.shown()));
            return;
        };
        let image = self.check.images.get(&self.tried.container).map_or("", String::as_str);
        let container = Container { name: &self.tried.container, image, app_id: self.trace.app_id };
        let fates = self.fates(&container, *began, act.index);
        let Some(last) = fates.last() else {
            judgement.unproved.push(format!("{}: no policy is known", self.shown()));
            return;
        };
        judgement.decided += last.decisions.len();
        judgement.on.push(act.record.sequence);
        for clause in last.decisions.iter().flat_map(|one| one.verdict.trail.ids()) {
            *judgement.clauses.entry(clause).or_default() += 1;
        }
        let overtaken = self.tried.amid && is_unanswered(act);
        judgement.lost_amid += usize::from(overtaken);
        // Amid a change of the policy, either is right.
        let mut nearest: Option<(Vec<Finding>, Vec<String>)> = None;
        // A resolver whose question was overtaken asks again, and is judged anew.
        let asks = |one: &Decision<'_>| matches!(one.deed, Deed::Question(_)) && one.verdict.happens;
        let may_leak = self.tried.amid && fates.iter().flat_map(|fate| &fate.decisions).any(asks);
        for fate in &fates {
            let (mut findings, unproved) = self.against(fate, act);
            findings.retain(|finding| match finding.kind {
                FindingKind::Leaked => !may_leak,
                // Its answer is what was lost; what is told of it is not.
                FindingKind::DidNotHappen | FindingKind::NotAsked | FindingKind::Late => !overtaken,
                _ => true,
            });
            if findings.is_empty() && unproved.is_empty() {
                return;
            }
            // What is told of is what the nearest of them says, and of several the latest.
            if nearest.as_ref().is_none_or(|(least, _)| findings.len() <= least.len()) {
                nearest = Some((findings, unproved));
            }
        }
        if let Some((findings, unproved)) = nearest {
            judgement.findings.extend(findings);
            judgement.unproved.extend(unproved);
        }
    }

    /// All that may be right: by each revision, and where several may have been in force, by any of them for each deed.
    fn fates(&self, container: &Container<'_>, began: usize, ended: usize) -> Vec<Fate<'_>> {
        let revisions = self.trace.revisions.between(began, ended);
        let (links, semantics) = (Links(self.links), &self.check.semantics);
        let deeds = &self.tried.deeds;
        let mut fates: Vec<Fate<'_>> = Vec::new();
        if revisions.len() > 1 && deeds.len() > 1 {
            let mut ways: Vec<Vec<Decision<'_>>> = vec![Vec::new()];
            for deed in deeds {
                let mut longer = Vec::new();
                for way in ways {
                    if way.last().is_some_and(|last| !last.verdict.happens) {
                        longer.push(way);
                        continue;
                    }
                    for revision in &revisions {
                        let verdict = decide_one(&revision.policy, container, deed, &links, semantics);
                        let mut next = way.clone();
                        next.push(Decision { deed, verdict });
                        longer.push(next);
                    }
                }
                ways = longer;
            }
            fates.extend(ways.into_iter().map(|decisions| Fate { decisions }));
        }
        fates.extend(revisions.iter().map(|revision| Fate {
            decisions: decide(&revision.policy, container, deeds, &links, semantics),
        }));
        fates
    }

    /// What is not as this fate says, and what cannot be told.
    fn against(&self, fate: &Fate<'_>, act: &Act<'_>) -> (Vec<Finding>, Vec<String>) {
        let (mut findings, mut unproved) = (Vec::new(), Vec::new());
        match self.outcome(fate, act) {
            Ok(None) => {}
            Ok(Some(finding)) => findings.push(finding),
            Err(why) => unproved.push(format!("{}: {why}", self.shown())),
        }
        findings.extend(self.questions(fate, act, &mut unproved));
        let owed: Vec<Owed<'_>> = fate.decisions.iter().enumerate().filter_map(owed).collect();
        let seen = self.trace.audits.get(&self.tried.token).map_or(&[][..], Vec::as_slice);
        let frame = audits::Frame {
            trace: self.trace,
            began: self.trace.began[self.tried.token.as_str()],
            act,
            tried: self.tried,
            image: self.check.images.get(&self.tried.container).map_or("", String::as_str),
        };
        for (kind, said, on) in audits::compare(&owed, seen, &frame) {
            if kind == FindingKind::AuditMissing
                && let Some(why) = &self.absences.audits
            {
                unproved.push(format!("{}: {said}, but {why}", self.shown()));
                continue;
            }
            findings.push(self.finding(fate, kind, said, on));
        }
        (findings, unproved)
    }

    /// What it came to.
    fn outcome(&self, fate: &Fate<'_>, act: &Act<'_>) -> Result<Option<Finding>, String> {
        let on = vec![act.record.sequence];
        let prevented = fate.prevented();
        // How a program ends that was kept from starting another is its own matter.
        let first = prevented.is_some() && fate.decisions.len() == 1;
        match act.reply {
            Reply::Ran { end, stdout, stderr, .. } => {
                let seen =
                    || format!("{}, and wrote `{}` and `{}`", ended(end), excerpt(stdout), excerpt(stderr));
                if matches!(end, End::TimedOut | End::Unknown) {
                    return Err(format!("how it ended is not known: {}", seen()));
                }
                let Outcome::Prints { text, ending } = &self.tried.outcome else {
                    return Err("a program was run where a question was to be asked".to_owned());
                };
                let said_it = stdout.contains(text.as_str());
                let came = stdout.trim() == text && as_ended(end) == Some(*ending);
                Ok(match prevented {
                    Some(_) if said_it || first && matches!(end, End::Exited { code: 0 }) => {
                        Some(self.finding(
                            fate,
                            FindingKind::Happened,
                            format!("it was to be prevented, and {}", seen()),
                            on,
                        ))
                    }
                    Some(_) => None,
                    None if came => None,
                    None if said_it => Some(self.finding(
                        fate,
                        FindingKind::CameToSomethingElse,
                        format!("it was to write `{text}` and end with {ending:?}; {}", seen()),
                        on,
                    )),
                    None => Some(self.finding(
                        fate,
                        FindingKind::DidNotHappen,
                        format!("nothing is against it, but {}", seen()),
                        on,
                    )),
                })
            }
            Reply::Answer { rcode, addresses, errno, elapsed_ms, .. } => {
                let Outcome::Answers { addresses: expected } = &self.tried.outcome else {
                    return Err("a question was asked where a program was to be run".to_owned());
                };
                let seen = match rcode {
                    Some(rcode) => format!("the answer was {rcode} with {addresses:?}"),
                    None => format!("no answer came in {elapsed_ms:.0} ms (errno {errno})"),
                };
                let mut found = addresses.clone();
                let mut wanted = expected.clone();
                found.sort();
                wanted.sort();
                Ok(match prevented {
                    Some(_) if !addresses.is_empty() => Some(self.finding(
                        fate,
                        FindingKind::Happened,
                        format!("it was to be prevented, and {seen}"),
                        on,
                    )),
                    Some(_) if *elapsed_ms > DEFINITE_MS => Some(self.finding(
                        fate,
                        FindingKind::Late,
                        format!(
                            "it was to be refused within {DEFINITE_MS:.0} ms; after {elapsed_ms:.0} ms {seen}"
                        ),
                        on,
                    )),
                    Some(_) => None,
                    None if rcode.as_deref() == Some("NOERROR") && found == wanted => None,
                    None => Some(self.finding(
                        fate,
                        FindingKind::DidNotHappen,
                        format!("nothing is against it, but {seen}"),
                        on,
                    )),
                })
            }
            other => Err(format!("the actor answered {other:?}")),
        }
    }

    /// What reached a server outside.
    fn questions(&self, fate: &Fate<'_>, act: &Act<'_>, unproved: &mut Vec<String>) -> Vec<Finding> {
        let mut findings = Vec::new();
        let asked = self.trace.asked.get(&self.tried.token).map_or(&[][..], Vec::as_slice);
        for deed in &self.tried.deeds {
            let Deed::Question(name) = deed else { continue };
            let decided = fate.decisions.iter().find(|one| one.deed == deed);
            let happens = decided.is_some_and(|one| one.verdict.happens);
            let outside: Vec<_> = asked.iter().filter(|one| domain(one.name) == domain(name)).collect();
            if happens && outside.is_empty() {
                match self.absences.questions.get(&self.tried.container) {
                    Some(why) => {
                        unproved.push(format!("{}: no question came outside, but {why}", self.shown()))
                    }
                    None => findings.push(self.finding(
                        fate,
                        FindingKind::NotAsked,
                        format!("nothing is against the question for {name}, and it never came outside"),
                        vec![act.record.sequence],
                    )),
                }
            } else if !happens && let Some(first) = outside.first() {
                findings.push(self.finding(
                    fate,
                    FindingKind::Leaked,
                    format!("the question for {name} was to be prevented, and came outside"),
                    vec![first.record.sequence],
                ));
            } else if happens
                && let Some(others) = outside
                    .iter()
                    .map(|one| Some((one, one.otherwise(act.request)?)))
                    .collect::<Option<Vec<_>>>()
                && let Some((one, said)) = others.first()
            {
                findings.push(self.finding(
                    fate,
                    FindingKind::CameToSomethingElse,
                    format!(
                        "nothing is against the question for {name}, and it came outside otherwise: {said}"
                    ),
                    vec![act.record.sequence, one.record.sequence],
                ));
            } else if !happens && let Some(why) = self.absences.questions.get(&self.tried.container) {
                unproved.push(format!("{}: no question has come outside so far, but {why}", self.shown()));
            }
        }
        findings
    }

    fn finding(&self, fate: &Fate<'_>, kind: FindingKind, said: String, on: Vec<u64>) -> Finding {
        let clauses = fate.clauses();
        let said = format!("{}: {said} [{}]", self.shown(), clauses.join(", "));
        Finding { token: Some(self.tried.token.clone()), kind, said, clauses, on }
    }

    fn shown(&self) -> String {
        let began = self.trace.began.get(self.tried.token.as_str());
        let what = began.and_then(|index| match self.trace.records[*index].observation() {
            proofhouse_protocol::Observation::Stimulus { what } => Some(what.as_str()),
            _ => None,
        });
        what.map_or_else(
            || format!("`{}`", self.tried.token),
            |what| format!("`{}` ({what})", self.tried.token),
        )
    }
}

/// A question that a rule overtakes: its socket leads elsewhere by the time that the answer comes (declared limit), and a resolver asks again.
fn is_unanswered(act: &Act<'_>) -> bool {
    matches!(act.reply, Reply::Answer { rcode: None, .. })
}

fn owed<'b>((place, decision): (usize, &'b Decision<'_>)) -> Option<Owed<'b>> {
    Some(Owed { audit: decision.verdict.audit.as_ref()?, deed: decision.deed, place })
}

fn as_ended(end: &End) -> Option<Ending> {
    match end {
        End::Exited { code } => Some(Ending::Exited(*code)),
        End::Signalled { signal } => Some(Ending::Signalled(*signal)),
        _ => None,
    }
}
