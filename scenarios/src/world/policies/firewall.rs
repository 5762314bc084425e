//! The firewall rules of a scenario.

use super::{Policies, effect};
use crate::steps::Scope;
use crate::world::{StepError, StepResult};
use proofhouse_protocol::observation::sha256;
use proofhouse_protocol::waas_policy::{ApiSpec, ApplicationSpec, Endpoint, NetworkList, WaasRule};
use proofhouse_protocol::{WaasEffect, WaasPolicy};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

impl Policies {
    /// Adds a firewall rule behind the others.
    ///
    /// # Errors
    /// When a protection or an effect is unknown.
    pub fn add_firewall_rule(
        &mut self,
        name: &str,
        scope: &Scope,
        exposed: u16,
        internal: u16,
        protections: &[(String, String)],
    ) -> StepResult {
        let collections = self.add_collections(name, scope);
        let rules = self.firewall.get_or_insert_default();
        let mut app = application(rules.len() + 1, exposed, internal);
        set_protections(&mut app, protections)?;
        rules.push(WaasRule {
            name: name.to_owned(),
            disabled: false,
            collections,
            applications_spec: vec![app],
            read_timeout_seconds: 5,
            extra: Map::new(),
        });
        Ok(())
    }

    /// Replaces the effects of protections in a firewall rule.
    ///
    /// # Errors
    /// When the scenario has no such rule, or a protection is unknown.
    pub fn change_firewall_rule(&mut self, name: &str, protections: &[(String, String)]) -> StepResult {
        for app in &mut self.firewall_rule(name)?.applications_spec {
            set_protections(app, protections)?;
        }
        Ok(())
    }

    /// Gives a firewall rule an app behind its others.
    ///
    /// # Errors
    /// When the scenario has no such rule, or a protection is unknown.
    pub fn add_firewall_app(
        &mut self,
        name: &str,
        exposed: u16,
        internal: u16,
        protections: &[(String, String)],
    ) -> StepResult {
        let number =
            self.firewall.iter().flatten().map(|rule| rule.applications_spec.len()).sum::<usize>() + 1;
        let mut app = application(number, exposed, internal);
        set_protections(&mut app, protections)?;
        self.firewall_rule(name)?.applications_spec.push(app);
        Ok(())
    }

    /// Puts settings of a firewall rule beside those that scenarios have words for.
    ///
    /// # Errors
    /// When the scenario has no such rule, or the settings are no JSON object.
    pub fn set_firewall_rule(&mut self, name: &str, settings: &str) -> StepResult {
        let settings: Map<String, Value> = serde_json::from_str(settings)
            .map_err(|error| StepError::new(format!("the settings cannot be used: {error}")))?;
        self.firewall_rule(name)?.extra.extend(settings);
        Ok(())
    }

    /// Puts settings, in the form of the Console's API, over those of the last app of a firewall rule: objects are put together, anything
    /// else takes the place of what was there.
    ///
    /// # Errors
    /// When the scenario has no such rule, or the settings are no JSON object or do not fit.
    pub fn set_firewall_app(&mut self, name: &str, settings: &str) -> StepResult {
        let wrong =
            |error: serde_json::Error| StepError::new(format!("the settings cannot be used: {error}"));
        let settings: Map<String, Value> = serde_json::from_str(settings).map_err(wrong)?;
        let apps = &mut self.firewall_rule(name)?.applications_spec;
        let app = apps.last_mut().ok_or_else(|| StepError::new(format!("the rule \"{name}\" has no app")))?;
        let mut merged = serde_json::to_value(&*app).map_err(wrong)?;
        merge(&mut merged, Value::Object(settings));
        *app = serde_json::from_value(merged).map_err(wrong)?;
        Ok(())
    }

    /// Takes a policy of the firewall as the Console's API has it; its collections are created before it is put.
    ///
    /// # Errors
    /// When it is none.
    pub fn set_firewall(&mut self, text: &str) -> StepResult {
        let policy: WaasPolicy = serde_json::from_str(text)
            .map_err(|error| StepError::new(format!("this is no policy of the firewall: {error}")))?;
        self.know_collections(policy.rules.iter().flat_map(|rule| &rule.collections));
        self.firewall = Some(policy.rules);
        Ok(())
    }

    /// Has the endpoints of a firewall rule speak TLS, with a new certificate for that name.
    ///
    /// # Errors
    /// When the scenario has no such rule, or no certificate can be made for the name.
    pub fn encrypt_firewall_rule(&mut self, name: &str, server_name: &str) -> StepResult {
        let made = rcgen::generate_simple_self_signed([server_name.to_owned()])
            .map_err(|error| StepError::new(format!("no certificate for \"{server_name}\": {error}")))?;
        let plain = format!("{}{}", made.cert.pem(), made.signing_key.serialize_pem());
        for app in &mut self.firewall_rule(name)?.applications_spec {
            app.certificate.plain.clone_from(&plain);
            app.api_spec.endpoints.iter_mut().for_each(|endpoint| endpoint.tls = true);
        }
        self.certificates.insert(name.to_owned(), sha256(made.cert.der()));
        Ok(())
    }

    /// SHA-256 of the certificate of a rule.
    ///
    /// # Errors
    /// When it has none.
    pub fn certificate_of(&self, rule: &str) -> Result<String, StepError> {
        let found = self.certificates.get(rule).cloned();
        found.ok_or_else(|| StepError::new(format!("the rule \"{rule}\" speaks no TLS")))
    }

    /// Disables a firewall rule.
    ///
    /// # Errors
    /// When the scenario has no such rule.
    pub fn disable_firewall_rule(&mut self, name: &str) -> StepResult {
        self.firewall_rule(name)?.disabled = true;
        Ok(())
    }

    /// Adds a network list; addresses and blocks stand between commas.
    pub fn add_network_list(&mut self, name: &str, subnets: &str) {
        let subnets = subnets.split(',').map(|subnet| subnet.trim().to_owned()).collect();
        self.network_lists.push(NetworkList {
            name: name.to_owned(),
            subnets,
            disabled: false,
            extra: Map::new(),
        });
    }

    /// Adds a custom rule for requests or answers, which apps attach by its number.
    pub fn add_custom_rule(&mut self, id: u64, name: &str, kind: &str, message: &str, script: &str) {
        let kind = match kind {
            "request" | "response" => format!("waas-{kind}"),
            other => other.to_owned(),
        };
        let rule = json!({"_id": id, "name": name, "type": kind, "message": message, "script": script});
        self.custom_rules.insert(id, rule);
    }

    /// Custom rules, by number.
    pub fn custom_rules(&self) -> &BTreeMap<u64, Value> {
        &self.custom_rules
    }

    /// Adds data that no audit may tell, by its place.
    pub fn add_sensitive_data(&mut self, placeholder: &str, location: &str, key: &str) {
        let name = format!("sensitive data {}", self.sensitive_data.len() + 1);
        let spec = json!({"name": name, "location": location, "key": key, "placeholder": placeholder});
        self.sensitive_data.push(spec);
    }

    /// Adds data that no audit may tell, in the form of the Console's API.
    ///
    /// # Errors
    /// When the text is no JSON list.
    pub fn extend_sensitive_data(&mut self, list: &str) -> StepResult {
        let list: Vec<Value> = serde_json::from_str(list)
            .map_err(|error| StepError::new(format!("the sensitive data cannot be used: {error}")))?;
        self.sensitive_data.extend(list);
        Ok(())
    }

    /// Data that no audit may tell.
    pub fn sensitive_data(&self) -> &[Value] {
        &self.sensitive_data
    }

    fn firewall_rule(&mut self, name: &str) -> Result<&mut WaasRule, StepError> {
        let mut rules = self.firewall.iter_mut().flatten();
        rules
            .find(|rule| rule.name == name)
            .ok_or_else(|| StepError::new(format!("the scenario has no rule \"{name}\"")))
    }
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (name, value) in from {
                merge(into.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, from) => *into = from,
    }
}

fn application(number: usize, exposed: u16, internal: u16) -> ApplicationSpec {
    let endpoint = Endpoint {
        host: "*".to_owned(),
        base_path: "*".to_owned(),
        exposed_port: exposed,
        internal_port: internal,
        tls: false,
        http2: false,
        grpc: false,
        extra: Map::new(),
    };
    let api_spec = ApiSpec { endpoints: vec![endpoint], ..ApiSpec::default() };
    ApplicationSpec { app_id: format!("app-{number:04X}"), api_spec, ..ApplicationSpec::default() }
}

fn set_protections(app: &mut ApplicationSpec, protections: &[(String, String)]) -> StepResult {
    for (name, word) in protections {
        let protection = match name.as_str() {
            "sqli" => &mut app.sqli,
            "xss" => &mut app.xss,
            "cmdi" => &mut app.cmdi,
            "codeInjection" => &mut app.code_injection,
            "lfi" => &mut app.lfi,
            "attackTools" => &mut app.attack_tools,
            "shellshock" => &mut app.shellshock,
            "malformedReq" => &mut app.malformed_req,
            other => return Err(StepError::new(format!("a firewall rule has no protection \"{other}\""))),
        };
        protection.effect = effect::<WaasEffect>(word)?;
    }
    Ok(())
}
