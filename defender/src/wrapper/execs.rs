//! Decisions on programs: a friendly refusal before the exec, a sure one at its event.
//!
//! What is read from a caller's memory before the exec can be changed by another thread before the kernel reads it
//! again. So the refusal before is only for those who play fair, and leaves the audit-free rest to the event.

use super::deed::Deed;
use super::notices::Notice;
use super::paths::{self, Container};
use super::proc::{self, Process};
use super::program_file::{self, Nature, ProgramFile};
use super::report::Subject;
use super::supervisor::Supervisor;
use crate::decision::{Finding, Launch, Policy, Violation};
use crate::kernel::files;
use crate::kernel::memory;
use crate::kernel::seccomp::Notification;
use proofhouse_protocol::RuntimeAudit;
use std::io;
use std::sync::PoisonError;
use std::time::Instant;

/// Arguments that an audit quotes at most.
const MOST_ARGUMENTS: usize = 64;

/// What can be said of an exec that waits.
#[derive(Debug)]
pub enum Before {
    /// No rule is against it, as far as can be seen.
    Fine,
    /// What would run cannot be told.
    Unknown,
    /// A rule is against it.
    Denied(Box<Denial>),
}

/// An exec that a rule is against.
#[derive(Debug)]
pub struct Denial {
    /// Whether it must not run; else it is only told of.
    pub prevents: bool,
    process: Process,
    image: String,
    target: String,
    spelling: Vec<u8>,
    audit: RuntimeAudit,
}

/// Looks at an `execve` or `execveat` that waits.
#[must_use]
pub fn before(supervisor: &Supervisor, call: &Notification) -> Before {
    look(supervisor, call).unwrap_or(Before::Unknown)
}

/// As [`before`]; nothing where the caller hides what it does.
fn look(supervisor: &Supervisor, call: &Notification) -> Option<Before> {
    let policy = supervisor.commands.policy();
    if !policy.governs_programs() {
        return Some(Before::Fine);
    }
    let pid = files::process_of(call.thread).ok()?;
    if supervisor.is_entering(pid) {
        return Some(Before::Fine);
    }
    let at = call.number == libc::SYS_execveat;
    let (folder, arguments) =
        if at { (call.args[0] as i32, &call.args[1..]) } else { (libc::AT_FDCWD, &call.args[..]) };
    let spelling = memory::read_string(call.thread, arguments[0]).ok()?;
    let invoked = String::from_utf8_lossy(&spelling).into_owned();
    let followed = match paths::follow(call.thread, pid, folder, &invoked, &supervisor.known) {
        Ok(followed) => followed,
        // The kernel will find nothing to run there, either.
        Err(error) if error.raw_os_error().is_some_and(|errno| errno != libc::EPERM) => {
            return Some(Before::Fine);
        }
        Err(_) => return None,
    };
    let command = memory::read_strings(call.thread, arguments[1], MOST_ARGUMENTS).unwrap_or_default();
    let invoked = match command.first() {
        Some(zeroth) if proc::is_own_executable(&invoked, pid) => zeroth.clone(),
        _ => invoked,
    };
    let start =
        Start { pid, file: Some(followed.program), executable: followed.executable, invoked, command };
    let Some((finding, subject)) = start.judge(supervisor, &policy) else { return Some(Before::Fine) };
    Some(Before::Denied(Box::new(Denial {
        prevents: finding.prevents,
        process: Process::of(pid).ok()?,
        image: proc::executable(pid).unwrap_or_default(),
        target: followed.target,
        spelling,
        audit: supervisor.identity.launch(&subject, &finding, &policy.rule_name),
    })))
}

/// The refusal of an exec whose event nobody would see, and of which nothing can be told before, either.
#[must_use]
pub fn unseen(supervisor: &Supervisor, call: &Notification) -> Option<Denial> {
    let policy = supervisor.commands.policy();
    let pid = files::process_of(call.thread).ok()?;
    let address = call.args[usize::from(call.number == libc::SYS_execveat)];
    let spelling = memory::read_string(call.thread, address).unwrap_or_else(|_| b"unknown".to_vec());
    let executable = String::from_utf8_lossy(&spelling).into_owned();
    let subject = Subject {
        pid,
        executable: executable.clone(),
        invoked: None,
        command: Vec::new(),
        user: proc::user(pid),
    };
    let finding = Finding { violation: Violation::Denied, prevents: true, message: None };
    Some(Denial {
        prevents: true,
        process: Process::of(pid).ok()?,
        image: proc::executable(pid).unwrap_or_default(),
        target: executable,
        spelling,
        audit: supervisor.identity.launch(&subject, &finding, &policy.rule_name),
    })
}

impl Denial {
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
    let file = ProgramFile::of(pid).ok();
    if let Some(file) = &file
        && file.gains_rights(&supervisor.known.of(file, ProgramFile::traits))
    {
        supervisor.notices.tell(Notice::RightsNotGained { program: file.path().unwrap_or_default() });
    }
    if supervisor.is_entering(pid) {
        supervisor.set_entered();
        return false;
    }
    let policy = supervisor.commands.policy();
    if !policy.governs_programs() {
        return false;
    }
    let invoked = proc::invoked(pid).unwrap_or_default();
    // A program that may not be read hides even its name from a wrapper that is not root. It then goes by the name it
    // was started by, and what has no name at all can be on no allow list.
    let executable = file.as_ref().and_then(|file| file.path().ok()).unwrap_or_else(|| invoked.clone());
    let start = Start { pid, file, executable, invoked, command: proc::arguments(pid) };
    let Some((finding, subject)) = start.judge(supervisor, &policy) else { return false };
    let audit = supervisor.identity.launch(&subject, &finding, &policy.rule_name);
    supervisor.outbox.turn().audit(audit);
    finding.prevents
}

/// A program that starts.
#[derive(Debug)]
struct Start {
    pid: i32,
    /// What cannot be looked at counts as changed.
    file: Option<ProgramFile>,
    executable: String,
    invoked: String,
    command: Vec<String>,
}

impl Start {
    /// What is wrong with it, or with the program that it runs without an exec; and who that is.
    fn judge(self, supervisor: &Supervisor, policy: &Policy) -> Option<(Finding, Subject)> {
        let nature = self
            .file
            .as_ref()
            .map_or(Nature::Program, |file| supervisor.known.of(file, ProgramFile::traits).nature);
        let multi_call = nature == Nature::MultiCall;
        let judge = |file: &Option<ProgramFile>, executable: &str, invoked: &str| {
            let place = self.place(invoked);
            let mut names = vec![invoked, place.as_str()];
            if multi_call {
                names.extend(program_file::applets(&self.command));
            }
            let modified = policy.processes.as_ref().is_some_and(|rules| rules.asks_for_changes())
                && file.as_ref().is_none_or(|file| file.changed_since(supervisor.started));
            let altered = policy.processes.as_ref().is_some_and(|rules| rules.asks_for_changes())
                && !modified
                && file.as_ref().is_some_and(|file| supervisor.packages.know_otherwise(file, executable));
            let deed =
                Deed { pid: self.pid, executable, command: Some(&self.command), peer: None, domain: "" };
            let launch = Launch { executable, names: &names, multi_call, modified, altered };
            policy.judge(&launch, &Container, &deed)
        };
        let own = judge(&self.file, &self.executable, &self.invoked);
        let is_settled = own.as_ref().is_some_and(|finding| finding.prevents);
        let mut found = own.map(|finding| (finding, self.executable.clone(), self.invoked.clone()));
        let loaded = (nature == Nature::Loader && !is_settled).then(|| program_file::loaded(&self.command));
        if let Some(loaded) = loaded.flatten().cloned() {
            let file = ProgramFile::open(&paths::visible(self.pid, self.pid, libc::AT_FDCWD, &loaded)).ok();
            // A name that leads nowhere from here is one that the loader looks for among its libraries.
            let path = file.as_ref().and_then(|file| file.path().ok());
            let executable = path.unwrap_or_else(|| loaded.clone());
            match judge(&file, &executable, &loaded) {
                Some(finding) if finding.prevents || found.is_none() => {
                    found = Some((finding, executable, loaded));
                }
                _ => {}
            }
        }
        let (finding, executable, invoked) = found?;
        Some((finding, self.subject(executable, invoked)))
    }

    /// A path as it is called where its folders lead to.
    fn place(&self, path: &str) -> String {
        let visible = paths::visible(self.pid, self.pid, libc::AT_FDCWD, path);
        paths::in_folder(&visible).unwrap_or_else(|| path.to_owned())
    }

    fn subject(self, executable: String, invoked: String) -> Subject {
        let invoked = (!invoked.is_empty() && invoked != executable).then_some(invoked);
        Subject {
            pid: self.pid,
            executable,
            invoked,
            command: proc::cut(self.command),
            user: proc::user(self.pid),
        }
    }
}
