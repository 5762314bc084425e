//! The policies of a scenario, as the Console's API takes them.

use super::tables::Section;
use super::{StepError, StepResult};
use crate::steps::Scope;
use serde_json::{Map, Value, json};

/// Runtime and WAAS rules in the scenario's order, and the collections that scope them.
#[derive(Debug, Clone, Default)]
pub struct Policies {
    runtime: Option<Vec<Value>>,
    firewall: Option<Vec<Value>>,
    collections: Vec<Value>,
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

impl Policies {
    /// The collections, to be created before the policies that name them.
    #[must_use]
    pub fn collections(&self) -> &[Value] {
        &self.collections
    }

    /// The runtime policy, if the scenario has one.
    #[must_use]
    pub fn runtime(&self) -> Option<Value> {
        self.runtime.as_ref().map(|rules| json!({"_id": "appEmbeddedRuntime", "rules": rules}))
    }

    /// The WAAS policy, if the scenario has one.
    #[must_use]
    pub fn firewall(&self) -> Option<Value> {
        self.firewall.as_ref().map(
            |rules| json!({"_id": "appEmbeddedAppFirewall", "rules": rules, "minPort": 30000, "maxPort": 31000}),
        )
    }

    /// The ports of the firewall rules.
    #[must_use]
    pub fn firewall_ports(&self) -> Vec<FirewallPorts> {
        let endpoint = |rule: &Value| rule.pointer("/applicationsSpec/0/apiSpec/endpoints/0").cloned();
        let port =
            |endpoint: &Value, name: &str| endpoint[name].as_u64().and_then(|port| u16::try_from(port).ok());
        self.firewall
            .iter()
            .flatten()
            .filter_map(endpoint)
            .filter_map(|endpoint| {
                Some(FirewallPorts {
                    exposed: port(&endpoint, "exposedPort")?,
                    internal: port(&endpoint, "internalPort")?,
                })
            })
            .collect()
    }

    /// Adds a runtime rule behind the others.
    ///
    /// # Errors
    /// When a section is unknown.
    pub fn add_runtime_rule(
        &mut self,
        name: &str,
        scope: &Scope,
        disabled: bool,
        sections: &[Section],
    ) -> StepResult {
        let collection = self.add_collection(name, scope);
        let mut rule = json!({"name": name, "disabled": disabled, "collections": [{"name": collection}]});
        fill(&mut rule, sections)?;
        self.runtime.get_or_insert_default().push(rule);
        Ok(())
    }

    /// Replaces the sections of a runtime rule.
    ///
    /// # Errors
    /// When the scenario has no such rule.
    pub fn change_runtime_rule(&mut self, name: &str, sections: &[Section]) -> StepResult {
        fill(find(self.runtime.as_mut(), name)?, sections)
    }

    /// Gives a runtime rule another name.
    ///
    /// # Errors
    /// When the scenario has no such rule.
    pub fn rename_runtime_rule(&mut self, from: &str, to: &str) -> StepResult {
        let rule = find(self.runtime.as_mut(), from)?;
        rule["name"] = json!(to);
        rule["previousName"] = json!(from);
        Ok(())
    }

    /// Leaves the runtime policy without a rule.
    pub fn clear_runtime_rules(&mut self) {
        self.runtime = Some(Vec::new());
    }

    /// The runtime policy with another effect in one section of its first rule.
    ///
    /// # Errors
    /// When the scenario has no runtime rule.
    pub fn runtime_with_effect(&self, effect: &str, section: &str) -> Result<Value, StepError> {
        let mut policy = self.runtime().ok_or_else(|| StepError::new("the scenario has no runtime rule"))?;
        policy["rules"][0][section]["effect"] = json!(effect);
        Ok(policy)
    }

    /// Adds a firewall rule behind the others.
    ///
    /// # Errors
    /// Never; the signature is that of its siblings.
    pub fn add_firewall_rule(
        &mut self,
        name: &str,
        scope: &Scope,
        exposed: u16,
        internal: u16,
        protections: &[(String, String)],
    ) -> StepResult {
        let collection = self.add_collection(name, scope);
        let rules = self.firewall.get_or_insert_default();
        let mut app = json!({
            "appID": format!("app-{:04X}", rules.len() + 1),
            "apiSpec": {"endpoints": [{"host": "*", "basePath": "*", "exposedPort": exposed, "internalPort": internal,
                                       "tls": false, "http2": false, "grpc": false}],
                        "effect": "disable", "fallbackEffect": "disable"},
            "banDurationMinutes": 5
        });
        for (protection, effect) in protections {
            app[protection] = json!({"effect": effect, "exceptionFields": []});
        }
        rules.push(json!({"name": name, "collections": [{"name": collection}], "applicationsSpec": [app]}));
        Ok(())
    }

    /// Replaces the effects of protections in a firewall rule.
    ///
    /// # Errors
    /// When the scenario has no such rule.
    pub fn change_firewall_rule(&mut self, name: &str, protections: &[(String, String)]) -> StepResult {
        let rule = find(self.firewall.as_mut(), name)?;
        for (protection, effect) in protections {
            rule["applicationsSpec"][0][protection] = json!({"effect": effect, "exceptionFields": []});
        }
        Ok(())
    }

    fn add_collection(&mut self, rule: &str, scope: &Scope) -> String {
        let (field, values) = match scope {
            Scope::Everything => return "All".to_owned(),
            Scope::Containers(values) => ("containers", values),
            Scope::Images(values) => ("images", values),
            Scope::Apps(values) => ("appIDs", values),
        };
        let name: String = rule.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
        let name = format!("scope-{name}");
        if !self.collections.iter().any(|collection| collection["name"] == json!(name)) {
            self.collections.push(json!({"name": name, field: values}));
        }
        name
    }
}

fn find<'a>(rules: Option<&'a mut Vec<Value>>, name: &str) -> Result<&'a mut Value, StepError> {
    rules
        .and_then(|rules| rules.iter_mut().find(|rule| rule["name"] == json!(name)))
        .ok_or_else(|| StepError::new(format!("the scenario has no rule \"{name}\"")))
}

/// A Console wants every section in a rule; those that a scenario does not name are disabled.
fn fill(rule: &mut Value, sections: &[Section]) -> StepResult {
    for name in SECTIONS {
        rule[name] = json!({"effect": "disable"});
    }
    for section in sections {
        let mut members = Map::new();
        members.insert("effect".to_owned(), json!(section.effect));
        match section.name.as_str() {
            "processes" | "dns" | "filesystem" => {
                members.insert("whitelist".to_owned(), json!(section.allowed));
                members.insert("blacklist".to_owned(), json!(section.denied));
            }
            "network" => {
                members.insert("whitelistIPs".to_owned(), json!(section.allowed));
                members.insert("blacklistIPs".to_owned(), json!(section.denied));
            }
            other => {
                return Err(StepError::new(format!(
                    "a runtime rule has no section \"{other}\"; it has {}",
                    SECTIONS.join(", ")
                )));
            }
        }
        for option in &section.options {
            members.insert(option.clone(), json!(true));
        }
        rule[section.name.as_str()] = Value::Object(members);
    }
    Ok(())
}
