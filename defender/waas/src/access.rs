//! Access control: who may come, by address, country and header (section 2.12 of `waas.md`).
//!
//! Declared choices: addresses are looked at before countries, and either has its effect; in allow mode an address without a country is
//! in none that is allowed; a client of IPv6 is in no list; what a rule names and the Console did not send is an empty list; patterns of
//! header values do not look at case; where values are allowed, each value of the request must be one of them.

use crate::client_address::Client;
use crate::countries::{Country, Origin};
use crate::finding::Finding;
use hyper::HeaderMap;
use proofhouse_protocol::WaasEffect;
use proofhouse_protocol::audit::AttackField;
use proofhouse_protocol::waas_policy::{AccessControls, ApplicationSpec, HeaderSpec, NetworkList};
use std::net::{IpAddr, Ipv4Addr};

/// `protection` of its audits.
const PROTECTION: &str = "accessControl";

/// The access control of an app.
#[derive(Debug, Default)]
pub(crate) struct Access {
    exempt: Networks,
    unmolested: Networks,
    subnets: Option<Control<(String, Networks)>>,
    countries: Option<Control<Country>>,
    headers: Vec<HeaderSpec>,
}

/// What a client's group leads to.
#[derive(Debug)]
enum Control<G> {
    Deny { alert: Vec<G>, prevent: Vec<G> },
    Allow { allow: Vec<G>, fallback: WaasEffect },
}

/// Blocks of addresses: network and mask.
#[derive(Debug, Default)]
pub(crate) struct Networks(Vec<(u32, u32)>);

impl Networks {
    pub(crate) fn of(names: &[String], lists: &[NetworkList]) -> Self {
        let named = lists.iter().filter(|list| !list.disabled && names.contains(&list.name));
        Self(named.flat_map(|list| &list.subnets).filter_map(|text| block(text)).collect())
    }

    pub(crate) fn has(&self, client: IpAddr) -> bool {
        let IpAddr::V4(client) = client.to_canonical() else { return false };
        self.0.iter().any(|(network, mask)| u32::from(client) & mask == *network)
    }
}

/// An address, or a block in CIDR notation; bits behind the prefix do not count.
fn block(text: &str) -> Option<(u32, u32)> {
    let (address, prefix) = text.trim().split_once('/').unwrap_or((text.trim(), "32"));
    let (address, prefix): (Ipv4Addr, u32) = (address.parse().ok()?, prefix.parse().ok()?);
    let mask = if prefix == 0 { 0 } else { u32::MAX.checked_shl(32_u32.checked_sub(prefix)?)? };
    Some((u32::from(address) & mask, mask))
}

impl Access {
    pub(crate) fn of(app: &ApplicationSpec, lists: &[NetworkList]) -> Self {
        let controls = &app.network_controls;
        Self {
            exempt: Networks::of(&controls.exception_subnets, lists),
            unmolested: Networks::of(&controls.network_controls_exception_subnets.subnets, lists),
            subnets: Control::of(&controls.subnets, |name| {
                Some((name.clone(), Networks::of(std::slice::from_ref(name), lists)))
            }),
            countries: Control::of(&controls.countries, |code| Country::parse(code)),
            headers: app.header_specs.clone(),
        }
    }

    /// Whether nothing at all is looked at of this client.
    pub(crate) fn is_exempt(&self, client: &Client) -> bool {
        self.exempt.has(client.address)
    }

    /// What speaks against the client's address, and against its country.
    pub(crate) fn of_client(&self, client: &Client) -> Vec<Finding> {
        if self.unmolested.has(client.address) {
            return Vec::new();
        }
        self.of_address(client.address).into_iter().chain(self.of_country(client)).collect()
    }

    fn of_address(&self, address: IpAddr) -> Option<Finding> {
        let (effect, list) = self.subnets.as_ref()?.judge(|(_, networks)| networks.has(address))?;
        let why = match list {
            Some((name, _)) => format!("is in network list {name}"),
            None => "is in no allowed network list".to_owned(),
        };
        let message = format!("Denied address {address}: it {why}");
        Some(finding("deniedIP", effect, message, AttackField::default()))
    }

    fn of_country(&self, client: &Client) -> Option<Finding> {
        let country = match client.origin {
            Origin::Unasked => return None,
            Origin::Nowhere => None,
            Origin::In(country) => Some(country),
        };
        let (effect, _) = self.countries.as_ref()?.judge(|listed| Some(*listed) == country)?;
        let name = client.origin.country().unwrap_or("unknown");
        let message = format!("Denied country {name} of address {}", client.address);
        Some(finding("deniedCountry", effect, message, AttackField::default()))
    }

    /// What speaks against the headers, one a rule at most.
    pub(crate) fn of_headers(&self, headers: &HeaderMap) -> Vec<Finding> {
        self.headers.iter().filter_map(|spec| of_header(spec, headers)).collect()
    }
}

impl<G> Control<G> {
    /// Nothing where it is not used; names that are none are left out.
    fn of(controls: &AccessControls, group: impl Fn(&String) -> Option<G>) -> Option<Self> {
        let groups = |names: &[String]| names.iter().filter_map(&group).collect();
        controls.enabled.then(|| match controls.allow_mode {
            true => Self::Allow {
                allow: groups(&controls.allow),
                fallback: controls.fallback_effect.unwrap_or(WaasEffect::Alert),
            },
            false => Self::Deny { alert: groups(&controls.alert), prevent: groups(&controls.prevent) },
        })
    }

    /// The effect on who is in the groups of which that is true, and the group that led to it. Prevention goes first.
    fn judge(&self, is_in: impl Fn(&G) -> bool) -> Option<(WaasEffect, Option<&G>)> {
        let find = |groups: &'_ [G]| groups.iter().position(&is_in);
        let (effect, group) = match self {
            Self::Deny { alert, prevent } => match (find(prevent), find(alert)) {
                (Some(at), _) => (WaasEffect::Prevent, Some(&prevent[at])),
                (None, Some(at)) => (WaasEffect::Alert, Some(&alert[at])),
                (None, None) => return None,
            },
            Self::Allow { allow, .. } if allow.iter().any(is_in) => return None,
            Self::Allow { fallback, .. } => (*fallback, None),
        };
        (effect != WaasEffect::Disable).then_some((effect, group))
    }
}

fn of_header(spec: &HeaderSpec, headers: &HeaderMap) -> Option<Finding> {
    if spec.effect == WaasEffect::Disable {
        return None;
    }
    let lines: Vec<_> = headers
        .get_all(spec.name.as_str())
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    let field = |value: &str| AttackField {
        kind: "header".to_owned(),
        key: spec.name.clone(),
        value: value.to_owned(),
    };
    if lines.is_empty() {
        let message = format!("Request has no header {}", spec.name);
        return spec.required.then(|| finding("header", spec.effect, message, field("")));
    }
    let fits = |value: &str| spec.values.iter().any(|pattern| wildcard(pattern, value));
    // A value with commas is a list of values.
    let parts = lines.iter().flat_map(|line| line.split(',')).map(str::trim);
    let wrong = parts.into_iter().find(|part| fits(part) != spec.allow)?;
    let what = if spec.allow { "is not allowed" } else { "is denied" };
    let message = format!("Header {} has the value {wrong}, which {what}", spec.name);
    Some(finding("header", spec.effect, message, field(wrong)))
}

fn finding(kind: &'static str, effect: WaasEffect, message: String, field: AttackField) -> Finding {
    Finding { kind, protection: PROTECTION, effect, message, field }
}

/// `*` stands for any text; case does not count.
pub(crate) fn wildcard(pattern: &str, text: &str) -> bool {
    crate::policy::glob(&pattern.to_lowercase(), &text.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn access(app: Value) -> Access {
        let app = serde_json::from_value(app).unwrap();
        let list = |name: &str, disabled: bool, subnets: &[&str]| NetworkList {
            name: name.to_owned(),
            subnets: subnets.iter().map(|one| (*one).to_owned()).collect(),
            disabled,
            extra: serde_json::Map::new(),
        };
        let lists = [
            list("office", false, &["203.0.113.0/28", "198.51.100.7"]),
            list("scanners", false, &["192.0.2.0/24"]),
            list("off", true, &["0.0.0.0/0"]),
        ];
        Access::of(&app, &lists)
    }

    fn client(text: &str) -> Client {
        Client::of(std::iter::empty(), text.parse().unwrap())
    }

    fn effect(access: &Access, address: &str) -> Option<WaasEffect> {
        access.of_client(&client(address)).first().map(|found| found.effect)
    }

    #[test]
    fn blocks_of_addresses() {
        let networks = |texts: &[&str]| Networks(texts.iter().filter_map(|text| block(text)).collect());
        assert!(networks(&["203.0.113.9/24"]).has("203.0.113.200".parse().unwrap()));
        assert!(networks(&["0.0.0.0/0"]).has("198.51.100.1".parse().unwrap()));
        assert!(networks(&["203.0.113.7"]).has("::ffff:203.0.113.7".parse().unwrap()));
        assert!(!networks(&["203.0.113.7"]).has("203.0.113.8".parse().unwrap()));
        assert!(!networks(&["0.0.0.0/0"]).has("2001:db8::1".parse().unwrap()));
        for wrong in ["", "203.0.113", "203.0.113.7/33", "203.0.113.7/-1", "2001:db8::/32"] {
            assert_eq!(block(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn lists_deny_or_allow() {
        let deny = access(json!({"networkControls": {"subnets":
            {"enabled": true, "alert": ["office", "scanners"], "prevent": ["scanners", "off"]}}}));
        assert_eq!(effect(&deny, "203.0.113.15"), Some(WaasEffect::Alert));
        assert_eq!(effect(&deny, "203.0.113.16"), None);
        assert_eq!(effect(&deny, "192.0.2.9"), Some(WaasEffect::Prevent));
        let allow = access(json!({"networkControls": {
            "networkControlsExceptionSubnets": {"subnets": ["scanners"]},
            "subnets": {"enabled": true, "allowMode": true, "allow": ["office"], "fallbackEffect": "prevent"}}}));
        assert_eq!(effect(&allow, "198.51.100.7"), None);
        assert_eq!(effect(&allow, "198.51.100.8"), Some(WaasEffect::Prevent));
        assert_eq!(effect(&allow, "192.0.2.9"), None);
        let off = access(json!({"networkControls": {"subnets": {"prevent": ["scanners"]}}}));
        assert_eq!(effect(&off, "192.0.2.9"), None);
        let exempt = access(json!({"networkControls": {"exceptionSubnets": ["office"]}}));
        assert!(exempt.is_exempt(&client("203.0.113.1")) && !exempt.is_exempt(&client("192.0.2.9")));
    }

    #[test]
    fn countries_deny_or_allow() {
        let found = |countries: Value, origin: Origin| {
            let controls = json!({"networkControls": {"countries": countries,
                "networkControlsExceptionSubnets": {"subnets": ["scanners"]}}});
            let client = Client { origin, ..client("203.0.113.7") };
            let found = access(controls).of_client(&client);
            found.first().map(|found| (found.kind, found.effect))
        };
        let [au, us, de] = ["AU", "US", "DE"].map(|code| Origin::In(Country::parse(code).unwrap()));
        let (alert, prevent) =
            (Some(("deniedCountry", WaasEffect::Alert)), Some(("deniedCountry", WaasEffect::Prevent)));
        let deny = json!({"enabled": true, "alert": ["US", "AU"], "prevent": ["au"]});
        assert_eq!(found(deny.clone(), au), prevent);
        assert_eq!(found(deny.clone(), us), alert);
        for free in [de, Origin::Nowhere, Origin::Unasked] {
            assert_eq!(found(deny.clone(), free), None, "{free:?}");
        }
        let allow = json!({"enabled": true, "allowMode": true, "allow": ["DE"], "fallbackEffect": "prevent"});
        for (origin, expected) in
            [(de, None), (us, prevent), (Origin::Nowhere, prevent), (Origin::Unasked, None)]
        {
            assert_eq!(found(allow.clone(), origin), expected, "{origin:?}");
        }
        assert_eq!(found(json!({"enabled": true, "allowMode": true}), de), alert);
        assert_eq!(found(json!({"prevent": ["DE"]}), de), None);
    }

    #[test]
    fn an_address_and_its_country_have_their_effects() {
        let both = access(json!({"networkControls": {
            "subnets": {"enabled": true, "alert": ["office", "scanners"]},
            "countries": {"enabled": true, "prevent": ["DE"]}}}));
        let of = |address: &str| {
            let origin = Origin::In(Country::parse("DE").unwrap());
            let found = both.of_client(&Client { origin, ..client(address) });
            found.iter().map(|found| found.kind).collect::<Vec<_>>()
        };
        assert_eq!(of("192.0.2.9"), ["deniedIP", "deniedCountry"]);
        assert_eq!(of("198.51.100.8"), ["deniedCountry"]);
    }

    #[test]
    fn headers_are_compared_value_by_value() {
        let found = |spec: Value, lines: &[&str]| {
            let mut headers = HeaderMap::new();
            lines.iter().for_each(|line| {
                headers.append("x-own", line.parse().unwrap());
            });
            let spec = json!({"headerSpecs": [spec]});
            access(spec).of_headers(&headers).first().map(|found| found.field.value.clone())
        };
        let block = json!({"name": "X-Own", "values": ["coco", "bad*"], "effect": "prevent"});
        assert_eq!(found(block.clone(), &["coco"]).as_deref(), Some("coco"));
        assert_eq!(found(block.clone(), &["fine, COCO"]).as_deref(), Some("COCO"));
        assert_eq!(found(block.clone(), &["fine", "badly"]).as_deref(), Some("badly"));
        assert_eq!(found(block.clone(), &["cocoa"]), None);
        assert_eq!(found(block, &[]), None);
        let required = json!({"name": "x-OWN", "required": true, "effect": "alert"});
        assert_eq!(found(required.clone(), &[]).as_deref(), Some(""));
        assert_eq!(found(required, &["any"]), None);
        let allow = json!({"name": "X-Own", "values": ["a", "b*"], "allow": true, "effect": "prevent"});
        assert_eq!(found(allow.clone(), &["a, bb"]), None);
        assert_eq!(found(allow.clone(), &["a, c"]).as_deref(), Some("c"));
        assert_eq!(found(allow, &[]), None);
        let off = json!({"name": "X-Own", "values": ["a"], "effect": "disable"});
        assert_eq!(found(off, &["a"]), None);
    }
}
