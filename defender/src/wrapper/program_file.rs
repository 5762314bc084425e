//! A file that is about to run: asked itself, never its path, which may lead elsewhere by now, or nowhere.

use super::elf::Elf;
use crate::kernel::files;
use std::collections::HashMap;
use std::ffi::CString;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// The first lines of a script, and the headers of a program.
const HEAD: usize = 4096;

/// How much of a script the kernel reads for its interpreter.
const FIRST_LINE: usize = 256;

/// How much of a program is searched for what tells a multi-call one; those are small.
const MOST_SEARCHED: usize = 4 << 20;

/// Words that only the known multi-call programs have in them.
const MULTI_CALL: [&[u8]; 3] = [b"BusyBox v", b"--coreutils-prog=", b"toybox [--long | --help"];

/// What a file does when it is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// It is a program, or what the kernel will refuse.
    Program,
    /// It is the dynamic loader: given a program, it runs that without an exec.
    Loader,
    /// It is many programs in one file.
    MultiCall,
}

/// What there is to know of a file, but for its path and what `stat` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traits {
    /// What it does when it is run.
    pub nature: Nature,
    /// The interpreter that runs in its place, where it is a script that may be read.
    pub interpreter: Option<String>,
    /// Whether it brings capabilities to who runs it.
    pub has_capabilities: bool,
}

/// A file, held.
#[derive(Debug)]
pub struct ProgramFile {
    fd: File,
    meta: Metadata,
}

impl ProgramFile {
    /// What a path leads to.
    ///
    /// # Errors
    /// When there is no such file, or nobody may know.
    pub fn open(path: &str) -> io::Result<Self> {
        let fd = File::from(files::open_path(&CString::new(path)?)?);
        let meta = fd.metadata()?;
        Ok(Self { fd, meta })
    }

    /// What runs in a process.
    ///
    /// # Errors
    /// When it is gone, or hides it.
    pub fn of(pid: i32) -> io::Result<Self> {
        Self::open(&format!("/proc/{pid}/exe"))
    }

    /// Its path, without the mark of the kernel on one that has none any more; a file may also be called so.
    ///
    /// # Errors
    /// Never, while it is held.
    pub fn path(&self) -> io::Result<String> {
        let path = fs::read_link(link(&self.fd))?.to_string_lossy().into_owned();
        // Not every file system counts links to what has none any more.
        Ok(match path.strip_suffix(" (deleted)") {
            Some(bare) if !fs::metadata(&path).is_ok_and(|named| self.is(&named)) => bare.to_owned(),
            _ => path,
        })
    }

    /// Whether the kernel may run it for someone.
    #[must_use]
    pub fn is_executable(&self) -> bool {
        self.meta.is_file() && self.meta.mode() & 0o111 != 0
    }

    /// Whether it would run with the rights of another user, or more of them, than who starts it.
    #[must_use]
    pub fn gains_rights(&self, traits: &Traits) -> bool {
        let mode = self.meta.mode();
        mode & libc::S_ISUID != 0
            || mode & (libc::S_ISGID | libc::S_IXGRP) == libc::S_ISGID | libc::S_IXGRP
            || traits.has_capabilities
    }

    /// Whether both are the same file.
    #[must_use]
    pub fn is(&self, other: &Metadata) -> bool {
        (self.meta.dev(), self.meta.ino()) == (other.dev(), other.ino())
    }

    /// Whether it was created or changed after a moment. The change time counts: it cannot be set back.
    #[must_use]
    pub fn changed_since(&self, moment: SystemTime) -> bool {
        let nanos = Duration::from_nanos(u64::try_from(self.meta.ctime_nsec()).unwrap_or(0));
        let seconds = Duration::from_secs(u64::try_from(self.meta.ctime()).unwrap_or(0));
        SystemTime::UNIX_EPOCH + seconds + nanos > moment
    }

    /// Whether it has bytes of its own.
    #[must_use]
    pub fn is_regular(&self) -> bool {
        self.meta.is_file()
    }

    /// How it was when it was opened: it differs when the file has been written to.
    #[must_use]
    pub fn look(&self) -> Look {
        look(&self.meta)
    }

    /// Reads it.
    ///
    /// # Errors
    /// When it may not be read.
    pub fn read(&self) -> io::Result<File> {
        File::open(link(&self.fd))
    }

    /// Finds out what there is to know of it; a file that may not be read is a program.
    #[must_use]
    pub fn traits(&self) -> Traits {
        let has_capabilities = files::has_attribute(&link(&self.fd), c"security.capability");
        let mut head = Vec::new();
        let file = self.read().ok().filter(|file| file.take(HEAD as u64).read_to_end(&mut head).is_ok());
        let nature = file.map_or(Nature::Program, |file| self.nature(file, &head));
        Traits { nature, interpreter: interpreter(&head[..head.len().min(FIRST_LINE)]), has_capabilities }
    }

    /// What it does when it is run, but for scripts, with the file read as far as its head.
    fn nature(&self, file: File, head: &[u8]) -> Nature {
        if !head.starts_with(b"\x7fELF") {
            return Nature::Program;
        }
        if Elf::of(&file).is_some_and(|elf| elf.is_loader()) {
            return Nature::Loader;
        }
        let mut rest = Vec::new();
        let small = self.meta.len() <= MOST_SEARCHED as u64;
        if small && file.take(MOST_SEARCHED as u64).read_to_end(&mut rest).is_ok() {
            let whole = [head, &rest].concat();
            if MULTI_CALL.iter().any(|words| memchr::memmem::find(&whole, words).is_some()) {
                return Nature::MultiCall;
            }
        }
        Nature::Program
    }
}

/// A file as it was when it was looked at.
pub type Look = (u64, u64, u64, i64, i64);

/// How a file is.
#[must_use]
pub fn look(meta: &Metadata) -> Look {
    (meta.dev(), meta.ino(), meta.size(), meta.ctime(), meta.ctime_nsec())
}

/// What was found out about files; to find out takes reading them.
#[derive(Debug)]
pub struct Found<T>(Mutex<HashMap<Look, T>>);

impl<T> Default for Found<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Found<T> {
    /// Files that are remembered at most.
    const MOST: usize = 1024;

    /// What is known of a file, or is found out now.
    pub fn of(&self, file: &ProgramFile, find_out: impl FnOnce(&ProgramFile) -> T) -> T {
        let look = file.look();
        let table = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = table().get(&look) {
            return known.clone();
        }
        let found = find_out(file);
        let mut table = table();
        if table.len() >= Self::MOST {
            table.clear();
        }
        table.insert(look, found.clone());
        found
    }
}

fn link(fd: &File) -> PathBuf {
    format!("/proc/self/fd/{}", fd.as_raw_fd()).into()
}

/// The program that a script names in its first line.
fn interpreter(head: &[u8]) -> Option<String> {
    let line = head.strip_prefix(b"#!")?.split(|&byte| byte == b'\n').next()?;
    let line = String::from_utf8_lossy(line);
    line.split_whitespace().next().map(str::to_owned)
}

/// What the loader is given to run, where it is given anything: the first of its arguments that is no option.
#[must_use]
pub fn loaded(argv: &[String]) -> Option<&String> {
    const WITH_VALUE: [&str; 8] = [
        "--library-path",
        "--glibc-hwcaps-prepend",
        "--glibc-hwcaps-mask",
        "--inhibit-rpath",
        "--audit",
        "--preload",
        "--argv0",
        "--ld-library-path",
    ];
    let mut words = argv.iter().skip(1);
    while let Some(word) = words.next() {
        if WITH_VALUE.contains(&word.as_str()) {
            words.next();
        } else if word == "--" {
            return words.next();
        } else if !word.starts_with("--") {
            return Some(word);
        }
    }
    None
}

/// The names of the program that a multi-call one is started as: that of its zeroth argument, also without the dash of a login shell, and as often as that is its
/// own name, the argument behind it: `busybox busybox wget` is wget, in one process.
#[must_use]
pub fn applets(argv: &[String]) -> Vec<&str> {
    const OWN: [&str; 3] = ["busybox", "toybox", "coreutils"];
    let mut names: Vec<&str> = Vec::new();
    for (at, word) in argv.iter().enumerate() {
        let bare = word.strip_prefix('-');
        if at > 0 && bare.is_some() {
            break;
        }
        names.push(word);
        names.extend(bare);
        let name = bare.unwrap_or(word);
        let base = name.rsplit('/').next().unwrap_or(name);
        if !OWN.iter().any(|own| base.starts_with(own)) {
            break;
        }
    }
    names.extend(argv.iter().take(3).filter_map(|word| word.strip_prefix("--coreutils-prog=")));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn the_first_line_names_an_interpreter() {
        assert_eq!(interpreter(b"#!/bin/sh\n"), Some("/bin/sh".to_owned()));
        assert_eq!(interpreter(b"#! /usr/bin/env python3\n"), Some("/usr/bin/env".to_owned()));
        assert_eq!(interpreter(b"\x7fELF"), None);
        assert_eq!(interpreter(b"#!\n"), None);
    }

    #[test]
    fn the_loader_is_known_by_what_it_is() {
        let maps = fs::read_to_string("/proc/self/maps").unwrap();
        let loader =
            maps.lines().find_map(|line| line.split_whitespace().last().filter(|path| path.contains("/ld-")));
        let nature = |path: &str| ProgramFile::open(path).unwrap().traits().nature;
        let copy = tempfile::NamedTempFile::new().unwrap();
        fs::copy(loader.unwrap(), copy.path()).unwrap();
        assert_eq!(nature(copy.path().to_str().unwrap()), Nature::Loader);
        assert_eq!(nature("/proc/self/exe"), Nature::Program);
        assert_eq!(nature("/bin/sh"), Nature::Program);
    }

    #[test]
    fn a_loader_is_given_a_program_behind_its_options() {
        let found = |line: &str| loaded(&words(line)).cloned();
        assert_eq!(found("ld.so /bin/mkdir x"), Some("/bin/mkdir".to_owned()));
        assert_eq!(
            found("ld.so --library-path /lib --inhibit-cache --argv0 ls ./mkdir x"),
            Some("./mkdir".to_owned())
        );
        assert_eq!(found("ld.so --help"), None);
        assert_eq!(found("ld.so"), None);
    }

    #[test]
    fn a_multi_call_program_goes_by_its_applet() {
        assert_eq!(applets(&words("busybox mkdir x")), ["busybox", "mkdir"]);
        assert_eq!(applets(&words("mkdir -p x")), ["mkdir"]);
        assert_eq!(applets(&words("coreutils --coreutils-prog=mkdir x")), ["coreutils", "mkdir"]);
        assert_eq!(
            applets(&words("busybox /bin/busybox toybox mkdir x")),
            ["busybox", "/bin/busybox", "toybox", "mkdir"]
        );
        assert_eq!(applets(&words("-mkdir x")), ["-mkdir", "mkdir"]);
        assert_eq!(applets(&words("-busybox mkdir")), ["-busybox", "busybox", "mkdir"]);
        assert_eq!(applets(&words("busybox --list mkdir")), ["busybox"]);
        assert!(applets(&[]).is_empty());
    }

    #[test]
    fn a_file_is_new_only_after_the_moment_whatever_its_path_is_by_now() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let held = ProgramFile::open(file.path().to_str().unwrap()).unwrap();
        let path = held.path().unwrap();
        file.close().unwrap();
        let hour = Duration::from_secs(3600);
        assert!(held.changed_since(SystemTime::now() - hour));
        assert!(!held.changed_since(SystemTime::now() + hour));
        let gone = ProgramFile::open(&format!("/proc/self/fd/{}", held.fd.as_raw_fd())).unwrap();
        assert_eq!(gone.path().unwrap(), path);
        let folder = tempfile::tempdir().unwrap();
        let odd = folder.path().join("odd (deleted)");
        fs::write(&odd, "").unwrap();
        let odd = odd.to_str().unwrap();
        assert_eq!(ProgramFile::open(odd).unwrap().path().unwrap(), odd, "a file may be called so");
    }
}
