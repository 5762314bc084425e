//! What was sent already, so that a long run can go on where it was broken off.

use crate::send::Outcome;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// First line of a journal.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    settings: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Line {
    key: String,
    outcome: Outcome,
    matched: String,
}

/// A journal that cannot be used.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The file.
    #[error("{path} cannot be read or written: {source}")]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It belongs to something else.
    #[error("{path} is of another run: it has {theirs}, and this run has {ours}")]
    Other {
        /// Which.
        path: PathBuf,
        /// Its settings.
        theirs: String,
        /// Ours.
        ours: String,
    },
}

/// The journal of a run.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: BufWriter<File>,
    known: HashMap<String, (Outcome, String)>,
}

impl Journal {
    /// A new one, in place of what is there.
    ///
    /// # Errors
    /// [`JournalError::File`].
    pub fn create(path: &Path, settings: &str) -> Result<Self, JournalError> {
        let failed = |source| JournalError::File { path: path.to_owned(), source };
        let mut file = BufWriter::new(File::create(path).map_err(failed)?);
        let head = serde_json::to_string(&Head { settings: settings.to_owned() }).unwrap_or_default();
        writeln!(file, "{head}").and_then(|()| file.flush()).map_err(failed)?;
        Ok(Self { path: path.to_owned(), file, known: HashMap::new() })
    }

    /// Goes on with one. Its last line may be broken off; whatever was not read whole is sent again.
    ///
    /// # Errors
    /// [`JournalError::Other`] when its settings are not these.
    pub fn resume(path: &Path, settings: &str) -> Result<Self, JournalError> {
        let failed = |source| JournalError::File { path: path.to_owned(), source };
        let text = String::from_utf8_lossy(&std::fs::read(path).map_err(failed)?).into_owned();
        let mut lines = text.lines();
        let theirs = lines.next().and_then(|line| serde_json::from_str::<Head>(line).ok());
        let theirs = theirs.map_or_else(|| "no settings".to_owned(), |head| head.settings);
        if theirs != settings {
            let ours = settings.to_owned();
            return Err(JournalError::Other { path: path.to_owned(), theirs, ours });
        }
        let known = lines.filter_map(|line| serde_json::from_str::<Line>(line).ok());
        let known = known.map(|line| (line.key, (line.outcome, line.matched))).collect();
        let mut file = OpenOptions::new().append(true).open(path).map_err(failed)?;
        if !text.ends_with('\n') {
            file.write_all(b"\n").map_err(failed)?;
        }
        Ok(Self { path: path.to_owned(), file: BufWriter::new(file), known })
    }

    /// What is known of a case.
    #[must_use]
    pub fn known(&self, key: &str) -> Option<&(Outcome, String)> {
        self.known.get(key)
    }

    /// Writes one down.
    ///
    /// # Errors
    /// [`JournalError::File`].
    pub fn write(&mut self, key: &str, outcome: Outcome, matched: &str) -> Result<(), JournalError> {
        let line = Line { key: key.to_owned(), outcome, matched: matched.to_owned() };
        let line = serde_json::to_string(&line).unwrap_or_default();
        writeln!(self.file, "{line}")
            .and_then(|()| self.file.flush())
            .map_err(|source| JournalError::File { path: self.path.clone(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_run_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cases.ndjson");
        let mut journal = Journal::create(&path, "s").unwrap();
        journal.write("k1", Outcome::Blocked, "m").unwrap();
        drop(journal);
        let mut text = std::fs::read_to_string(&path).unwrap();
        text.push_str("{\"key\":\"k2\",\"outc");
        std::fs::write(&path, text).unwrap();
        let mut journal = Journal::resume(&path, "s").unwrap();
        assert_eq!(journal.known("k1"), Some(&(Outcome::Blocked, "m".to_owned())));
        assert_eq!(journal.known("k2"), None);
        journal.write("k2", Outcome::Passed, "").unwrap();
        let journal = Journal::resume(&path, "s").unwrap();
        assert_eq!(journal.known("k2"), Some(&(Outcome::Passed, String::new())));
        assert!(matches!(Journal::resume(&path, "other"), Err(JournalError::Other { .. })));
    }
}
