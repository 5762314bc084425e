//! What a runtime policy must look like (section 2.2).

use super::Collections;
use super::mistake::Mistakes;
use super::path::JsonPath;
use super::rule::{known_collections, label, rules, unique};
use super::shape::{Shape, check_shapes, must_be, told};
use super::spot::Spot;
use serde_json::Value;
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

/// What a Defender reads beside effects and lists.
const SHAPES: [(&str, Shape); 4] = [
    ("disabled", Shape::Flag),
    ("processes.blockAllBinaries", Shape::Flag),
    ("processes.checkCryptoMiners", Shape::Flag),
    ("processes.checkNewBinaries", Shape::Flag),
];

const EFFECTS: &str = "use 'prevent', 'alert' or 'disable'";

/// Everything for which a real Console would refuse the policy. Messages name the rule and the member.
pub(super) fn check_runtime(policy: &Value, collections: &Collections, lenient: bool) -> Mistakes {
    let mut found = Mistakes::default();
    let mut names = HashSet::new();
    for rule in rules(&Spot::root(policy), "runtime", &mut found) {
        unique(&rule, &mut names, &mut found);
        check_rule(&rule, collections, lenient, &mut found);
    }
    found
}

/// The same for a rule that is to stand beside others of these names.
pub(super) fn check_runtime_rule<'a>(
    rule: &'a Value,
    others: impl Iterator<Item = &'a str>,
    collections: &Collections,
    lenient: bool,
) -> Mistakes {
    let mut found = Mistakes::default();
    let rule = Spot::root(rule);
    unique(&rule, &mut others.collect(), &mut found);
    check_rule(&rule, collections, lenient, &mut found);
    found
}

fn check_rule(rule: &Spot<'_>, collections: &Collections, lenient: bool, found: &mut Mistakes) {
    let Some(label) = label(rule, found) else { return };
    container_style(rule, &label, found);
    known_collections(rule, &label, collections, lenient, found);
    check_shapes(rule, &SHAPES, &label, found);
    for section in SECTIONS {
        check_section(rule, section, &label, lenient, found);
    }
    if let Some(effect) = rule.member("wildFireAnalysis")
        && let Some(text) = effect.text()
    {
        allowed_effect(effect.path.clone(), &label, "wildFireAnalysis", "wildFireAnalysis", text, found);
    }
    custom_rules(rule, &label, found);
}

fn container_style(rule: &Spot<'_>, label: &str, found: &mut Mistakes) {
    let sections = SECTIONS.iter().filter_map(|section| rule.member(section));
    for place in sections.chain([rule.clone()]) {
        let members = place.value.as_object().into_iter().flat_map(|members| members.keys());
        for member in members.filter(|member| CONTAINER_STYLE.contains(&member.as_str())) {
            found.stray(
                place.path.member(member),
                format!("{label}: {member} belongs to the schema of container policies since 22.12"),
                "app-embedded policies have one effect, a whitelist and a blacklist per section",
            );
        }
    }
}

fn check_section(rule: &Spot<'_>, section: &str, label: &str, lenient: bool, found: &mut Mistakes) {
    let missing = |found: &mut Mistakes| {
        let message = format!("invalid {section} runtime rule effect: {label} has no {section}.effect");
        found.add(rule.path.member(section).member("effect"), message, EFFECTS);
    };
    let Some(place) = rule.member(section) else {
        if !lenient {
            missing(found);
        }
        return;
    };
    if !place.value.is_object() {
        return must_be(&place, Shape::Object, label, found);
    }
    match place.member("effect").map(|effect| (effect.text(), effect)) {
        None | Some((Some(""), _)) if lenient => {}
        None | Some((Some(""), _)) => missing(found),
        Some((Some(text), effect)) => {
            allowed_effect(effect.path, label, section, &format!("{section}.effect"), text, found);
        }
        Some((None, effect)) => must_be(&effect, Shape::Text, label, found),
    }
    for (name, member) in place.members() {
        if !(name.starts_with("whitelist") || name.starts_with("blacklist")) {
            continue;
        }
        let ports = name.ends_with("Ports");
        let shape = if ports { Shape::List } else { Shape::Texts };
        if !shape.fits(member.value) {
            must_be(&member, shape, label, found);
        } else if ports {
            member.items().for_each(|range| port_range(&range, label, found));
        }
    }
}

fn allowed_effect(
    path: JsonPath,
    label: &str,
    section: &str,
    member: &str,
    effect: &str,
    found: &mut Mistakes,
) {
    let problem = match effect {
        "prevent" | "alert" | "disable" => return,
        "block" => ", which app-embedded defenders do not support",
        _ => "",
    };
    let message = format!("invalid {section} runtime rule effect: {label} has {member} '{effect}'{problem}");
    found.add(path, message, EFFECTS);
}

fn port_range(range: &Spot<'_>, label: &str, found: &mut Mistakes) {
    let bound = |name: &str| {
        let number = range.member(name).and_then(|bound| bound.value.as_u64());
        number.and_then(|port| u16::try_from(port).ok())
    };
    check_shapes(range, &[("deny", Shape::Flag)], label, found);
    match (bound("start"), bound("end")) {
        (Some(start), Some(end)) if start <= end => {}
        _ => found.add(
            range.path.clone(),
            format!("{label}: {} is no range of ports", range.path.end()),
            "give start and end, both ports, the start not above the end",
        ),
    }
}

fn custom_rules(rule: &Spot<'_>, label: &str, found: &mut Mistakes) {
    check_shapes(rule, &[("customRules", Shape::List), ("customRules.*", Shape::Object)], label, found);
    for (pattern, allowed) in [
        ("customRules.*.action", &["audit", "incident"][..]),
        ("customRules.*.effect", &["prevent", "alert", "allow", "ban", "disable"]),
    ] {
        for member in rule.along(pattern) {
            if !member.text().is_some_and(|text| allowed.contains(&text)) {
                let message = format!("{label}: {}", told(&member.path, Some(member.value)));
                found.add(member.path, message, format!("use one of {}", allowed.join(", ")));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Refusal, default_rule, runtime_for_link};
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

    fn accepted(policy: &Value, lenient: bool) -> Result<(), Refusal> {
        check_runtime(policy, &collections(), lenient).refuse(policy)
    }

    fn message(policy: &Value) -> String {
        accepted(policy, false).unwrap_err().message
    }

    #[test]
    fn the_minimum_the_default_rule_and_nothing_at_all_are_accepted() {
        for policy in [
            json!({}),
            json!({"rules": null}),
            json!({"rules": [rule()]}),
            json!({"rules": [default_rule("2026-01-01T00:00:00Z")]}),
        ] {
            accepted(&policy, false).unwrap();
            runtime_for_link(&policy, &collections()).unwrap();
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (policy, words) in [
            (json!([]), "failed to unmarshal runtime policy"),
            (
                json!({"rules": {}}),
                "rules: failed to unmarshal runtime policy: rules is an object: give a list",
            ),
            (json!({"rules": [1]}), "rules[0]: failed to unmarshal a rule: rules[0] is 1"),
            (json!({"rules": [{"name": ""}]}), "rules[0].name: the rule has no name"),
            (
                json!({"rules": [{"name": 7}]}),
                "rules[0].name: failed to unmarshal the name of a rule: rules[0].name is 7",
            ),
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
            (
                with("/processes/whitelist", json!("ls")),
                "rules[0].processes.whitelist: failed to unmarshal rule 'r': processes.whitelist is \"ls\": give a list of strings",
            ),
            (
                with("/processes/allowedList", json!([])),
                "rules[0].processes.allowedList: rule 'r': allowedList belongs to the schema of container",
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
    fn every_mistake_is_told_in_the_order_of_the_document() {
        let policy = json!({"rules": [
            {"dns": {"effect": "block", "blacklist": [1]}, "name": "a", "disabled": "yes",
             "processes": {"effect": "alert", "checkNewBinaries": 1, "deniedList": []},
             "network": {"effect": "deny", "blacklistOutboundPorts": [{"start": 1, "end": 2}, {"start": 3}]},
             "collections": [{"name": "All"}, {"name": "nope"}, {}]},
            7,
            {"name": "a", "collections": [], "processes": {}, "network": [], "dns": {"effect": "alert"},
             "filesystem": {"effect": 1}}]});
        let refusal = accepted(&policy, false).unwrap_err();
        let paths: Vec<_> = refusal.mistakes.iter().map(|mistake| mistake.path.to_string()).collect();
        assert_eq!(
            paths,
            [
                "rules[0].dns.effect",
                "rules[0].dns.blacklist",
                "rules[0].disabled",
                "rules[0].processes.checkNewBinaries",
                "rules[0].processes.deniedList",
                "rules[0].network.effect",
                "rules[0].network.blacklistOutboundPorts[1]",
                "rules[0].collections[1].name",
                "rules[0].collections[2].name",
                "rules[0].filesystem.effect",
                "rules[1]",
                "rules[2].name",
                "rules[2].collections",
                "rules[2].processes.effect",
                "rules[2].network",
                "rules[2].filesystem.effect",
            ]
        );
        let lines: Vec<_> = refusal.message.lines().collect();
        assert_eq!(lines.len(), paths.len());
        assert!(
            lines.iter().zip(&paths).all(|(line, path)| line.starts_with(&format!("{path}: "))),
            "{lines:?}"
        );
        assert_eq!(
            lines[0],
            "rules[0].dns.effect: invalid dns runtime rule effect: rule 'a' has dns.effect 'block', which \
             app-embedded defenders do not support: use 'prevent', 'alert' or 'disable'"
        );
    }

    #[test]
    fn a_lenient_console_accepts_what_is_missing() {
        let policy = json!({"rules": [{"name": "r", "collections": [{"name": "nope"}], "dns": {}}]});
        accepted(&policy, true).unwrap();
        let typed = runtime_for_link(&policy, &collections()).unwrap();
        assert_eq!(typed.rules[0].dns.as_ref().unwrap().effect, proofhouse_protocol::RuleEffect::Disable);
        assert_eq!(typed.rules[0].collections[0].name, "nope");
    }

    #[test]
    fn null_lists_reach_the_defender_as_empty_ones() {
        let policy = with("/dns/whitelist", json!(null));
        accepted(&policy, false).unwrap();
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
            prop_assert!(accepted(&policy, false).is_ok());
            let typed = runtime_for_link(&policy, &collections()).unwrap();
            let sent = serde_json::to_value(typed).unwrap();
            prop_assert_eq!(&sent["rules"][0]["processes"]["unheardOf"], &policy["rules"][0]["processes"]["unheardOf"]);
            prop_assert_eq!(&sent["rules"][0]["dns"]["effect"], &policy["rules"][0]["dns"]["effect"]);
        }
    }
}
