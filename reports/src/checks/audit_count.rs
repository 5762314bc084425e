//! How many audits a stimulus caused, and what they say.

use super::attribution::{Attribution, Cause};
use super::audit::AuditView;
use super::evidence::Evidence;
use super::expect::Expect;
use super::outcome::Conclusion;
use super::text::{listed, plural};
use proofhouse_protocol::observation::{Blame, Pipeline, Plane};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Audits that are listed one by one where there are too many.
const MOST_LISTED: usize = 20;

/// A number of things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// That many.
    Exactly(usize),
    /// That many or more.
    AtLeast(usize),
    /// From the first to the second, both included.
    Between(usize, usize),
}

impl Count {
    pub(super) fn bounds(self) -> (usize, usize) {
        match self {
            Self::Exactly(n) => (n, n),
            Self::AtLeast(n) => (n, usize::MAX),
            Self::Between(low, high) => (low, high),
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(0) => f.write_str("no"),
            Self::Exactly(n) => write!(f, "exactly {n}"),
            Self::AtLeast(n) => write!(f, "at least {n}"),
            Self::Between(low, high) => write!(f, "{low} to {high}"),
        }
    }
}

/// Input of the check of audits: which are meant (`token`, `select`), how many, and what each must say (`fields`, by the names
/// of the schema, or by JSON pointer).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AuditCount {
    /// Runtime or firewall.
    pub plane: Plane,
    /// Stimulus that caused them; any when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Members by which the audits are picked.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub select: BTreeMap<String, Expect>,
    /// How many.
    pub count: Count,
    /// What each of them must say.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Expect>,
    /// Members whose value is a time between the beginning of the stimulus and its end.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub within: Vec<String>,
}

impl AuditCount {
    /// So many audits of a plane.
    #[must_use]
    pub fn counted(count: Count, plane: Plane) -> Self {
        Self {
            plane,
            token: None,
            select: BTreeMap::new(),
            count,
            fields: BTreeMap::new(),
            within: Vec::new(),
        }
    }

    /// Exactly `n` audits of a plane.
    #[must_use]
    pub fn exactly(n: usize, plane: Plane) -> Self {
        Self::counted(Count::Exactly(n), plane)
    }

    /// Only audits that this stimulus caused.
    #[must_use]
    pub fn of(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// Only audits with this member.
    #[must_use]
    pub fn select(mut self, name: &str, expect: impl Into<Expect>) -> Self {
        self.select.insert(name.to_owned(), expect.into());
        self
    }

    /// Each of them must have this member.
    #[must_use]
    pub fn field(mut self, name: &str, expect: impl Into<Expect>) -> Self {
        self.fields.insert(name.to_owned(), expect.into());
        self
    }

    /// This member of each must be a time within the stimulus.
    #[must_use]
    pub fn within_the_stimulus(mut self, name: &str) -> Self {
        self.within.push(name.to_owned());
        self
    }

    fn meant(&self, evidence: Evidence<'_>) -> String {
        let (low, high) = self.count.bounds();
        let noun = if (low, high) == (1, 1) { "audit" } else { "audits" };
        let mut text = format!("{} {} {noun}", self.count, self.plane);
        let with: Vec<_> = self.select.iter().map(|(name, expect)| format!("{name} {expect}")).collect();
        if !with.is_empty() {
            text.push_str(&format!(" with {}", with.join(" and ")));
        }
        if let Some(token) = &self.token {
            text.push_str(&format!(" of stimulus {}", evidence.named(token)));
        }
        text
    }

    /// Why an audit is not meant; empty when it is.
    fn mismatch(&self, audit: &AuditView<'_>, cause: Option<&Cause<'_>>) -> Vec<String> {
        let mut why: Vec<String> = audit.differences(&self.select).iter().map(ToString::to_string).collect();
        if let Some(token) = &self.token {
            match cause {
                Some(cause) if cause.token == token => {}
                Some(cause) => why.push(format!("caused by stimulus `{}`: {}", cause.token, cause.tie)),
                None => why.push("caused by no known stimulus".to_owned()),
            }
        }
        if audit.plane != self.plane {
            why.push(format!("a {} audit", audit.plane));
        }
        why
    }

    /// Whether the audit is one that is expected here, whatever caused it.
    pub(super) fn covers(&self, audit: &AuditView<'_>) -> bool {
        self.token.is_none()
            && audit.plane == self.plane
            && !(self.select.is_empty() && self.fields.is_empty())
            && audit.differences(&self.select).is_empty()
            && audit.differences(&self.fields).is_empty()
    }

    /// Members that are not as they must be, each with both values.
    fn wrong(&self, evidence: Evidence<'_>, audit: &AuditView<'_>) -> Vec<String> {
        let mut wrong: Vec<String> =
            audit.differences(&self.fields).iter().map(ToString::to_string).collect();
        wrong.extend(self.within.iter().filter_map(|name| self.outside(evidence, audit, name)));
        // Nothing is folded together where audits are counted: each stands for one event, unless the scenario says otherwise.
        let events = audit.audit.get("count").and_then(serde_json::Value::as_u64).unwrap_or(1);
        if events != 1 && !self.fields.contains_key("count") && !self.select.contains_key("count") {
            wrong.push(format!("count: expected 1, for one event, saw `{events}`"));
        }
        wrong
    }

    /// Why a time is not within the stimulus.
    fn outside(&self, evidence: Evidence<'_>, audit: &AuditView<'_>, name: &str) -> Option<String> {
        let records = evidence.records();
        let token = self.token.as_deref();
        let time: Option<jiff::Timestamp> = audit.text(name).parse().ok();
        let first = token.and_then(|token| evidence.began(token)).map(|index| records[index].time);
        let last = evidence.last_activity(token).map(|index| records[index].time);
        match (time, first, last) {
            (Some(time), Some(first), Some(last)) if (first..=last).contains(&time) => None,
            (_, Some(first), Some(last)) => Some(format!(
                "{name}: expected a time within the stimulus, {first} to {last}, saw `{}`",
                audit.text(name)
            )),
            _ => Some(format!("{name}: expected a time within a stimulus, of which there is none")),
        }
    }

    /// Too many audits, or a wrong member, are the Defender's fault at once. Too few are its fault only when a fence has come
    /// out behind the stimulus and nothing was lost; the right number is final only then, too.
    pub(super) fn judge(&self, evidence: Evidence<'_>) -> Conclusion {
        let records = evidence.records();
        let attribution = Attribution::new(records);
        let (mut meant, mut others) = (Vec::new(), Vec::new());
        for (audit, cause) in attribution.iter() {
            let why = self.mismatch(audit, cause);
            if why.is_empty() { meant.push(audit) } else { others.push((audit, why)) }
        }
        let (low, high) = self.count.bounds();
        let wanted = self.meant(evidence);
        let on: Vec<u64> = meant.iter().map(|audit| audit.record.sequence).collect();
        let mut said = format!("expected {wanted}, saw {}", meant.len());
        if meant.len() > high {
            said.push_str(&listed(meant.iter().map(|audit| audit.describe(records)), MOST_LISTED));
            return Conclusion::broken(Blame::Defender, said).on(on);
        }
        let wrong: Vec<_> = meant.iter().map(|audit| (*audit, self.wrong(evidence, audit))).collect();
        let wrong: Vec<_> = wrong.into_iter().filter(|(_, differences)| !differences.is_empty()).collect();
        if let Some((_, differences)) = wrong.first() {
            // The first line names the member and both values: it is all that a list shows.
            said = format!("expected {wanted}, of which each says what it must; {}", differences.join("; "));
            for (audit, differences) in &wrong {
                said.push_str(&format!(
                    "\n- {}\n  - {}",
                    audit.describe(records),
                    differences.join("\n  - ")
                ));
            }
            return Conclusion::broken(Blame::Defender, said)
                .on(wrong.iter().map(|(audit, _)| audit.record.sequence));
        }
        let fence =
            evidence.end_of(self.token.as_deref()).map_err(|why| format!("the number means nothing: {why}"));
        let fence = fence.and_then(|last| {
            evidence.fence(&Pipeline::Audits, last).map_err(|why| format!("the number is not final: {why}"))
        });
        let fence = match fence {
            Ok(fence) => fence,
            Err(why) => return Conclusion::unproved(format!("{said}, but {why}")).on(on),
        };
        if let Some(late) = meant.iter().find(|audit| audit.record.sequence > fence) {
            let said = format!(
                "expected {wanted}, in front of the fence that went in behind it; the fence came out (record {fence}) before {}",
                late.describe(records)
            );
            return Conclusion::broken(Blame::Defender, said).on(on.into_iter().chain([fence]));
        }
        if meant.len() >= low {
            let shown = match meant.as_slice() {
                [audit] => audit.describe(records),
                _ => plural(meant.len(), "audit"),
            };
            let said =
                format!("saw {wanted}: {shown}; a fence of the audits came out behind (record {fence})");
            return Conclusion::holds(said).on(on.into_iter().chain([fence]));
        }
        said.push_str(&near_misses(evidence, others, meant.is_empty()));
        Conclusion::broken(Blame::Defender, said).on(on.into_iter().chain([fence]))
    }
}

fn near_misses(
    evidence: Evidence<'_>,
    mut others: Vec<(&AuditView<'_>, Vec<String>)>,
    none_meant: bool,
) -> String {
    const MOST: usize = 5;
    if others.is_empty() {
        return if none_meant { "; no audit arrived at all" } else { "; no other audit arrived" }.to_owned();
    }
    others.sort_by_key(|(audit, why)| (why.len(), audit.index));
    let what = if others.len() == 1 { "miss" } else { "misses" };
    let near = others.into_iter().map(|(audit, why)| {
        format!("{}\n  - not it, because {}", audit.describe(evidence.records()), why.join("; "))
    });
    format!("; near {what}:{}", listed(near, MOST))
}
