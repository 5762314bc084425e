//! Which names may be looked up (sections 3.2 and 3.4).

use crate::international::on_the_wire;
use crate::{Audit, Container, Trail, Verdict, governing_rule};
use proofhouse_protocol::audit::RuntimeAuditType;
use proofhouse_protocol::runtime_policy::DnsSection;
use proofhouse_protocol::semantics::{EmptyLists, PlainDomain};
use proofhouse_protocol::{RuleEffect, RuntimePolicy, Semantics};

/// What the policy makes of a question that a container asks, whatever its type (D10) and its way (D11).
#[must_use]
pub fn judge_question(
    policy: &RuntimePolicy,
    container: &Container<'_>,
    name: &str,
    semantics: &Semantics,
) -> Verdict {
    let mut trail = Trail::default();
    let Some(rule) = governing_rule(policy, container, &mut trail) else { return Verdict::fine(trail) };
    let Some(section) = &rule.dns else {
        trail.through("names.no-section");
        return Verdict::fine(trail);
    };
    judge_lookup(&rule.name, section, name, semantics, trail)
}

/// What a section makes of a name. D4, F1: `disable` makes nothing of it. A2: an audit is one of the network. A12: it has no technique.
#[must_use]
pub fn judge_lookup(
    rule: &str,
    section: &DnsSection,
    name: &str,
    semantics: &Semantics,
    mut trail: Trail,
) -> Verdict {
    if section.effect == RuleEffect::Disable {
        trail.through("names.disabled");
        return Verdict::fine(trail);
    }
    if !denied(section, name, semantics, &mut trail) {
        trail.through("names.resolves");
        return Verdict::fine(trail);
    }
    let audit = Audit {
        rule: rule.to_owned(),
        kind: RuntimeAuditType::Network,
        attack_type: "explicitlyDeniedDNS",
        technique: None,
        effect: section.effect,
    };
    Verdict::violation(section.effect, audit, trail)
}

fn denied(section: &DnsSection, name: &str, semantics: &Semantics, trail: &mut Trail) -> bool {
    // D13: a profile may know no deny lists.
    let deny: &[String] = if semantics.deny_lists { &section.blacklist } else { &[] };
    if deny.len() < section.blacklist.len() {
        trail.through("names.deny-list-ignored");
    }
    let allow = &section.whitelist;

    // D13. Deny wins, as for programs (choice).
    if list_covers(deny, name, semantics, trail) {
        trail.through("names.denied");
        if list_covers(allow, name, semantics, &mut Trail::default()) {
            trail.through("names.deny-wins");
        }
        return true;
    }

    // D1, D2, D3, D5, and D12, as the own name of the container is a name like another.
    if !allow.is_empty() {
        let allowed = list_covers(allow, name, semantics, trail);
        trail.through(if allowed { "names.allowed" } else { "names.not-allowed" });
        return !allowed;
    }
    if !deny.is_empty() {
        trail.through("names.not-denied");
        return false;
    }

    // P6, for names as for programs (choice).
    let deny_all = semantics.empty_lists == EmptyLists::DenyAll && section.effect != RuleEffect::Alert;
    trail.through(if deny_all { "names.empty-lists-deny-all" } else { "names.empty-lists-deny-nothing" });
    deny_all
}

fn list_covers(list: &[String], name: &str, semantics: &Semantics, trail: &mut Trail) -> bool {
    list.iter().any(|entry| entry_covers(entry, name, semantics, trail))
}

/// Whether an entry covers a name as it is on the wire. D9: case and the dot of the root do not count, and the labels of an
/// international entry are what they are on the wire. D8: an entry without a star is the name, and in some profiles what is below it.
/// D6: one star. D7: several stars.
#[must_use]
pub fn entry_covers(entry: &str, name: &str, semantics: &Semantics, trail: &mut Trail) -> bool {
    let (written_entry, written_name) = (entry, name);
    let (entry, name) = (on_the_wire(&plain(entry)), plain(name));
    let pieces: Vec<&str> = entry.split('*').collect();
    let by = match pieces[..] {
        [whole] => covered_without_star(whole, &name, semantics),
        [head, tail] => covered_by_one_star(head, tail, &name, semantics),
        _ => covered_by_several_stars(&pieces, &name, semantics),
    };
    let Some(clause) = by else { return false };
    trail.through(clause);
    if pieces.len() > 2 {
        trail.through("names.several-stars");
    }
    if !written_entry.is_ascii() {
        trail.through("names.international");
    }
    if plain(written_entry) != written_entry || plain(written_name) != written_name {
        trail.through("names.spelling");
    }
    true
}

fn plain(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_lowercase()
}

/// D8. What is below a name has a dot before it: `evilexample.com` is not below `example.com`.
fn covered_without_star(entry: &str, name: &str, semantics: &Semantics) -> Option<&'static str> {
    if name == entry {
        return Some("names.equal");
    }
    let below = name.ends_with(&format!(".{entry}"));
    (semantics.plain_domain == PlainDomain::Suffix && below).then_some("names.below-plain-entry")
}

/// D6, and the other places where one star may stand (choices): before a text without a dot, at the end, inside.
fn covered_by_one_star(head: &str, tail: &str, name: &str, semantics: &Semantics) -> Option<&'static str> {
    match (head, tail) {
        ("", "") => Some("names.everything"),
        ("", tail) => covered_by_leading_star(tail, name, semantics),
        (head, "") => name.starts_with(head).then_some("names.starts"),
        (head, tail) => {
            let room = name.len() >= head.len() + tail.len();
            (room && name.starts_with(head) && name.ends_with(tail)).then_some("names.around")
        }
    }
}

/// D6: `*.example.com` is what is below `example.com`, and itself as declared. `*example.com` is every name that ends so.
fn covered_by_leading_star(tail: &str, name: &str, semantics: &Semantics) -> Option<&'static str> {
    let Some(apex) = tail.strip_prefix('.') else {
        return name.ends_with(tail).then_some("names.ends");
    };
    if name == apex {
        return semantics.wildcard_matches_apex.then_some("names.apex");
    }
    (name.ends_with(tail) && name != tail).then_some("names.below")
}

/// D7: the right-most star is the one that counts, so that `*.*.b.a` is `*.b.a`. Where it is the last character, the entry is what stands
/// between it and the star before it, anywhere in the name (choice); no more than a dot there is everything.
fn covered_by_several_stars(pieces: &[&str], name: &str, semantics: &Semantics) -> Option<&'static str> {
    let (last, before) = (pieces[pieces.len() - 1], pieces[pieces.len() - 2]);
    if !last.is_empty() {
        return covered_by_leading_star(last, name, semantics);
    }
    match before {
        "" | "." => Some("names.everything"),
        middle => name.contains(middle).then_some("names.contains"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covers(entry: &str, name: &str) -> bool {
        entry_covers(entry, name, &Semantics::current(), &mut Trail::default())
    }

    /// D6, D7, D8, D9 as the reference has them.
    #[test]
    fn entries() {
        for (entry, name, expected) in [
            ("*.example.com", "www.example.com", true),
            ("*.example.com", "a.b.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "evilexample.com", false),
            ("*.example.com", "example.com.evil", false),
            ("*amazon.com", "amazon.com", true),
            ("*amazon.com", "s3.amazon.com", true),
            ("*.*.b.a", "x.b.a", true),
            ("*.*.b.a", "b.a", false),
            ("*.s3.*.amazon.com", "x.amazon.com", true),
            ("example.com", "example.com", true),
            ("example.com", "www.example.com", false),
            ("example.com", "evilexample.com", false),
            ("example.com", "EXAMPLE.com.", true),
            ("Example.COM.", "example.com", true),
            ("bücher.example", "xn--bcher-kva.example", true),
            ("*.BÜCHER.example", "www.xn--bcher-kva.example", true),
            ("*.bücher.example", "xn--bcher-kva.example", false),
            ("bucher.example", "xn--bcher-kva.example", false),
            ("*", "anything", true),
            ("www.*", "www.example.com", true),
            ("www.*", "ww.example.com", false),
        ] {
            assert_eq!(covers(entry, name), expected, "{entry} {name}");
        }
    }

    /// D6, D8.
    #[test]
    fn choices_of_profiles() {
        let apex = Semantics { wildcard_matches_apex: true, ..Semantics::current() };
        assert!(entry_covers("*.example.com", "example.com", &apex, &mut Trail::default()));
        let old = Semantics::legacy_20();
        assert!(entry_covers("amazon.com", "s3.amazon.com", &old, &mut Trail::default()));
        assert!(!entry_covers("amazon.com", "evilamazon.com", &old, &mut Trail::default()));
    }

    /// D1 to D5, D13: what the lists hold, and what comes of `google.com` under each effect.
    #[test]
    fn lists() {
        let current = Semantics::current();
        let no_deny = Semantics::allow_only_21();
        for (allow, deny, semantics, is_denied) in [
            (vec!["google.com"], vec![], &current, false),
            (vec!["yahoo.com"], vec![], &current, true),
            (vec![], vec!["google.com"], &current, true),
            (vec![], vec!["yahoo.com"], &current, false),
            (vec!["google.com"], vec!["google.com"], &current, true),
            (vec!["google.com"], vec!["google.com"], &no_deny, false),
            (vec![], vec![], &current, false),
            (vec![], vec![], &no_deny, true),
        ] {
            for (effect, happens, told) in [
                ("prevent", !is_denied, is_denied),
                ("disable", true, false),
                ("block", !is_denied, is_denied),
            ] {
                let json = serde_json::json!({"effect": effect, "whitelist": allow, "blacklist": deny});
                let section: DnsSection = serde_json::from_value(json).unwrap();
                let verdict = judge_lookup("r", &section, "google.com", semantics, Trail::default());
                assert_eq!((verdict.happens, verdict.audit.is_some()), (happens, told), "{section:?}");
            }
        }
    }

    /// D2, A2, F7.
    #[test]
    fn under_alert_it_resolves_and_is_told_of() {
        let json = serde_json::json!({"effect": "alert", "whitelist": ["google.com"]});
        let section: DnsSection = serde_json::from_value(json).unwrap();
        let verdict = judge_lookup("r", &section, "yahoo.com", &Semantics::current(), Trail::default());
        assert!(verdict.happens);
        let audit = verdict.audit.unwrap();
        assert_eq!((audit.kind, audit.attack_type), (RuntimeAuditType::Network, "explicitlyDeniedDNS"));
        assert_eq!((audit.effect, audit.technique), (RuleEffect::Alert, None));
    }
}
