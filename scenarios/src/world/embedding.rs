//! What the embed must make of a definition.

use super::definitions::member;
use super::{ScenarioWorld, StepError, StepResult};
use proofhouse_protocol::Observation;
use proofhouse_protocol::observation::{DefinitionRole, Source};
use proofhouse_reports::checks::{Check, EmbedExpectation};
use serde_json::{Value, json};

/// The definition itself, without the wrapper object of a describe call.
pub(super) fn unwrapped(definition: &Value) -> &Value {
    definition.get("taskDefinition").unwrap_or(definition)
}

impl ScenarioWorld {
    /// What the scenario wants otherwise of the sidecar: that the task can do without it, its install bundle, and variables of its own.
    fn change_sidecar(&self, definition: &mut Value) -> StepResult {
        if !self.sidecar_may_go && self.bundle.is_none() && self.sidecar_variables.is_empty() {
            return Ok(());
        }
        let name = self.scene()?.run.stage.defender().embed_names().sidecar;
        let all = definition["containerDefinitions"].as_array_mut().into_iter().flatten();
        let mut sidecars = all.filter(|container| container["name"] == json!(name));
        let sidecar = sidecars.next().ok_or_else(|| StepError::new("the definition has no sidecar"))?;
        if self.sidecar_may_go {
            sidecar["essential"] = json!(false);
        }
        let variables = sidecar["environment"].as_array_mut().into_iter().flatten();
        let bundles = variables.filter(|variable| variable["name"] == "INSTALL_BUNDLE");
        for (variable, bundle) in bundles.zip(&self.bundle) {
            variable["value"] = json!(bundle);
        }
        let added = self.sidecar_variables.iter().map(|(name, value)| json!({"name": name, "value": value}));
        match &mut sidecar["environment"] {
            Value::Array(variables) => variables.extend(added),
            none => *none = added.collect(),
        }
        Ok(())
    }

    /// The embedded definition as it is run: as the Console gave it, but for what the scenario sets.
    pub(super) fn embedded_to_run(&self) -> Result<Value, StepError> {
        let mut definition = self.embedded()?.clone();
        self.change_sidecar(&mut definition)?;
        self.leave_unmonitored(&mut definition)?;
        for (path, value) in &self.embedded_changes {
            *member(&mut definition, path)? = value.clone();
        }
        Ok(definition)
    }

    /// A member of the embedded definition that is set before it is run, as JSON.
    pub(crate) fn change_embedded(&mut self, path: &str, value: &str) -> StepResult {
        let value = serde_json::from_str(value)
            .map_err(|error| StepError::new(format!("{value} is not JSON: {error}")))?;
        self.embedded_changes.push((path.to_owned(), value));
        Ok(())
    }

    /// Takes the word for file system monitoring from one container of the embedded definition, where the scenario says so.
    pub(super) fn leave_unmonitored(&self, definition: &mut Value) -> StepResult {
        let Some(name) = &self.not_monitored else { return Ok(()) };
        let all = definition["containerDefinitions"].as_array_mut().into_iter().flatten();
        let of_container = all.filter(|container| container["name"] == json!(name));
        let variables = of_container.flat_map(|container| container["environment"].as_array_mut()).flatten();
        let mut words = variables.filter(|variable| variable["name"] == json!("FILESYSTEM_MONITORING"));
        let word = words
            .next()
            .ok_or_else(|| StepError::new(format!("\"{name}\" has no word for file system monitoring")))?;
        word["value"] = json!("false");
        Ok(())
    }

    /// What the Console answered, where it was a definition.
    pub(super) fn keep_embedded(&mut self, embedded: Option<Value>) {
        if let Some(document) = embedded.clone() {
            let observation = Observation::Definition { role: DefinitionRole::Embedded, document };
            self.record_as(Source::Console, None, observation);
        }
        self.embedded = embedded.or(self.embedded.take());
    }

    /// What is expected of the embedded definition.
    pub(crate) fn expect_embedded(&self, expect: EmbedExpectation) -> StepResult {
        self.settle(&Check::Embedded { expect })
    }

    /// A member of a container as JSON.
    pub(crate) fn expect_member(&self, container: &str, member: &str, expected: &str) -> StepResult {
        let is: Value = serde_json::from_str(expected)
            .map_err(|error| StepError::new(format!("the expected value is not JSON: {error}")))?;
        self.expect_embedded(EmbedExpectation::Member {
            container: container.to_owned(),
            member: member.to_owned(),
            is,
        })
    }

    /// `defender_` and the version of the Console, dots as underscores.
    pub(crate) fn expect_sidecar_tag(&self) -> StepResult {
        let tag = format!("defender_{}", self.console_version()?.replace('.', "_"));
        self.expect_embedded(EmbedExpectation::SidecarTag(tag))
    }
}
