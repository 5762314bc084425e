//! What is known when a run begins.

use super::choices::Choice;
use crate::verdict::{Expectations, Fidelity};
use jiff::Timestamp;
use proofhouse_protocol::{Observation, Semantics};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The Defender under test.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Implementation {
    /// Name, such as `reference`.
    pub name: String,
    /// Version it reports.
    pub version: String,
    /// Image as given.
    #[serde(default)]
    pub image: String,
    /// Digest of the image: the immutable version.
    #[serde(default)]
    pub image_digest: String,
}

/// Where the run took place. Empty strings are unknown.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Environment {
    /// Version of Docker.
    pub docker: String,
    /// Version of the Engine API.
    pub engine_api: String,
    /// Kernel release.
    pub kernel: String,
    /// Cgroup version and driver.
    pub cgroup: String,
    /// Storage driver.
    pub storage_driver: String,
    /// Architecture.
    pub architecture: String,
    /// Processors.
    pub cpus: u32,
    /// Memory in bytes.
    pub memory_bytes: u64,
    /// Anything else, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub more: BTreeMap<String, String>,
}

impl Environment {
    /// What is known, as pairs for people.
    #[must_use]
    pub fn pairs(&self) -> Vec<(String, String)> {
        let gib = self.memory_bytes as f64 / f64::from(1u32 << 30);
        let known = |n: bool, text: String| if n { text } else { String::new() };
        let fixed = [
            ("Docker", self.docker.clone()),
            ("Engine API", self.engine_api.clone()),
            ("Kernel", self.kernel.clone()),
            ("Cgroup", self.cgroup.clone()),
            ("Storage driver", self.storage_driver.clone()),
            ("Architecture", self.architecture.clone()),
            ("Processors", known(self.cpus > 0, self.cpus.to_string())),
            ("Memory", known(self.memory_bytes > 0, format!("{gib:.1} GiB"))),
        ];
        let more = self.more.iter().map(|(name, value)| (name.clone(), value.clone()));
        fixed.into_iter().map(|(n, v)| (n.to_owned(), v)).chain(more).filter(|(_, v)| !v.is_empty()).collect()
    }
}

/// The head of a report; the first record of a history carries it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunHeader {
    /// Id of the run.
    pub run_id: String,
    /// When it began.
    pub started: Timestamp,
    /// Version of the suite.
    pub suite_version: String,
    /// The Defender.
    pub implementation: Implementation,
    /// The machine.
    #[serde(default)]
    pub environment: Environment,
    /// Declared choices as settings.
    pub semantics: Semantics,
    /// Declared choices that are no settings of the profile.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// Simulated properties and their labels.
    #[serde(default)]
    pub fidelity: Vec<Fidelity>,
    /// What no scenario can say anything about.
    #[serde(default)]
    pub not_simulated: Vec<String>,
    /// How scenarios were selected, for people; empty for all of them.
    #[serde(default)]
    pub selection: String,
    /// Whether nothing was really run. A dry run never passes.
    #[serde(default)]
    pub dry_run: bool,
    /// Ids of the whole suite, whether selected or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub suite: Vec<String>,
    /// Known failures in force.
    #[serde(default)]
    pub expectations: Expectations,
    /// Requirements that have no scenario for a reason, by id.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labelled: BTreeMap<String, String>,
}

impl RunHeader {
    /// As the observation that opens a history.
    ///
    /// # Panics
    /// Never: a header has string keys only.
    #[must_use]
    pub fn to_observation(&self) -> Observation {
        Observation::RunBegan { run: serde_json::to_value(self).expect("a header has string keys only") }
    }
}
