//! Policies of the firewall.

use super::load::LOADS;
use crate::policies::{Places, field};
use proofhouse_model::requests::Attack;
use proofhouse_protocol::waas_policy::{
    AccessControls, ApplicationSpec, BodyInspection, CustomBlockResponse, Endpoint, ExceptionField,
    HeaderSpec, ListNames, NetworkControls, NetworkList, Protection, WaasRule,
};
use proofhouse_protocol::{Collection, WaasEffect, WaasPolicy};
use proptest::prelude::*;
use serde_json::{Map, json};

/// Ports at which the firewall listens under every policy.
pub const PORTS: [u16; 2] = [80, 81];

/// Port of the app.
pub const APP_PORT: u16 = 7001;

/// Lists that policies name, of the groups that clients are of.
///
/// # Panics
/// Never: they are lists.
#[must_use]
pub fn network_lists() -> Vec<NetworkList> {
    let of_group = |name: &str, third: u8| {
        let blocks = [(18, third), (18, third + 128), (19, third), (19, third + 128)];
        let subnets: Vec<_> =
            blocks.iter().map(|(second, third)| format!("198.{second}.{third}.0/19")).collect();
        json!({"name": name, "subnets": subnets})
    };
    let off = json!({"name": "nobody", "subnets": ["0.0.0.0/0"], "disabled": true});
    let all = [of_group("north", 0), of_group("south", 32), of_group("east", 64), off];
    all.into_iter().map(|one| serde_json::from_value(one).expect("the lists are of the schema")).collect()
}

/// A policy that lets everything through.
#[must_use]
pub fn open() -> WaasPolicy {
    let everywhere = PORTS.map(|port| endpoint("*", "*", port)).to_vec();
    let mut app = ApplicationSpec { app_id: "app-0001".to_owned(), ..ApplicationSpec::default() };
    app.api_spec.endpoints = everywhere;
    let rule = WaasRule { collections: vec![Collection::everything("All")], ..rule_of("open", vec![app]) };
    policy_of(vec![rule])
}

/// Up to three rules, the last of which is about every task. Rules are called by their place, apps by their place among all.
pub(crate) fn firewall(places: &Places) -> impl Strategy<Value = WaasPolicy> + use<> {
    let app_ids = field(&places.app_ids)
        .prop_filter("what an exclusion alone means is not documented", |values| {
            values.iter().any(|value| !value.starts_with('-'))
        });
    let scoped = app_ids.prop_map(|app_ids| Collection { app_ids, ..Collection::everything("some") });
    let collection = prop_oneof![1 => Just(Collection::everything("All")), 3 => scoped];
    let first = (prop::collection::vec(collection, 1..3), prop::bool::weighted(0.2), apps());
    let before = prop_oneof![1 => Just(Vec::new()), 3 => prop::collection::vec(first, 1..3)];
    (before, apps()).prop_map(|(first, last)| {
        let all = vec![Collection::everything("All")];
        let mut rules: Vec<WaasRule> = first
            .into_iter()
            .map(|(collections, disabled, apps)| WaasRule { collections, disabled, ..rule_of("", apps) })
            .collect();
        rules.push(WaasRule { collections: all, ..rule_of("", last) });
        let mut apps = 0;
        for (at, rule) in rules.iter_mut().enumerate() {
            rule.name = format!("front {}", at + 1);
            for app in &mut rule.applications_spec {
                apps += 1;
                app.app_id = format!("app-{apps:04X}");
            }
        }
        policy_of(rules)
    })
}

fn policy_of(rules: Vec<WaasRule>) -> WaasPolicy {
    WaasPolicy {
        id: "appEmbeddedAppFirewall".to_owned(),
        rules,
        network_lists: network_lists(),
        ..WaasPolicy::default()
    }
}

fn rule_of(name: &str, apps: Vec<ApplicationSpec>) -> WaasRule {
    WaasRule {
        name: name.to_owned(),
        disabled: false,
        collections: Vec::new(),
        applications_spec: apps,
        read_timeout_seconds: 5,
        extra: Map::new(),
    }
}

fn endpoint(host: &str, base_path: &str, exposed_port: u16) -> Endpoint {
    Endpoint {
        host: host.to_owned(),
        base_path: base_path.to_owned(),
        exposed_port,
        internal_port: APP_PORT,
        tls: false,
        http2: false,
        grpc: false,
        extra: Map::new(),
    }
}

/// One or two apps, the last of which has the second port.
fn apps() -> impl Strategy<Value = Vec<ApplicationSpec>> {
    prop::collection::vec(app(), 1..3).prop_map(|mut apps| {
        if let Some(last) = apps.last_mut() {
            last.api_spec.endpoints.push(endpoint("*", "*", PORTS[1]));
        }
        apps
    })
}

fn app() -> impl Strategy<Value = ApplicationSpec> {
    let protections = Attack::ALL.map(protection).to_vec();
    let answers = (block_page(), prop::bool::weighted(0.15), body());
    (endpoints(), protections, network_controls(), header_specs(), answers).prop_map(
        |(endpoints, protections, network_controls, header_specs, (page, no_event_id, body))| {
            let mut app = ApplicationSpec {
                network_controls,
                header_specs,
                custom_block_response: page,
                disable_event_id_header: no_event_id,
                body,
                ..ApplicationSpec::default()
            };
            app.api_spec.endpoints = endpoints;
            for (attack, protection) in Attack::ALL.into_iter().zip(protections) {
                *attack.settings_mut(&mut app) = protection;
            }
            app
        },
    )
}

fn endpoints() -> impl Strategy<Value = Vec<Endpoint>> {
    let host = prop_oneof![
        4 => Just("*"),
        1 => Just("a.example.site"),
        1 => Just("*.example.site"),
    ];
    let base = prop_oneof![
        4 => Just("*"),
        1 => Just("/shop/*"),
        1 => Just("/admin/*"),
        1 => Just("/admin"),
        1 => Just("/"),
    ];
    let one = (host, base).prop_map(|(host, base)| endpoint(host, base, PORTS[0]));
    prop::collection::vec(one, 1..3)
}

fn protection(attack: Attack) -> BoxedStrategy<Protection> {
    let effect = prop_oneof![
        3 => Just(WaasEffect::Disable),
        3 => Just(WaasEffect::Alert),
        4 => Just(WaasEffect::Prevent),
        1 => Just(WaasEffect::Ban),
    ];
    let pool = exceptions(attack);
    if pool.is_empty() {
        let bare = |effect| Protection { effect, exception_fields: Vec::new() };
        return effect.prop_map(bare).boxed();
    }
    let some = prop::sample::subsequence(pool, 1..3);
    let exceptions = prop_oneof![2 => Just(Vec::new()), 1 => some];
    (effect, exceptions)
        .prop_map(|(effect, exception_fields)| Protection { effect, exception_fields })
        .boxed()
}

/// Exceptions that a protection may have (section 2.8): of names that requests have, or nearly, and of the texts of attacks.
fn exceptions(attack: Attack) -> Vec<ExceptionField> {
    let one = |location: &str, key: &str| ExceptionField {
        location: location.to_owned(),
        key: key.to_owned(),
        extra: Map::new(),
    };
    match attack {
        // The Console offers none.
        Attack::Shellshock | Attack::MalformedReq => Vec::new(),
        Attack::AttackTools => vec![one("UserAgentHeader", "^sqlmap"), one("header", "^User-Agent$")],
        _ => {
            let mut all = vec![
                one("path", "/shop/list"),
                one("path", "/admin"),
                one("path", "/"),
                one("query", "^id$"),
                one("query", "^(q|comments)$"),
                one("cookie", "^sid$"),
                one("header", "^X-Order$"),
                one("body", "^id$"),
                one("JSONPath", "/a/b"),
                one("XMLPath", "/a/b"),
                one("XMLPath", "/a"),
            ];
            for load in LOADS.iter().filter(|load| load.attack == attack) {
                let start: String = load.text.chars().take(4).collect();
                let pattern = format!("^{}", escaped(&start));
                all.push(one("queryValues", &pattern));
                all.push(one("rawBody", &pattern));
            }
            all
        }
    }
}

/// A text as a pattern of itself.
fn escaped(text: &str) -> String {
    let letter = |c: char| {
        if c.is_ascii_alphanumeric() || " _'/;<".contains(c) { c.to_string() } else { format!("\\{c}") }
    };
    text.chars().map(letter).collect()
}

/// Takes away the exceptions that go by a text, which may be written in many ways.
pub(crate) fn forget_texts(policy: &mut WaasPolicy) {
    let apps = policy.rules.iter_mut().flat_map(|rule| &mut rule.applications_spec);
    for app in apps {
        for attack in Attack::ALL {
            attack.settings_mut(app).exception_fields.retain(|field| !goes_by(field));
        }
    }
}

fn goes_by(field: &ExceptionField) -> bool {
    ["queryValues", "rawBody", "UserAgentHeader"].contains(&field.location.as_str())
}

/// Whether an exception goes by a text.
pub(crate) fn goes_by_text(policy: &WaasPolicy) -> bool {
    let apps = policy.rules.iter().flat_map(|rule| &rule.applications_spec);
    apps.flat_map(|app| Attack::ALL.map(|attack| attack.settings(app)))
        .any(|settings| settings.exception_fields.iter().any(goes_by))
}

/// Whether some app looks at the beginning of bodies only.
pub(crate) fn has_limits(policy: &WaasPolicy) -> bool {
    let usual = BodyInspection::default().inspection_size_bytes;
    let mut apps = policy.rules.iter().flat_map(|rule| &rule.applications_spec);
    apps.any(|app| app.body.inspection_size_bytes < usual)
}

/// Some are not inspected, and of some only the beginning: bodies of campaigns have 6 to 250 bytes.
fn body() -> impl Strategy<Value = BodyInspection> {
    let usual = BodyInspection::default;
    let effect = prop_oneof![
        Just(WaasEffect::Disable),
        Just(WaasEffect::Alert),
        Just(WaasEffect::Prevent),
        Just(WaasEffect::Ban),
    ];
    let short = (prop::sample::select(&[20, 40, 120][..]), effect).prop_map(move |(bytes, effect)| {
        BodyInspection { inspection_size_bytes: bytes, inspection_limit_exceeded_effect: effect, ..usual() }
    });
    prop_oneof![
        6 => Just(usual()),
        1 => Just(BodyInspection { skip: true, ..usual() }),
        2 => short,
    ]
}

fn block_page() -> impl Strategy<Value = CustomBlockResponse> {
    let own = prop::sample::select(&[403, 418, 503][..]).prop_map(|code| CustomBlockResponse {
        enabled: true,
        code,
        body: "<html><body>Not here: #eventID (say #eventID)</body></html>".to_owned(),
    });
    prop_oneof![5 => Just(CustomBlockResponse::default()), 1 => own]
}

fn network_controls() -> impl Strategy<Value = NetworkControls> {
    let names = || prop::sample::subsequence(vec!["north", "south", "east", "nobody"], 0..3);
    let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>();
    let subnets =
        (prop::bool::weighted(0.8), prop::bool::weighted(0.4), names(), names(), names(), any::<bool>())
            .prop_map(move |(enabled, allow_mode, allow, alert, prevent, strict)| AccessControls {
                enabled,
                allow_mode,
                allow: owned(allow),
                alert: owned(alert),
                prevent: owned(prevent),
                fallback_effect: Some(if strict { WaasEffect::Prevent } else { WaasEffect::Alert }),
            });
    let some = (subnets, names(), prop::bool::weighted(0.4), names()).prop_map(
        move |(subnets, free, exempts, exempt)| NetworkControls {
            exception_subnets: if exempts { owned(exempt) } else { Vec::new() },
            network_controls_exception_subnets: ListNames { subnets: owned(free) },
            subnets,
            ..NetworkControls::default()
        },
    );
    prop_oneof![1 => Just(NetworkControls::default()), 1 => some]
}

fn header_specs() -> impl Strategy<Value = Vec<HeaderSpec>> {
    let values = prop::sample::subsequence(vec!["coco", "co*", "live", "spare"], 1..3);
    let effect = prop_oneof![Just(WaasEffect::Alert), Just(WaasEffect::Prevent)];
    let some = (values, any::<bool>(), prop::bool::weighted(0.3), effect).prop_map(
        |(values, allow, required, effect)| {
            vec![HeaderSpec {
                name: "X-Env".to_owned(),
                values: values.into_iter().map(str::to_owned).collect(),
                allow,
                required,
                effect,
            }]
        },
    );
    prop_oneof![3 => Just(Vec::new()), 1 => some]
}
