//! What the threads of one wrapper share, and the decisions they make with it.

use super::askers::Askers;
use super::attempts::Attempts;
use super::lookups::{Asked, Lookups, search_list};
use super::notices::Notices;
use super::packages::Packages;
use super::proc::{self, Process};
use super::program_file::{Found, Nature};
use super::question::Question;
use super::report::{Identity, Subject};
use super::written::Written;
use crate::hub::{Commands, Outbox};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Instant, SystemTime};

/// Shared by the watching thread, its workers and the forwarder.
#[derive(Debug)]
pub struct Supervisor {
    /// Policy in force.
    pub commands: Arc<Commands>,
    /// Where audits go.
    pub outbox: Arc<Outbox>,
    /// Whose audits they are.
    pub identity: Identity,
    /// What is younger than this was made in the container.
    pub started: SystemTime,
    /// Who connected to the forwarder.
    pub askers: Askers,
    /// Denied attempts to run something.
    pub attempts: Mutex<Attempts>,
    /// What is known of files that run.
    pub natures: Found<Nature>,
    /// What their packages say of them.
    pub packages: Packages,
    /// Files that are open for writing, where the task was embedded with file system monitoring.
    pub written: Option<Written>,
    /// What is told to who reads the container's log.
    pub notices: Notices,
    lookups: Mutex<Lookups>,
    main: AtomicI32,
    entered: AtomicBool,
}

/// A process that asks for a name.
#[derive(Debug, Clone)]
pub struct Asker {
    /// Who.
    pub process: Process,
    /// Program.
    pub executable: String,
}

impl Asker {
    fn subject(&self) -> Subject {
        let (pid, executable) = (self.process.pid, self.executable.clone());
        Subject { pid, executable, invoked: None, command: proc::command(pid), user: proc::user(pid) }
    }
}

/// What becomes of a question.
#[derive(Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes to the server.
    Forward,
    /// It is answered with this at once.
    Answer(Vec<u8>),
    /// It cannot be read, and goes nowhere.
    Drop,
}

impl Supervisor {
    /// A supervisor without an app.
    #[must_use]
    pub fn new(
        commands: Arc<Commands>,
        outbox: Arc<Outbox>,
        identity: Identity,
        written: Option<Written>,
    ) -> Self {
        Self {
            commands,
            outbox,
            identity,
            started: SystemTime::now(),
            askers: Askers::default(),
            attempts: Mutex::default(),
            natures: Found::default(),
            packages: Packages::default(),
            written,
            notices: Notices::default(),
            lookups: Mutex::default(),
            main: AtomicI32::new(0),
            entered: AtomicBool::new(false),
        }
    }

    /// The main process of the app; 0 before there is one.
    #[must_use]
    pub fn main(&self) -> i32 {
        self.main.load(Ordering::SeqCst)
    }

    /// Names the main process.
    pub fn set_main(&self, pid: i32) {
        self.main.store(pid, Ordering::SeqCst);
    }

    /// Whether a process is still to become the entry point, which no rule is about.
    #[must_use]
    pub fn is_entering(&self, pid: i32) -> bool {
        pid == self.main() && !self.entered.load(Ordering::SeqCst)
    }

    /// The entry point runs.
    pub fn set_entered(&self) {
        self.entered.store(true, Ordering::SeqCst);
    }

    /// What was written until now is looked at, where anybody looks; the audits are queued when this returns.
    pub fn look_at_written(&self) {
        if let Some(written) = &self.written {
            written.look(self);
        }
    }

    fn lookups(&self) -> MutexGuard<'_, Lookups> {
        self.lookups.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides on what a process sent to a DNS server. The audits, if any are due, are queued when this returns.
    #[must_use]
    pub fn judge_question(&self, asker: &Asker, payload: &[u8]) -> Fate {
        let policy = self.commands.policy();
        let Some(rules) = &policy.dns else { return Fate::Forward };
        let Some(question) = Question::parse(payload) else { return self.judge_unreadable(asker, payload) };
        let names = question.names();
        let now = Instant::now();
        let search = search_list(&fs::read_to_string("/etc/resolv.conf").unwrap_or_default());
        let denied = |name: &str| {
            rules.denies(name) || self.lookups().is_denied_expansion(&asker.process, name, &search, now)
        };
        let (denied, allowed): (Vec<_>, Vec<_>) = names.into_iter().partition(|(name, _)| denied(name));
        if denied.is_empty() {
            let mut lookups = self.lookups();
            allowed.into_iter().for_each(|(name, _)| lookups.allow(&asker.process, name, now));
            return Fate::Forward;
        }
        for (name, kind) in denied {
            let asked = Asked { name: name.clone(), kind, id: question.id() };
            let is_new = {
                let mut lookups = self.lookups();
                !lookups.is_expansion(&asker.process, &name, &search, now)
                    && lookups.is_new(&asker.process, asked, &search, now)
            };
            if is_new {
                let audit =
                    self.identity.denied_lookup(&asker.subject(), &name, &policy.rule_name, rules.prevents());
                self.outbox.turn().audit(audit);
            }
        }
        if rules.prevents() { Fate::Answer(question.no_such_name()) } else { Fate::Forward }
    }

    /// Decides on what cannot be read as a question: no list allows it (declared choice). The audit, if one is due, is queued when
    /// this returns; the same bytes again are the same attempt.
    #[must_use]
    pub fn judge_unreadable(&self, asker: &Asker, payload: &[u8]) -> Fate {
        let policy = self.commands.policy();
        let Some(rules) = &policy.dns else { return Fate::Forward };
        let mut hasher = DefaultHasher::new();
        payload.hash(&mut hasher);
        let asked = Asked { name: String::new(), kind: 0, id: hasher.finish() as u16 };
        let is_new = self.lookups().is_new(&asker.process, asked, &[], Instant::now());
        if is_new {
            let audit =
                self.identity.unreadable_question(&asker.subject(), &policy.rule_name, rules.prevents());
            self.outbox.turn().audit(audit);
        }
        if rules.prevents() { Fate::Drop } else { Fate::Forward }
    }
}
