//! A program in the form that `execve` wants.

use std::ffi::{CString, OsStr, OsString};
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::ptr;

/// What to execute, with every string ready: a child of a process that has threads may not allocate.
pub struct Program {
    /// Path given to `execve`.
    pub(super) path: CString,
    /// Directory of the program, for `execveat`.
    pub(super) directory: PathBuf,
    /// Name of the program in that directory.
    pub(super) name: CString,
    /// Path that does not depend on the working directory.
    pub(super) absolute: PathBuf,
    /// Working directory, where it is not the actor's.
    pub(super) cwd: Option<CString>,
    arguments: Vec<CString>,
    variables: Vec<CString>,
}

impl Program {
    /// Prepares `path`, as seen from `cwd`. A zero byte in any string is `EINVAL`.
    pub fn new(
        path: &Path,
        argv: &[String],
        environment: impl IntoIterator<Item = (OsString, OsString)>,
        cwd: Option<&Path>,
    ) -> io::Result<Self> {
        let base = match cwd {
            Some(cwd) => cwd.to_owned(),
            None => std::env::current_dir()?,
        };
        let absolute = base.join(path);
        let directory = absolute.parent().unwrap_or(Path::new("/")).to_owned();
        let name = c_string(absolute.file_name().unwrap_or(OsStr::new(".")))?;
        let arguments =
            argv.iter().map(|argument| c_string(OsStr::new(argument))).collect::<Result<_, _>>()?;
        let variables = environment
            .into_iter()
            .map(|(key, value)| {
                let mut pair = key.into_vec();
                pair.push(b'=');
                pair.extend(value.into_vec());
                c_string(OsStr::from_bytes(&pair))
            })
            .collect::<Result<_, _>>()?;
        Ok(Self {
            path: c_string(path.as_os_str())?,
            directory,
            name,
            absolute,
            cwd: cwd.map(|cwd| c_string(cwd.as_os_str())).transpose()?,
            arguments,
            variables,
        })
    }

    pub(super) fn arguments(&self) -> &[CString] {
        &self.arguments
    }

    pub(super) fn variables(&self) -> &[CString] {
        &self.variables
    }

    /// The argument vector with its closing null; it borrows from the program.
    pub(super) fn argv(&self) -> Vec<*const libc::c_char> {
        pointers(&self.arguments)
    }

    /// The environment with its closing null; it borrows from the program.
    pub(super) fn envp(&self) -> Vec<*const libc::c_char> {
        pointers(&self.variables)
    }
}

fn pointers(strings: &[CString]) -> Vec<*const libc::c_char> {
    strings.iter().map(|string| string.as_ptr()).chain([ptr::null()]).collect()
}

fn c_string(text: &OsStr) -> io::Result<CString> {
    CString::new(text.as_bytes()).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))
}
