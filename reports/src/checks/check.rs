//! Every check as a value: to be run in a scenario, recorded, and run again on the recording.

use super::audit::Plane;
use super::audit_count::{AuditCount, Count, audit_count as count_audits, no_audit};
use super::conclusion::{Conclusion, Outcome};
use super::event::EventSelector;
use super::exchange::{Exchange, exchange as check_exchange, same_bytes};
use super::program::ProgramRan;
use super::{app, attribution, container, dns, event, evidence, program};
use crate::HistoryRecord;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A check with its input. In JSON, the name stands in the member `check` beside the members of the input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "check", rename_all = "snake_case")]
pub enum Check {
    /// [`audit_count`](super::audit_count()).
    AuditCount(AuditCount),
    /// [`no_audit`](super::no_audit).
    NoAudit {
        /// Runtime or firewall.
        plane: Plane,
        /// Stimulus; any when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
    },
    /// [`no_unexplained_audits`](super::no_unexplained_audits).
    NoUnexplainedAudits {},
    /// [`program_had_no_effect`](super::program_had_no_effect).
    ProgramHadNoEffect {
        /// Stimulus.
        token: String,
        /// A path that must not exist.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path: Option<String>,
    },
    /// [`program_ran`](super::program_ran).
    ProgramRan(ProgramRan),
    /// [`dns_never_asked`](super::dns_never_asked).
    DnsNeverAsked {
        /// Name.
        name: String,
        /// Stimulus behind which a fence must have come out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token: Option<String>,
    },
    /// [`dns_asked`](super::dns_asked).
    DnsAsked {
        /// Name.
        name: String,
    },
    /// [`app_never_saw`](super::app_never_saw).
    AppNeverSaw {
        /// Stimulus.
        token: String,
    },
    /// [`app_saw`](super::app_saw).
    AppSaw {
        /// Stimulus.
        token: String,
        /// How often; at least once when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        times: Option<usize>,
    },
    /// [`exchange`](super::exchange()).
    Exchange(Exchange),
    /// [`same_bytes`](super::same_bytes).
    SameBytes {
        /// One stimulus.
        a: String,
        /// The other.
        b: String,
        /// Headers that may differ.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ignore_headers: Vec<String>,
    },
    /// [`fence_passed_after`](super::fence_passed_after).
    FencePassedAfter {
        /// Stimulus.
        token: String,
    },
    /// [`container_not_restarted`](super::container_not_restarted).
    ContainerNotRestarted {
        /// Container.
        container: String,
    },
    /// [`event_count`](super::event_count).
    EventCount {
        /// Which records.
        event: EventSelector,
        /// How many.
        count: Count,
    },
    /// What a step concluded from values that are not in the history as such, such as two documents that it compared. The
    /// message has both; judged again, it stands as it was stated.
    Stated {
        /// What was looked at.
        what: String,
        /// Whether it was as expected.
        holds: bool,
        /// Expected, seen.
        message: String,
    },
    /// [`order`](super::order).
    Order {
        /// What comes first.
        before: EventSelector,
        /// What comes later.
        after: EventSelector,
    },
}

impl Check {
    /// Runs the check on the records of a scenario so far.
    #[must_use]
    pub fn judge(&self, records: &[HistoryRecord]) -> Conclusion {
        let Outcome { holds, blame, message } = self.outcome(records);
        let (check, expectation) = self.split();
        Conclusion { check, holds, blame, message, expectation: Value::Object(expectation) }
    }

    fn outcome(&self, records: &[HistoryRecord]) -> Outcome {
        match self {
            Self::AuditCount(input) => count_audits(records, input),
            Self::NoAudit { plane, token } => no_audit(records, *plane, token.as_deref()),
            Self::NoUnexplainedAudits {} => attribution::no_unexplained_audits(records),
            Self::ProgramHadNoEffect { token, path } => {
                program::program_had_no_effect(records, token, path.as_deref())
            }
            Self::ProgramRan(input) => program::program_ran(records, input),
            Self::DnsNeverAsked { name, token } => dns::dns_never_asked(records, name, token.as_deref()),
            Self::DnsAsked { name } => dns::dns_asked(records, name),
            Self::AppNeverSaw { token } => app::app_never_saw(records, token),
            Self::AppSaw { token, times } => app::app_saw(records, token, *times),
            Self::Exchange(input) => check_exchange(records, input),
            Self::SameBytes { a, b, ignore_headers } => same_bytes(records, a, b, ignore_headers),
            Self::FencePassedAfter { token } => evidence::fence_passed_after(records, token),
            Self::ContainerNotRestarted { container } => {
                container::container_not_restarted(records, container)
            }
            Self::EventCount { event, count } => event::event_count(records, event, *count),
            Self::Stated { what, holds: true, .. } => Outcome::holds(format!("{what}: as expected")),
            Self::Stated { message, .. } => Outcome::broken(message.clone()),
            Self::Order { before, after } => event::order(records, before, after),
        }
    }

    /// Name and input.
    fn split(&self) -> (String, Map<String, Value>) {
        let Ok(Value::Object(mut input)) = serde_json::to_value(self) else {
            unreachable!("a check has string keys only, and serialises as an object")
        };
        let Some(Value::String(name)) = input.remove("check") else {
            unreachable!("the tag of a check is a string")
        };
        (name, input)
    }
}

/// A recorded finding cannot be judged again.
#[derive(Debug, thiserror::Error)]
#[error("judge `{check}` again: {source}; was the recording made by another version?")]
pub struct RecheckError {
    /// Name of the check.
    pub check: String,
    /// Why.
    pub source: serde_json::Error,
}

/// Runs a check again by its recorded name and input.
///
/// # Errors
/// When there is no such check, or its input has another shape.
pub fn recheck(
    name: &str,
    expectation: &Value,
    records: &[HistoryRecord],
) -> Result<Conclusion, RecheckError> {
    let mut input = expectation.as_object().cloned().unwrap_or_default();
    input.insert("check".to_owned(), Value::from(name));
    let check: Check = serde_json::from_value(Value::Object(input))
        .map_err(|source| RecheckError { check: name.to_owned(), source })?;
    Ok(check.judge(records))
}
