//! The Defender profile: a file that describes any Defender to the harness.

use super::RigError;
use proofhouse_protocol::{EmbedNames, Feature};
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
    /// Something that the policy has the Defender tell of, done last.
    Probe,
    /// It cannot be known: what is absent is unproved.
    None,
}

/// By which clock a Defender's firewall measures rates, bans and sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum FirewallClock {
    /// One that the `clock` message of the Defender link puts forward.
    Link,
    /// The machine's: a scenario has to wait.
    #[default]
    Machine,
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
    /// What it enforces. A scenario that needs a feature that is missing is not applicable; a part of a feature that is missing is
    /// missing, too.
    #[serde(default = "reference_features")]
    pub features: Vec<Feature>,
    /// Name of the sidecar that the Console embeds, where it is not the published one.
    #[serde(default)]
    pub sidecar: Option<String>,
    /// What the Console puts before an entry point, where it is not the published one.
    #[serde(default)]
    pub wrapper: Option<Vec<String>>,
    /// Its fence.
    #[serde(default)]
    pub fence: Fence,
    /// Its firewall's clock.
    #[serde(default)]
    pub clock: FirewallClock,
    /// Choices that it declares where the documentation is silent.
    #[serde(default)]
    pub choices: Vec<Choice>,
}

/// What the reference Defender enforces.
fn reference_features() -> Vec<Feature> {
    vec![Feature::Processes, Feature::Dns, Feature::Network, Feature::Filesystem, Feature::Waas]
}

/// The tag of scenarios that need a feature: its word, marked as one, so that no other tag is taken for it.
fn tag(feature: Feature) -> String {
    format!("needs:{}", feature.word())
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
            features: reference_features(),
            sidecar: None,
            wrapper: None,
            fence: Fence::Link,
            clock: FirewallClock::Link,
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
        if read.sidecar.as_ref().is_some_and(String::is_empty) {
            return Err(profile(
                "`sidecar` is empty: give the name of the container that the Console embeds".to_owned(),
            ));
        }
        if read.wrapper.as_ref().is_some_and(Vec::is_empty) {
            return Err(profile(
                "`wrapper` is empty: name what the Console puts before an entry point".to_owned(),
            ));
        }
        read.binary = read.binary.map(|binary| file.parent().unwrap_or(Path::new("")).join(binary));
        Ok(read)
    }

    /// What its Console embeds is called.
    #[must_use]
    pub fn embed_names(&self) -> EmbedNames {
        let published = EmbedNames::default();
        EmbedNames {
            sidecar: self.sidecar.clone().unwrap_or(published.sidecar),
            wrapper: self.wrapper.clone().unwrap_or(published.wrapper),
        }
    }

    /// Whether it has a feature, and all that this is a part of.
    fn has(&self, feature: Feature) -> bool {
        self.features.contains(&feature) && feature.parent().is_none_or(|parent| self.has(parent))
    }

    /// Why a scenario with these tags does not apply, if it does not.
    #[must_use]
    pub fn lacks(&self, tags: &[String]) -> Option<String> {
        Feature::ALL
            .into_iter()
            .find(|feature| tags.contains(&tag(*feature)) && !self.has(*feature))
            .map(|feature| format!("the Defender does not declare the feature \"{}\"", feature.word()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_link_are_the_words_of_a_profile() {
        for feature in Feature::ALL {
            assert_eq!(serde_json::to_value(feature).unwrap(), feature.word());
        }
        let profile: DefenderProfile =
            serde_json::from_str(r#"{"name": "x", "version": "1", "features": ["processes", "waas.dos"]}"#)
                .unwrap();
        let tags = |feature: &str| vec![format!("needs:{feature}"), "dns".to_owned()];
        assert_eq!(profile.lacks(&tags("processes")), None);
        assert!(profile.lacks(&tags("dns")).is_some());
        assert!(profile.lacks(&tags("waas.dos")).is_some(), "a part without the whole");
        assert!(
            serde_json::from_str::<DefenderProfile>(
                r#"{"name": "x", "version": "1", "features": ["process"]}"#
            )
            .is_err()
        );
    }

    #[test]
    fn names_of_what_is_embedded_are_those_of_the_profile_or_the_published_ones() {
        let folder = tempfile::tempdir().unwrap();
        let load = |more: &str| {
            let file = folder.path().join("profile.json");
            std::fs::write(&file, format!(r#"{{"name": "x", "version": "1"{more}}}"#)).unwrap();
            DefenderProfile::load(&file)
                .map(|profile| profile.embed_names())
                .map_err(|error| error.to_string())
        };
        let published = EmbedNames::default();
        assert_eq!(load("").unwrap(), published);
        let guard = load(r#", "sidecar": "Guard""#).unwrap();
        assert_eq!((guard.sidecar.as_str(), guard.wrapper), ("Guard", published.wrapper));
        let words = load(r#", "wrapper": ["/guard", "run"]"#).unwrap();
        assert_eq!(
            (words.sidecar, words.wrapper),
            (published.sidecar, vec!["/guard".to_owned(), "run".to_owned()])
        );
        assert!(load(r#", "sidecar": """#).unwrap_err().contains("`sidecar` is empty"));
        assert!(load(r#", "wrapper": []"#).unwrap_err().contains("`wrapper` is empty"));
    }
}
