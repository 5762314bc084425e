//! Which scenarios of a suite run.

use super::Case;
use cucumber::tag::Ext as _;
use std::path::PathBuf;
use std::str::FromStr;

/// A part of the suite for one of several machines: `2/3` is the second of three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    index: usize,
    count: usize,
}

impl Shard {
    /// Whether the scenario at this place, from 0, belongs to the shard.
    pub(super) fn takes(self, place: usize) -> bool {
        place % self.count == self.index
    }
}

impl FromStr for Shard {
    type Err = SelectionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || SelectionError::Shard(text.to_owned());
        let (index, count) = text.split_once('/').ok_or_else(wrong)?;
        let index: usize = index.parse().map_err(|_| wrong())?;
        let count: usize = count.parse().map_err(|_| wrong())?;
        if index == 0 || index > count { Err(wrong()) } else { Ok(Self { index: index - 1, count }) }
    }
}

/// Why a selection was not understood.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SelectionError {
    /// A shard that is none.
    #[error("\"{0}\" is no shard: write the number of the part and of all parts, such as 1/4")]
    Shard(String),
    /// A tag expression that is none.
    #[error("\"{expression}\" is no tag expression: {cause}")]
    Tags {
        /// As given.
        expression: String,
        /// What the parser said.
        cause: String,
    },
}

#[derive(Debug, Clone)]
enum Pick {
    Id(String),
    Requirement(String),
    Place { file: PathBuf, line: Option<usize> },
}

/// Ids, requirement ids, files with or without a line (any of them), a tag expression, and a shard (all of them).
#[derive(Debug, Clone, Default)]
pub struct Selection {
    picks: Vec<Pick>,
    tags: Option<gherkin::tagexpr::TagOperation>,
    /// The part that runs here.
    pub shard: Option<Shard>,
}

impl Selection {
    /// Reads what the user named: `process-017`, `process-017/2`, `P7`, `features/dns`, `some.feature:12`.
    ///
    /// # Errors
    /// When the tag expression cannot be parsed.
    pub fn new(names: &[String], tags: Option<&str>, shard: Option<Shard>) -> Result<Self, SelectionError> {
        let picks = names.iter().map(|name| pick(name)).collect();
        let tags = tags
            .map(|expression| {
                expression.parse().map_err(|cause| SelectionError::Tags {
                    expression: expression.to_owned(),
                    cause: format!("{cause}"),
                })
            })
            .transpose()?;
        Ok(Self { picks, tags, shard })
    }

    /// Whether a scenario is selected, shards aside.
    #[must_use]
    pub fn takes(&self, case: &Case) -> bool {
        let picked = self.picks.is_empty() || self.picks.iter().any(|pick| pick.takes(case));
        picked && self.tags.as_ref().is_none_or(|tags| tags.eval(&case.meta.tags))
    }

    /// The names that select nothing in these cases, for an error before anything runs.
    #[must_use]
    pub fn idle(&self, cases: &[&Case]) -> Vec<String> {
        self.picks
            .iter()
            .filter(|pick| !cases.iter().any(|case| pick.takes(case)))
            .map(ToString::to_string)
            .collect()
    }
}

fn pick(name: &str) -> Pick {
    let name = name.strip_prefix('@').unwrap_or(name);
    let base = name.split('/').next().unwrap_or(name);
    if super::case::is_id(base) {
        return Pick::Id(name.to_owned());
    }
    if proofhouse_reports::Catalogue::is_id(name) {
        return Pick::Requirement(name.to_owned());
    }
    match name.rsplit_once(':').map(|(file, line)| (file, line.parse())) {
        Some((file, Ok(line))) => Pick::Place { file: file.into(), line: Some(line) },
        _ => Pick::Place { file: name.into(), line: None },
    }
}

impl Pick {
    fn takes(&self, case: &Case) -> bool {
        match self {
            Self::Id(id) => case.meta.id == *id || case.base_id() == id,
            Self::Requirement(id) => case.meta.requirements.contains(id),
            Self::Place { file, line } => {
                let here = case.path.ends_with(file) || case.path.starts_with(file);
                here && line.is_none_or(|line| line == case.meta.line as usize || case.body.contains(&line))
            }
        }
    }
}

impl std::fmt::Display for Pick {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) | Self::Requirement(id) => f.write_str(id),
            Self::Place { file, line: None } => write!(f, "{}", file.display()),
            Self::Place { file, line: Some(line) } => write!(f, "{}:{line}", file.display()),
        }
    }
}
