//! Looking at, reading and writing files.

use proofhouse_protocol::actor::Reply;
use std::fs::{self, FileType, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

/// What is at `path`; a symbolic link is not followed.
pub fn stat(path: &str) -> io::Result<Reply> {
    match fs::symlink_metadata(path) {
        Ok(it) => Ok(Reply::File {
            exists: true,
            file_type: type_name(it.file_type()).to_owned(),
            size: it.len(),
            text: None,
        }),
        Err(error) if is_absent(&error) => Ok(absent()),
        Err(error) => Err(error),
    }
}

/// The text of the file that `path` leads to, lossy.
pub fn read(path: &str) -> io::Result<Reply> {
    match fs::read(path) {
        Ok(bytes) => Ok(Reply::File {
            exists: true,
            file_type: type_name(fs::metadata(path)?.file_type()).to_owned(),
            size: bytes.len() as u64,
            text: Some(String::from_utf8_lossy(&bytes).into_owned()),
        }),
        Err(error) if is_absent(&error) => Ok(absent()),
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

fn absent() -> Reply {
    Reply::File { exists: false, file_type: String::new(), size: 0, text: None }
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn type_name(file_type: FileType) -> &'static str {
    if file_type.is_file() {
        "file"
    } else if file_type.is_dir() {
        "directory"
    } else if file_type.is_symlink() {
        "symlink"
    } else {
        "other"
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
        let Reply::File { exists, file_type, size, text } = read(&path).unwrap() else { panic!() };
        assert!(exists);
        assert_eq!((file_type.as_str(), size, text.as_deref()), ("file", 10, Some("#!/bin/sh\n")));
    }

    #[test]
    fn a_path_is_described_by_its_kind() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink("/nowhere", &link).unwrap();
        let kind = |path: &str| match stat(path).unwrap() {
            Reply::File { exists, file_type, .. } => (exists, file_type),
            other => panic!("{other:?}"),
        };
        assert_eq!(kind(folder.path().to_str().unwrap()), (true, "directory".to_owned()));
        assert_eq!(kind(link.to_str().unwrap()), (true, "symlink".to_owned()));
        assert_eq!(kind("/dev/null"), (true, "other".to_owned()));
        assert_eq!(kind("/nowhere/at/all"), (false, String::new()));
        assert_eq!(kind("/dev/null/below"), (false, String::new()));
    }

    #[test]
    fn a_folder_cannot_be_read_and_says_why() {
        assert_eq!(read("/").unwrap_err().raw_os_error(), Some(libc::EISDIR));
    }
}
