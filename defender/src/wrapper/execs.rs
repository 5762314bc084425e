//! Decisions on programs: a friendly refusal before the exec, a sure one at its event.
//!
//! What is read from a caller's memory before the exec can be changed by another thread before the kernel reads it
//! again. So the refusal before is only for those who play fair, and leaves the audit-free rest to the event.

use super::notices::Notice;
use super::paths::{self, Container};
use super::proc::{self, Process};
use super::program_file::{self, Nature, ProgramFile};
use super::report::Subject;
use super::supervisor::Supervisor;
use crate::decision::{Launch, Policy, ProcessRules, Violation};
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
    let Some(rules) = &policy.processes else { return Some(Before::Fine) };
    let pid = files::process_of(call.thread).ok()?;
    if supervisor.is_entering(pid) {
        return Some(Before::Fine);
    }
    let at = call.number == libc::SYS_execveat;
    let (folder, arguments) =
        if at { (call.args[0] as i32, &call.args[1..]) } else { (libc::AT_FDCWD, &call.args[..]) };
    let spelling = memory::read_string(call.thread, arguments[0]).ok()?;
    let invoked = String::from_utf8_lossy(&spelling).into_owned();
    let followed = match paths::follow(call.thread, pid, folder, &invoked) {
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
    let Some((violation, subject)) = start.judge(supervisor, rules) else { return Some(Before::Fine) };
    Some(Before::Denied(Box::new(Denial {
        process: Process::of(pid).ok()?,
        image: proc::executable(pid).unwrap_or_default(),
        target: followed.target,
        spelling,
        audit: supervisor.identity.launch(&subject, violation, &policy.rule_name, rules.prevents()),
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
    Some(Denial {
        process: Process::of(pid).ok()?,
        image: proc::executable(pid).unwrap_or_default(),
        target: executable,
        spelling,
        audit: supervisor.identity.launch(&subject, Violation::Denied, &policy.rule_name, true),
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
        && file.gains_rights()
    {
        supervisor.notices.tell(Notice::RightsNotGained { program: file.path().unwrap_or_default() });
    }
    if supervisor.is_entering(pid) {
        supervisor.set_entered();
        return false;
    }
    let policy = supervisor.commands.policy();
    let Some(rules) = &policy.processes else { return false };
    let invoked = proc::invoked(pid).unwrap_or_default();
    // A program that may not be read hides even its name from a wrapper that is not root. It then goes by the name it
    // was started by, and what has no name at all can be on no allow list.
    let executable = file.as_ref().and_then(|file| file.path().ok()).unwrap_or_else(|| invoked.clone());
    let start = Start { pid, file, executable, invoked, command: proc::arguments(pid) };
    let Some((violation, subject)) = start.judge(supervisor, rules) else { return false };
    report(supervisor, &policy, rules, violation, &subject);
    rules.prevents()
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
    fn judge(self, supervisor: &Supervisor, rules: &ProcessRules) -> Option<(Violation, Subject)> {
        let nature = self
            .file
            .as_ref()
            .map_or(Nature::Program, |file| supervisor.natures.of(file, ProgramFile::nature));
        let multi_call = nature == Nature::MultiCall;
        let judge = |file: &Option<ProgramFile>, executable: &str, invoked: &str| {
            let place = self.place(invoked);
            let mut names = vec![invoked, place.as_str()];
            if multi_call {
                names.extend(program_file::applets(&self.command));
            }
            let modified = rules.asks_for_changes()
                && file.as_ref().is_none_or(|file| file.changed_since(supervisor.started));
            let altered = rules.asks_for_changes()
                && !modified
                && file.as_ref().is_some_and(|file| supervisor.packages.know_otherwise(file, executable));
            rules.judge(&Launch { executable, names: &names, multi_call, modified, altered }, &Container)
        };
        if let Some(violation) = judge(&self.file, &self.executable, &self.invoked) {
            let (executable, invoked) = (self.executable.clone(), self.invoked.clone());
            return Some((violation, self.subject(executable, invoked)));
        }
        let loaded =
            (nature == Nature::Loader).then(|| program_file::loaded(&self.command)).flatten()?.clone();
        let file = ProgramFile::open(&paths::visible(self.pid, self.pid, libc::AT_FDCWD, &loaded)).ok();
        // A name that leads nowhere from here is one that the loader looks for among its libraries.
        let executable = file.as_ref().and_then(|file| file.path().ok()).unwrap_or_else(|| loaded.clone());
        let violation = judge(&file, &executable, &loaded)?;
        Some((violation, self.subject(executable, loaded)))
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
