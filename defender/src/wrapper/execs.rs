//! Decisions on programs: a friendly refusal before the exec, a sure one at its event.
//!
//! What is read from a caller's memory before the exec can be changed by another thread before the kernel reads it
//! again. So the refusal before is only for those who play fair, and leaves the audit-free rest to the event.

use super::proc::{self, Process};
use super::report::Subject;
use super::supervisor::Supervisor;
use crate::decision::{Launch, Policy, ProcessRules, Violation};
use crate::kernel::files;
use crate::kernel::memory;
use crate::kernel::seccomp::Notification;
use proofhouse_protocol::RuntimeAudit;
use std::ffi::CString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::PoisonError;
use std::time::Instant;

/// Interpreters of interpreters that the kernel follows.
const DEEPEST_SCRIPT: usize = 5;

/// Arguments that an audit quotes at most.
const MOST_ARGUMENTS: usize = 64;

/// An exec that must not happen.
#[derive(Debug)]
pub struct Refusal {
    process: Process,
    image: String,
    target: String,
    spelling: Vec<u8>,
    audit: RuntimeAudit,
}

/// The files behind a path.
#[derive(Debug)]
struct Resolved {
    /// The program that would run: the file, or the interpreter of a script.
    executable: String,
    /// The file that the path leads to.
    target: String,
}

/// Looks at an `execve` or `execveat` that waits. Nothing means: let the kernel go on.
#[must_use]
pub fn before(supervisor: &Supervisor, call: &Notification) -> Option<Refusal> {
    let policy = supervisor.commands.policy();
    let rules = policy.processes.as_ref().filter(|rules| rules.prevents())?;
    let pid = files::process_of(call.thread).ok()?;
    if supervisor.is_entering(pid) {
        return None;
    }
    let at = call.number == libc::SYS_execveat;
    let (folder, arguments) =
        if at { (call.args[0] as i32, &call.args[1..]) } else { (libc::AT_FDCWD, &call.args[..]) };
    let spelling = memory::read_string(call.thread, arguments[0]).ok()?;
    let invoked = String::from_utf8_lossy(&spelling).into_owned();
    let resolved = resolve(call.thread, pid, folder, &invoked).ok()?;
    let command = memory::read_strings(call.thread, arguments[1], MOST_ARGUMENTS).unwrap_or_default();
    let name = match command.first() {
        Some(zeroth) if proc::is_own_executable(&invoked, pid) => zeroth,
        _ => &invoked,
    };
    let violation = judge(supervisor, rules, &resolved.executable, name)?;
    let subject = Subject { pid, executable: resolved.executable, command, user: proc::user(pid) };
    Some(Refusal {
        process: Process::of(pid).ok()?,
        image: proc::executable(pid).unwrap_or_default(),
        target: resolved.target,
        spelling,
        audit: supervisor.identity.launch(&subject, violation, &policy.rule_name, true),
    })
}

impl Refusal {
    /// Tells the caller, and queues the audit if this is a new attempt. A call that was interrupted meanwhile hears
    /// nothing, comes again, and is then the attempt.
    pub fn carry_out(self, supervisor: &Supervisor, tell: impl FnOnce() -> io::Result<()>) {
        let turn = supervisor.outbox.turn();
        if tell().is_err() {
            return;
        }
        let mut attempts = supervisor.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        if attempts.is_new(&self.process, &self.image, &self.target, &self.spelling, Instant::now()) {
            turn.audit(self.audit);
        }
    }
}

/// Looks at a process that has just become a program. The audit, if one is due, is queued when this returns; true
/// means that the process must die before its first instruction.
#[must_use]
pub fn at_event(supervisor: &Supervisor, pid: i32) -> bool {
    if supervisor.is_entering(pid) {
        supervisor.set_entered();
        return false;
    }
    let policy = supervisor.commands.policy();
    let Some(rules) = &policy.processes else { return false };
    let Some((violation, subject)) = inspect(supervisor, rules, pid) else { return false };
    report(supervisor, &policy, rules, violation, &subject);
    rules.prevents()
}

fn inspect(supervisor: &Supervisor, rules: &ProcessRules, pid: i32) -> Option<(Violation, Subject)> {
    let invoked = proc::invoked(pid).unwrap_or_default();
    // A program that may not be read hides even its name from a wrapper that is not root. It then goes by the name it
    // was started by, and what has no name at all can be on no allow list.
    let executable = proc::executable(pid).unwrap_or_else(|_| invoked.clone());
    let violation = judge(supervisor, rules, &executable, &invoked)?;
    Some((violation, Subject { pid, executable, command: proc::command(pid), user: proc::user(pid) }))
}

fn report(
    supervisor: &Supervisor,
    policy: &Policy,
    rules: &ProcessRules,
    violation: Violation,
    subject: &Subject,
) {
    let audit = supervisor.identity.launch(subject, violation, &policy.rule_name, rules.prevents());
    supervisor.outbox.turn().audit(audit);
}

fn judge(
    supervisor: &Supervisor,
    rules: &ProcessRules,
    executable: &str,
    invoked: &str,
) -> Option<Violation> {
    let modified = rules.asks_for_changes() && proc::changed_since(Path::new(executable), supervisor.started);
    rules.judge(&Launch { executable, invoked, modified })
}

/// Follows a path of another process to the program that the kernel would run. An error means that the exec would fail,
/// or that the path cannot be followed from here; then the event decides.
fn resolve(thread: i32, pid: i32, folder: i32, path: &str) -> io::Result<Resolved> {
    if !proc::shares_root(pid) {
        return Err(io::Error::other("another root directory"));
    }
    let mut target = None;
    let mut next = visible(thread, pid, folder, path);
    for _ in 0..DEEPEST_SCRIPT {
        let (executable, interpreter) = look(&next)?;
        let first = target.get_or_insert_with(|| executable.clone());
        match interpreter {
            None => return Ok(Resolved { executable, target: first.clone() }),
            Some(path) => next = visible(thread, pid, libc::AT_FDCWD, &path),
        }
    }
    Err(io::Error::from_raw_os_error(libc::ELOOP))
}

/// The same path, as we can open it: `/proc/self` and relative paths mean the other process.
fn visible(thread: i32, pid: i32, folder: i32, path: &str) -> String {
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

/// Real path of an executable file, and its interpreter if it is a script.
fn look(path: &str) -> io::Result<(String, Option<String>)> {
    let named = files::open_path(&CString::new(path)?)?;
    let link = format!("/proc/self/fd/{}", named.as_raw_fd());
    let meta = fs::metadata(&link)?;
    if !meta.is_file() || meta.mode() & 0o111 == 0 {
        return Err(io::Error::from_raw_os_error(libc::EACCES));
    }
    if fs::metadata("/proc/self/exe").is_ok_and(|own| own.dev() == meta.dev() && own.ino() == meta.ino()) {
        // A link to `/proc/self/exe`, followed by us, leads to us.
        return Err(io::Error::other("our own program"));
    }
    let real = fs::read_link(&link)?.to_string_lossy().into_owned();
    let real = match real.strip_suffix(" (deleted)") {
        Some(bare) if meta.nlink() == 0 => bare.to_owned(),
        _ => real,
    };
    let mut head = Vec::new();
    if let Ok(file) = File::open(&link) {
        let _ = file.take(256).read_to_end(&mut head);
    }
    Ok((real, interpreter(&head)))
}

/// The program that a script names in its first line.
fn interpreter(head: &[u8]) -> Option<String> {
    let line = head.strip_prefix(b"#!")?.split(|&byte| byte == b'\n').next()?;
    let line = String::from_utf8_lossy(line);
    line.split_whitespace().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn own() -> i32 {
        std::process::id() as i32
    }

    #[test]
    fn links_and_scripts_are_followed_to_the_program() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("script");
        fs::write(&script, "#! /bin/sh -e\necho\n").unwrap();
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&script, &link).unwrap();
        let resolved = resolve(own(), own(), libc::AT_FDCWD, link.to_str().unwrap()).unwrap();
        assert_eq!(resolved.target, fs::canonicalize(&script).unwrap().to_str().unwrap());
        assert_eq!(resolved.executable, fs::canonicalize("/bin/sh").unwrap().to_str().unwrap());
        fs::set_permissions(&script, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(resolve(own(), own(), libc::AT_FDCWD, link.to_str().unwrap()).is_err(), "not executable");
        assert!(
            resolve(own(), own(), libc::AT_FDCWD, "/proc/self/exe").is_err(),
            "our own program says nothing"
        );
    }

    #[test]
    fn descriptors_and_relative_paths_are_the_callers() {
        let folder = File::open("/bin").unwrap();
        let shell = fs::canonicalize("/bin/sh").unwrap();
        let resolved = resolve(own(), own(), folder.as_raw_fd(), "sh").unwrap();
        assert_eq!(resolved.executable, shell.to_str().unwrap());
        let file = File::open("/bin/sh").unwrap();
        let resolved = resolve(own(), own(), file.as_raw_fd(), "").unwrap();
        assert_eq!(resolved.executable, shell.to_str().unwrap());
        let by_number = format!("/dev/fd/{}", file.as_raw_fd());
        assert_eq!(
            resolve(own(), own(), libc::AT_FDCWD, &by_number).unwrap().executable,
            shell.to_str().unwrap()
        );
    }

    #[test]
    fn the_first_line_names_an_interpreter() {
        assert_eq!(interpreter(b"#!/bin/sh\n"), Some("/bin/sh".to_owned()));
        assert_eq!(interpreter(b"#! /usr/bin/env python3\n"), Some("/usr/bin/env".to_owned()));
        assert_eq!(interpreter(b"\x7fELF"), None);
        assert_eq!(interpreter(b"#!\n"), None);
    }
}
