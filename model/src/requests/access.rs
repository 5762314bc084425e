//! Who may come, and which headers may (section 2.12).

use super::{Place, Sent, Spot};
use crate::Trail;
use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::waas_policy::{ApplicationSpec, HeaderSpec, NetworkList};
use std::net::IpAddr;

/// Something that speaks against a request before it is searched for attacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offence {
    /// `type` of its audit.
    pub kind: &'static str,
    /// What is to be done.
    pub effect: WaasEffect,
    /// Where it stands.
    pub place: Option<Place>,
}

/// W88: whether nothing is looked at of a client.
pub(super) fn is_exempt(
    app: &ApplicationSpec,
    lists: &[NetworkList],
    client: IpAddr,
    trail: &mut Trail,
) -> bool {
    let exempt = is_in(&app.network_controls.exception_subnets, lists, client);
    if exempt {
        trail.through("request.exempt-client");
    }
    exempt
}

/// What speaks against the client, and then against its headers.
pub(super) fn offences(
    app: &ApplicationSpec,
    lists: &[NetworkList],
    client: IpAddr,
    sent: &Sent,
    trail: &mut Trail,
) -> Vec<Offence> {
    let address = of_address(app, lists, client, trail);
    let denied = address.map(|effect| Offence { kind: "deniedIP", effect, place: None });
    denied
        .into_iter()
        .chain(app.header_specs.iter().filter_map(|spec| of_header(spec, sent, trail)))
        .collect()
}

/// W86, W87, W89: denied goes before told of, and in allow mode everybody else has the fallback effect.
fn of_address(
    app: &ApplicationSpec,
    lists: &[NetworkList],
    client: IpAddr,
    trail: &mut Trail,
) -> Option<WaasEffect> {
    let controls = &app.network_controls;
    let subnets = &controls.subnets;
    if !subnets.enabled {
        return None;
    }
    if is_in(&controls.network_controls_exception_subnets.subnets, lists, client) {
        trail.through("request.free-of-network-lists");
        return None;
    }
    if subnets.allow_mode {
        if is_in(&subnets.allow, lists, client) {
            trail.through("request.client-allowed");
            return None;
        }
        trail.through("request.client-not-allowed");
        return Some(subnets.fallback_effect.unwrap_or(WaasEffect::Alert));
    }
    if is_in(&subnets.prevent, lists, client) {
        trail.through("request.client-denied");
        return Some(WaasEffect::Prevent);
    }
    if is_in(&subnets.alert, lists, client) {
        trail.through("request.client-told-of");
        return Some(WaasEffect::Alert);
    }
    trail.through("request.client-unlisted");
    None
}

/// Whether an address is in one of the lists of those names. A list that is disabled, or not there, is of nobody (choice).
pub(super) fn is_in(names: &[String], lists: &[NetworkList], address: IpAddr) -> bool {
    let named = lists.iter().filter(|list| names.contains(&list.name) && !list.disabled);
    named.flat_map(|list| &list.subnets).any(|subnet| is_of(subnet, address))
}

/// An IPv4 address, or a block of them.
pub(super) fn is_of(subnet: &str, address: IpAddr) -> bool {
    let IpAddr::V4(address) = address else { return false };
    let (base, length) = subnet.split_once('/').unwrap_or((subnet, "32"));
    let (Ok(base), Ok(length @ 0..=32)) = (base.parse::<std::net::Ipv4Addr>(), length.parse::<u32>()) else {
        return false;
    };
    let cut = |address: std::net::Ipv4Addr| u64::from(address.to_bits()) >> (32 - length);
    cut(base) == cut(address)
}

/// W91 to W94. Case does not count (choice).
fn of_header(spec: &HeaderSpec, sent: &Sent, trail: &mut Trail) -> Option<Offence> {
    let place = Some(Place { spot: Spot::Header, key: spec.name.clone(), value: String::new(), sure: false });
    let offence = Offence { kind: "header", effect: spec.effect, place };
    let Some(value) = sent.header(&spec.name) else {
        trail.through(if spec.required { "request.header-missing" } else { "request.header-absent" });
        return spec.required.then_some(offence);
    };
    let parts: Vec<&str> = value.split(',').map(str::trim).collect();
    if parts.len() > 1 {
        trail.through("request.header-list");
    }
    let fits = |part: &str| spec.values.iter().any(|pattern| has_shape(pattern, part));
    let wrong = parts.iter().any(|part| fits(part) != spec.allow);
    trail.through(match (spec.allow, wrong) {
        (true, true) => "request.header-not-allowed",
        (false, true) => "request.header-denied",
        (_, false) => "request.header-fine",
    });
    wrong.then_some(offence)
}

/// A star stands for any text.
pub(super) fn has_shape(pattern: &str, text: &str) -> bool {
    fn from(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|at| from(rest, &text[at..])),
            Some((letter, rest)) => text.first() == Some(letter) && from(rest, &text[1..]),
        }
    }
    let letters = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
    from(&letters(pattern), &letters(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn sent(headers: &[(&str, &str)]) -> Sent {
        Sent {
            peer: "198.18.0.1".parse().unwrap(),
            port: 80,
            method: "GET".to_owned(),
            target: "/".to_owned(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            body: String::new(),
            coded_sha256: None,
            fields: Vec::new(),
            files: Vec::new(),
            app_answer: None,
            document: None,
            app_status: 200,
            bot: None,
            attacks: Vec::new(),
        }
    }

    fn found(app: Value, client: &str, headers: &[(&str, &str)]) -> Vec<(&'static str, WaasEffect)> {
        let list = |name: &str, subnet: &str, disabled: bool| {
            serde_json::from_value(json!({"name": name, "subnets": [subnet], "disabled": disabled})).unwrap()
        };
        let lists = [
            list("office", "203.0.113.0/28", false),
            list("one", "198.51.100.7", false),
            list("off", "0.0.0.0/0", true),
        ];
        let app: ApplicationSpec = serde_json::from_value(app).unwrap();
        let client = client.parse().unwrap();
        let all = offences(&app, &lists, client, &sent(headers), &mut Trail::default());
        all.into_iter().map(|one| (one.kind, one.effect)).collect()
    }

    /// W86, W87, W89.
    #[test]
    fn network_lists() {
        let of = |subnets: Value| {
            json!({"networkControls": {"subnets": subnets,
            "networkControlsExceptionSubnets": {"subnets": ["one"]}}})
        };
        let deny = of(json!({"enabled": true, "alert": ["office", "off"], "prevent": ["none"]}));
        let both = of(json!({"enabled": true, "alert": ["office"], "prevent": ["office", "one"]}));
        let allow =
            of(json!({"enabled": true, "allowMode": true, "allow": ["office"], "fallbackEffect": "prevent"}));
        let off = of(json!({"enabled": false, "prevent": ["office"]}));
        for (app, client, expected) in [
            (&deny, "203.0.113.15", Some(WaasEffect::Alert)),
            (&deny, "203.0.113.16", None),
            (&both, "203.0.113.1", Some(WaasEffect::Prevent)),
            (&both, "198.51.100.7", None),
            (&allow, "203.0.113.1", None),
            (&allow, "203.0.113.99", Some(WaasEffect::Prevent)),
            (&allow, "198.51.100.7", None),
            (&off, "203.0.113.1", None),
        ] {
            let seen = found(app.clone(), client, &[]).first().map(|one| one.1);
            assert_eq!(seen, expected, "{app} {client}");
        }
    }

    /// W91 to W94.
    #[test]
    fn headers() {
        let of = |values: &[&str], allow: bool, required: bool| json!({"headerSpecs": [{"name": "X-Env", "values": values, "allow": allow, "required": required, "effect": "alert"}]});
        for (app, value, expected) in [
            (of(&["coco"], false, false), Some("coco"), true),
            (of(&["coco"], false, false), Some("cocoa"), false),
            (of(&["co*"], false, false), Some("COCOA"), true),
            (of(&["coco"], false, false), Some("live, coco"), true),
            (of(&["coco"], false, false), None, false),
            (of(&["live", "spare"], true, false), Some("spare"), false),
            (of(&["live", "spare"], true, false), Some("live, coco"), true),
            (of(&["*"], true, true), None, true),
        ] {
            let headers: Vec<_> = value.map(|value| ("x-env", value)).into_iter().collect();
            assert_eq!(!found(app.clone(), "192.0.2.1", &headers).is_empty(), expected, "{app} {value:?}");
        }
    }
}
