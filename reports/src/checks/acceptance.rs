//! What the simulated Fargate takes and what it rejects, and what it would make of it.

use super::evidence::Evidence;
use super::outcome::Conclusion;
use crate::HistoryRecord;
use proofhouse_protocol::observation::{Blame, DefinitionRole, Observation, Rejection, Validation};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is expected of the simulated Fargate's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AcceptanceExpectation {
    /// No rule rejects it.
    Accepted,
    /// This class rejects it and no other, at this member if one is given.
    Rejected {
        /// Class, such as `E01`.
        class: String,
        /// Member.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        path: Option<String>,
    },
    /// CPU units and MiB as the simulated task has them.
    Size(u64, u64),
    /// GiB of the task's disk.
    Disk(i64),
    /// These variants are accepted, and every other that was asked is rejected as E04.
    OnlyThese(Vec<String>),
}

/// Input of the check of an answer of the simulated Fargate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// Token of the question.
    pub token: String,
    /// What is expected.
    pub expect: AcceptanceExpectation,
}

fn reasons(rejections: &[Rejection]) -> String {
    if rejections.is_empty() {
        return "it is accepted".to_owned();
    }
    let all: Vec<_> =
        rejections.iter().map(|r| format!("{} at {}: {}", r.class, r.path, r.message)).collect();
    all.join("; ")
}

fn answers<'a>(evidence: Evidence<'a>, token: &str) -> Vec<(&'a HistoryRecord, &'a str, &'a Validation)> {
    let of = |r: &'a HistoryRecord| match r.observation() {
        Observation::Validated { variant, validation } if r.token() == Some(token) => {
            Some((r, variant.as_str(), validation))
        }
        _ => None,
    };
    evidence.behind(token).iter().filter_map(of).collect()
}

impl Acceptance {
    pub(super) fn judge(&self, evidence: Evidence<'_>) -> Conclusion {
        let all = answers(evidence, &self.token);
        let Some((record, _, validation)) = all.last() else {
            return Conclusion::unproved("the simulated Fargate was not asked");
        };
        let by = Blame::Fargate;
        let found = &validation.rejections;
        let conclusion = match &self.expect {
            AcceptanceExpectation::Accepted => {
                let said = format!("expected that Fargate accepts it; {}", reasons(found));
                Conclusion::either(found.is_empty(), by, said)
            }
            AcceptanceExpectation::Rejected { class, path } => {
                let fits = !found.is_empty()
                    && found
                        .iter()
                        .all(|r| r.class == *class && path.as_ref().is_none_or(|path| r.path == *path));
                let at = path.as_ref().map(|path| format!(" at {path}")).unwrap_or_default();
                Conclusion::either(
                    fits,
                    by,
                    format!("expected a rejection as {class}{at}; {}", reasons(found)),
                )
            }
            AcceptanceExpectation::Size(cpu, memory) => {
                let fits = validation.cpu == Some(*cpu) && validation.memory == Some(*memory);
                let number = |n: Option<u64>| n.map_or_else(|| "no".to_owned(), |n| n.to_string());
                let said = format!(
                    "expected {cpu} CPU units and {memory} MiB, it has {} and {}",
                    number(validation.cpu),
                    number(validation.memory)
                );
                Conclusion::either(fits, by, said)
            }
            AcceptanceExpectation::Disk(gib) => {
                let said = format!("expected a disk of {gib} GiB, it has {}", validation.disk);
                Conclusion::either(validation.disk == *gib, by, said)
            }
            AcceptanceExpectation::OnlyThese(variants) => return only_these(&all, variants),
        };
        conclusion.on([record.sequence])
    }
}

fn only_these(all: &[(&HistoryRecord, &str, &Validation)], variants: &[String]) -> Conclusion {
    let unasked: Vec<_> =
        variants.iter().filter(|wanted| !all.iter().any(|(_, own, _)| own == wanted)).cloned().collect();
    if !unasked.is_empty() || variants.is_empty() {
        return Conclusion::unproved(format!("nobody asked for {}", unasked.join(", ")));
    }
    let wrong: Vec<_> = all
        .iter()
        .filter(|(_, variant, validation)| {
            let classes: Vec<&str> = validation.rejections.iter().map(|r| r.class.as_str()).collect();
            let expected: &[&str] = if variants.iter().any(|own| own == variant) { &[] } else { &["E04"] };
            classes != expected
        })
        .collect();
    let said = match wrong.first() {
        None => format!(
            "{} are accepted, and {} beside them rejected as E04",
            variants.len(),
            all.len() - variants.len()
        ),
        Some((_, variant, validation)) => format!(
            "expected {} to be accepted and those beside them rejected as E04; {} are not: {variant}: {}",
            variants.len(),
            wrong.len(),
            reasons(&validation.rejections)
        ),
    };
    let on: Vec<_> = if wrong.is_empty() {
        all.iter().map(|(r, ..)| r.sequence).collect()
    } else {
        wrong.iter().map(|(r, ..)| r.sequence).collect()
    };
    Conclusion::either(wrong.is_empty(), Blame::Fargate, said).on(on)
}

fn plan(
    evidence: Evidence<'_>,
    wanted: DefinitionRole,
) -> Option<(&HistoryRecord, &Value, &std::collections::BTreeMap<String, u64>)> {
    evidence.records().iter().rev().find_map(|r| match r.observation() {
        Observation::Planned { role, plan, stop_timeouts_ms } if *role == wanted => {
            Some((r, plan, stop_timeouts_ms))
        }
        _ => None,
    })
}

/// The definition as DescribeTaskDefinition answers it gives the same task as the bare one.
pub(super) fn same_when_described(evidence: Evidence<'_>) -> Conclusion {
    let (Some((left, bare, _)), Some((right, described, _))) =
        (plan(evidence, DefinitionRole::Original), plan(evidence, DefinitionRole::Described))
    else {
        return Conclusion::unproved("the definition was not planned both ways");
    };
    let difference = first_difference(bare, described, "");
    let said = difference.map_or_else(
        || "both give the same plan".to_owned(),
        |what| format!("expected the same plan of the definition as it is described; {what}"),
    );
    Conclusion::either(bare == described, Blame::Fargate, said).on([left.sequence, right.sequence])
}

/// The time from SIGTERM to SIGKILL that the plan gives a container.
pub(super) fn stop_timeout(evidence: Evidence<'_>, container: &str, seconds: u64) -> Conclusion {
    let Some((record, _, timeouts)) = plan(evidence, DefinitionRole::Original) else {
        return Conclusion::unproved("the definition was not planned");
    };
    let found = timeouts.get(container);
    let shown = found.map_or_else(|| "none".to_owned(), |ms| format!("{ms} ms"));
    let said = format!("expected {seconds} s for \"{container}\" to stop, it has {shown}");
    Conclusion::either(found == Some(&(seconds * 1000)), Blame::Fargate, said).on([record.sequence])
}

/// Where two values differ, in words.
fn first_difference(left: &Value, right: &Value, path: &str) -> Option<String> {
    match (left, right) {
        (Value::Object(ours), Value::Object(theirs)) if ours.len() == theirs.len() => {
            ours.iter().find_map(|(key, value)| {
                first_difference(value, theirs.get(key).unwrap_or(&Value::Null), &format!("{path}.{key}"))
            })
        }
        (Value::Array(ours), Value::Array(theirs)) if ours.len() == theirs.len() => {
            let mut pairs = ours.iter().zip(theirs).enumerate();
            pairs.find_map(|(index, (ours, theirs))| {
                first_difference(ours, theirs, &format!("{path}[{index}]"))
            })
        }
        _ => (left != right).then(|| format!("{path} is {left} in one and {right} in the other")),
    }
}

/// Nothing of the scenario is on the engine.
pub(super) fn nothing_on_the_engine(evidence: Evidence<'_>, removed: bool) -> Conclusion {
    let behind = evidence.last_activity(None).unwrap_or(0);
    let look = evidence.records()[behind..].iter().rev().find_map(|r| match r.observation() {
        Observation::Remains { labelled, unlabelled, had } => Some((r, labelled, unlabelled, *had)),
        _ => None,
    });
    let Some((record, labelled, unlabelled, had)) = look else {
        return Conclusion::unproved("nobody looked at the engine behind the last thing that was done");
    };
    let all: Vec<&str> = labelled.iter().chain(unlabelled).map(String::as_str).collect();
    let of = if removed { format!(" of a task that had {had} volumes") } else { String::new() };
    let said = if all.is_empty() {
        format!("nothing{of} is on the engine")
    } else {
        format!("expected that nothing{of} is on the engine, there is {}", all.join(", "))
    };
    Conclusion::either(all.is_empty(), Blame::Fargate, said).on([record.sequence])
}
