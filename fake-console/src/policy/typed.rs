//! From stored JSON to the shapes of the link.
//!
//! What a person exported is kept word for word; what a Defender gets has collections resolved and no `null`,
//! because an exporter writes `null` for an empty list.

use super::Collections;
use super::refusal::Refusal;
use proofhouse_protocol::{RuntimePolicy, WaasPolicy};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The runtime policy as a Defender gets it.
pub(crate) fn runtime_for_link(stored: &Value, collections: &Collections) -> Result<RuntimePolicy, Refusal> {
    let mut policy = clean(collections.resolved(stored));
    for rule in rules(&mut policy) {
        for section in ["processes", "network", "dns", "filesystem"] {
            if let Some(section) = rule.get_mut(section).and_then(Value::as_object_mut) {
                // Only a lenient Console stores a section without effect; nothing is then enforced.
                section.entry("effect").or_insert_with(|| Value::from("disable"));
            }
        }
    }
    shaped(policy, "runtime policy")
}

/// The WAAS policy as a Defender gets it.
pub(crate) fn waas_for_link(stored: &Value, collections: &Collections) -> Result<WaasPolicy, Refusal> {
    shaped(clean(collections.resolved(stored)), "firewall policy")
}

fn rules(policy: &mut Value) -> impl Iterator<Item = &mut Value> {
    policy.get_mut("rules").and_then(Value::as_array_mut).into_iter().flatten()
}

fn shaped<T: DeserializeOwned>(policy: Value, what: &str) -> Result<T, Refusal> {
    serde_json::from_value(policy)
        .map_err(|error| Refusal::bad(format!("failed to unmarshal {what}: {error}")))
}

/// Without `null` members, and without empty effects, which mean absent.
fn clean(value: Value) -> Value {
    match value {
        Value::Object(object) => Value::Object(
            object
                .into_iter()
                .filter(|(name, value)| {
                    !value.is_null()
                        && !((name == "effect" || name.ends_with("Effect")) && value.as_str() == Some(""))
                })
                .map(|(name, value)| (name, clean(value)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.into_iter().map(clean).collect()),
        other => other,
    }
}
