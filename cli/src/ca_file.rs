//! The certificate of a Console's authority, as a file for the user's own clients.

use crate::failure::{Failure, Message};
use proofhouse_harness::labels::{Life, Owner};
use proofhouse_reports::ExitCode;
use std::io::Write;
use std::path::{Path, PathBuf};

const PREFIX: &str = "proofhouse-ca-";
const SUFFIX: &str = ".pem";

/// The file, for as long as this lives. Its name tells the owner, so that `clean` knows a killed one's.
#[derive(Debug)]
pub struct CaFile(PathBuf);

impl CaFile {
    /// Writes the certificate into the folder for temporary files.
    pub fn write(pem: &str) -> Result<Self, Failure> {
        // A name that no shell and no `host:container` option trips over.
        let owner = Owner::this_process().to_label().replace([':', '@'], "_");
        let path = std::env::temp_dir().join(format!("{PREFIX}{owner}{SUFFIX}"));
        let unwritable = |error: std::io::Error| {
            Failure::new(
                ExitCode::Environment,
                Message::new(format!(
                    "could not write the Console's certificate to \"{}\": {error}",
                    path.display()
                ))
                .help("set TMPDIR to a folder that can be written, on a disk that is not full"),
            )
        };
        // A new file: the folder is everyone's, and a link that someone has put there must not be followed.
        let mut file = std::fs::File::create_new(&path).map_err(unwritable)?;
        let kept = Self(path.clone());
        file.write_all(pem.as_bytes()).map_err(unwritable)?;
        Ok(kept)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for CaFile {
    fn drop(&mut self) {
        // Someone may have removed it already.
        let _gone = std::fs::remove_file(&self.0);
    }
}

/// Removes the files of owners that are dead, and tells them.
pub fn remove_orphans() -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(std::env::temp_dir()) else { return Vec::new() };
    let orphan = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let owner = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
        owner.and_then(owner_of).is_some_and(|owner| owner.life() == Life::Dead)
    };
    let paths = entries.flatten().map(|entry| entry.path()).filter(orphan);
    paths.filter(|path| std::fs::remove_file(path).is_ok()).collect()
}

/// The owner that the name of a file tells.
fn owner_of(name: &str) -> Option<Owner> {
    let (owner, boot) = name.rsplit_once('_')?;
    Owner::from_label(&format!("{}@{boot}", owner.replace('_', ":")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_tells_the_owner() {
        let owner = Owner::this_process();
        assert_eq!(owner_of(&owner.to_label().replace([':', '@'], "_")), Some(owner));
        assert_eq!(owner_of("someone-else"), None);
    }
}
