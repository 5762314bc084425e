//! Policies and the containers that they may be about.

use crate::{domains, network, programs};
use proofhouse_generators::near;
use proofhouse_model::Container;
use proofhouse_protocol::runtime_policy::{DnsSection, ProcessSection};
use proofhouse_protocol::semantics::{EmptyLists, PlainDomain};
use proofhouse_protocol::{Collection, RuleEffect, RuntimePolicy, RuntimeRule, Semantics};
use proptest::prelude::*;
use serde_json::json;

const NAMES: [&str; 5] = ["web", "db", "web-test", "Webs", "cache"];
const APP_IDS: [&str; 3] = ["shop:0123", "Shop2:0123", "till:0123"];
const IMAGES: [&str; 17] = [
    "httpd",
    "httpd:latest",
    "httpd:2.4",
    "library/httpd:2.4",
    "docker.io/library/httpd:2.4",
    "Docker.io/HTTPD:2.4",
    "index.docker.io/httpd",
    "registry-1.docker.io/library/httpd:latest",
    "httpd@sha256:00",
    "httpd:2.4@sha256:00",
    "docker.io/library/httpd@sha256:00",
    "bitnami/redis:7",
    "docker.io/bitnami/redis:7",
    "library/bitnami/redis:7",
    "registry.example.com/httpd:2.4",
    "registry.example.com:5000/httpd",
    "localhost/httpd",
];

/// A container as a task has it.
#[derive(Debug, Clone)]
pub struct Place {
    pub name: &'static str,
    pub image: &'static str,
    pub app_id: &'static str,
}

impl Place {
    pub fn container(&self) -> Container<'_> {
        Container { name: self.name, image: self.image, app_id: self.app_id }
    }
}

pub fn place() -> impl Strategy<Value = Place> {
    (prop::sample::select(&NAMES[..]), prop::sample::select(&IMAGES[..]), prop::sample::select(&APP_IDS[..]))
        .prop_map(|(name, image, app_id)| Place { name, image, app_id })
}

fn field(pool: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    let value =
        (prop::sample::select(pool).prop_flat_map(|text| near(text.to_owned())), prop::bool::weighted(0.2))
            .prop_map(|(text, out)| if out { format!("-{text}") } else { text });
    prop_oneof![2 => Just(vec!["*".to_owned()]), 3 => prop::collection::vec(value, 0..4)]
}

fn collection() -> impl Strategy<Value = Collection> {
    let all = Just(Collection::everything("All"));
    let some = (field(&NAMES), field(&IMAGES), field(&APP_IDS)).prop_map(|(containers, images, app_ids)| {
        Collection { containers, images, app_ids, ..Collection::everything("some") }
    });
    prop_oneof![1 => all, 4 => some]
}

pub fn effect() -> impl Strategy<Value = RuleEffect> {
    prop_oneof![
        4 => Just(RuleEffect::Prevent),
        3 => Just(RuleEffect::Alert),
        1 => Just(RuleEffect::Disable),
        1 => Just(RuleEffect::Block),
    ]
}

fn processes() -> impl Strategy<Value = ProcessSection> {
    let list = || prop_oneof![Just(Vec::new()), prop::collection::vec(programs::entry(), 1..4)];
    (effect(), list(), list(), prop::bool::weighted(0.1), any::<bool>(), any::<bool>()).prop_map(
        |(effect, allow, deny, all, miners, new)| {
            serde_json::from_value(
                json!({"effect": effect, "whitelist": allow, "blacklist": deny, "blockAllBinaries": all,
                "checkCryptoMiners": miners, "checkNewBinaries": new}),
            )
            .unwrap()
        },
    )
}

fn rule() -> impl Strategy<Value = RuntimeRule> {
    let collections = prop::collection::vec(collection(), 0..4);
    let sections = (
        prop::option::weighted(0.9, processes()),
        prop::option::weighted(0.9, dns()),
        prop::option::weighted(0.9, network::section()),
    );
    (collections, prop::bool::weighted(0.2), sections).prop_map(
        |(collections, disabled, (processes, dns, network))| {
            let named: RuntimeRule = serde_json::from_value(json!({"name": "rule"})).unwrap();
            RuntimeRule { collections, disabled, processes, dns, network, ..named }
        },
    )
}

/// Rules are named by their place.
pub fn policy() -> impl Strategy<Value = RuntimePolicy> {
    prop::collection::vec(rule(), 0..4).prop_map(|mut rules| {
        for (at, rule) in rules.iter_mut().enumerate() {
            rule.name = format!("rule {at}");
        }
        RuntimePolicy { rules, ..RuntimePolicy::default() }
    })
}

/// Every combination of what is decided by.
pub fn semantics() -> impl Strategy<Value = Semantics> {
    any::<(bool, bool, bool, bool)>().prop_map(|(deny_all, deny_lists, wildcard_matches_apex, suffix)| {
        Semantics {
            empty_lists: if deny_all { EmptyLists::DenyAll } else { EmptyLists::DenyNothing },
            deny_lists,
            wildcard_matches_apex,
            plain_domain: if suffix { PlainDomain::Suffix } else { PlainDomain::Exact },
            ..Semantics::current()
        }
    })
}

fn dns() -> impl Strategy<Value = DnsSection> {
    let list = || prop_oneof![Just(Vec::new()), prop::collection::vec(domains::entry(), 1..4)];
    (effect(), list(), list()).prop_map(|(effect, allow, deny)| {
        serde_json::from_value(json!({"effect": effect, "whitelist": allow, "blacklist": deny})).unwrap()
    })
}
