//! Policies: what the Console was given, what it gave, and what the Defender decides by.

use super::evidence::Evidence;
use super::outcome::Conclusion;
use proofhouse_protocol::observation::{Blame, Observation, Pipeline};
use serde_json::Value;

/// Paths of the two policies, and their members in a revision.
const POLICIES: [(&str, &str); 2] =
    [("/policies/runtime/app-embedded", "runtime"), ("/policies/firewall/app/app-embedded", "waas")];

/// Selectors of a collection.
const SELECTORS: [&str; 9] = [
    "images",
    "containers",
    "hosts",
    "labels",
    "namespaces",
    "clusters",
    "functions",
    "appIDs",
    "accountIDs",
];

/// What of a rule decides: collections are resolved by the Console, the rest stands as it was given.
const DECIDES: [&str; 7] =
    ["name", "disabled", "processes", "network", "dns", "filesystem", "applicationsSpec"];

/// The latest revision that the Console has.
fn latest(evidence: Evidence<'_>) -> Option<(usize, u64, &Value)> {
    evidence.records().iter().enumerate().rev().find_map(|(index, r)| match r.observation() {
        Observation::PolicyRevision { revision, policy } => Some((index, *revision, policy)),
        _ => None,
    })
}

/// The Defender decides by the Console's latest policy.
pub(super) fn in_force(evidence: Evidence<'_>) -> Conclusion {
    let Some((_, revision, _)) = latest(evidence) else {
        return Conclusion::holds("the Console has had no policy to give");
    };
    // What the Defender of an earlier task told says nothing of this one.
    let began = evidence.task().map_or(0, |(index, ..)| index);
    let said = evidence.records()[began..].iter().rev().find_map(|r| match r.observation() {
        Observation::PolicyApplied { revision: applied } if *applied == revision => {
            Some(Conclusion::holds(format!("the Defender decides by revision {applied}")).on([r.sequence]))
        }
        Observation::PolicyRejected { revision: rejected, error } if *rejected == revision => Some(
            Conclusion::broken(
                Blame::Defender,
                format!("the Defender refused policy revision {revision}: {error}"),
            )
            .on([r.sequence]),
        ),
        _ => None,
    });
    said.unwrap_or_else(|| {
        let said = format!("the Defender has not told that it decides by revision {revision}");
        super::task::ended_by_itself(evidence, &said).unwrap_or_else(|| {
            let why = evidence.missed(began).unwrap_or_else(|| "nobody waited for it".to_owned());
            Conclusion::unproved(format!("{said}: {why}"))
        })
    })
}

/// The Defender has told of every app container of the task.
pub(super) fn workloads(evidence: Evidence<'_>) -> Conclusion {
    let Some((began, _, _, containers)) = evidence.task() else {
        return Conclusion::unproved("no task has begun");
    };
    let told = |name: &str| {
        evidence.records()[began..]
            .iter()
            .find(|r| matches!(r.observation(), Observation::Workload { container, .. } if container == name))
    };
    let sidecar = evidence.embed_names().sidecar;
    let apps: Vec<_> = containers.iter().filter(|name| **name != sidecar).collect();
    let missing: Vec<_> =
        apps.iter().filter(|name| told(name).is_none()).map(|name| format!("\"{name}\"")).collect();
    let on = apps.iter().filter_map(|name| told(name)).map(|r| r.sequence);
    if missing.is_empty() {
        return Conclusion::holds("the Defender has told of every container").on(on);
    }
    let said = format!("the Defender has not told of {}", missing.join(", "));
    // Who does not come that far has not started what it was to start.
    if let Some(conclusion) = super::task::ended_by_itself(evidence, &said) {
        return conclusion;
    }
    // A fence that answers proves that what was going to be told has been.
    let running = evidence.happened().filter(|one| one.index >= began).last().map_or(began, |one| one.index);
    match evidence.fence(&Pipeline::Audits, running) {
        Ok(fence) => Conclusion::broken(Blame::Defender, format!("{said}, though they run")).on([fence]),
        Err(why) => Conclusion::unproved(format!("{said}: {}", evidence.missed(began).unwrap_or(why))),
    }
}

/// What a member of a rule decides by, without what a Console fills in.
fn covers(given: &Value, kept: &Value) -> bool {
    match (given, kept) {
        (Value::Object(given), Value::Object(kept)) => given.iter().all(|(key, value)| match kept.get(key) {
            Some(other) => covers(value, other),
            None => means_nothing(value),
        }),
        (Value::Array(given), Value::Array(kept)) => {
            given.len() == kept.len() && given.iter().zip(kept).all(|(given, kept)| covers(given, kept))
        }
        _ => given == kept,
    }
}

/// What a Console may leave out.
fn means_nothing(given: &Value) -> bool {
    matches!(given, Value::Null | Value::Bool(false)) || given == &Value::Array(Vec::new())
}

/// The collection of a rule that the Console gives with other selectors than it was given, by name.
fn other_collection(evidence: Evidence<'_>, policy: &Value) -> Option<String> {
    let given = |name: &str| {
        evidence.records().iter().rev().find_map(|record| match record.observation() {
            Observation::ConsoleAnswer { method, path, sent: Some(sent), status, .. }
                if (200..300).contains(status)
                    && ((method == "POST" && path == "/collections" && sent["name"] == name)
                        || (method == "PUT" && path.strip_prefix("/collections/") == Some(name))) =>
            {
                Some(sent)
            }
            _ => None,
        })
    };
    let rules =
        POLICIES.iter().flat_map(|(_, member)| policy[*member]["rules"].as_array().into_iter().flatten());
    let collections = rules.flat_map(|rule| rule["collections"].as_array().into_iter().flatten());
    let differs = |kept: &&Value| {
        kept["name"].as_str().and_then(given).is_some_and(|given| {
            SELECTORS
                .iter()
                .any(|selector| given.get(*selector).is_some_and(|value| *value != kept[*selector]))
        })
    };
    collections.filter(differs).find_map(|kept| kept["name"].as_str().map(str::to_owned))
}

/// What is wrong with what the Console gives its Defenders, by what it was given and took: whoever decides by such a policy
/// cannot be blamed for what comes of it.
pub(super) fn fault(evidence: Evidence<'_>) -> Option<(u64, String)> {
    let (index, revision, policy) = latest(evidence)?;
    let told = &evidence.records()[index];
    if let Some(name) = other_collection(evidence, policy) {
        let why =
            format!("revision {revision} of the Console has another collection \"{name}\" than it was given");
        return Some((told.sequence, why));
    }
    POLICIES.iter().find_map(|(path, member)| {
        let given = evidence.records().iter().rev().find_map(|r| match r.observation() {
            Observation::ConsoleAnswer { method, path: own, sent: Some(sent), status, .. }
                if method == "PUT" && own == path && (200..300).contains(status) =>
            {
                Some(sent)
            }
            _ => None,
        })?;
        let rules = |value: &Value| value["rules"].as_array().cloned().unwrap_or_default();
        let (given, kept) = (rules(given), rules(&policy[*member]));
        let same = given.len() == kept.len()
            && given.iter().zip(&kept).all(|(given, kept)| {
                DECIDES.iter().all(|member| match (given.get(*member), kept.get(*member)) {
                    (Some(given), Some(kept)) => covers(given, kept),
                    (Some(given), None) => means_nothing(given),
                    (None, _) => true,
                })
            });
        (!same).then(|| {
            let why =
                format!("revision {revision} of the Console has other {member} rules than it was given");
            (told.sequence, why)
        })
    })
}
