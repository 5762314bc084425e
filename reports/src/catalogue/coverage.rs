//! Which scenarios cover which requirement.

use super::requirement::{Catalogue, Level};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Whether a requirement is covered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CoverageStatus {
    /// At least one scenario has its tag.
    Covered,
    /// No scenario, and a reason is given.
    Labelled,
    /// No scenario yet.
    Missing,
}

impl fmt::Display for CoverageStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Covered => "covered",
            Self::Labelled => "labelled",
            Self::Missing => "missing",
        })
    }
}

/// A requirement with its scenarios.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Requirement.
    pub id: String,
    /// One line.
    #[serde(default)]
    pub title: String,
    /// Level.
    pub level: Level,
    /// Ids of scenarios, sorted.
    pub scenarios: Vec<String>,
    /// Status.
    pub status: CoverageStatus,
    /// Why there is no scenario; absent where there is one.
    pub why: Option<String>,
}

/// The coverage of each requirement, in the order of the catalogue.
///
/// `scenarios` has the id of each scenario with its tags; tags that are no requirement ids are passed over. `labelled`
/// says why a requirement has no scenario, by id.
#[must_use]
pub fn coverage(
    catalogue: &Catalogue,
    scenarios: &[(String, Vec<String>)],
    labelled: &BTreeMap<String, String>,
) -> Vec<Coverage> {
    let mut by_requirement: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (id, tags) in scenarios {
        for tag in tags {
            by_requirement.entry(tag.trim_start_matches('@')).or_default().push(id.clone());
        }
    }
    let cover = |r: &super::Requirement| {
        let mut scenarios = by_requirement.get(r.id.as_str()).cloned().unwrap_or_default();
        scenarios.sort();
        scenarios.dedup();
        let (status, why) = match (scenarios.is_empty(), labelled.get(&r.id)) {
            (false, _) => (CoverageStatus::Covered, None),
            (true, Some(why)) => (CoverageStatus::Labelled, Some(why.clone())),
            (true, None) => (CoverageStatus::Missing, Some("no scenario yet".to_owned())),
        };
        Coverage { id: r.id.clone(), title: r.title.clone(), level: r.level, scenarios, status, why }
    };
    catalogue.requirements().iter().map(cover).collect()
}

/// Requirement tags that the catalogue does not have, each with the scenario that carries it.
#[must_use]
pub fn unknown_tags(catalogue: &Catalogue, scenarios: &[(String, Vec<String>)]) -> Vec<(String, String)> {
    let tags =
        scenarios.iter().flat_map(|(id, tags)| tags.iter().map(move |tag| (id, tag.trim_start_matches('@'))));
    tags.filter(|(_, tag)| Catalogue::is_id(tag) && catalogue.get(tag).is_none())
        .map(|(id, tag)| (id.clone(), tag.to_owned()))
        .collect()
}
