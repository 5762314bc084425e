//! The policies of a scenario, as the Console's API takes them.

mod firewall;
mod sections;

use super::tables::Section;
use super::{StepError, StepResult};
use crate::steps::{Scope, Selector};
use proofhouse_protocol::custom_rule::CustomRuleRef;
use proofhouse_protocol::runtime_policy::DnsSection;
use proofhouse_protocol::waas_policy::{NetworkList, WaasRule};
use proofhouse_protocol::{Collection, RuleEffect, RuntimePolicy, RuntimeRule, WaasPolicy};
use sections::fill;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Runtime and WAAS rules in the scenario's order, and the collections that scope them.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    runtime: Option<Vec<RuntimeRule>>,
    firewall: Option<Vec<WaasRule>>,
    network_lists: Vec<NetworkList>,
    /// Custom rules, by number.
    custom_rules: BTreeMap<u64, Value>,
    sensitive_data: Vec<Value>,
    /// SHA-256 of the certificates of firewall rules.
    certificates: BTreeMap<String, String>,
    collections: Vec<Collection>,
}

const SECTIONS: [&str; 4] = ["processes", "network", "dns", "filesystem"];

/// The port pair of the n-th firewall rule that is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FirewallPorts {
    /// Where WAAS listens.
    pub exposed: u16,
    /// Where the app listens.
    pub internal: u16,
}

/// Something that the Defender must tell of, for one that knows no fences.
pub(super) enum Probe {
    /// A name that is asked for.
    Name(String),
    /// A program that is run.
    Program(Vec<String>),
}

/// A word of an effect, as the protocol has it.
fn effect<T: DeserializeOwned>(word: &str) -> Result<T, StepError> {
    serde_json::from_value(json!(word)).map_err(|_| StepError::new(format!("\"{word}\" is no effect")))
}

fn document(policy: &impl Serialize) -> Result<Value, StepError> {
    serde_json::to_value(policy)
        .map_err(|error| StepError::new(format!("the policy cannot be written: {error}")))
}

/// A pattern of a domain without its leading wildcard, and whether it had one.
fn pattern(entry: &str) -> (&str, bool) {
    entry.strip_prefix("*.").map_or((entry, false), |rest| (rest, true))
}

fn matches_domain(entry: &str, name: &str) -> bool {
    match pattern(entry) {
        ("*", _) => true,
        (base, true) => name.ends_with(&format!(".{base}")),
        (base, false) => name == base,
    }
}

impl Policies {
    /// The collections, to be created before the policies that name them.
    pub(super) fn collections(&self) -> &[Collection] {
        &self.collections
    }

    /// The network lists, likewise.
    pub(super) fn network_lists(&self) -> Result<Vec<Value>, StepError> {
        self.network_lists.iter().map(document).collect()
    }

    /// The runtime policy, if the scenario has one.
    pub(super) fn runtime(&self) -> Result<Option<Value>, StepError> {
        let Some(rules) = &self.runtime else { return Ok(None) };
        let policy = RuntimePolicy {
            id: "appEmbeddedRuntime".to_owned(),
            rules: rules.clone(),
            custom_rules: Vec::new(),
            extra: Map::new(),
        };
        document(&policy).map(Some)
    }

    /// The WAAS policy, if the scenario has one.
    pub(super) fn firewall(&self) -> Result<Option<Value>, StepError> {
        let Some(rules) = &self.firewall else { return Ok(None) };
        let extra =
            Map::from_iter([("minPort".to_owned(), json!(30_000)), ("maxPort".to_owned(), json!(31_000))]);
        let policy = WaasPolicy {
            custom_rules: Vec::new(),
            id: "appEmbeddedAppFirewall".to_owned(),
            rules: rules.clone(),
            network_lists: Vec::new(),
            sensitive_data: Vec::new(),
            extra,
        };
        document(&policy).map(Some)
    }

    /// The ports of the firewall rules.
    #[must_use]
    pub fn firewall_ports(&self) -> Vec<FirewallPorts> {
        let endpoints = self.firewall.iter().flatten().flat_map(|rule| &rule.applications_spec);
        endpoints
            .filter_map(|app| app.api_spec.endpoints.first())
            .map(|endpoint| FirewallPorts {
                exposed: endpoint.exposed_port,
                internal: endpoint.internal_port,
            })
            .collect()
    }

    /// Adds a runtime rule behind the others.
    ///
    /// # Errors
    /// When a section, an effect or an option is unknown.
    pub fn add_runtime_rule(
        &mut self,
        name: &str,
        scope: &Scope,
        disabled: bool,
        sections: &[Section],
    ) -> StepResult {
        let collections = self.add_collections(name, scope);
        let mut rule = RuntimeRule {
            name: name.to_owned(),
            disabled,
            collections,
            processes: None,
            network: None,
            dns: None,
            filesystem: None,
            custom_rules: Vec::new(),
            extra: Map::new(),
        };
        fill(&mut rule, sections)?;
        self.runtime.get_or_insert_default().push(rule);
        Ok(())
    }

    /// Replaces the sections of a runtime rule.
    ///
    /// # Errors
    /// When the scenario has no such rule, or a section is unknown.
    pub fn change_runtime_rule(&mut self, name: &str, sections: &[Section]) -> StepResult {
        fill(self.runtime_rule(name)?, sections)
    }

    /// Gives a runtime rule another name.
    ///
    /// # Errors
    /// When the scenario has no such rule.
    pub fn rename_runtime_rule(&mut self, from: &str, to: &str) -> StepResult {
        let rule = self.runtime_rule(from)?;
        to.clone_into(&mut rule.name);
        rule.extra.insert("previousName".to_owned(), json!(from));
        Ok(())
    }

    fn runtime_rule(&mut self, name: &str) -> Result<&mut RuntimeRule, StepError> {
        let rules = self.runtime.iter_mut().flatten();
        let mut named = rules.filter(|rule| rule.name == name);
        named.next().ok_or_else(|| StepError::new(format!("the scenario has no rule \"{name}\"")))
    }

    /// Takes a runtime policy as the Console's API has it; its collections are created before it is put.
    ///
    /// # Errors
    /// When it is none.
    pub fn set_runtime(&mut self, text: &str) -> StepResult {
        let policy: RuntimePolicy = serde_json::from_str(text)
            .map_err(|error| StepError::new(format!("this is no runtime policy: {error}")))?;
        self.know_collections(policy.rules.iter().flat_map(|rule| &rule.collections));
        self.runtime = Some(policy.rules);
        Ok(())
    }

    fn know_collections<'a>(&mut self, collections: impl Iterator<Item = &'a Collection>) {
        for collection in collections.filter(|one| one.name != "All") {
            self.collections.retain(|known| known.name != collection.name);
            self.collections.push(collection.clone());
        }
    }

    /// Leaves the runtime policy without a rule.
    pub fn clear_runtime_rules(&mut self) {
        self.runtime = Some(Vec::new());
    }

    /// The runtime policy with another effect in one section of its first rule: any word, for the Console is to judge it.
    ///
    /// # Errors
    /// When the scenario has no runtime rule.
    pub fn runtime_with_effect(&self, effect: &str, section: &str) -> Result<Value, StepError> {
        let mut policy = self.runtime()?.ok_or_else(|| StepError::new("the scenario has no runtime rule"))?;
        policy["rules"][0][section]["effect"] = json!(effect);
        Ok(policy)
    }

    /// Gives the collection of a runtime rule another scope; as the Console takes it.
    ///
    /// # Errors
    /// When the scenario has no such rule, it is for everything, or the scope is of several collections.
    pub(super) fn change_collection(&mut self, rule: &str, scope: &Scope) -> Result<Value, StepError> {
        let Scope::Collections(collections) = scope else {
            return Err(StepError::new("a collection that is of everything is no change of one"));
        };
        let [fields] = collections.as_slice() else {
            return Err(StepError::new("a collection becomes one collection"));
        };
        let name = self.runtime_rule(rule)?.collections.first().map(|one| one.name.clone());
        let mut known = self.collections.iter_mut().filter(|known| Some(&known.name) == name.as_ref());
        let collection =
            known.next().ok_or_else(|| StepError::new(format!("\"{rule}\" has no collection of its own")))?;
        let changed = scoped(&collection.name, fields);
        collection.clone_from(&changed);
        document(&changed)
    }

    /// The runtime policy with another collection in its first rule: any name, for the Console is to judge it.
    ///
    /// # Errors
    /// When the scenario has no runtime rule.
    pub fn runtime_with_collection(&self, name: &str) -> Result<Value, StepError> {
        let mut policy = self.runtime()?.ok_or_else(|| StepError::new("the scenario has no runtime rule"))?;
        policy["rules"][0]["collections"] = json!([{ "name": name }]);
        Ok(policy)
    }

    /// The runtime policy with a custom rule attached to its first rule: any number and effect, for the Console is to judge it.
    ///
    /// # Errors
    /// When the scenario has no runtime rule.
    pub fn runtime_with_attached(&self, id: u64, effect: &str) -> Result<Value, StepError> {
        let mut policy = self.runtime()?.ok_or_else(|| StepError::new("the scenario has no runtime rule"))?;
        policy["rules"][0]["customRules"] = json!([{ "_id": id, "action": "audit", "effect": effect }]);
        Ok(policy)
    }

    /// Attaches a custom rule to a runtime rule, below those that it has.
    ///
    /// # Errors
    /// When the scenario has no such rule, or the effect is none.
    pub fn attach_custom_rule(&mut self, name: &str, id: u64, word: &str) -> StepResult {
        let attached = CustomRuleRef { id, action: "audit".to_owned(), effect: effect(word)? };
        self.runtime_rule(name)?.custom_rules.push(attached);
        Ok(())
    }

    fn add_collections(&mut self, rule: &str, scope: &Scope) -> Vec<Collection> {
        let Scope::Collections(collections) = scope else { return vec![Collection::everything("All")] };
        let name: String = rule.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let mut made = Vec::new();
        for (number, fields) in collections.iter().enumerate() {
            let own = match number {
                0 => format!("scope-{name}"),
                other => format!("scope-{name}-{other}"),
            };
            let collection = scoped(&own, fields);
            if !self.collections.iter().any(|known| known.name == collection.name) {
                self.collections.push(collection.clone());
            }
            made.push(collection);
        }
        made
    }

    /// The DNS sections that may decide for a container.
    fn dns_sections(&self, container: &str) -> impl Iterator<Item = &DnsSection> {
        let rules = self.runtime.iter().flatten().filter(|rule| !rule.disabled);
        // Whether a rule for an image or an app covers the container nobody here knows, so it may.
        let mine = move |rule: &&RuntimeRule| {
            rule.collections
                .iter()
                .any(|one| one.containers.iter().any(|name| name == "*" || name == container))
        };
        rules
            .filter(mine)
            .filter_map(|rule| rule.dns.as_ref())
            .filter(|dns| dns.effect != RuleEffect::Disable)
    }

    /// Whether a rule names that address, to be reached or not.
    pub(super) fn names_address(&self, address: std::net::IpAddr) -> bool {
        let text = address.to_string();
        let sections = self.runtime.iter().flatten().filter_map(|rule| rule.network.as_ref());
        sections
            .flat_map(|one| one.whitelist_ips.iter().chain(&one.blacklist_ips))
            .any(|entry| *entry == text)
    }

    /// A name with this label in it that the policy lets a container look up without telling of it; none where it lets no
    /// new name through.
    pub(super) fn name_that_passes(&self, container: &str, label: &str) -> Option<String> {
        let sections: Vec<_> = self.dns_sections(container).collect();
        let bases = sections.iter().flat_map(|dns| &dns.whitelist).filter_map(|entry| match pattern(entry) {
            (base, true) => Some(base),
            ("*", _) => Some("proofhouse.test"),
            _ => None,
        });
        let passes = |name: &str| {
            sections.iter().all(|dns| {
                let denied = dns.blacklist.iter().any(|entry| matches_domain(entry, name));
                let allowed =
                    dns.whitelist.is_empty() || dns.whitelist.iter().any(|entry| matches_domain(entry, name));
                allowed && !denied
            })
        };
        bases
            .chain(["proofhouse.test", "proofhouse.example", "proofhouse.invalid"])
            .map(|base| format!("{label}.{base}"))
            .find(|name| passes(name))
    }

    /// Something with this token in it that the policy has a Defender tell of.
    pub(super) fn probe(&self, container: &str, token: &str) -> Option<Probe> {
        let by_name = self.dns_sections(container).find_map(|dns| {
            let denied = dns.blacklist.iter().find_map(|entry| match pattern(entry) {
                (base, true) => Some(format!("{token}.{base}")),
                _ => None,
            });
            denied.or_else(|| (!dns.whitelist.is_empty()).then(|| format!("{token}.proofhouse.invalid")))
        });
        if let Some(name) = by_name {
            return Some(Probe::Name(name));
        }
        let rules = self.runtime.iter().flatten().filter(|rule| !rule.disabled);
        let processes = rules.filter_map(|rule| rule.processes.as_ref());
        let mut on = processes.filter(|section| section.effect != RuleEffect::Disable);
        let denied = on.find_map(|section| section.blacklist.iter().find(|name| !name.contains('*')))?;
        Some(Probe::Program(vec![denied.clone(), token.to_owned()]))
    }
}

/// A collection of everything that these fields cover.
fn scoped(name: &str, fields: &[(Selector, Vec<String>)]) -> Collection {
    let mut collection = Collection::everything(name);
    for (selector, values) in fields {
        match selector {
            Selector::Containers => collection.containers.clone_from(values),
            Selector::Images => collection.images.clone_from(values),
            Selector::Apps => collection.app_ids.clone_from(values),
        }
    }
    collection
}
