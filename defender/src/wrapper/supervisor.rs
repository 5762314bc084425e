//! What the threads of one wrapper share, and the decisions they make with it.

use super::askers::Askers;
use super::attempts::Attempts;
use super::deed::Deed;
use super::lookups::{Asked, Lookups, Search};
use super::network::Reaches;
use super::notices::Notices;
use super::packages::Packages;
use super::proc::{self, Process};
use super::program_file::{Found, Traits};
use super::question::Question;
use super::report::{Identity, Subject};
use super::written::Written;
use crate::decision::{CustomEffect, DnsRules, Policy};
use crate::hub::{Commands, Outbox};
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
    /// Denied addresses and ports.
    pub reaches: Mutex<Reaches>,
    /// What is known of files that run.
    pub known: Found<Traits>,
    /// What their packages say of them.
    pub packages: Packages,
    /// Files that are open for writing, where the task was embedded with file system monitoring.
    pub written: Option<Written>,
    /// What is told to who reads the container's log.
    pub notices: Notices,
    lookups: Mutex<Lookups>,
    search: Search,
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
    /// As audits name it.
    pub fn subject(&self) -> Subject {
        let (pid, executable) = (self.process.pid, self.executable.clone());
        Subject { pid, executable, invoked: None, command: proc::command(pid), user: proc::user(pid) }
    }
}

/// What is wrong with a name.
#[derive(Debug)]
struct Denial<'p> {
    prevents: bool,
    /// Of the custom rule.
    message: Option<&'p str>,
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
            reaches: Mutex::default(),
            known: Found::default(),
            packages: Packages::default(),
            written,
            notices: Notices::default(),
            lookups: Mutex::default(),
            search: Search::default(),
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
        self.awaits_entry() && pid == self.main()
    }

    /// Whether the entry point does not run yet.
    #[must_use]
    pub fn awaits_entry(&self) -> bool {
        !self.entered.load(Ordering::SeqCst)
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
        if !policy.governs_names() {
            return Fate::Forward;
        }
        let Some(question) = Question::parse(payload) else { return self.judge_unreadable(asker, payload) };
        let now = Instant::now();
        let search = self.search.now();
        let mut allowed = Vec::new();
        let (mut is_denied, mut is_prevented) = (false, false);
        for (name, kind) in question.names() {
            let Some(denial) = self.denial(&policy, asker, &name, &search, now) else {
                allowed.push(name);
                continue;
            };
            (is_denied, is_prevented) = (true, is_prevented || denial.prevents);
            let asked = Asked { name: name.clone(), kind, id: question.id() };
            let is_new = {
                let mut lookups = self.lookups();
                !lookups.is_expansion(&asker.process, &name, &search, now)
                    && lookups.is_new(&asker.process, asked, &search, now)
            };
            if is_new {
                let (rule, prevents) = (&policy.rule_name, denial.prevents);
                let audit = match denial.message {
                    Some(message) => {
                        self.identity.custom_lookup(&asker.subject(), &name, message, rule, prevents)
                    }
                    None => self.identity.denied_lookup(&asker.subject(), &name, rule, prevents),
                };
                self.outbox.turn().audit(audit);
            }
        }
        if !is_denied {
            let mut lookups = self.lookups();
            allowed.into_iter().for_each(|name| lookups.allow(&asker.process, name, now));
        }
        if is_prevented { Fate::Answer(question.no_such_name()) } else { Fate::Forward }
    }

    /// What is wrong with a name, if something is: first by custom rules, then by the lists.
    fn denial<'p>(
        &self,
        policy: &'p Policy,
        asker: &Asker,
        name: &str,
        search: &[String],
        now: Instant,
    ) -> Option<Denial<'p>> {
        let is_denied = || {
            policy.dns.as_ref().is_some_and(|rules| {
                rules.denies(name) || self.lookups().is_denied_expansion(&asker.process, name, search, now)
            })
        };
        let prevents = policy.dns.as_ref().is_some_and(DnsRules::prevents);
        let (pid, executable) = (asker.process.pid, &*asker.executable);
        let deed = Deed { pid, executable, command: None, peer: None, domain: name };
        match policy.custom_outgoing.decide(&deed, || prevents && is_denied()) {
            None => is_denied().then_some(Denial { prevents, message: None }),
            Some(rule) => (rule.effect != CustomEffect::Allow).then_some(Denial {
                prevents: rule.effect == CustomEffect::Prevent,
                message: Some(&rule.message),
            }),
        }
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
