//! Corpora in the forms that others publish them in.

mod ftw;
mod gotestwaf;
mod list;

use crate::case::{Corpus, Expect};
use crate::place::Place;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// A form of corpus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// Regression tests of the OWASP Core Rule Set. A test that expects rules is an attack, one that forbids rules is honest.
    Ftw,
    /// Payload, encoder and placeholder. Files in a folder `false-pos` are honest.
    Gotestwaf,
    /// One payload a line, in each of these places.
    List {
        /// What is right for each of them.
        expect: Expect,
        /// Where they go.
        places: Vec<Place>,
        /// Whether `%` stays as it is, because the payloads are encoded already.
        keep_percent: bool,
    },
}

/// A corpus that cannot be used.
#[derive(Debug, Error)]
pub enum CorpusError {
    /// A file or folder.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that is not of its form.
    #[error("{path}: {message}")]
    Form {
        /// Which.
        path: PathBuf,
        /// What is wrong, and where in it.
        message: String,
    },
    /// Nothing in it.
    #[error("{0} has no case")]
    Empty(PathBuf),
}

/// Reads a file, or every file below a folder, in the order of their names. `host` goes into the requests.
///
/// # Errors
/// See [`CorpusError`]; one broken file is one, so that no part of a corpus is missing in silence.
pub fn read(path: &Path, format: &Format, host: &str) -> Result<Corpus, CorpusError> {
    let mut files = Vec::new();
    collect(path, format, &mut files)?;
    let mut corpus = Corpus::default();
    for file in files {
        let bytes =
            std::fs::read(&file).map_err(|source| CorpusError::Read { path: file.clone(), source })?;
        let name = file.strip_prefix(path).ok().filter(|rest| !rest.as_os_str().is_empty());
        let name = name.map_or_else(|| file.file_name().map(PathBuf::from), |rest| Some(rest.to_owned()));
        let name = name.unwrap_or_default().to_string_lossy().into_owned();
        let read = match format {
            Format::Ftw => ftw::read(&name, &bytes, host),
            Format::Gotestwaf => gotestwaf::read(&name, &file, &bytes, host),
            Format::List { expect, places, keep_percent } => {
                Ok(list::read(&name, &bytes, *expect, places, *keep_percent, host))
            }
        };
        corpus.extend(read.map_err(|message| CorpusError::Form { path: file.clone(), message })?);
    }
    if corpus.cases.is_empty() && corpus.inexpressible.is_empty() {
        return Err(CorpusError::Empty(path.to_owned()));
    }
    Ok(corpus)
}

fn collect(path: &Path, format: &Format, into: &mut Vec<PathBuf>) -> Result<(), CorpusError> {
    let failed = |source| CorpusError::Read { path: path.to_owned(), source };
    if !std::fs::metadata(path).map_err(failed)?.is_dir() {
        into.push(path.to_owned());
        return Ok(());
    }
    let mut entries = Vec::new();
    for entry in std::fs::read_dir(path).map_err(failed)? {
        entries.push(entry.map_err(failed)?.path());
    }
    entries.sort();
    for entry in entries {
        let hidden = entry.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let yaml = entry.extension().is_some_and(|end| end == "yaml" || end == "yml");
        if !hidden && (entry.is_dir() || yaml || matches!(format, Format::List { .. })) {
            collect(&entry, format, into)?;
        }
    }
    Ok(())
}

/// File name without folder and ending.
fn stem(name: &str) -> &str {
    let file = name.rsplit('/').next().unwrap_or(name);
    file.split_once('.').map_or(file, |(stem, _)| stem)
}

fn yaml<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_saphyr::from_str(text).map_err(|error| error.to_string())
}
