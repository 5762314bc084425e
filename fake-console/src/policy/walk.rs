//! Ways through a policy, whatever it looks like.

use serde_json::Value;

/// The rules of a policy.
pub(super) fn rules(policy: &Value) -> impl Iterator<Item = &Value> {
    policy.get("rules").and_then(Value::as_array).into_iter().flatten()
}

/// The same, to be changed.
pub(super) fn rules_mut(policy: &mut Value) -> impl Iterator<Item = &mut Value> {
    policy.get_mut("rules").and_then(Value::as_array_mut).into_iter().flatten()
}

/// The collections that a rule names.
pub(super) fn references_mut(rule: &mut Value) -> impl Iterator<Item = &mut Value> {
    rule.get_mut("collections").and_then(Value::as_array_mut).into_iter().flatten()
}
