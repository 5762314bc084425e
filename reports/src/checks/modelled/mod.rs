//! All that happened, as the model says: each decision, each audit and what it says, their number, and nothing else.

mod audits;
mod came;
mod fate;
mod finding;
mod headers;
mod policies;
mod told;
mod trace;
mod visit;

use super::evidence::Evidence;
use super::outcome::{Conclusion, Outcome};
use super::text::listed;
use crate::HistoryRecord;
use fate::Judge;
pub use finding::{Finding, FindingKind};
use proofhouse_model::requests::Meanings;
use proofhouse_model::{self as model, Deed};
use proofhouse_protocol::Semantics;
use proofhouse_protocol::observation::{Blame, Pipeline};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use trace::Trace;
use visit::VisitJudge;
pub use visit::{Asked, Visit};

/// Findings that are told of in full.
const MOST_TOLD: usize = 12;

/// Input of the check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AsModelled {
    /// Declared choices.
    pub semantics: Semantics,
    /// Containers, and their images as the task definition has them.
    pub images: BTreeMap<String, String>,
    /// Symbolic links of the containers: absolute path, absolute target.
    pub links: Vec<(String, String)>,
    /// What was tried.
    pub tried: Vec<Tried>,
    /// Requests of clients outside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub visits: Vec<Visit>,
    /// What the scripts of custom rules mean.
    #[serde(default, skip_serializing_if = "Meanings::is_empty")]
    pub meanings: Meanings,
}

/// Something that was tried, as the model needs to know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// Stimulus.
    pub token: String,
    /// Container.
    pub container: String,
    /// User of the processes that it may be told of.
    pub user: String,
    /// What it is, each the doing of the one before it.
    pub deeds: Vec<Deed>,
    /// What it comes to where nothing is against it.
    pub outcome: model::Outcome,
    /// Whether the policy was changing meanwhile.
    #[serde(default)]
    pub amid: bool,
}

/// What came of the check, one by one.
#[derive(Debug, Default)]
pub struct Judgement {
    /// What is not as the model says.
    pub findings: Vec<Finding>,
    /// What cannot be told, and why.
    pub unproved: Vec<String>,
    /// Clauses of the model by which was decided, with how many deeds.
    pub clauses: BTreeMap<&'static str, usize>,
    /// Deeds that the model decided on.
    pub decided: usize,
    /// Questions that a change of the policy overtook, and whose answer was lost.
    pub lost_amid: usize,
    /// Numbers of the records that it stands on.
    pub on: Vec<u64>,
}

impl AsModelled {
    /// What came of it, one by one.
    #[must_use]
    pub fn judgement(&self, records: &[HistoryRecord]) -> Judgement {
        self.judged(Evidence::of(records))
    }

    fn judged(&self, evidence: Evidence<'_>) -> Judgement {
        let mut judgement = Judgement::default();
        let trace = match Trace::of(evidence) {
            Ok(trace) => trace,
            Err(why) => {
                judgement.unproved.push(why);
                return judgement;
            }
        };
        let links: Vec<(&str, &str)> =
            self.links.iter().map(|(link, target)| (link.as_str(), target.as_str())).collect();
        let absences = self.absences(evidence);
        for tried in &self.tried {
            Judge { check: self, trace: &trace, links: &links, absences: &absences, tried }
                .judge(&mut judgement);
        }
        for visit in &self.visits {
            VisitJudge { trace: &trace, absences: &absences, meanings: &self.meanings, visit }
                .judge(&mut judgement);
        }
        let of_requests: Vec<String> = self.visits.iter().flat_map(Visit::tokens).collect();
        let tried = self.tried.iter().map(|tried| tried.token.as_str());
        let known: BTreeSet<&str> = tried.chain(of_requests.iter().map(String::as_str)).collect();
        judgement.findings.extend(trace.strays(&known));
        judgement
    }

    /// Why something cannot be said to be absent, by where it would have come out; nothing where it can.
    fn absences(&self, evidence: Evidence<'_>) -> Absences {
        let last = evidence.last_activity(None).unwrap_or(0);
        let why = |pipeline: &Pipeline| evidence.fence(pipeline, last).err();
        let asking: BTreeSet<&str> = self
            .tried
            .iter()
            .filter(|tried| tried.deeds.iter().any(|deed| matches!(deed, Deed::Question(_))))
            .map(|tried| tried.container.as_str())
            .collect();
        let ports: BTreeSet<u16> =
            self.visits.iter().flat_map(|visit| &visit.requests).map(|asked| asked.sent.port).collect();
        Absences {
            audits: why(&Pipeline::Audits),
            requests: ports
                .into_iter()
                .filter_map(|port| Some((port, why(&Pipeline::AppRequests { port })?)))
                .collect(),
            questions: asking
                .into_iter()
                .filter_map(|container| {
                    let pipeline = Pipeline::Questions { container: container.to_owned() };
                    Some((container.to_owned(), why(&pipeline)?))
                })
                .collect(),
        }
    }

    pub(super) fn judge(&self, evidence: Evidence<'_>) -> Conclusion {
        // What was not done because the policy never came, or the task ended, is told by that.
        let in_force = super::policy::in_force(evidence);
        if matches!(in_force.outcome, Outcome::Broken(_)) {
            return in_force;
        }
        let Judgement { findings, unproved, decided, clauses, on, lost_amid } = self.judged(evidence);
        if !findings.is_empty() {
            let texts: Vec<_> = findings.iter().map(|finding| finding.said.clone()).collect();
            return Conclusion::broken(Blame::Defender, told(&texts, "not as the model says"))
                .on(findings.iter().flat_map(|finding| finding.on.iter().copied()));
        }
        if !unproved.is_empty() {
            let said = told(&unproved, "cannot be told");
            return super::task::ended_by_itself(evidence, &said)
                .unwrap_or_else(|| Conclusion::unproved(said));
        }
        if decided == 0 {
            return Conclusion::unproved("nothing was tried");
        }
        let overtaken = match lost_amid {
            0 => String::new(),
            n => format!("; a new policy overtook {}", super::text::plural(n, "question")),
        };
        Conclusion::holds(format!(
            "{} came to what the model says, in {decided} decisions by {} of its clauses{overtaken}",
            super::text::plural(self.tried.len() + self.visits.len(), "trial"),
            clauses.len()
        ))
        .on(on)
    }
}

/// Why something cannot be said to be absent.
#[derive(Debug)]
struct Absences {
    audits: Option<String>,
    /// By container.
    questions: BTreeMap<String, String>,
    /// By port.
    requests: BTreeMap<u16, String>,
}

fn told(texts: &[String], what: &str) -> String {
    let others = listed(texts.iter().skip(1).cloned(), MOST_TOLD - 1);
    format!("{} {what}: {}{others}", texts.len(), texts[0])
}
