//! What is known of a scenario before it runs.

use crate::catalogue::Level;
use proofhouse_protocol::{EmbedNames, FidelityLabel, Observation};
use serde::{Deserialize, Serialize};

/// A property of the platform with its label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fidelity {
    /// Property, such as `seccomp`.
    pub property: String,
    /// Label.
    pub label: FidelityLabel,
    /// How, for people.
    #[serde(default)]
    pub how: String,
}

/// What the feature file says of a scenario, and what the runner decided before it ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioMeta {
    /// Stable id, such as `process-017`; the tag without `@`.
    pub id: String,
    /// Title.
    pub title: String,
    /// Name of the feature.
    pub feature: String,
    /// The requirement in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// Requirement ids, such as `P7`.
    #[serde(default)]
    pub requirements: Vec<String>,
    /// Level.
    pub level: Level,
    /// All tags, without `@`.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Feature file, relative to the suite.
    pub file: String,
    /// Line in it.
    pub line: u32,
    /// Why the scenario does not apply to this Defender, when it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_applicable: Option<String>,
    /// Simulated properties that the scenario leans on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relies_on: Vec<Fidelity>,
}

impl ScenarioMeta {
    /// Of a scenario that stands in no file: a round that a seed makes up.
    #[must_use]
    pub fn made_up(id: &str, feature: &str, title: &str) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            feature: feature.to_owned(),
            rule: None,
            requirements: Vec::new(),
            level: Level::Core,
            tags: Vec::new(),
            file: String::new(),
            line: 0,
            not_applicable: None,
            relies_on: Vec::new(),
        }
    }

    /// As the observation that opens an attempt; 1 is the first. What the Console embeds is called so.
    ///
    /// # Panics
    /// Never: a scenario has string keys only.
    #[must_use]
    pub fn to_observation(&self, attempt: u32, embed: &EmbedNames) -> Observation {
        let meta = serde_json::to_value(self).expect("a scenario has string keys only");
        Observation::ScenarioBegan { attempt, meta, embed: embed.clone() }
    }
}
