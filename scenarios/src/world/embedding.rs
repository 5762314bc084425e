//! What the embed must make of a definition.

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
    /// Makes the sidecar of the embedded definition what the scenario says: one that the task can do without, and with variables of
    /// its own.
    pub(super) fn adapt_sidecar(&self, definition: &mut Value) -> StepResult {
        if !self.sidecar_may_go && self.sidecar_variables.is_empty() {
            return Ok(());
        }
        let name = self.scene()?.run.stage.defender().embed_names().sidecar;
        let all = definition["containerDefinitions"].as_array_mut().into_iter().flatten();
        let mut sidecars = all.filter(|container| container["name"] == json!(name));
        let sidecar = sidecars.next().ok_or_else(|| StepError::new("the definition has no sidecar"))?;
        if self.sidecar_may_go {
            sidecar["essential"] = json!(false);
        }
        let added = self.sidecar_variables.iter().map(|(name, value)| json!({"name": name, "value": value}));
        match &mut sidecar["environment"] {
            Value::Array(variables) => variables.extend(added),
            none => *none = added.collect(),
        }
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
