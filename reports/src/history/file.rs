//! The history as a file: one line of JSON a record.

use super::record::{HistoryRecord, SCHEMA};
use serde::Deserialize;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

/// A history file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file could not be opened or read.
    #[error("read the history file `{}`: {source}", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line before the last one is not a record.
    #[error("line {line} of the history file `{}` is not a record: {source}", path.display())]
    Line {
        /// Where.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
    /// The file is younger than this program.
    #[error(
        "line {line} of the history file `{}` has schema {schema}, this version reads up to {SCHEMA}: use a newer proofhouse",
        path.display()
    )]
    Schema {
        /// Where.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// Found.
        schema: u32,
    },
    /// The file holds conclusions where this program wants evidence.
    #[error(
        "the history file `{}` has schema {schema}, which holds conclusions and not all that they were drawn from: read it with \
         proofhouse 0.1.0, or record it again",
        path.display()
    )]
    TooOld {
        /// Where.
        path: PathBuf,
        /// Found.
        schema: u32,
    },
}

/// The oldest schema that is read. Recordings of schema 1 hold what steps concluded instead of what they checked, so there is
/// nothing in them that could be judged.
const OLDEST: u32 = 2;

/// Reads a history file. A torn last line, as a killed run leaves it, is dropped.
///
/// # Errors
/// When the file cannot be read, an earlier line is not a record, or the schema is newer.
pub fn read(path: &Path) -> Result<Vec<HistoryRecord>, ReadError> {
    let file = std::fs::File::open(path).map_err(|source| ReadError::Io { path: path.to_owned(), source })?;
    read_from(path, BufReader::new(file))
}

/// As [`read`], from anything; the path is for messages.
///
/// # Errors
/// As [`read`].
pub fn read_from(path: &Path, reader: impl BufRead) -> Result<Vec<HistoryRecord>, ReadError> {
    #[derive(Deserialize)]
    struct Version {
        schema: u32,
    }
    let mut reader = reader;
    let mut records = Vec::new();
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let io = |source| ReadError::Io { path: path.to_owned(), source };
        if reader.read_until(b'\n', &mut line).map_err(io)? == 0 {
            break;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match serde_json::from_slice::<Version>(&line) {
            Ok(Version { schema }) if schema > SCHEMA => {
                return Err(ReadError::Schema { path: path.to_owned(), line: number, schema });
            }
            Ok(Version { schema }) if schema < OLDEST => {
                return Err(ReadError::TooOld { path: path.to_owned(), schema });
            }
            _ => {}
        }
        match serde_json::from_slice(&line) {
            Ok(record) => records.push(record),
            Err(_) if line.last() != Some(&b'\n') => break,
            Err(source) => return Err(ReadError::Line { path: path.to_owned(), line: number, source }),
        }
    }
    Ok(records)
}
