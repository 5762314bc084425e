//! The Defender profile: a file that describes any Defender to the harness.

use super::RigError;
use proofhouse_reports::report::Choice;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// How one knows that everything that a Defender had decided has arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Fence {
    /// The fence message of the Defender link.
    #[default]
    Link,
}

/// A Defender as the harness needs to know it. Either `image` or `binary` is given; neither means the reference Defender of
/// the assets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefenderProfile {
    /// Name in reports.
    pub name: String,
    /// Immutable version in reports.
    pub version: String,
    /// Image of the sidecar, on the engine or in a registry.
    #[serde(default)]
    pub image: Option<String>,
    /// Static binary that is put into the reference sidecar's image; relative to the profile's folder.
    #[serde(default)]
    pub binary: Option<PathBuf>,
    /// What it enforces: `processes`, `dns`, `waas`. A scenario with the tag of a feature that is missing is not applicable.
    #[serde(default = "all_features")]
    pub features: Vec<String>,
    /// Its fence.
    #[serde(default)]
    pub fence: Fence,
    /// Choices that it declares where the documentation is silent.
    #[serde(default)]
    pub choices: Vec<Choice>,
}

/// The features that scenarios can depend on; each is the tag of a folder of features.
pub const FEATURES: [&str; 3] = ["process", "dns", "waas"];

fn all_features() -> Vec<String> {
    FEATURES.map(str::to_owned).to_vec()
}

impl DefenderProfile {
    /// The reference Defender.
    #[must_use]
    pub fn reference() -> Self {
        Self {
            name: "Proofhouse reference Defender".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            image: None,
            binary: None,
            features: all_features(),
            fence: Fence::Link,
            choices: Vec::new(),
        }
    }

    /// Reads a profile.
    ///
    /// # Errors
    /// When the file cannot be read, is no profile, or names a feature that does not exist.
    pub fn load(file: &Path) -> Result<Self, RigError> {
        let profile = |why: String| RigError::Profile { file: file.to_owned(), why };
        let text = std::fs::read_to_string(file).map_err(|error| profile(error.to_string()))?;
        let mut read: Self = serde_json::from_str(&text).map_err(|error| profile(error.to_string()))?;
        if read.image.is_some() && read.binary.is_some() {
            return Err(profile("`image` and `binary` exclude each other".to_owned()));
        }
        if let Some(stranger) = read.features.iter().find(|feature| !FEATURES.contains(&feature.as_str())) {
            return Err(profile(format!("\"{stranger}\" is no feature; there are {}", FEATURES.join(", "))));
        }
        read.binary = read.binary.map(|binary| file.parent().unwrap_or(Path::new("")).join(binary));
        Ok(read)
    }

    /// Why a scenario with these tags does not apply, if it does not.
    #[must_use]
    pub fn lacks(&self, tags: &[String]) -> Option<String> {
        FEATURES
            .iter()
            .find(|feature| {
                tags.iter().any(|tag| tag == *feature) && !self.features.iter().any(|own| own == *feature)
            })
            .map(|feature| format!("the Defender does not declare the feature \"{feature}\""))
    }
}
