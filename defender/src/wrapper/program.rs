//! Finds the program that the app container asked for, as a container runtime would.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Used when the container has no `PATH`, as runtimes do.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Why there is nothing to run.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ProgramError {
    /// Exit code 127.
    #[error("entry point {0:?}: not found; check entryPoint and command of the container, and PATH")]
    NotFound(String),
    /// Exit code 127.
    #[error(
        "entry point {0:?}: PATH has it in the working directory only, where no container runtime looks; write it with a slash"
    )]
    Relative(String),
    /// Exit code 126.
    #[error("entry point {0:?}: not an executable file; check its permissions")]
    NotExecutable(String),
}

/// Resolves a name: with a slash it is a path from the working directory, without one it is looked up in `PATH`. What a relative or
/// empty part of that leads to first is not run, as container runtimes have it (measured: runc 1.1).
///
/// # Errors
/// See [`ProgramError`].
pub fn find(name: &OsStr, path: Option<&OsStr>) -> Result<PathBuf, ProgramError> {
    let shown = || name.to_string_lossy().into_owned();
    if name.is_empty() {
        return Err(ProgramError::NotFound(String::new()));
    }
    if name.as_bytes().contains(&b'/') {
        return match look(Path::new(name)) {
            Found::Runnable => Ok(PathBuf::from(name)),
            Found::Other => Err(ProgramError::NotExecutable(shown())),
            Found::Nothing => Err(ProgramError::NotFound(shown())),
        };
    }
    let path = path.unwrap_or(OsStr::new(DEFAULT_PATH));
    let mut seen = false;
    for folder in path.as_bytes().split(|&byte| byte == b':') {
        let folder = if folder.is_empty() { OsStr::new(".") } else { OsStr::from_bytes(folder) };
        let candidate = Path::new(folder).join(name);
        match look(&candidate) {
            Found::Runnable if candidate.is_relative() => return Err(ProgramError::Relative(shown())),
            Found::Runnable => return Ok(candidate),
            Found::Other => seen = true,
            Found::Nothing => {}
        }
    }
    Err(if seen { ProgramError::NotExecutable(shown()) } else { ProgramError::NotFound(shown()) })
}

enum Found {
    Runnable,
    Other,
    Nothing,
}

fn look(path: &Path) -> Found {
    match fs::metadata(path) {
        Ok(meta) if meta.is_file() && meta.permissions().mode() & 0o111 != 0 => Found::Runnable,
        Ok(_) => Found::Other,
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => Found::Other,
        Err(_) => Found::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookup_goes_like_that_of_a_container_runtime() {
        let dir = tempfile::tempdir().unwrap();
        let (first, second) = (dir.path().join("first"), dir.path().join("second"));
        for folder in [&first, &second] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("tool"), "").unwrap();
        }
        fs::set_permissions(second.join("tool"), fs::Permissions::from_mode(0o755)).unwrap();
        let path = std::env::join_paths([&first, &second]).unwrap();
        assert_eq!(
            find(OsStr::new("tool"), Some(&path)),
            Ok(second.join("tool")),
            "the first is not executable"
        );
        assert_eq!(
            find(OsStr::new("tool"), Some(first.as_os_str())),
            Err(ProgramError::NotExecutable("tool".to_owned()))
        );
        assert_eq!(find(OsStr::new("gone"), Some(&path)), Err(ProgramError::NotFound("gone".to_owned())));
        let here = std::env::current_dir().unwrap();
        let up: PathBuf = here.components().skip(1).map(|_| "..").collect();
        let relative = up.join(second.strip_prefix("/").unwrap());
        let path = std::env::join_paths([&relative, &second]).unwrap();
        assert_eq!(
            find(OsStr::new("tool"), Some(&path)),
            Err(ProgramError::Relative("tool".to_owned())),
            "a relative folder"
        );
        let direct = first.join("tool");
        let message = find(direct.as_os_str(), None).unwrap_err();
        assert!(matches!(message, ProgramError::NotExecutable(_)));
        assert_eq!(find(second.join("tool").as_os_str(), None), Ok(second.join("tool")));
        assert!(find(OsStr::new(""), None).is_err());
        assert!(matches!(find(OsStr::new("/"), None), Err(ProgramError::NotExecutable(_))));
    }
}
