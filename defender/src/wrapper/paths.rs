//! Paths of other processes, and of the policy, as they lead to files in the container.

use super::proc;
use super::program_file::{Found, ProgramFile, Traits};
use crate::decision::Places;
use std::fs::{self, Metadata};
use std::io;
use std::path::Path;
use std::sync::OnceLock;

/// Interpreters of interpreters that the kernel follows.
const DEEPEST_SCRIPT: usize = 5;

/// Links behind links that the kernel follows.
const MOST_LINKS: usize = 40;

/// The files behind a path.
#[derive(Debug)]
pub struct Followed {
    /// The program that would run: the file, or the interpreter of a script.
    pub program: ProgramFile,
    /// Its path.
    pub executable: String,
    /// The file that the path leads to.
    pub target: String,
}

/// Follows a path of another process to the program that the kernel would run.
///
/// # Errors
/// Those of the exec that would fail; any without a number when the path cannot be followed from here, and only the event can tell.
pub fn follow(thread: i32, pid: i32, folder: i32, path: &str, known: &Found<Traits>) -> io::Result<Followed> {
    if !proc::shares_root(pid) {
        return Err(io::Error::other("another root directory"));
    }
    let mut target = None;
    let mut next = visible(thread, pid, folder, path);
    for _ in 0..DEEPEST_SCRIPT {
        let program = ProgramFile::open(&next)?;
        if !program.is_executable() {
            return Err(io::Error::from_raw_os_error(libc::EACCES));
        }
        if own_program().is_some_and(|own| program.is(own)) {
            // A link to `/proc/self/exe`, followed by us, leads to us.
            return Err(io::Error::other("our own program"));
        }
        let executable = program.path()?;
        let first = target.get_or_insert_with(|| executable.clone()).clone();
        match known.of(&program, ProgramFile::traits).interpreter {
            None => return Ok(Followed { program, executable, target: first }),
            Some(path) => next = visible(thread, pid, libc::AT_FDCWD, &path),
        }
    }
    Err(io::Error::from_raw_os_error(libc::ELOOP))
}

/// Our own program, which stays the same.
fn own_program() -> Option<&'static Metadata> {
    static OWN: OnceLock<Option<Metadata>> = OnceLock::new();
    OWN.get_or_init(|| fs::metadata("/proc/self/exe").ok()).as_ref()
}

/// The same path, as we can open it: `/proc/self` and relative paths mean the other process.
#[must_use]
pub fn visible(thread: i32, pid: i32, folder: i32, path: &str) -> String {
    for (prefix, base) in [
        ("/proc/self/", format!("/proc/{pid}/")),
        ("/proc/thread-self/", format!("/proc/{thread}/")),
        ("/dev/fd/", format!("/proc/{thread}/fd/")),
    ] {
        if let Some(rest) = path.strip_prefix(prefix) {
            return base + rest;
        }
    }
    match (path.starts_with('/'), path.is_empty(), folder) {
        (true, ..) => path.to_owned(),
        (_, _, libc::AT_FDCWD) => format!("/proc/{thread}/cwd/{path}"),
        (_, true, fd) => format!("/proc/{thread}/fd/{fd}"),
        (_, false, fd) => format!("/proc/{thread}/fd/{fd}/{path}"),
    }
}

/// A path with its folders resolved, and its last part as it is.
#[must_use]
pub fn in_folder(path: &str) -> Option<String> {
    let (folder, name) = path.rsplit_once('/')?;
    let folder = fs::canonicalize(if folder.is_empty() { "/" } else { folder }).ok()?;
    Some(folder.join(name).to_string_lossy().into_owned())
}

/// The same path as [`visible`], also of a process that sees another root directory.
#[must_use]
pub fn seen(thread: i32, pid: i32, folder: i32, path: &str) -> String {
    match visible(thread, pid, folder, path) {
        absolute if absolute == path && path.starts_with('/') && !proc::shares_root(pid) => {
            format!("/proc/{pid}/root{path}")
        }
        other => other,
    }
}

/// The file that a path leads to, there or not: its folders resolved, and links followed to what they name. Nothing where a folder
/// is missing, or links lead to each other.
#[must_use]
pub fn landing(path: &str) -> Option<String> {
    let mut path = in_folder(path)?;
    for _ in 0..MOST_LINKS {
        let Ok(target) = fs::read_link(&path) else { return Some(path) };
        let (folder, _) = path.rsplit_once('/')?;
        path = in_folder(&Path::new(&format!("{folder}/")).join(target).to_string_lossy())?;
    }
    None
}

/// The container, which is where the wrapper is.
#[derive(Debug)]
pub struct Container;

impl Places for Container {
    fn in_folder(&self, path: &str) -> Option<String> {
        in_folder(path)
    }

    fn of_file(&self, path: &str) -> Option<String> {
        Some(fs::canonicalize(Path::new(path)).ok()?.to_string_lossy().into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::fd::AsRawFd;
    use std::os::unix::fs::PermissionsExt;

    fn own() -> i32 {
        std::process::id() as i32
    }

    fn followed(folder: i32, path: &str) -> io::Result<Followed> {
        follow(own(), own(), folder, path, &Found::default())
    }

    #[test]
    fn links_and_scripts_are_followed_to_the_program() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("script");
        fs::write(&script, "#! /bin/sh -e\necho\n").unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&script, &link).unwrap();
        let resolved = followed(libc::AT_FDCWD, link.to_str().unwrap()).unwrap();
        assert_eq!(resolved.target, fs::canonicalize(&script).unwrap().to_str().unwrap());
        assert_eq!(resolved.executable, fs::canonicalize("/bin/sh").unwrap().to_str().unwrap());
        fs::set_permissions(&script, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(followed(libc::AT_FDCWD, link.to_str().unwrap()).is_err(), "not executable");
        assert!(followed(libc::AT_FDCWD, "/proc/self/exe").is_err(), "our own program says nothing");
    }

    #[test]
    fn a_path_lands_where_its_links_lead_whether_that_is_there_or_not() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        let at = |name: &str| root.join(name).to_str().unwrap().to_owned();
        fs::create_dir(at("folder")).unwrap();
        for (link, target) in [
            ("near", "folder/new"),
            ("far", &at("folder/new")),
            ("again", "near"),
            ("loop", "loop"),
            ("nowhere", "no/new"),
        ] {
            std::os::unix::fs::symlink(target, at(link)).unwrap();
        }
        for link in ["near", "far", "again", "folder/../near", "folder/new"] {
            assert_eq!(landing(&at(link)), Some(at("folder/new")), "{link}");
        }
        assert_eq!(
            (landing(&at("loop")), landing(&at("nowhere")), landing(&at("no/new"))),
            (None, None, None)
        );
    }

    #[test]
    fn descriptors_and_relative_paths_are_the_callers() {
        let folder = File::open("/bin").unwrap();
        let shell = fs::canonicalize("/bin/sh").unwrap();
        let resolved = followed(folder.as_raw_fd(), "sh").unwrap();
        assert_eq!(resolved.executable, shell.to_str().unwrap());
        let file = File::open("/bin/sh").unwrap();
        let resolved = followed(file.as_raw_fd(), "").unwrap();
        assert_eq!(resolved.executable, shell.to_str().unwrap());
        let by_number = format!("/dev/fd/{}", file.as_raw_fd());
        assert_eq!(followed(libc::AT_FDCWD, &by_number).unwrap().executable, shell.to_str().unwrap());
    }
}
