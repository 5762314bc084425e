//! Which addresses and ports may be reached, and which ports may be listened on (section 3.4 of `runtime-and-embed.md`).

use super::{AddressBlock, is_own, is_private};
use proofhouse_protocol::RuleEffect;
use proofhouse_protocol::runtime_policy::{NetworkSection, PortRange};
use proofhouse_protocol::semantics::Semantics;
use std::net::IpAddr;

/// What is wrong with a connection or a listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NetworkViolation {
    /// The address.
    Address,
    /// The port that is connected to.
    OutboundPort,
    /// The port that is listened on.
    ListeningPort,
    /// A custom rule holds.
    Custom,
}

impl NetworkViolation {
    /// As audits name it (section 2.4).
    #[must_use]
    pub fn attack_type(self) -> &'static str {
        match self {
            Self::Address => "explicitlyDeniedIP",
            Self::OutboundPort => "explicitlyDeniedOutboundPort",
            Self::ListeningPort => "explicitlyDeniedListeningPort",
            Self::Custom => "customRule",
        }
    }

    /// The severity of its audit (declared choice).
    #[must_use]
    pub fn severity(self) -> &'static str {
        if self == Self::Custom { "medium" } else { "high" }
    }
}

/// Entries that allow and entries that deny.
#[derive(Debug, Clone)]
struct Lists<E> {
    allow: Vec<E>,
    deny: Vec<E>,
}

impl<E> Lists<E> {
    /// Deny wins, and a filled allow list denies the rest.
    fn denies(&self, covers: impl Fn(&E) -> bool) -> bool {
        self.deny.iter().any(&covers) || (!self.allow.is_empty() && !self.allow.iter().any(&covers))
    }

    fn is_empty(&self) -> bool {
        self.allow.is_empty() && self.deny.is_empty()
    }
}

/// The network section of the rule in scope, compiled. Two empty lists deny nothing, whatever the profile (declared choice).
#[derive(Debug, Clone)]
pub struct NetworkRules {
    effect: RuleEffect,
    addresses: Lists<AddressBlock>,
    outbound_ports: Lists<PortRange>,
    listening_ports: Lists<PortRange>,
}

fn holds(range: &PortRange, port: u16) -> bool {
    (range.start..=range.end).contains(&port)
}

impl NetworkRules {
    /// Compiles a section; nothing when it is disabled, or says nothing.
    #[must_use]
    pub fn compile(section: &NetworkSection, semantics: &Semantics) -> Option<Self> {
        if section.effect == RuleEffect::Disable {
            return None;
        }
        let ports = |allow: &[PortRange], deny: &[PortRange]| Lists {
            allow: allow.to_vec(),
            deny: if semantics.deny_lists { deny.to_vec() } else { Vec::new() },
        };
        let blocks = |texts: &[String]| texts.iter().map(|text| AddressBlock::new(text)).collect();
        let rules = Self {
            effect: section.effect,
            addresses: Lists {
                allow: blocks(&section.whitelist_ips),
                deny: if semantics.deny_lists { blocks(&section.blacklist_ips) } else { Vec::new() },
            },
            outbound_ports: ports(&section.whitelist_outbound_ports, &section.blacklist_outbound_ports),
            listening_ports: ports(&section.whitelist_listening_ports, &section.blacklist_listening_ports),
        };
        (rules.governs_outbound() || rules.governs_listening()).then_some(rules)
    }

    /// Whether what is denied does not happen (otherwise it is only reported).
    #[must_use]
    pub fn prevents(&self) -> bool {
        matches!(self.effect, RuleEffect::Prevent | RuleEffect::Block)
    }

    /// Whether any list is about what is reached.
    #[must_use]
    pub fn governs_outbound(&self) -> bool {
        !self.addresses.is_empty() || !self.outbound_ports.is_empty()
    }

    /// Whether any list is about what is listened on.
    #[must_use]
    pub fn governs_listening(&self) -> bool {
        !self.listening_ports.is_empty()
    }

    /// What is wrong with reaching an address, at a port where the protocol has ports. The address comes first (declared choice); lists of
    /// ports are about the internet only, and no list is about the task itself.
    #[must_use]
    pub fn outbound(&self, to: IpAddr, port: Option<u16>) -> Option<NetworkViolation> {
        let to = to.to_canonical();
        if is_own(to) {
            return None;
        }
        if self.addresses.denies(|block| block.covers(to)) {
            return Some(NetworkViolation::Address);
        }
        let port = port.filter(|_| !is_private(to))?;
        self.outbound_ports.denies(|range| holds(range, port)).then_some(NetworkViolation::OutboundPort)
    }

    /// What is wrong with listening on a port.
    #[must_use]
    pub fn listening(&self, port: u16) -> Option<NetworkViolation> {
        self.listening_ports.denies(|range| holds(range, port)).then_some(NetworkViolation::ListeningPort)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn compiled(json: Value, semantics: &Semantics) -> Option<NetworkRules> {
        NetworkRules::compile(&serde_json::from_value(json).unwrap(), semantics)
    }

    fn rules(json: Value) -> NetworkRules {
        compiled(json, &Semantics::current()).unwrap()
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_is_denied_by_name_or_for_want_of_one_on_the_allow_list() {
        let deny = rules(json!({"effect": "prevent", "blacklistIPs": ["198.51.100.66", "2001:db8::/32"]}));
        let denied = Some(NetworkViolation::Address);
        assert_eq!(deny.outbound(ip("198.51.100.66"), Some(80)), denied);
        assert_eq!(deny.outbound(ip("::ffff:198.51.100.66"), Some(80)), denied);
        assert_eq!(deny.outbound(ip("198.51.100.66"), None), denied);
        assert_eq!(deny.outbound(ip("2001:db8::7"), Some(80)), denied);
        assert_eq!(deny.outbound(ip("198.51.100.67"), Some(80)), None);
        let allow = rules(json!({"effect": "prevent", "whitelistIPs": ["198.51.100.0/24"]}));
        assert_eq!(allow.outbound(ip("198.51.100.67"), Some(80)), None);
        assert_eq!(allow.outbound(ip("203.0.113.7"), Some(80)), denied);
        assert_eq!(allow.outbound(ip("10.0.42.2"), Some(53)), denied, "private addresses are addresses");
        for own in ["127.0.0.1", "127.9.9.9", "::1", "::", "0.0.0.0", "::ffff:127.0.0.1"] {
            assert_eq!(allow.outbound(ip(own), Some(80)), None, "{own}");
        }
        assert!(!allow.governs_listening());
    }

    #[test]
    fn both_ends_of_a_range_are_in_it() {
        let range = json!([{"start": 4312, "end": 4555, "deny": false}]);
        let deny = rules(json!({"effect": "alert", "blacklistOutboundPorts": range.clone()}));
        let allow = rules(json!({"effect": "alert", "whitelistOutboundPorts": range.clone()}));
        let listen = rules(json!({"effect": "alert", "blacklistListeningPorts": range}));
        for (port, inside) in [(4311, false), (4312, true), (4400, true), (4555, true), (4556, false)] {
            let to = ip("198.51.100.1");
            assert_eq!(deny.outbound(to, Some(port)).is_some(), inside, "{port}");
            assert_eq!(allow.outbound(to, Some(port)).is_none(), inside, "{port}");
            assert_eq!(listen.listening(port).is_some(), inside, "{port}");
        }
        assert!(!deny.prevents() && !listen.governs_outbound());
    }

    #[test]
    fn ports_are_about_the_internet_and_the_address_comes_first() {
        let both = json!({"effect": "prevent", "whitelistIPs": ["10.0.0.0/8", "198.51.100.1"],
            "whitelistOutboundPorts": [{"start": 443, "end": 443}]});
        let both = rules(both);
        assert_eq!(both.outbound(ip("10.1.2.3"), Some(80)), None);
        assert_eq!(both.outbound(ip("198.51.100.1"), Some(80)), Some(NetworkViolation::OutboundPort));
        assert_eq!(both.outbound(ip("198.51.100.1"), Some(443)), None);
        assert_eq!(both.outbound(ip("198.51.100.1"), None), None);
        assert_eq!(both.outbound(ip("198.51.100.2"), Some(80)), Some(NetworkViolation::Address));
    }

    #[test]
    fn what_says_nothing_is_no_section_and_deny_lists_are_of_some_profiles() {
        let current = Semantics::current();
        assert!(compiled(json!({"effect": "prevent"}), &current).is_none());
        assert!(compiled(json!({"effect": "disable", "blacklistIPs": ["::/0"]}), &current).is_none());
        let deny = json!({"effect": "prevent", "blacklistIPs": ["198.51.100.1"]});
        assert!(compiled(deny, &Semantics::allow_only_21()).is_none());
        let both = rules(json!({"effect": "prevent", "blacklistIPs": ["198.51.100.1"],
            "whitelistIPs": ["198.51.100.0/24", "no address"]}));
        assert_eq!(both.outbound(ip("198.51.100.1"), None), Some(NetworkViolation::Address));
        assert_eq!(both.outbound(ip("198.51.100.2"), None), None);
        let nothing = rules(json!({"effect": "prevent", "whitelistIPs": ["no address"]}));
        assert!(nothing.outbound(ip("198.51.100.1"), None).is_some(), "a filled list that allows nothing");
    }
}
