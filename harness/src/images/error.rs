//! What goes wrong with images.

use crate::engine::EngineError;
use std::path::PathBuf;

/// An image that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum ImagesError {
    /// A piece of it is not in the assets folder.
    #[error("\"{}\" is missing: run `make assets`, or name another folder by `--assets`", .0.display())]
    Missing(PathBuf),
    /// A piece of it cannot be read.
    #[error("could not read \"{}\": {source}", path.display())]
    Unreadable {
        /// Path.
        path: PathBuf,
        /// Cause.
        source: std::io::Error,
    },
    /// The engine does not take it.
    #[error(transparent)]
    Engine(#[from] EngineError),
}
