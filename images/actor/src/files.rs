//! Looking at, reading and writing files.

use proofhouse_protocol::actor::Reply;
use proofhouse_protocol::observation::{FileKind, Found, sha256};
use std::fs::{self, FileType, Metadata, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};

/// What is at `path`; a symbolic link is not followed.
pub fn stat(path: &str) -> io::Result<Reply> {
    match fs::symlink_metadata(path) {
        Ok(it) => Ok(Reply::File { found: Some(found(&it)), text: None }),
        Err(error) if is_absent(&error) => Ok(ABSENT),
        Err(error) => Err(error),
    }
}

/// The text of the file that `path` leads to, lossy.
pub fn read(path: &str) -> io::Result<Reply> {
    match fs::read(path) {
        Ok(bytes) => {
            let found = Found { sha256: Some(sha256(&bytes)), ..found(&fs::metadata(path)?) };
            Ok(Reply::File { found: Some(found), text: Some(String::from_utf8_lossy(&bytes).into_owned()) })
        }
        Err(error) if is_absent(&error) => Ok(ABSENT),
        Err(error) => Err(error),
    }
}

/// Writes a file with exactly that mode, whatever the umask.
pub fn write(path: &str, text: &str, mode: u32) -> io::Result<Reply> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(path)?;
    file.write_all(text.as_bytes())?;
    file.set_permissions(Permissions::from_mode(mode))?;
    Ok(Reply::Done)
}

const ABSENT: Reply = Reply::File { found: None, text: None };

fn found(it: &Metadata) -> Found {
    Found {
        file: kind(it.file_type()),
        mode: Some(it.permissions().mode() & 0o7777),
        uid: Some(it.uid()),
        gid: Some(it.gid()),
        bytes: Some(it.len()),
        sha256: None,
    }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn kind(file_type: FileType) -> FileKind {
    if file_type.is_file() {
        FileKind::File
    } else if file_type.is_dir() {
        FileKind::Directory
    } else if file_type.is_symlink() {
        FileKind::Symlink
    } else {
        FileKind::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_with_its_mode_and_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tool").to_str().unwrap().to_owned();
        assert_eq!(write(&path, "#!/bin/sh\n", 0o777).unwrap(), Reply::Done);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o777);
        let Reply::File { found: Some(found), text } = read(&path).unwrap() else { panic!() };
        assert_eq!((found.file, found.bytes, found.mode), (FileKind::File, Some(10), Some(0o777)));
        assert_eq!(text.as_deref(), Some("#!/bin/sh\n"));
        assert_eq!(found.sha256, Some(sha256(b"#!/bin/sh\n")));
    }

    #[test]
    fn a_path_is_described_by_its_kind() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/nowhere", &link).unwrap();
        let kind = |path: &str| match stat(path).unwrap() {
            Reply::File { found, .. } => found.map(|found| found.file),
            other => panic!("{other:?}"),
        };
        assert_eq!(kind(folder.path().to_str().unwrap()), Some(FileKind::Directory));
        assert_eq!(kind(link.to_str().unwrap()), Some(FileKind::Symlink));
        assert_eq!(kind("/dev/null"), Some(FileKind::Other));
        assert_eq!(kind("/nowhere/at/all"), None);
        assert_eq!(kind("/dev/null/below"), None);
    }

    #[test]
    fn a_folder_cannot_be_read_and_says_why() {
        assert_eq!(read("/").unwrap_err().raw_os_error(), Some(libc::EISDIR));
    }
}
