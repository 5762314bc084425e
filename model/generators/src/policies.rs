//! Policies, and the containers that they may be about.

use crate::near::near;
use proofhouse_protocol::runtime_policy::{DnsSection, ProcessSection};
use proofhouse_protocol::{Collection, RuleEffect, RuntimePolicy, RuntimeRule};
use proptest::prelude::*;
use serde_json::{Map, json};

/// What scopes may name.
#[derive(Debug, Clone)]
pub struct Places {
    /// Names of containers.
    pub containers: Vec<String>,
    /// Images.
    pub images: Vec<String>,
    /// App IDs, or their beginnings.
    pub app_ids: Vec<String>,
}

/// What lists may name.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    /// Names and paths of programs.
    pub programs: Vec<String>,
    /// Domain names.
    pub names: Vec<String>,
}

/// Up to three rules about places, with lists of what is named. Rules are called by their place.
pub(crate) fn policy(places: &Places, named: &Named) -> impl Strategy<Value = RuntimePolicy> + use<> {
    prop::collection::vec(rule(places, named), 1..4).prop_map(|mut rules| {
        for (at, rule) in rules.iter_mut().enumerate() {
            rule.name = format!("rule {}", at + 1);
        }
        RuntimePolicy {
            id: "appEmbeddedRuntime".to_owned(),
            rules,
            custom_rules: Vec::new(),
            extra: Map::new(),
        }
    })
}

pub(crate) fn field(pool: &[String]) -> BoxedStrategy<Vec<String>> {
    let pool = pool.to_vec();
    let value = (prop::sample::select(pool).prop_flat_map(near), prop::bool::weighted(0.15))
        .prop_map(|(text, out)| if out { format!("-{text}") } else { text })
        .prop_filter("a Console takes no empty value", |text| !text.is_empty() && text != "-");
    prop_oneof![3 => Just(vec!["*".to_owned()]), 2 => prop::collection::vec(value, 1..4)].boxed()
}

fn collection(places: &Places) -> impl Strategy<Value = Collection> + use<> {
    let all = Just(Collection::everything("All"));
    // C11: what a collection of containers and images means is not documented.
    let containers = (field(&places.containers), field(&places.app_ids)).prop_map(|(containers, app_ids)| {
        Collection { containers, app_ids, ..Collection::everything("some") }
    });
    let images = (field(&places.images), field(&places.app_ids)).prop_map(|(images, app_ids)| Collection {
        images,
        app_ids,
        ..Collection::everything("some")
    });
    prop_oneof![3 => all, 3 => containers, 2 => images]
}

/// F2: a Console refuses `block`.
fn effect() -> impl Strategy<Value = RuleEffect> {
    prop_oneof![
        5 => Just(RuleEffect::Prevent),
        4 => Just(RuleEffect::Alert),
        1 => Just(RuleEffect::Disable),
    ]
}

fn rule(places: &Places, named: &Named) -> impl Strategy<Value = RuntimeRule> + use<> {
    let collections = prop::collection::vec(collection(places), 1..3);
    let sections = (processes(&named.programs), dns(&named.names));
    (collections, prop::bool::weighted(0.1), sections).prop_map(
        |(collections, disabled, (processes, dns))| RuntimeRule {
            name: String::new(),
            disabled,
            collections,
            processes: Some(processes),
            network: serde_json::from_value(json!({"effect": "disable"})).ok(),
            dns: Some(dns),
            filesystem: serde_json::from_value(json!({"effect": "disable"})).ok(),
            custom_rules: Vec::new(),
            extra: Map::new(),
        },
    )
}

/// A list, often empty.
fn list(entry: BoxedStrategy<String>) -> impl Strategy<Value = Vec<String>> {
    prop_oneof![2 => Just(Vec::new()), 3 => prop::collection::vec(entry, 1..5)]
}

fn processes(named: &[String]) -> impl Strategy<Value = ProcessSection> + use<> {
    let entry = program_entry(named.to_vec());
    let flags = (prop::bool::weighted(0.05), prop::bool::weighted(0.3), prop::bool::weighted(0.3));
    (effect(), list(entry.clone()), list(entry), flags).prop_map(
        |(effect, whitelist, blacklist, (all, miners, new))| ProcessSection {
            effect,
            whitelist,
            blacklist,
            block_all_binaries: all,
            check_crypto_miners: miners,
            check_new_binaries: new,
            extra: Map::new(),
        },
    )
}

/// A name or a path of some program, or something near it.
fn program_entry(named: Vec<String>) -> BoxedStrategy<String> {
    let text = (prop::sample::select(named), 0..4_u8).prop_map(|(name, form)| match form {
        0 | 1 => name.rsplit('/').next().unwrap_or_default().to_owned(),
        2 => name.replace("/usr/bin/", "/bin/").replace("/srv/tools/", "/srv/alias/"),
        _ => name,
    });
    // One letter more or less is what a careless comparison does not see.
    let careless = |text: String| {
        let shorter = text.chars().skip(1).collect::<String>();
        prop::sample::select(vec![shorter, format!("{text}s"), format!("x{text}"), format!("*{text}")])
    };
    text.prop_flat_map(
        move |text| prop_oneof![5 => Just(text.clone()), 3 => near(text.clone()), 2 => careless(text)],
    )
    .prop_filter("a list has no empty entry", |text| !text.trim_matches('*').is_empty())
    .boxed()
}

fn dns(named: &[String]) -> impl Strategy<Value = DnsSection> + use<> {
    let entry = domain_entry(named.to_vec());
    (effect(), list(entry.clone()), list(entry)).prop_map(|(effect, whitelist, blacklist)| DnsSection {
        effect,
        whitelist,
        blacklist,
        extra: Map::new(),
    })
}

/// A name, what is above it, or one with stars in place of labels or of a part of one.
fn domain_entry(named: Vec<String>) -> BoxedStrategy<String> {
    let starred = (prop::sample::select(named.clone()), 0..16_u8, 0..5_u8).prop_map(|(name, stars, ends)| {
        let labels = name.split('.').enumerate();
        let labels: Vec<&str> =
            labels.map(|(at, label)| if stars >> at & 1 == 1 { "*" } else { label }).collect();
        let text = labels.join(".");
        match ends {
            0 => format!("*.{text}"),
            1 => format!("*{text}"),
            2 => format!("{text}.*"),
            3 => format!("*.{text}.*"),
            _ => text,
        }
    });
    let plain = prop::sample::select(named.clone()).prop_flat_map(near);
    let exact = prop::sample::select(named.clone());
    let above = (prop::sample::select(named), 1..3_usize, any::<bool>()).prop_map(|(name, cut, star)| {
        let base = name.splitn(cut + 1, '.').last().unwrap_or_default().to_owned();
        if star { format!("*.{base}") } else { base }
    });
    let written = prop::sample::select(
        &[
            "*.example.com",
            "example.com",
            "*.test",
            "*.evil.test",
            "*.bücher.example",
            "bücher.example",
            "*.example",
        ][..],
    )
    .prop_map(str::to_owned);
    (prop_oneof![2 => starred, 2 => plain, 2 => exact, 3 => above, 2 => written], prop::bool::weighted(0.1))
        .prop_map(|(entry, dot)| if dot { format!("{entry}.") } else { entry })
        .prop_filter("a list has no empty entry", |text| {
            !text.trim_matches(|c| c == '*' || c == '.').is_empty()
        })
        .boxed()
}
