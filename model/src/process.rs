//! Which programs may run (sections 3.2 and 3.3).

use crate::program::{all_names, allow_covers, base_name, deny_covers};
use crate::{Audit, Container, Links, Start, Trail, Verdict, governing_rule};
use proofhouse_protocol::audit::RuntimeAuditType;
use proofhouse_protocol::runtime_policy::ProcessSection;
use proofhouse_protocol::semantics::EmptyLists;
use proofhouse_protocol::{RuleEffect, RuntimePolicy, Semantics};

/// The only miner that the reference names: a name suffices. Which others a Defender knows is no matter of the policy.
const MINER: &str = "xmrig";

/// What the policy makes of a start in a container.
#[must_use]
pub fn judge_start(
    policy: &RuntimePolicy,
    container: &Container<'_>,
    start: &Start<'_>,
    links: &Links<'_>,
    semantics: &Semantics,
) -> Verdict {
    let mut trail = Trail::default();
    let Some(rule) = governing_rule(policy, container, &mut trail) else { return Verdict::fine(trail) };
    let Some(section) = &rule.processes else {
        trail.through("process.no-section");
        return Verdict::fine(trail);
    };
    judge_process(&rule.name, section, start, links, semantics, trail)
}

/// What a section makes of a start. F1: `disable` makes nothing of it. P10: nor is the entry point judged.
#[must_use]
pub fn judge_process(
    rule: &str,
    section: &ProcessSection,
    start: &Start<'_>,
    links: &Links<'_>,
    semantics: &Semantics,
    mut trail: Trail,
) -> Verdict {
    if section.effect == RuleEffect::Disable {
        trail.through("process.disabled");
        return Verdict::fine(trail);
    }
    if start.entry_point {
        trail.through("process.entry-point");
        return Verdict::fine(trail);
    }
    let Some((attack_type, technique)) = attack(section, start, links, semantics, &mut trail) else {
        trail.through("process.runs");
        return Verdict::fine(trail);
    };
    let audit = Audit {
        rule: rule.to_owned(),
        kind: RuntimeAuditType::Processes,
        attack_type,
        technique: Some(technique),
        effect: section.effect,
    };
    Verdict::violation(section.effect, audit, trail)
}

/// A12: the type of an attack, and its technique.
type Attack = (&'static str, &'static str);

const DENIED: Attack = ("explicitlyDeniedProcess", "nativeBinaryExecution");
const MINING: Attack = ("cryptoMinerProcess", "resourceHijacking");
const MODIFIED: Attack = ("modifiedProcess", "foreignBinaryExecution");
const ALTERED: Attack = ("alteredBinary", "supplyChainCompromise");

/// Lists first, then detections: a program on the allow list is exempt from them.
fn attack(
    section: &ProcessSection,
    start: &Start<'_>,
    links: &Links<'_>,
    semantics: &Semantics,
    trail: &mut Trail,
) -> Option<Attack> {
    // P10: only the main process may run, whatever is listed.
    if section.block_all_binaries {
        trail.through("process.main-only");
        return Some(DENIED);
    }

    // A profile may know no deny lists; what one says is as if it were not there.
    let deny: &[String] = if semantics.deny_lists { &section.blacklist } else { &[] };
    if deny.len() < section.blacklist.len() {
        trail.through("process.deny-list-ignored");
    }
    let allow = &section.whitelist;

    // P1, P2, P5: deny wins.
    if deny_covers(deny, start, links, trail) {
        trail.through("process.denied");
        if allow_covers(allow, start, links, &mut Trail::default()) {
            trail.through("process.deny-wins");
        }
        return Some(DENIED);
    }

    // P3: a filled allow list denies the rest.
    if !allow.is_empty() {
        if allow_covers(allow, start, links, trail) {
            trail.through("process.allowed");
            if detection(section, start, &mut Trail::default()).is_some() {
                trail.through("process.allowed-whatever-is-detected");
            }
            return None;
        }
        trail.through("process.not-allowed");
        return Some(DENIED);
    }

    if deny.is_empty() {
        // P6. Under alert, empty lists deny nothing in any profile (choice).
        if semantics.empty_lists == EmptyLists::DenyAll && section.effect != RuleEffect::Alert {
            trail.through("process.empty-lists-deny-all");
            return Some(DENIED);
        }
        trail.through("process.empty-lists-deny-nothing");
    } else {
        // P4.
        trail.through("process.not-denied");
    }
    detection(section, start, trail)
}

/// P17 to P20. A modified miner is told of as a miner, an altered file that was modified as modified (choices).
fn detection(section: &ProcessSection, start: &Start<'_>, trail: &mut Trail) -> Option<Attack> {
    if all_names(start).iter().any(|name| base_name(name).to_lowercase() == MINER) {
        if section.check_crypto_miners {
            trail.through("process.miner");
            return Some(MINING);
        }
        trail.through("process.detection-off");
    }
    if start.modified {
        if section.check_new_binaries {
            trail.through("process.modified");
            return Some(MODIFIED);
        }
        trail.through("process.detection-off");
    } else if start.altered {
        if section.check_new_binaries {
            trail.through("process.altered");
            return Some(ALTERED);
        }
        trail.through("process.detection-off");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINKS: Links<'static> =
        Links(&[("/bin", "/usr/bin"), ("/usr/bin/ls", "/bin/busybox"), ("/opt/sh", "/bin/dash")]);

    fn start<'a>(executable: &'a str, names: &'a [&'a str]) -> Start<'a> {
        let multi_call = executable.ends_with("busybox");
        Start { executable, names, multi_call, modified: false, altered: false, entry_point: false }
    }

    fn judge(json: serde_json::Value, start: &Start<'_>, semantics: &Semantics) -> Verdict {
        judge_process("r", &serde_json::from_value(json).unwrap(), start, &LINKS, semantics, Trail::default())
    }

    fn told(verdict: &Verdict) -> Option<&'static str> {
        verdict.audit.as_ref().map(|audit| audit.attack_type)
    }

    /// P1 to P6: allow list, deny list, profile, and whether `ls` is denied under prevent.
    #[test]
    fn lists() {
        let (current, old) = (Semantics::current(), Semantics::legacy_20());
        let no_deny = Semantics::allow_only_21();
        for (allow, deny, semantics, denied) in [
            (vec!["ls"], vec![], &current, false),
            (vec!["cat"], vec![], &current, true),
            (vec![], vec!["ls"], &current, true),
            (vec![], vec!["cat"], &current, false),
            (vec!["ls"], vec!["ls"], &current, true),
            (vec!["ls"], vec!["cat"], &current, false),
            (vec!["cat"], vec!["pwd"], &current, true),
            (vec!["ls"], vec!["ls"], &no_deny, false),
            (vec![], vec!["cat"], &no_deny, true),
            (vec![], vec![], &current, false),
            (vec![], vec![], &old, true),
            (vec![], vec!["cat"], &old, false),
        ] {
            let json = serde_json::json!({"effect": "prevent", "whitelist": allow, "blacklist": deny});
            let verdict = judge(json.clone(), &start("/usr/bin/ls", &[]), semantics);
            assert_eq!(verdict.happens, !denied, "{json} {}", semantics.profile);
            assert_eq!(told(&verdict), denied.then_some("explicitlyDeniedProcess"));
        }
    }

    /// P1, P2, F1, F2, F7: effect, whether it runs, effect of the audit.
    #[test]
    fn effects() {
        for (effect, happens, applied) in [
            ("prevent", false, Some(RuleEffect::Prevent)),
            ("block", false, Some(RuleEffect::Prevent)),
            ("alert", true, Some(RuleEffect::Alert)),
            ("disable", true, None),
        ] {
            let json = serde_json::json!({"effect": effect, "blacklist": ["ls"]});
            let verdict = judge(json, &start("/usr/bin/ls", &[]), &Semantics::current());
            assert_eq!((verdict.happens, verdict.audit.map(|audit| audit.effect)), (happens, applied));
        }
    }

    /// P7, P8, P9, V3, V4, V6: an entry, what is started, whether a deny list and whether an allow list covers it.
    #[test]
    fn entries() {
        let busybox = start("/usr/bin/busybox", &["/bin/ls"]);
        let script = start("/usr/bin/dash", &["/tmp/run.sh"]);
        for (entry, start, on_deny, on_allow) in [
            ("ls", start("/usr/bin/ls", &[]), true, true),
            ("ls", start("/bin/ls", &[]), true, true),
            ("ls", start("/usr/bin/lsof", &[]), false, false),
            ("LS", start("/usr/bin/ls", &[]), false, false),
            ("ls*", start("/usr/bin/lsof", &[]), true, true),
            ("//usr//bin/./ls", start("/usr/bin/ls", &[]), true, true),
            ("/usr/lib/../bin/ls", start("/usr/bin/ls", &[]), true, true),
            ("/usr/bin/ls/", start("/usr/bin/ls", &[]), false, false),
            ("/usr/bin/ls", start("/usr/sbin/ls", &[]), false, false),
            ("/bin/mkdir", start("/usr/bin/mkdir", &[]), true, true),
            ("/opt/sh", start("/usr/bin/dash", &[]), true, true),
            ("ls", busybox, true, false),
            ("busybox", busybox, true, true),
            ("/bin/ls", busybox, true, false),
            ("/bin/ls", start("/usr/bin/busybox", &["/bin/cat"]), false, false),
            ("run.sh", script, true, false),
            ("dash", script, true, true),
            ("mkdir", start("/memfd:mkdir", &[]), true, true),
        ] {
            let current = Semantics::current();
            let deny =
                judge(serde_json::json!({"effect": "prevent", "blacklist": [entry]}), &start, &current);
            let allow =
                judge(serde_json::json!({"effect": "prevent", "whitelist": [entry]}), &start, &current);
            assert_eq!((!deny.happens, allow.happens), (on_deny, on_allow), "{entry} {start:?}");
        }
    }

    /// P10.
    #[test]
    fn only_the_main_process_is_exempt() {
        let main = Start { entry_point: true, ..start("/app", &[]) };
        for json in [
            serde_json::json!({"effect": "prevent", "blockAllBinaries": true, "whitelist": ["app"]}),
            serde_json::json!({"effect": "prevent", "whitelist": ["other"]}),
        ] {
            assert!(judge(json.clone(), &main, &Semantics::current()).audit.is_none());
            let child = start("/usr/bin/dash", &["/app"]);
            assert!(!judge(json, &child, &Semantics::current()).happens);
        }
    }

    /// P17 to P20.
    #[test]
    fn detections() {
        let miner = start("/tmp/XMRig", &[]);
        let fresh = Start { modified: true, altered: true, ..start("/tmp/tool", &[]) };
        let altered = Start { modified: false, ..fresh };
        for (miners, new, listed) in (0..8).map(|bits| (bits & 1 > 0, bits & 2 > 0, bits & 4 > 0)) {
            let allow: &[&str] = if listed { &["tool", "XMRig"] } else { &[] };
            let json = serde_json::json!({"effect": "alert", "whitelist": allow, "checkCryptoMiners": miners,
                "checkNewBinaries": new});
            let current = Semantics::current();
            let found = [miner, fresh, altered].map(|start| told(&judge(json.clone(), &start, &current)));
            let expected = [
                (miners && !listed).then_some("cryptoMinerProcess"),
                (new && !listed).then_some("modifiedProcess"),
                (new && !listed).then_some("alteredBinary"),
            ];
            assert_eq!(found, expected);
        }
    }
}
