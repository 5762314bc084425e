//! What can be wrong with a folder of features, with the place in the user's file.

use std::path::PathBuf;

/// One thing that is wrong in a feature file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    /// File.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1; 1 where the whole line is meant.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub help: String,
}

impl std::fmt::Display for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file.display(), self.line, self.column, self.what)
    }
}

/// Why a suite cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// The folder or a file in it could not be read.
    #[error("could not read \"{}\": {source}", path.display())]
    Unreadable {
        /// Path.
        path: PathBuf,
        /// Cause.
        source: std::io::Error,
    },
    /// There is no feature file at all.
    #[error("no feature file in \"{}\"", .0.display())]
    Empty(PathBuf),
    /// Something is wrong in the files.
    #[error("{} in the feature files, first: {}", count(.0), .0[0])]
    Complaints(Vec<Complaint>),
}

fn count(complaints: &[Complaint]) -> String {
    if complaints.len() == 1 { "1 mistake".to_owned() } else { format!("{} mistakes", complaints.len()) }
}
