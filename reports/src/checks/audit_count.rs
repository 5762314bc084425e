//! How many audits a stimulus caused, and what they say.

use super::attribution::{Attribution, Cause};
use super::audit::{AuditView, Plane};
use super::conclusion::Outcome;
use super::evidence::{fence, last_activity, losses, named};
use super::expect::Expect;
use super::text::plural;
use crate::HistoryRecord;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

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

/// Input of [`audit_count`]: which audits are meant (`token`, `select`), how many, and what each must say (`fields`).
///
/// Names of members are `attack_type`, `kind`, `effect`, `rule`, `container`, `image`, `app_id`, `process_path`,
/// `command`, `domain`, `pid`, `event_id`, `message`, `client`, `status`, `rule_app`; any other is the member's own
/// name, or a JSON pointer when it starts with `/`.
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
    /// Whether a fence must have come out after the stimulus, so that the number is final. On unless the link is down.
    #[serde(default = "on", skip_serializing_if = "is_on")]
    pub fence: bool,
}

fn on() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands skip conditions a reference")]
fn is_on(flag: &bool) -> bool {
    *flag
}

impl AuditCount {
    /// Exactly `n` audits of a plane.
    #[must_use]
    pub fn exactly(n: usize, plane: Plane) -> Self {
        Self::counted(Count::Exactly(n), plane)
    }

    /// So many audits of a plane.
    #[must_use]
    pub fn counted(count: Count, plane: Plane) -> Self {
        Self { plane, token: None, select: BTreeMap::new(), count, fields: BTreeMap::new(), fence: true }
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

    /// The number need not be final: no fence can come out.
    #[must_use]
    pub fn without_fence(mut self) -> Self {
        self.fence = false;
        self
    }

    fn meant(&self, records: &[HistoryRecord]) -> String {
        let (low, high) = self.count.bounds();
        let noun = if (low, high) == (1, 1) { "audit" } else { "audits" };
        let mut text = format!("{} {} {noun}", self.count, self.plane);
        let with: Vec<_> = self.select.iter().map(|(name, expect)| format!("{name} {expect}")).collect();
        if !with.is_empty() {
            text.push_str(&format!(" with {}", with.join(" and ")));
        }
        if let Some(token) = &self.token {
            text.push_str(&format!(" of stimulus {}", named(records, token)));
        }
        text
    }

    /// Why an audit is not meant; empty when it is.
    fn mismatch(&self, audit: &AuditView<'_>, cause: Option<&Cause<'_>>) -> Vec<String> {
        let mut why: Vec<String> = self.differences(audit);
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
    pub(crate) fn covers(&self, audit: &AuditView<'_>) -> bool {
        audit.plane == self.plane
            && !(self.select.is_empty() && self.fields.is_empty())
            && audit.differences(&self.select).is_empty()
            && audit.differences(&self.fields).is_empty()
    }

    fn differences(&self, audit: &AuditView<'_>) -> Vec<String> {
        audit.differences(&self.select).iter().map(ToString::to_string).collect()
    }
}

/// The audits a stimulus caused are so many, and say what they must.
///
/// Too many audits, or a wrong member, are the Defender's fault at once. Too few are its fault only when a fence has
/// come out after the stimulus and nothing was lost; otherwise the evidence does not suffice.
#[must_use]
pub fn audit_count(records: &[HistoryRecord], input: &AuditCount) -> Outcome {
    let attribution = Attribution::new(records);
    let (mut meant, mut others) = (Vec::new(), Vec::new());
    for (audit, cause) in attribution.iter() {
        let why = input.mismatch(audit, cause);
        if why.is_empty() { meant.push(audit) } else { others.push((audit, why)) }
    }
    let (low, high) = input.count.bounds();
    let wanted = input.meant(records);
    let wrong: Vec<_> =
        meant.iter().map(|a| (*a, a.differences(&input.fields))).filter(|(_, d)| !d.is_empty()).collect();

    let mut message = format!("expected {wanted}, saw {}", meant.len());
    if meant.len() > high {
        for audit in &meant {
            message.push_str(&format!("\n- {}", audit.describe(records)));
        }
        return Outcome::broken(message);
    }
    if !wrong.is_empty() {
        message.push_str(&format!(", of which {} not as expected", wrong.len()));
        for (audit, differences) in wrong {
            message.push_str(&format!("\n- {}", audit.describe(records)));
            for difference in differences {
                message.push_str(&format!("\n  - {difference}"));
            }
        }
        return Outcome::broken(message);
    }
    if let Some(doubt) = doubt(records, input) {
        return Outcome::unproved(format!("{message}, but the number is not final: {doubt}"));
    }
    if meant.len() >= low {
        return Outcome::holds(match meant.first() {
            Some(audit) if meant.len() == 1 => format!("saw {wanted}: {}", audit.describe(records)),
            _ => format!("saw {wanted}: {}", plural(meant.len(), "audit")),
        });
    }
    if let Some(loss) = losses(records) {
        return Outcome::unproved(format!("{message}, but evidence was lost: {loss}"));
    }
    message.push_str(&near_misses(records, others));
    Outcome::broken(message)
}

fn doubt(records: &[HistoryRecord], input: &AuditCount) -> Option<String> {
    if input.fence {
        return fence(records, input.token.as_deref()).err();
    }
    match &input.token {
        Some(token) if last_activity(records, Some(token)).is_none() => {
            Some(format!("stimulus {} did not run", named(records, token)))
        }
        _ => None,
    }
}

fn near_misses(records: &[HistoryRecord], mut others: Vec<(&AuditView<'_>, Vec<String>)>) -> String {
    const MOST: usize = 5;
    if others.is_empty() {
        return "; no audit arrived at all".to_owned();
    }
    others.sort_by_key(|(audit, why)| (why.len(), audit.index));
    let more = others.len().saturating_sub(MOST);
    let mut text = format!("; near {}:", if others.len() == 1 { "miss" } else { "misses" });
    for (audit, why) in others.into_iter().take(MOST) {
        text.push_str(&format!("\n- {}\n  - not it, because {}", audit.describe(records), why.join("; ")));
    }
    if more > 0 {
        text.push_str(&format!("\n- and {more} more"));
    }
    text
}

/// A stimulus caused no audit of a plane, and a fence proves that none is under way.
#[must_use]
pub fn no_audit(records: &[HistoryRecord], plane: Plane, token: Option<&str>) -> Outcome {
    let input = AuditCount { token: token.map(str::to_owned), ..AuditCount::exactly(0, plane) };
    audit_count(records, &input)
}
