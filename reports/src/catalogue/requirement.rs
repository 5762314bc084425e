//! The catalogue of requirements: a data file in `features/`.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// How binding a requirement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// What every Defender must do.
    Core,
    /// What a complete one does.
    Extended,
    /// Where sources are silent or disagree; the profile decides.
    Provisional,
}

impl Level {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Core, Self::Extended, Self::Provisional];

    /// The word of tags and reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Extended => "extended",
            Self::Provisional => "provisional",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl std::str::FromStr for Level {
    type Err = CatalogueError;

    fn from_str(word: &str) -> Result<Self, CatalogueError> {
        Self::ALL
            .into_iter()
            .find(|l| l.as_str() == word)
            .ok_or_else(|| CatalogueError::Level { word: word.to_owned() })
    }
}

/// One requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Letter and number, such as `P7`.
    pub id: String,
    /// One line.
    pub title: String,
    /// File and row of the reference.
    pub source: String,
    /// Level.
    pub level: Level,
}

/// Every requirement, in the order of the file.
#[derive(Debug, Clone)]
pub struct Catalogue {
    requirements: Vec<Requirement>,
    by_id: HashMap<String, usize>,
}

/// The catalogue cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// It could not be read.
    #[error("read the catalogue `{}`: {source}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It has another shape.
    #[error("parse the catalogue: {0}; it is a list of `id`, `title`, `source`, `level`")]
    Shape(#[from] serde_json::Error),
    /// An id that is not a letter and a number.
    #[error("requirement id `{id}` is not a capital letter and a number, such as `P7`")]
    Id {
        /// The id.
        id: String,
    },
    /// An id twice.
    #[error("the catalogue has two requirements `{id}`: renumber one")]
    Twice {
        /// The id.
        id: String,
    },
    /// Not a level.
    #[error("`{word}` is not a level: use core, extended or provisional")]
    Level {
        /// The word.
        word: String,
    },
}

impl Catalogue {
    /// The catalogue this version was built with.
    ///
    /// # Panics
    /// Never: a test reads the same file.
    #[must_use]
    pub fn embedded() -> Self {
        Self::parse(include_str!("../../../features/requirements.json"))
            .expect("the embedded catalogue is read by a test of this crate")
    }

    /// Another catalogue.
    ///
    /// # Errors
    /// When it cannot be read or has another shape, a wrong id or an id twice.
    pub fn load(path: &Path) -> Result<Self, CatalogueError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| CatalogueError::Io { path: path.to_owned(), source })?;
        Self::parse(&text)
    }

    /// As [`Catalogue::load`], from its text.
    ///
    /// # Errors
    /// As [`Catalogue::load`].
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        let requirements: Vec<Requirement> = serde_json::from_str(text)?;
        let mut by_id = HashMap::new();
        for (index, requirement) in requirements.iter().enumerate() {
            let id = &requirement.id;
            if !Self::is_id(id) {
                return Err(CatalogueError::Id { id: id.clone() });
            }
            if by_id.insert(id.clone(), index).is_some() {
                return Err(CatalogueError::Twice { id: id.clone() });
            }
        }
        Ok(Self { requirements, by_id })
    }

    /// Whether a word has the form of a requirement id: what tells such a tag from others.
    #[must_use]
    pub fn is_id(word: &str) -> bool {
        let mut letters = word.chars();
        letters.next().is_some_and(|c| c.is_ascii_uppercase())
            && word.len() > 1
            && letters.all(|c| c.is_ascii_digit())
            && !word[1..].starts_with('0')
    }

    /// Every requirement.
    #[must_use]
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// The requirement with that id.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Requirement> {
        self.by_id.get(id).map(|index| &self.requirements[*index])
    }
}
