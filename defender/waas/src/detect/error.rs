//! Why a rule set cannot be used.

use crate::crs::ParseError;
use std::path::PathBuf;
use thiserror::Error;

/// A rule set that cannot be loaded.
#[derive(Debug, Error)]
pub enum CrsError {
    /// No rule files.
    #[error("no rule files (REQUEST-9*.conf) in `{}` or its folder `rules`: install OWASP CRS there", .0.display())]
    NoRules(PathBuf),
    /// A file could not be read.
    #[error("cannot read `{}`: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no rule file.
    #[error("`{}`, {source}", path.display())]
    Parse {
        /// Which.
        path: PathBuf,
        /// Where and what.
        source: ParseError,
    },
    /// A rule of a detection family that this engine has no means for; review it, and put it on the list of rules
    /// that are not used, with the reason.
    #[error("`{}`, line {line}: rule {id} cannot be compiled: {why}", path.display())]
    Rule {
        /// Its file.
        path: PathBuf,
        /// Where it starts, from 1.
        line: usize,
        /// Which.
        id: u32,
        /// Why.
        why: String,
    },
}
