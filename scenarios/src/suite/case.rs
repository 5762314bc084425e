//! One scenario as it is known before it runs.

use proofhouse_reports::ScenarioMeta;
use regex::Regex;
use serde::Serialize;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::LazyLock;

static ID: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("^[a-z]+-[0-9]{3}$").expect("the pattern is a constant"));

/// Whether a tag is a scenario id, such as `process-017`.
pub(super) fn is_id(tag: &str) -> bool {
    ID.is_match(tag)
}

/// One scenario, or one row of the examples of an outline, whose id is then `<id>/1`, `<id>/2`, ...
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Case {
    /// What the feature file says of it.
    #[serde(flatten)]
    pub meta: ScenarioMeta,
    /// Feature file, as it was found.
    #[serde(skip)]
    pub path: PathBuf,
    /// Lines of its text, from the tags to the last step.
    #[serde(skip)]
    pub body: RangeInclusive<usize>,
}

impl Case {
    /// The id without the row.
    #[must_use]
    pub fn base_id(&self) -> &str {
        self.meta.id.split('/').next().unwrap_or(&self.meta.id)
    }
}
