//! Failures that are known, and until when.

use super::result::{ScenarioResult, Verdict};
use crate::problem::{Problem, ProblemKind};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};
use std::path::{Path, PathBuf};

/// A scenario that is known to fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownFailure {
    /// Id of the scenario.
    pub id: String,
    /// Why it fails.
    pub reason: String,
    /// Where it is tracked.
    pub issue: String,
    /// Who answers for it.
    pub owner: String,
    /// Last day on which the entry counts, `YYYY-MM-DD`.
    pub expires: Date,
}

/// The expectations file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectations {
    /// One entry a scenario.
    #[serde(default)]
    pub known_failures: Vec<KnownFailure>,
}

/// The expectations file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ExpectationsError {
    /// It could not be read.
    #[error("read the expectations file `{}`: {source}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It has another shape.
    #[error(
        "parse the expectations file: {0}; an entry has `id`, `reason`, `issue`, `owner` and `expires` (YYYY-MM-DD)"
    )]
    Shape(#[from] serde_json::Error),
    /// A member is empty.
    #[error("entry {entry} of the expectations file (`{id}`) has an empty `{member}`: fill it in")]
    Empty {
        /// Counted from 1.
        entry: usize,
        /// Scenario.
        id: String,
        /// Member.
        member: &'static str,
    },
    /// Two entries for one scenario.
    #[error("the expectations file has two entries for `{id}`: remove one")]
    Twice {
        /// Scenario.
        id: String,
    },
}

impl Expectations {
    /// Reads and checks a file.
    ///
    /// # Errors
    /// When it cannot be read, is not of the right shape, has an empty member or names a scenario twice.
    pub fn load(path: &Path) -> Result<Self, ExpectationsError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ExpectationsError::Io { path: path.to_owned(), source })?;
        Self::parse(&text)
    }

    /// As [`Expectations::load`], from its text.
    ///
    /// # Errors
    /// As [`Expectations::load`].
    pub fn parse(text: &str) -> Result<Self, ExpectationsError> {
        let file: Self = serde_json::from_str(text)?;
        let mut ids = HashSet::new();
        for (index, e) in file.known_failures.iter().enumerate() {
            for (member, value) in
                [("id", &e.id), ("reason", &e.reason), ("issue", &e.issue), ("owner", &e.owner)]
            {
                if value.trim().is_empty() {
                    return Err(ExpectationsError::Empty { entry: index + 1, id: e.id.clone(), member });
                }
            }
            if !ids.insert(&e.id) {
                return Err(ExpectationsError::Twice { id: e.id.clone() });
            }
        }
        Ok(file)
    }

    /// Turns failures that are known into known failures, and passes of theirs into unexpected passes.
    ///
    /// An expired entry excuses nothing, and is a problem of its own whether its scenario ran or not. So is an entry for
    /// a scenario that `suite` (every id there is) does not have. Only `failed` is excused: an error or missing evidence
    /// is not the failure that was known.
    pub fn apply(
        &self,
        results: &mut [ScenarioResult],
        today: Date,
        suite: Option<&BTreeSet<String>>,
    ) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut problem = |text| problems.push(Problem { kind: ProblemKind::Expectations, text });
        for entry in &self.known_failures {
            let KnownFailure { id, reason, issue, owner, expires } = entry;
            if suite.is_some_and(|ids| !ids.contains(id)) {
                problem(format!(
                    "the expectations name `{id}`, which is no scenario of the suite: correct or remove it"
                ));
                continue;
            }
            if *expires < today {
                problem(format!(
                    "the known failure `{id}` ({issue}) expired on {expires}: {owner} must fix it, or renew the entry"
                ));
                continue;
            }
            for result in results.iter_mut().filter(|r| r.meta.id == *id) {
                match result.verdict {
                    Verdict::Failed => {
                        result.verdict = Verdict::KnownFailure;
                        result.cause = format!(
                            "{reason} ({issue}, {owner}, until {expires})\nseen now: {}",
                            result.cause
                        );
                    }
                    Verdict::Passed => {
                        result.verdict = Verdict::UnexpectedPass;
                        result.cause = format!(
                            "expected to fail until {expires}: {reason} ({issue}, {owner}); remove the entry if it is fixed"
                        );
                    }
                    _ => {}
                }
            }
        }
        problems
    }
}
