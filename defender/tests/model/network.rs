//! D15, D16, D18: what may be reached, where may be listened, and what is told of it.

use crate::policies::{effect, place, policy, semantics};
use crate::process::compiled;
use proofhouse_defender::decision::{NetworkViolation, Policy};
use proofhouse_model::{Verdict, judge_listener, judge_reach};
use proofhouse_protocol::RuleEffect;
use proofhouse_protocol::runtime_policy::NetworkSection;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::net::IpAddr;

/// Addresses beside each other: of the internet, of private networks, of the task itself, one in another.
const ADDRESSES: [&str; 20] = [
    "198.51.100.66",
    "198.51.100.67",
    "198.51.101.66",
    "::ffff:198.51.100.66",
    "203.0.113.7",
    "10.0.42.2",
    "100.64.0.1",
    "100.128.0.1",
    "169.254.170.2",
    "172.31.0.1",
    "192.168.0.9",
    "127.0.0.1",
    "0.0.0.0",
    "::1",
    "::",
    "2001:db8::66",
    "2001:db8:0:1::66",
    "fd00::2",
    "fe80::1",
    "224.0.0.1",
];

const PORTS: [u16; 6] = [1, 79, 80, 81, 443, 65_535];

/// An address that is reached, and the port, where there is one.
pub fn reach() -> impl Strategy<Value = (IpAddr, Option<u16>)> {
    (prop::sample::select(&ADDRESSES[..]), prop::option::weighted(0.9, prop::sample::select(&PORTS[..])))
        .prop_map(|(ip, port)| (ip.parse().unwrap(), port))
}

fn entry() -> impl Strategy<Value = String> {
    let one = prop::sample::select(&ADDRESSES[..]).prop_map(str::to_owned);
    let block =
        (prop::sample::select(&ADDRESSES[..]), 0..=129_u8).prop_map(|(ip, bits)| format!("{ip}/{bits}"));
    prop_oneof![3 => one, 3 => block, 1 => Just("example.com".to_owned()), 1 => Just("198.51.100.0/24 ".to_owned())]
}

fn range() -> impl Strategy<Value = Value> {
    (prop::sample::select(&PORTS[..]), prop::sample::select(&PORTS[..]), any::<bool>())
        .prop_map(|(one, other, deny)| json!({"start": one.min(other), "end": one.max(other), "deny": deny}))
}

pub fn section() -> impl Strategy<Value = NetworkSection> {
    let entries = || prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(entry(), 1..3)];
    let ranges = || prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(range(), 1..3)];
    (effect(), entries(), entries(), ranges(), ranges(), ranges(), ranges()).prop_map(
        |(effect, allow, deny, allow_out, deny_out, allow_listening, deny_listening)| {
            serde_json::from_value(json!({"effect": effect, "whitelistIPs": allow, "blacklistIPs": deny,
                "whitelistOutboundPorts": allow_out, "blacklistOutboundPorts": deny_out,
                "whitelistListeningPorts": allow_listening, "blacklistListeningPorts": deny_listening}))
            .unwrap()
        },
    )
}

/// Whether it happens; rule, attack type and effect of its audit.
type Fate = (bool, Option<(String, &'static str, RuleEffect)>);

fn of_defender(policy: &Policy, violation: Option<NetworkViolation>) -> Fate {
    let (Some(rules), Some(violation)) = (&policy.network, violation) else { return (true, None) };
    let effect = if rules.prevents() { RuleEffect::Prevent } else { RuleEffect::Alert };
    (!rules.prevents(), Some((policy.rule_name.clone(), violation.attack_type(), effect)))
}

fn of_model(verdict: &Verdict) -> Fate {
    let audit = verdict.audit.as_ref();
    (verdict.happens, audit.map(|audit| (audit.rule.clone(), audit.attack_type, audit.effect)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_same_addresses_and_ports_are_reached(policy in policy(), place in place(), to in reach(), semantics in semantics()) {
        let compiled = compiled(&policy, &place, &semantics);
        let violation = compiled.network.as_ref().and_then(|rules| rules.outbound(to.0, to.1));
        let verdict = judge_reach(&policy, &place.container(), to.0, to.1, &semantics);
        prop_assert_eq!(of_defender(&compiled, violation), of_model(&verdict), "clauses: {:?}", verdict.trail.ids());
    }

    #[test]
    fn the_same_ports_are_listened_on(policy in policy(), place in place(), port in prop::sample::select(&PORTS[..]), semantics in semantics()) {
        let compiled = compiled(&policy, &place, &semantics);
        let violation = compiled.network.as_ref().and_then(|rules| rules.listening(port));
        let any = IpAddr::from([0, 0, 0, 0]);
        let verdict = judge_listener(&policy, &place.container(), any, port, &semantics);
        prop_assert_eq!(of_defender(&compiled, violation), of_model(&verdict), "clauses: {:?}", verdict.trail.ids());
    }
}
