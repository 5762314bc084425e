//! What may be reached, and where may be listened (sections 3.2 and 3.4).

use crate::address::{entry_covers, is_on_the_internet, is_own};
use crate::{Audit, Container, Trail, Verdict, governing_rule};
use proofhouse_protocol::audit::RuntimeAuditType;
use proofhouse_protocol::runtime_policy::{NetworkSection, PortRange};
use proofhouse_protocol::{RuleEffect, RuntimePolicy, RuntimeRule, Semantics};
use std::net::IpAddr;

/// What the policy makes of a container that reaches an address: at a port, where the protocol has ports.
#[must_use]
pub fn judge_reach(
    policy: &RuntimePolicy,
    container: &Container<'_>,
    to: IpAddr,
    port: Option<u16>,
    semantics: &Semantics,
) -> Verdict {
    judge(policy, container, |section, trail| reach(section, to, port, semantics, trail))
}

/// What the policy makes of a container that listens on a port, at an address of its own.
#[must_use]
pub fn judge_listener(
    policy: &RuntimePolicy,
    container: &Container<'_>,
    at: IpAddr,
    port: u16,
    semantics: &Semantics,
) -> Verdict {
    judge(policy, container, |section, trail| listener(section, at, port, semantics, trail))
}

fn judge(
    policy: &RuntimePolicy,
    container: &Container<'_>,
    attack: impl FnOnce(&NetworkSection, &mut Trail) -> Option<&'static str>,
) -> Verdict {
    let mut trail = Trail::default();
    let Some(rule) = governing_rule(policy, container, &mut trail) else { return Verdict::fine(trail) };
    let Some(section) = &rule.network else {
        trail.through("network.no-section");
        return Verdict::fine(trail);
    };
    if section.effect == RuleEffect::Disable {
        trail.through("network.disabled");
        return Verdict::fine(trail);
    }
    match attack(section, &mut trail) {
        Some(attack_type) => Verdict::violation(section.effect, audit(rule, section, attack_type), trail),
        None => {
            trail.through("network.fine");
            Verdict::fine(trail)
        }
    }
}

/// A12: an audit of the network has no technique.
fn audit(rule: &RuntimeRule, section: &NetworkSection, attack_type: &'static str) -> Audit {
    Audit {
        rule: rule.name.clone(),
        kind: RuntimeAuditType::Network,
        attack_type,
        technique: None,
        effect: section.effect,
    }
}

/// D15. Each pair of lists decides by itself; the address is told of before the port (choice).
fn reach(
    section: &NetworkSection,
    to: IpAddr,
    port: Option<u16>,
    semantics: &Semantics,
    trail: &mut Trail,
) -> Option<&'static str> {
    if is_own(to) {
        trail.through("network.loopback");
        return None;
    }
    let covers =
        |entry: &String, trail: &mut Trail| entry_covers(entry, to).inspect(|by| trail.through(by)).is_some();
    if denied(&section.whitelist_ips, &section.blacklist_ips, covers, semantics, trail) {
        return Some("explicitlyDeniedIP");
    }
    let port = port?;
    if !is_on_the_internet(to) {
        trail.through("network.private-port");
        return None;
    }
    let (allow, deny) = (&section.whitelist_outbound_ports, &section.blacklist_outbound_ports);
    denied(allow, deny, in_range(port), semantics, trail).then_some("explicitlyDeniedOutboundPort")
}

/// D16. What only loopback reaches is nobody's business (choice).
fn listener(
    section: &NetworkSection,
    at: IpAddr,
    port: u16,
    semantics: &Semantics,
    trail: &mut Trail,
) -> Option<&'static str> {
    if is_own(at) && !at.is_unspecified() {
        trail.through("network.loopback-listener");
        return None;
    }
    let (allow, deny) = (&section.whitelist_listening_ports, &section.blacklist_listening_ports);
    denied(allow, deny, in_range(port), semantics, trail).then_some("explicitlyDeniedListeningPort")
}

/// D18: both ends are in it.
fn in_range(port: u16) -> impl Fn(&PortRange, &mut Trail) -> bool {
    move |range, trail| {
        let inside = range.start <= port && port <= range.end;
        if inside && (port == range.start || port == range.end) {
            trail.through("network.end-of-range");
        }
        inside
    }
}

/// What two lists say: deny wins, a filled allow list denies the rest, two empty ones say nothing in any profile (choices).
fn denied<E>(
    allow: &[E],
    deny: &[E],
    covers: impl Fn(&E, &mut Trail) -> bool,
    semantics: &Semantics,
    trail: &mut Trail,
) -> bool {
    let ignored = !semantics.deny_lists && !deny.is_empty();
    if ignored {
        trail.through("network.deny-list-ignored");
    }
    if !ignored && deny.iter().any(|entry| covers(entry, trail)) {
        trail.through("network.denied");
        if allow.iter().any(|entry| covers(entry, &mut Trail::default())) {
            trail.through("network.deny-wins");
        }
        return true;
    }
    if allow.is_empty() {
        return false;
    }
    let allowed = allow.iter().any(|entry| covers(entry, trail));
    trail.through(if allowed { "network.allowed" } else { "network.not-allowed" });
    !allowed
}
