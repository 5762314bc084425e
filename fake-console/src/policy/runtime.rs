//! What a runtime policy must look like (section 2.2).

use super::Collections;
use super::refusal::Refusal;
use serde_json::{Map, Value};
use std::collections::HashSet;

const SECTIONS: [&str; 4] = ["processes", "network", "dns", "filesystem"];

/// Members of the container policy of 22.12 and later, which App-Embedded never took over [SPEC].
const CONTAINER_STYLE: [&str; 19] = [
    "allowedList",
    "deniedList",
    "defaultEffect",
    "denyListEffect",
    "cryptoMinersEffect",
    "lateralMovementEffect",
    "modifiedProcessEffect",
    "reverseShellEffect",
    "suidBinariesEffect",
    "backdoorFilesEffect",
    "encryptedBinariesEffect",
    "newFilesEffect",
    "suspiciousELFHeadersEffect",
    "domainList",
    "allowedIPs",
    "deniedIPs",
    "deniedIPsEffect",
    "listeningPorts",
    "outboundPorts",
];

/// Refuses a policy that a real Console would refuse. The message names the rule and the member.
pub(crate) fn check_runtime(policy: &Value, collections: &Collections, lenient: bool) -> Result<(), Refusal> {
    let Some(policy) = policy.as_object() else {
        return Err(Refusal::bad("failed to unmarshal runtime policy: expected an object with rules"));
    };
    let mut names = HashSet::new();
    for (index, rule) in rules(policy, "runtime")?.iter().enumerate() {
        let (name, rule) = named(rule, index, &mut names)?;
        container_style(name, rule)?;
        known_collections(name, rule, collections, lenient)?;
        for section in SECTIONS {
            check_section(name, section, rule.get(section), lenient)?;
        }
        if let Some(effect) = rule.get("wildFireAnalysis").and_then(Value::as_str) {
            allowed_effect(name, "wildFireAnalysis", "wildFireAnalysis", effect)?;
        }
        custom_rules(name, rule)?;
    }
    Ok(())
}

/// The rules of a policy; `{}` and `null` clear it.
pub(super) fn rules<'a>(policy: &'a Map<String, Value>, kind: &str) -> Result<&'a [Value], Refusal> {
    match policy.get("rules") {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(rules)) => Ok(rules),
        Some(_) => Err(Refusal::bad(format!("failed to unmarshal {kind} policy: rules must be a list"))),
    }
}

/// Name and members of a rule; names are unique within the policy.
pub(super) fn named<'a>(
    rule: &'a Value,
    index: usize,
    names: &mut HashSet<&'a str>,
) -> Result<(&'a str, &'a Map<String, Value>), Refusal> {
    let Some(rule) = rule.as_object() else {
        return Err(Refusal::bad(format!("failed to unmarshal rules[{index}]: expected an object")));
    };
    let name = rule.get("name").and_then(Value::as_str).unwrap_or_default();
    if name.is_empty() {
        return Err(Refusal::bad(format!("rules[{index}].name is missing: each rule needs a name")));
    }
    if !names.insert(name) {
        return Err(Refusal::bad(format!("rule name '{name}' is used twice: rule names must be unique")));
    }
    Ok((name, rule))
}

/// Every collection that a rule names exists (C12); a rule names at least one.
pub(super) fn known_collections(
    name: &str,
    rule: &Map<String, Value>,
    collections: &Collections,
    lenient: bool,
) -> Result<(), Refusal> {
    let references = match rule.get("collections") {
        Some(Value::Array(references)) if !references.is_empty() => references,
        _ if lenient => return Ok(()),
        _ => {
            return Err(Refusal::bad(format!(
                "rule '{name}': collections is missing: name at least one collection, such as 'All'"
            )));
        }
    };
    for (index, reference) in references.iter().enumerate() {
        let Some(reference) = reference.get("name").and_then(Value::as_str) else {
            return Err(Refusal::bad(format!("rule '{name}': collections[{index}].name is missing")));
        };
        if !lenient && collections.get(reference).is_none() {
            return Err(Refusal::bad(format!(
                "rule '{name}': collection '{reference}' does not exist: create it first"
            )));
        }
    }
    Ok(())
}

fn container_style(name: &str, rule: &Map<String, Value>) -> Result<(), Refusal> {
    let sections = SECTIONS.iter().filter_map(|section| {
        rule.get(*section).and_then(Value::as_object).map(|members| (format!("{section}."), members))
    });
    for (prefix, members) in sections.chain([(String::new(), rule)]) {
        if let Some(member) = CONTAINER_STYLE.iter().find(|member| members.contains_key(**member)) {
            return Err(Refusal::bad(format!(
                "rule '{name}': {prefix}{member} belongs to the schema of container policies since 22.12: \
                 app-embedded policies have one effect, a whitelist and a blacklist per section"
            )));
        }
    }
    Ok(())
}

fn check_section(name: &str, section: &str, value: Option<&Value>, lenient: bool) -> Result<(), Refusal> {
    let missing = || {
        Refusal::bad(format!(
            "invalid {section} runtime rule effect: rule '{name}' has no {section}.effect: use 'prevent', 'alert' \
             or 'disable'"
        ))
    };
    let members = match value {
        None | Some(Value::Null) => return if lenient { Ok(()) } else { Err(missing()) },
        Some(Value::Object(members)) => members,
        Some(_) => {
            return Err(Refusal::bad(format!(
                "failed to unmarshal rule '{name}': {section} must be an object"
            )));
        }
    };
    match members.get("effect") {
        None | Some(Value::Null) => {
            if !lenient {
                return Err(missing());
            }
        }
        Some(Value::String(effect)) if effect.is_empty() => {
            if !lenient {
                return Err(missing());
            }
        }
        Some(Value::String(effect)) => allowed_effect(name, section, &format!("{section}.effect"), effect)?,
        Some(_) => {
            return Err(Refusal::bad(format!(
                "failed to unmarshal rule '{name}': {section}.effect must be a string"
            )));
        }
    }
    for (member, value) in members {
        let list = member.starts_with("whitelist") || member.starts_with("blacklist");
        match (list, value) {
            (false, _) | (true, Value::Null) => {}
            (true, Value::Array(items)) if member.ends_with("Ports") => {
                for item in items {
                    port_range(name, &format!("{section}.{member}"), item)?;
                }
            }
            (true, Value::Array(items)) if items.iter().all(Value::is_string) => {}
            (true, _) => {
                return Err(Refusal::bad(format!(
                    "failed to unmarshal rule '{name}': {section}.{member} must be a list of strings"
                )));
            }
        }
    }
    Ok(())
}

fn allowed_effect(name: &str, section: &str, member: &str, effect: &str) -> Result<(), Refusal> {
    match effect {
        "prevent" | "alert" | "disable" => Ok(()),
        "block" => Err(Refusal::bad(format!(
            "invalid {section} runtime rule effect: rule '{name}' has {member} 'block', which app-embedded \
             defenders do not support: use 'prevent', 'alert' or 'disable'"
        ))),
        other => Err(Refusal::bad(format!(
            "invalid {section} runtime rule effect: rule '{name}' has {member} '{other}': use 'prevent', 'alert' \
             or 'disable'"
        ))),
    }
}

fn port_range(name: &str, member: &str, range: &Value) -> Result<(), Refusal> {
    let bound = |bound: &str| range.get(bound).and_then(Value::as_u64).and_then(|p| u16::try_from(p).ok());
    match (bound("start"), bound("end")) {
        (Some(start), Some(end)) if start <= end => Ok(()),
        _ => Err(Refusal::bad(format!(
            "rule '{name}': {member} has {range}: give start and end, both ports, the start not above the end"
        ))),
    }
}

fn custom_rules(name: &str, rule: &Map<String, Value>) -> Result<(), Refusal> {
    for (index, custom) in rule.get("customRules").and_then(Value::as_array).into_iter().flatten().enumerate()
    {
        for (member, allowed) in [
            ("action", &["audit", "incident"][..]),
            ("effect", &["prevent", "alert", "allow", "ban", "disable"]),
        ] {
            if let Some(value) = custom.get(member).filter(|value| !value.is_null())
                && !value.as_str().is_some_and(|value| allowed.contains(&value))
            {
                return Err(Refusal::bad(format!(
                    "rule '{name}': customRules[{index}].{member} is {value}: use one of {allowed:?}"
                )));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{default_rule, runtime_for_link};
    use proptest::prelude::*;
    use serde_json::json;

    fn collections() -> Collections {
        Collections::new("2026-01-01T00:00:00Z", false)
    }

    fn rule() -> Value {
        json!({"name": "r", "collections": [{"name": "All"}], "processes": {"effect": "prevent"},
               "network": {"effect": "disable"}, "dns": {"effect": "alert"}, "filesystem": {"effect": "disable"}})
    }

    fn with(pointer: &str, value: Value) -> Value {
        let (parent, member) = pointer.rsplit_once('/').unwrap();
        let mut rule = rule();
        rule.pointer_mut(parent).unwrap()[member] = value;
        json!({"rules": [rule]})
    }

    fn message(policy: &Value) -> String {
        check_runtime(policy, &collections(), false).unwrap_err().message
    }

    #[test]
    fn the_minimum_the_default_rule_and_nothing_at_all_are_accepted() {
        for policy in [
            json!({}),
            json!({"rules": null}),
            json!({"rules": [rule()]}),
            json!({"rules": [default_rule("2026-01-01T00:00:00Z")]}),
        ] {
            check_runtime(&policy, &collections(), false).unwrap();
            runtime_for_link(&policy, &collections()).unwrap();
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (policy, words) in [
            (json!([]), "failed to unmarshal runtime policy"),
            (json!({"rules": {}}), "rules must be a list"),
            (json!({"rules": [1]}), "rules[0]"),
            (json!({"rules": [{"name": ""}]}), "rules[0].name is missing"),
            (json!({"rules": [rule(), rule()]}), "'r' is used twice"),
            (with("/collections", json!([])), "collections is missing"),
            (with("/collections", json!([{"name": "nope"}])), "collection 'nope' does not exist"),
            (with("/filesystem", json!({})), "invalid filesystem runtime rule effect"),
            (with("/filesystem", json!(null)), "invalid filesystem runtime rule effect"),
            (
                with("/processes/effect", json!("block")),
                "'block', which app-embedded defenders do not support",
            ),
            (with("/dns/effect", json!("deny")), "dns.effect 'deny'"),
            (with("/processes/whitelist", json!("ls")), "processes.whitelist must be a list of strings"),
            (
                with("/processes/allowedList", json!([])),
                "processes.allowedList belongs to the schema of container",
            ),
            (with("/processes/deniedList", json!({})), "22.12"),
            (with("/dns/domainList", json!({})), "dns.domainList"),
            (with("/network/defaultEffect", json!("alert")), "network.defaultEffect"),
            (
                with("/network/whitelistOutboundPorts", json!([{"start": 9, "end": 3}])),
                "whitelistOutboundPorts",
            ),
            (with("/wildFireAnalysis", json!("block")), "wildFireAnalysis"),
            (with("/customRules", json!([{"_id": 1, "effect": "block"}])), "customRules[0].effect"),
        ] {
            let message = message(&policy);
            assert!(message.contains(words), "{policy}: {message}");
        }
    }

    #[test]
    fn a_lenient_console_accepts_what_is_missing() {
        let policy = json!({"rules": [{"name": "r", "collections": [{"name": "nope"}], "dns": {}}]});
        check_runtime(&policy, &collections(), true).unwrap();
        let typed = runtime_for_link(&policy, &collections()).unwrap();
        assert_eq!(typed.rules[0].dns.as_ref().unwrap().effect, proofhouse_protocol::RuleEffect::Disable);
        assert_eq!(typed.rules[0].collections[0].name, "nope");
    }

    #[test]
    fn null_lists_reach_the_defender_as_empty_ones() {
        let policy = with("/dns/whitelist", json!(null));
        check_runtime(&policy, &collections(), false).unwrap();
        assert!(
            runtime_for_link(&policy, &collections()).unwrap().rules[0]
                .dns
                .as_ref()
                .unwrap()
                .whitelist
                .is_empty()
        );
    }

    fn any_section() -> impl Strategy<Value = Value> {
        let list = || proptest::option::of(proptest::collection::vec("[a-z*./]{0,6}", 0..3));
        (proptest::sample::select(vec!["prevent", "alert", "disable"]), list(), list(), any::<bool>()).prop_map(
            |(effect, allow, deny, flag)| json!({"effect": effect, "whitelist": allow, "blacklist": deny, "unheardOf": flag}),
        )
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_can_be_sent(
            processes in any_section(), dns in any_section(), filesystem in any_section(), disabled in any::<bool>()
        ) {
            let policy = json!({"rules": [{"name": "r", "disabled": disabled, "collections": [{"name": "All"}],
                "processes": processes, "dns": dns, "filesystem": filesystem, "network": {"effect": "disable"}}]});
            prop_assert!(check_runtime(&policy, &collections(), false).is_ok());
            let typed = runtime_for_link(&policy, &collections()).unwrap();
            let sent = serde_json::to_value(typed).unwrap();
            prop_assert_eq!(&sent["rules"][0]["processes"]["unheardOf"], &policy["rules"][0]["processes"]["unheardOf"]);
            prop_assert_eq!(&sent["rules"][0]["dns"]["effect"], &policy["rules"][0]["dns"]["effect"]);
        }
    }
}
