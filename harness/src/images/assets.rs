//! The folder with what images are made of; `make assets` fills it.

use super::ImagesError;
use std::path::{Path, PathBuf};

/// Static binaries `world`, `actor`, `defender`, the Core Rule Set in `crs/`, the database of countries
/// `geo.mmdb`, and `userland.tar`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assets {
    folder: PathBuf,
}

impl Assets {
    /// The assets in a folder; nothing is read yet.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// When it is missing or cannot be read.
    pub fn file(&self, name: &str) -> Result<Vec<u8>, ImagesError> {
        read(&self.folder.join(name))
    }

    /// The files of a folder below the assets, by name, in the order of their names; folders in it are not entered.
    ///
    /// # Errors
    /// When it is missing or cannot be read.
    pub fn files_in(&self, name: &str) -> Result<Vec<(String, Vec<u8>)>, ImagesError> {
        let folder = self.folder.join(name);
        let entries = std::fs::read_dir(&folder).map_err(|source| unreadable(&folder, source))?;
        let mut files = Vec::new();
        for entry in entries {
            let path = entry.map_err(|source| unreadable(&folder, source))?.path();
            if path.is_file() {
                let name =
                    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                files.push((name, read(&path)?));
            }
        }
        files.sort();
        Ok(files)
    }
}

/// The bytes of a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, ImagesError> {
    std::fs::read(path).map_err(|source| unreadable(path, source))
}

fn unreadable(path: &Path, source: std::io::Error) -> ImagesError {
    if source.kind() == std::io::ErrorKind::NotFound {
        return ImagesError::Missing(path.to_owned());
    }
    ImagesError::Unreadable { path: path.to_owned(), source }
}
