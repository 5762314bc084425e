//! The policies of a scenario, as the Console's API takes them.

mod firewall;

use super::tables::Section;
use super::{StepError, StepResult};
use crate::steps::Scope;
use proofhouse_protocol::runtime_policy::{DnsSection, FilesystemSection, NetworkSection, ProcessSection};
use proofhouse_protocol::waas_policy::{NetworkList, WaasRule};
use proofhouse_protocol::{Collection, RuleEffect, RuntimePolicy, RuntimeRule, WaasPolicy};
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
        let policy =
            RuntimePolicy { id: "appEmbeddedRuntime".to_owned(), rules: rules.clone(), extra: Map::new() };
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
        let collection = self.add_collection(name, scope);
        let mut rule = RuntimeRule {
            name: name.to_owned(),
            disabled,
            collections: vec![collection],
            processes: None,
            network: None,
            dns: None,
            filesystem: None,
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
        for collection in policy.rules.iter().flat_map(|rule| &rule.collections) {
            if collection.name != "All" {
                self.collections.retain(|known| known.name != collection.name);
                self.collections.push(collection.clone());
            }
        }
        self.runtime = Some(policy.rules);
        Ok(())
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
    /// When the scenario has no such rule, or it is for everything.
    pub(super) fn change_collection(&mut self, rule: &str, scope: &Scope) -> Result<Value, StepError> {
        let name = self.runtime_rule(rule)?.collections.first().map(|one| one.name.clone());
        let mut known = self.collections.iter_mut().filter(|known| Some(&known.name) == name.as_ref());
        let collection =
            known.next().ok_or_else(|| StepError::new(format!("\"{rule}\" has no collection of its own")))?;
        let mut changed = scoped(scope);
        changed.name.clone_from(&collection.name);
        collection.clone_from(&changed);
        document(&changed)
    }

    fn add_collection(&mut self, rule: &str, scope: &Scope) -> Collection {
        let mut collection = scoped(scope);
        if *scope == Scope::Everything {
            return collection;
        }
        let name: String = rule.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        collection.name = format!("scope-{name}");
        if !self.collections.iter().any(|known| known.name == collection.name) {
            self.collections.push(collection.clone());
        }
        collection
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

/// A collection of everything in a scope.
fn scoped(scope: &Scope) -> Collection {
    let mut collection = Collection::everything("All");
    match scope {
        Scope::Everything => {}
        Scope::Containers(values) => collection.containers.clone_from(values),
        Scope::Images(values) => collection.images.clone_from(values),
        Scope::Apps(values) => collection.app_ids.clone_from(values),
    }
    collection
}

/// A Console wants every section in a rule; those that a scenario does not name are disabled.
fn fill(rule: &mut RuntimeRule, sections: &[Section]) -> StepResult {
    let mut processes = ProcessSection {
        effect: RuleEffect::Disable,
        whitelist: Vec::new(),
        blacklist: Vec::new(),
        block_all_binaries: false,
        check_crypto_miners: false,
        check_new_binaries: false,
        extra: Map::new(),
    };
    let mut network = NetworkSection {
        effect: RuleEffect::Disable,
        whitelist_ips: Vec::new(),
        blacklist_ips: Vec::new(),
        whitelist_listening_ports: Vec::new(),
        blacklist_listening_ports: Vec::new(),
        whitelist_outbound_ports: Vec::new(),
        blacklist_outbound_ports: Vec::new(),
        extra: Map::new(),
    };
    let mut dns = DnsSection {
        effect: RuleEffect::Disable,
        whitelist: Vec::new(),
        blacklist: Vec::new(),
        extra: Map::new(),
    };
    let mut filesystem = FilesystemSection {
        effect: RuleEffect::Disable,
        whitelist: Vec::new(),
        blacklist: Vec::new(),
        check_new_files: false,
        backdoor_files: false,
        skip_encrypted_binaries: false,
        suspicious_elf_headers: false,
        extra: Map::new(),
    };
    for Section { name, effect: word, allowed, denied, options } in sections {
        let on = |switch: &str| options.iter().any(|option| option == switch);
        let mut known: &[&str] = &[];
        let extra = match name.as_str() {
            "processes" => {
                processes.effect = effect(word)?;
                processes.whitelist.clone_from(allowed);
                processes.blacklist.clone_from(denied);
                processes.block_all_binaries = on("blockAllBinaries");
                processes.check_crypto_miners = on("checkCryptoMiners");
                processes.check_new_binaries = on("checkNewBinaries");
                known = &["blockAllBinaries", "checkCryptoMiners", "checkNewBinaries"];
                &mut processes.extra
            }
            "network" => {
                network.effect = effect(word)?;
                network.whitelist_ips.clone_from(allowed);
                network.blacklist_ips.clone_from(denied);
                &mut network.extra
            }
            "dns" => {
                dns.effect = effect(word)?;
                dns.whitelist.clone_from(allowed);
                dns.blacklist.clone_from(denied);
                &mut dns.extra
            }
            "filesystem" => {
                filesystem.effect = effect(word)?;
                filesystem.whitelist.clone_from(allowed);
                filesystem.blacklist.clone_from(denied);
                filesystem.check_new_files = on("checkNewFiles");
                filesystem.backdoor_files = on("backdoorFiles");
                filesystem.skip_encrypted_binaries = on("skipEncryptedBinaries");
                filesystem.suspicious_elf_headers = on("suspiciousELFHeaders");
                known = &["checkNewFiles", "backdoorFiles", "skipEncryptedBinaries", "suspiciousELFHeaders"];
                &mut filesystem.extra
            }
            other => {
                return Err(StepError::new(format!(
                    "a runtime rule has no section \"{other}\"; it has {}",
                    SECTIONS.join(", ")
                )));
            }
        };
        for option in options.iter().filter(|option| !known.contains(&option.as_str())) {
            extra.insert(option.clone(), json!(true));
        }
    }
    rule.processes = Some(processes);
    rule.network = Some(network);
    rule.dns = Some(dns);
    rule.filesystem = Some(filesystem);
    Ok(())
}
