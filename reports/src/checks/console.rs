//! What the Console's API answers.

use super::evidence::{Answer, Evidence};
use super::outcome::Conclusion;
use proofhouse_protocol::MonitoringStats;
use proofhouse_protocol::observation::{Blame, Observation, Plane, TaskKind};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is expected of the answer to a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerExpectation {
    /// This status; with an error whose text has this part, if one is given.
    Status {
        /// Status.
        status: u16,
        /// A part of the `err` text; empty for any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// Success.
    Success,
    /// The rules of the policy are these, in this order, and no other.
    OnlyRules(Vec<String>),
    /// The last rule of the policy.
    LastRule(String),
    /// One of the rules of the policy.
    HasRule(String),
    /// One Defender, whose host name is the App ID of the task.
    OneDefender,
    /// One profile for each of these containers, with this image.
    Profiles {
        /// Containers.
        containers: Vec<String>,
        /// Image.
        image: String,
    },
    /// So many audits of a plane; a null counts as none.
    Audits {
        /// Plane.
        plane: Plane,
        /// How many.
        count: usize,
    },
    /// So many rows of a list; those that have this value in a member, if one is given. A null has none.
    Rows {
        /// Member, and its value as text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        with: Option<(String, String)>,
        /// How many.
        count: usize,
    },
    /// The counts of the buckets of a timeslice add up to this.
    Buckets(u64),
    /// This text, word for word.
    Text(String),
    /// A text that has this part.
    TextHas(String),
    /// The same document as the answer to another call.
    SameAs(String),
    /// The document has what this one has, and may have more members; lists are whole.
    Has(Value),
}

/// Input of the check of an answer. The last answer with the token is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleAnswer {
    /// Token of the call.
    pub token: String,
    /// What is expected.
    pub expect: AnswerExpectation,
}

fn answer<'a>(evidence: Evidence<'a>, token: &str) -> Result<Answer<'a>, Conclusion> {
    evidence
        .answer(token)
        .ok_or_else(|| Conclusion::unproved(format!("the Console gave no answer to the call `{token}`")))
}

/// The document of an answer; not all of it was kept when it is too long.
fn document(answer: &Answer<'_>) -> Result<Value, Conclusion> {
    if answer.body.text.is_empty() {
        return Ok(Value::Null);
    }
    answer.body.json().ok_or_else(|| {
        let on = [answer.record.sequence];
        if answer.body.whole {
            Conclusion::broken(Blame::Console, format!("expected JSON; {}", answer.shown())).on(on)
        } else {
            Conclusion::unproved(format!(
                "of an answer of {} bytes only the start was kept",
                answer.body.bytes
            ))
            .on(on)
        }
    })
}

/// A member of each row of a list.
fn column<'v>(rows: &'v Value, member: &str) -> Vec<&'v str> {
    rows.as_array().into_iter().flatten().filter_map(|row| row[member].as_str()).collect()
}

impl ConsoleAnswer {
    pub(super) fn judge(&self, evidence: Evidence<'_>) -> Conclusion {
        match self.made_on(evidence) {
            Ok(conclusion) | Err(conclusion) => conclusion,
        }
    }

    fn made_on(&self, evidence: Evidence<'_>) -> Result<Conclusion, Conclusion> {
        let answer = answer(evidence, &self.token)?;
        let on = [answer.record.sequence];
        let by = Blame::Console;
        if let AnswerExpectation::Status { status, error } = &self.expect {
            return Ok(expect_status(&answer, *status, error.as_deref()).on(on));
        }
        if !answer.is_success() {
            return Ok(Conclusion::broken(by, format!("expected a success; {}", answer.shown())).on(on));
        }
        if let AnswerExpectation::Text(text) = &self.expect {
            let said = format!("expected the text `{text}`; {}", answer.shown());
            return Ok(Conclusion::either(answer.body.text == *text, by, said).on(on));
        }
        if let AnswerExpectation::TextHas(part) = &self.expect {
            let said = format!("expected a text with `{part}`; {}", answer.shown());
            // What is not kept may have it.
            return Ok(match answer.body.text.contains(part) || answer.body.whole {
                true => Conclusion::either(answer.body.text.contains(part), by, said).on(on),
                false => Conclusion::unproved(said).on(on),
            });
        }
        let document = document(&answer)?;
        let rules = column(&document["rules"], "name");
        let rule = |fits: bool, expected: String| {
            Conclusion::either(fits, by, format!("expected {expected}, the policy has {rules:?}"))
        };
        let conclusion = match &self.expect {
            AnswerExpectation::Success
            | AnswerExpectation::Status { .. }
            | AnswerExpectation::Text(_)
            | AnswerExpectation::TextHas(_) => Conclusion::holds(answer.shown()),
            AnswerExpectation::OnlyRules(names) => rule(rules == *names, format!("the rules {names:?}")),
            AnswerExpectation::LastRule(name) => {
                rule(rules.last() == Some(&name.as_str()), format!("\"{name}\" as the last rule"))
            }
            AnswerExpectation::HasRule(name) => {
                rule(rules.contains(&name.as_str()), format!("a rule \"{name}\""))
            }
            AnswerExpectation::OneDefender => one_defender(evidence, &document),
            AnswerExpectation::Profiles { containers, image } => {
                profiles(evidence, &document, containers, image)
            }
            AnswerExpectation::Audits { plane, count } => {
                audits(evidence, &answer, &document, *plane, *count)
            }
            AnswerExpectation::Rows { with, count } => {
                let meant = |row: &Value| {
                    with.as_ref().is_none_or(|(member, value)| {
                        let has = if member.starts_with('/') { row.pointer(member) } else { row.get(member) };
                        has.is_some_and(|has| shown(has) == *value)
                    })
                };
                let found = document.as_array().into_iter().flatten().filter(|row| meant(row)).count();
                // The Console's list is right where it is what the Defender told.
                let told = told_rows(evidence, &answer);
                let told = told.map(|rows| rows.iter().filter(|row| meant(row)).count());
                let by = if told == Some(found) { Blame::Defender } else { by };
                let with = with.as_ref().map(|(member, value)| format!(" with {member} `{value}`"));
                let with = with.unwrap_or_default();
                let said = format!("expected {count} rows{with}, the Console lists {found}");
                let is_list = document.is_array() || document.is_null();
                Conclusion::either(found == *count && is_list, by, said)
            }
            AnswerExpectation::Buckets(expected) => {
                let counts = document.as_array().into_iter().flatten().map(|bucket| bucket["count"].as_u64());
                let sum = counts.sum::<Option<u64>>();
                let said = format!("expected buckets that add up to {expected}, they add up to {sum:?}");
                Conclusion::either(sum == Some(*expected), by, said)
            }
            AnswerExpectation::SameAs(other) => same(evidence, &document, other)?,
            AnswerExpectation::Has(expected) => has(&document, expected),
        };
        Ok(conclusion.on(on))
    }
}

/// What a Defender told of what a list without a selection shows: each thing as it was told last. None of other lists.
fn told_rows(evidence: Evidence<'_>, answer: &Answer<'_>) -> Option<Vec<Value>> {
    let records = evidence.records().iter().take_while(|record| record.sequence < answer.record.sequence);
    let mut told: BTreeMap<String, Value> = BTreeMap::new();
    match answer.call.1.trim_end_matches('?') {
        "/audits/firewall/app/app-embedded" => {
            let came = records.filter_map(|record| match record.observation() {
                Observation::Audit { plane: Plane::Firewall, audit, .. } => Some(audit.clone()),
                _ => None,
            });
            return Some(came.collect());
        }
        "/waas/discovered-apis" => {
            for record in records {
                let Observation::DiscoveredApis { apis, .. } = record.observation() else { continue };
                for api in apis {
                    let key = ["ruleAppID", "host", "port", "tls", "method", "path"]
                        .map(|name| api[name].to_string());
                    told.insert(key.join(" "), api.clone());
                }
            }
        }
        "/waas/monitoring-stats" => {
            let asked = |app_id: &str| {
                let path = format!("/waas/monitoring-stats/{app_id}/reset");
                let before =
                    evidence.answers().take_while(|one| one.record.sequence < answer.record.sequence);
                before.filter(|one| one.call.1 == path && one.is_success()).count() as u64
            };
            for record in records {
                if let Observation::MonitoringStats { app_id, reset, stats } = record.observation() {
                    // What was counted before a reset is gone.
                    let gone = *reset < asked(app_id);
                    let counted = if gone { json!(MonitoringStats::default()) } else { stats.clone() };
                    told.insert(app_id.clone(), counted);
                }
            }
        }
        _ => return None,
    }
    Some(told.into_values().collect())
}

/// A value as text.
fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn expect_status(answer: &Answer<'_>, status: u16, error: Option<&str>) -> Conclusion {
    let body: Value = serde_json::from_str(&answer.body.text).unwrap_or_default();
    let text = body["err"].as_str();
    let expected = match error {
        None => String::new(),
        Some("") => " with an error".to_owned(),
        Some(part) => format!(" with an error about `{part}`"),
    };
    let fits = error.is_none_or(|part| text.is_some_and(|text| text.contains(part)));
    let said = format!("expected {status}{expected}; {}", answer.shown());
    Conclusion::either(answer.status == status && fits, Blame::Console, said)
}

fn has(document: &Value, expected: &Value) -> Conclusion {
    match lacks(document, expected, "") {
        None => Conclusion::holds("the document has what it should"),
        Some(said) => Conclusion::broken(Blame::Console, said),
    }
}

/// The first place where a document has something else than was expected. What is off or empty may as well be absent.
fn lacks(found: &Value, expected: &Value, place: &str) -> Option<String> {
    let differs = || Some(format!("expected {expected} at `{place}`, it is {found}"));
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => expected.iter().find_map(|(name, expected)| {
            lacks(found.get(name).unwrap_or(&Value::Null), expected, &format!("{place}/{name}"))
        }),
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            let pairs = found.iter().zip(expected).enumerate();
            pairs
                .into_iter()
                .find_map(|(at, (found, expected))| lacks(found, expected, &format!("{place}/{at}")))
        }
        (Value::Bool(false), Value::Null) => None,
        (Value::String(text), Value::Null) if text.is_empty() => None,
        (Value::Array(items), Value::Null) if items.is_empty() => None,
        (Value::Number(expected), Value::Number(found)) if expected.as_f64() == found.as_f64() => None,
        (expected, found) if expected == found => None,
        _ => differs(),
    }
}

fn one_defender(evidence: Evidence<'_>, document: &Value) -> Conclusion {
    let names = column(document, "hostname");
    let Some((hello, app_id)) = evidence.app_id() else {
        return Conclusion::unproved("no Defender has connected, so that none can be listed");
    };
    let said = format!("expected one Defender `{app_id}`, the Console lists {names:?}");
    Conclusion::either(names == [app_id], Blame::Console, said).on([hello.sequence])
}

fn profiles(evidence: Evidence<'_>, document: &Value, containers: &[String], image: &str) -> Conclusion {
    let mut expected: Vec<&str> = containers.iter().map(String::as_str).collect();
    let mut found = column(document, "container");
    expected.sort_unstable();
    found.sort_unstable();
    let images = column(document, "image");
    let fits = expected == found && images.len() == found.len() && images.iter().all(|own| *own == image);
    // What no Defender has reported the Console cannot list; of what it was told on former connections it may have forgotten.
    let records = evidence.records();
    let connected =
        records.iter().rposition(|r| matches!(r.observation(), Observation::LinkConnected { .. }));
    let reported = containers.iter().all(|name| {
        records[connected.unwrap_or_default()..].iter().any(|r| {
            matches!(r.observation(), Observation::Workload { container, image: own } if container == name && own == image)
        })
    });
    let by = if reported { Blame::Console } else { Blame::Defender };
    let said = format!(
        "expected profiles of {expected:?} with image `{image}`, the Console lists {found:?} with {images:?}"
    );
    Conclusion::either(fits, by, said)
}

/// Whether an audit is what the query of a call asks for: each name of it is a member, or one with `Name` behind it, that has one of
/// the values. A name that is neither, such as a limit, is taken for unmet.
fn asked_for(audit: &Value, call: &str) -> bool {
    let query = call.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter_map(|pair| pair.split_once('=')).all(|(name, values)| {
        let members = [name.to_owned(), format!("{name}Name")];
        let own =
            |value| members.iter().any(|member| audit.get(member).and_then(Value::as_str) == Some(value));
        values.split(',').any(own)
    })
}

fn audits(
    evidence: Evidence<'_>,
    answer: &Answer<'_>,
    document: &Value,
    plane: Plane,
    count: usize,
) -> Conclusion {
    let found = match document {
        Value::Null => Some(0),
        Value::Array(rows) => Some(rows.len()),
        _ => None,
    };
    let listed = found.map_or_else(|| answer.shown(), |rows| format!("the Console lists {rows}"));
    let said = format!("expected {count} audits of {}, {listed}", answer.call.1);
    if found == Some(count) {
        return Conclusion::holds(said);
    }
    // The Console lists what it was told. Where that is what it lists, the Defender told too much or too little.
    let came: Vec<_> = evidence
        .records()
        .iter()
        .filter_map(|r| match r.observation() {
            Observation::Audit { plane: own, audit, .. } if *own == plane => Some(audit),
            _ => None,
        })
        .collect();
    let due = came.iter().filter(|audit| asked_for(audit, answer.call.1)).count();
    let by = if found == Some(due) { Blame::Defender } else { Blame::Console };
    let came = came.len();
    Conclusion::broken(by, format!("{said}; {came} had come"))
}

fn same(evidence: Evidence<'_>, document: &Value, other: &str) -> Result<Conclusion, Conclusion> {
    let before = answer(evidence, other)?;
    let was = self::document(&before)?;
    let said = if was == *document {
        "the document is what it was".to_owned()
    } else {
        format!("expected the document as it was; it was {was}, it is {document}")
    };
    Ok(Conclusion::either(was == *document, Blame::Console, said).on([before.record.sequence]))
}

/// Family, colon, task id, as the metadata service tells it.
pub(super) fn app_id(evidence: Evidence<'_>, family: &str) -> Conclusion {
    let (Some((_, task, TaskKind::Protected, _)), Some((hello, found))) =
        (evidence.task(), evidence.app_id())
    else {
        return Conclusion::unproved("no Defender of a task has connected, so that there is no App ID");
    };
    let expected = format!("{family}:{task}");
    let said = format!("expected the App ID `{expected}`, it is `{found}`");
    // A Defender can tell no other task than the metadata service told it.
    let misled = evidence.records().iter().find_map(|r| match r.observation() {
        Observation::MetadataRequest { path, body, .. }
            if path.ends_with("/task") || path.ends_with("/taskWithTags") =>
        {
            let told = body.json()?;
            let wrong =
                told["Family"] != family || !told["TaskARN"].as_str().is_some_and(|arn| arn.ends_with(task));
            wrong.then_some(r)
        }
        _ => None,
    });
    match misled {
        Some(record) if found != expected => {
            let said = format!("{said}; the metadata service had told another");
            Conclusion::broken(Blame::Fargate, said).on([record.sequence, hello.sequence])
        }
        _ => Conclusion::either(found == expected, Blame::Defender, said).on([hello.sequence]),
    }
}
