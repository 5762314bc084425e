//! Messages that say something else, each as a Defender with a defect could say it.

use super::kind::MessageKind;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// A message of that kind says something else; of an audit it is the member.
pub(super) fn alter(message: &mut Value, kind: MessageKind, member: &str) {
    match kind {
        MessageKind::Audits => {
            for item in message["items"].as_array_mut().into_iter().flatten() {
                if let Some(value) = item["audit"].get_mut(member) {
                    *value = another(member, value);
                }
            }
        }
        // Nobody has answered.
        MessageKind::Fences => message["containers"] = json!([]),
        // A word that the link does not have.
        MessageKind::Heartbeats => message["type"] = json!("heartbreak"),
        MessageKind::Counters => message["totals"]["dropped_audits"] = json!(1),
        MessageKind::Policies => swap_effects(message),
        // More than was ever said.
        MessageKind::Acknowledgements => {
            message["through"] = json!(message["through"].as_u64().unwrap_or_default() + 1000);
        }
    }
}

/// Another value of the same type; of members that have a few words, another of these.
fn another(member: &str, value: &Value) -> Value {
    match (member, value) {
        ("effect", Value::String(word)) => json!(if word == "alert" { "prevent" } else { "alert" }),
        ("type", Value::String(word)) => json!(match word.as_str() {
            "processes" => "filesystem",
            "network" => "processes",
            "sqli" => "xss",
            _ => "sqli",
        }),
        ("attackType", Value::String(word)) => json!(match word.as_str() {
            "explicitlyDeniedProcess" => "modifiedProcess",
            _ => "explicitlyDeniedProcess",
        }),
        ("severity", Value::String(word)) => json!(if word == "low" { "high" } else { "low" }),
        ("time", Value::String(text)) => {
            let later = text
                .parse::<Timestamp>()
                .ok()
                .and_then(|at| at.checked_add(SignedDuration::from_hours(1)).ok());
            json!(later.map_or_else(|| text.clone(), |at| at.to_string()))
        }
        ("msg", Value::String(text)) => {
            json!(text.chars().take(text.chars().count() / 2).collect::<String>())
        }
        (_, Value::String(text)) => json!(format!("{text}~")),
        (_, Value::Bool(flag)) => json!(!flag),
        (_, Value::Number(number)) => json!(number.as_i64().unwrap_or_default() + 1),
        (_, Value::Array(items)) => Value::Array(items.iter().skip(1).cloned().collect()),
        (_, other) => other.clone(),
    }
}

/// What prevents only tells, and what only tells prevents.
fn swap_effects(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value.as_str().filter(|_| name == "effect") {
                    Some("prevent") => *value = json!("alert"),
                    Some("alert") => *value = json!("prevent"),
                    _ => swap_effects(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(swap_effects),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_of_an_audit_is_another_of_its_type() {
        let audit = json!({"effect": "prevent", "time": "2026-01-02T03:04:05Z", "pid": 7, "container": true, "ruleName": "r",
            "attackTechniques": ["a"], "attackType": "explicitlyDeniedDNS", "type": "network", "severity": "high"});
        for member in audit.as_object().unwrap().keys() {
            let mut message =
                json!({"type": "audits", "items": [{"sequence": 1, "plane": "runtime", "audit": audit}]});
            alter(&mut message, MessageKind::Audits, member);
            let altered = &message["items"][0]["audit"];
            for other in audit.as_object().unwrap().keys() {
                assert_eq!(altered[other] == audit[other], other != member, "{member}: {altered}");
            }
        }
    }

    #[test]
    fn a_member_that_is_not_there_stays_away() {
        let mut message = json!({"type": "audits", "items": [{"audit": {}}, {}]});
        alter(&mut message, MessageKind::Audits, "domain");
        assert_eq!(message["items"][0]["audit"], json!({}));
    }

    #[test]
    fn effects_of_a_policy_are_swapped_and_nothing_else_is() {
        let mut message = json!({"type": "policy", "waas": {"rules": [{"sqli": {"effect": "alert"}, "name": "alert"}]},
            "runtime": {"rules": [{"dns": {"effect": "prevent"}, "processes": {"effect": "disable"}}]}});
        alter(&mut message, MessageKind::Policies, "");
        assert_eq!(
            message,
            json!({"type": "policy", "waas": {"rules": [{"sqli": {"effect": "prevent"}, "name": "alert"}]},
            "runtime": {"rules": [{"dns": {"effect": "alert"}, "processes": {"effect": "disable"}}]}})
        );
    }
}
