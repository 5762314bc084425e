//! Decisions on calls that make or change files, where the task was embedded with file system monitoring.
//!
//! A call that is let go is carried out by the kernel, which reads its path again: a thread that changes the path in between, or a
//! process that changes a link on it, is not seen (known limit).

use super::desk::Desk;
use super::notices::Notice;
use super::paths::{self, Container};
use super::proc;
use super::program_file::ProgramFile;
use super::report::Subject;
use super::supervisor::Supervisor;
use super::written::{self, Before};
use crate::decision::{FileRules, FileViolation, Touch};
use crate::kernel::files;
use crate::kernel::memory;
use crate::kernel::seccomp::{Notification, Reply, WRITES};
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;

/// Where a path stands: a folder's descriptor, and the address of the text.
#[derive(Debug, Clone, Copy)]
struct Spot {
    folder: i32,
    address: u64,
}

/// What a call is about to do.
#[derive(Debug, Clone, Copy)]
enum Act {
    /// Open a file, with these flags.
    Open(Spot, i32),
    /// Make something that is not there.
    Make(Spot),
    /// Cut a file.
    Cut(Spot),
    /// Give a file another name, or one more.
    Name { from: Spot, to: Spot, how: Naming },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// One more; of the file that a link leads to, where that is asked for.
    Link { follow: bool },
    /// Another one, in the place of what is there.
    Move,
    /// Another one, where nothing is there.
    MoveAway,
    /// Each that of the other.
    Exchange,
}

/// What a path of a call leads to.
#[derive(Debug)]
struct Seen {
    name: String,
    file: String,
    there: Option<Metadata>,
}

/// What is wrong with a call.
#[derive(Debug)]
struct Finding {
    violation: FileViolation,
    path: String,
    stopped: bool,
}

/// Answers a call.
pub fn judge(desk: &Desk, call: &Notification) {
    let supervisor = &desk.supervisor;
    let policy = supervisor.commands.policy();
    let Some(rules) = &policy.files else { return desk.answer(call, Reply::Continue) };
    let look = Look { supervisor, rules, call };
    let (finding, subject) = match look.at() {
        Ok(Some(found)) => found,
        Ok(None) => return desk.answer(call, Reply::Continue),
        // Who hides its memory does so from a Defender that is not root.
        Err(error) if error.raw_os_error() == Some(libc::EPERM) && rules.prevents() => {
            supervisor.notices.tell(Notice::HiddenWriter);
            return desk.answer(call, Reply::Error(libc::EPERM));
        }
        // The kernel will say the same.
        Err(_) => return desk.answer(call, Reply::Continue),
    };
    let Finding { violation, path, stopped } = &finding;
    let audit = supervisor.identity.file(&subject, *violation, path, &policy.rule_name, *stopped);
    let reply = if *stopped { Reply::Error(libc::EPERM) } else { Reply::Continue };
    let turn = supervisor.outbox.turn();
    // Who was interrupted comes again, and is told of then.
    if desk.listener.answer(call.id, reply).is_ok() {
        turn.audit(audit);
    }
}

/// What a call is, where it is one that makes or changes files.
fn act(call: &Notification) -> io::Result<Option<Act>> {
    let args = &call.args;
    let at = |index: usize| Spot { folder: args[index] as i32, address: args[index + 1] };
    Ok(Some(match call.number {
        libc::SYS_openat => Act::Open(at(0), args[2] as i32),
        // Its flags are in memory; the first member of the structure.
        libc::SYS_openat2 => {
            let how = memory::read_exact(call.thread, args[2], 8)?;
            Act::Open(at(0), memory::u64_at(&how, 0) as i32)
        }
        libc::SYS_mkdirat | libc::SYS_mknodat => Act::Make(at(0)),
        libc::SYS_symlinkat => Act::Make(at(1)),
        libc::SYS_truncate => Act::Cut(here(args[0])),
        libc::SYS_linkat => {
            let follow = args[4] as i32 & libc::AT_SYMLINK_FOLLOW != 0;
            Act::Name { from: at(0), to: at(2), how: Naming::Link { follow } }
        }
        libc::SYS_renameat => Act::Name { from: at(0), to: at(2), how: Naming::Move },
        libc::SYS_renameat2 => {
            let how = match args[4] as libc::c_uint {
                flags if flags & libc::RENAME_EXCHANGE != 0 => Naming::Exchange,
                flags if flags & libc::RENAME_NOREPLACE != 0 => Naming::MoveAway,
                _ => Naming::Move,
            };
            Act::Name { from: at(0), to: at(2), how }
        }
        _ => return Ok(of_old(call)),
    }))
}

fn here(address: u64) -> Spot {
    Spot { folder: libc::AT_FDCWD, address }
}

/// The calls without a folder, which newer architectures do not have.
#[cfg(target_arch = "x86_64")]
fn of_old(call: &Notification) -> Option<Act> {
    let [first, second, ..] = call.args;
    let naming = |how| Act::Name { from: here(first), to: here(second), how };
    Some(match call.number {
        libc::SYS_open => Act::Open(here(first), second as i32),
        libc::SYS_creat => Act::Open(here(first), libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC),
        libc::SYS_mkdir | libc::SYS_mknod => Act::Make(here(first)),
        libc::SYS_symlink => Act::Make(here(second)),
        libc::SYS_link => naming(Naming::Link { follow: false }),
        libc::SYS_rename => naming(Naming::Move),
        _ => return None,
    })
}

#[cfg(not(target_arch = "x86_64"))]
fn of_old(_: &Notification) -> Option<Act> {
    None
}

impl Seen {
    fn touch(&self, exists: bool) -> Touch<'_> {
        let folder = self.there.as_ref().is_some_and(Metadata::is_dir);
        Touch { name: &self.name, file: &self.file, exists, folder }
    }

    /// Whether something is there that is no file: what is written to it changes none.
    fn is_no_file(&self) -> bool {
        self.there.as_ref().is_some_and(|there| !there.is_file())
    }
}

/// One look at one call.
struct Look<'a> {
    supervisor: &'a Supervisor,
    rules: &'a FileRules,
    call: &'a Notification,
}

impl Look<'_> {
    /// What is wrong with the call, and who makes it.
    fn at(&self) -> io::Result<Option<(Finding, Subject)>> {
        let Some(act) = act(self.call)? else { return Ok(None) };
        let pid = files::process_of(self.call.thread)?;
        let finding = match act {
            Act::Open(_, flags) if flags & libc::O_PATH != 0 || flags & WRITES == 0 => None,
            Act::Open(spot, flags) => self.open(pid, spot, flags)?,
            Act::Make(spot) => match self.see(pid, spot, false)? {
                Some(seen) if seen.there.is_none() => self.path(&seen.touch(false)),
                _ => None,
            },
            Act::Cut(spot) => match self.see(pid, spot, true)? {
                Some(seen) if !seen.is_no_file() => self.path(&seen.touch(true)),
                _ => None,
            },
            Act::Name { from, to, how } => self.name(pid, from, to, how)?,
        };
        Ok(finding.map(|finding| (finding, subject(pid))))
    }

    /// Where a path leads to; nothing where the kernel will find no folder.
    fn see(&self, pid: i32, spot: Spot, follow: bool) -> io::Result<Option<Seen>> {
        let thread = self.call.thread;
        let text = memory::read_string(thread, spot.address)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let path = paths::seen(thread, pid, spot.folder, &text);
        let Some(name) = paths::in_folder(path.trim_end_matches('/')) else { return Ok(None) };
        let file = if follow { paths::landing(&name) } else { Some(name.clone()) };
        let there = if follow { fs::metadata(&path) } else { fs::symlink_metadata(&name) };
        Ok(file.map(|file| Seen { name, file, there: there.ok() }))
    }

    fn path(&self, touch: &Touch<'_>) -> Option<Finding> {
        let violation = self.rules.judge(touch, &Container)?;
        let stopped = self.rules.stops(violation, touch.exists);
        Some(Finding { violation, path: touch.file.to_owned(), stopped })
    }

    fn open(&self, pid: i32, spot: Spot, flags: i32) -> io::Result<Option<Finding>> {
        let new_only = flags & libc::O_CREAT != 0 && flags & libc::O_EXCL != 0;
        let follow = flags & libc::O_NOFOLLOW == 0 && !new_only;
        let Some(mut seen) = self.see(pid, spot, follow)? else { return Ok(None) };
        let fails = match seen.there {
            Some(_) => new_only,
            None => flags & libc::O_CREAT == 0,
        };
        if fails || seen.is_no_file() {
            return Ok(None);
        }
        if let Some(guarded) = seen.there.as_ref().and_then(|there| self.guarded(there)) {
            guarded.clone_into(&mut seen.file);
        }
        let finding = self.path(&seen.touch(seen.there.is_some()));
        // One call is told of once.
        if finding.is_none() && self.rules.asks_for_content() {
            self.note(pid, &seen);
        }
        Ok(finding)
    }

    /// The file that is known by another name than the one that it is opened by.
    fn guarded(&self, there: &Metadata) -> Option<&'static str> {
        let is = |path: &&&str| {
            fs::metadata(path).is_ok_and(|known| (known.dev(), known.ino()) == (there.dev(), there.ino()))
        };
        if there.nlink() > 1 { self.rules.guarded().iter().find(is).copied() } else { None }
    }

    /// What is written is looked at when the file is closed.
    fn note(&self, pid: i32, seen: &Seen) {
        let Some(written) = &self.supervisor.written else { return };
        // Whoever closed it before is told of as who that was.
        written.look(self.supervisor);
        let before = seen.there.as_ref().and_then(|_| ProgramFile::open(&seen.file).ok());
        if written.expect(&seen.file, subject(pid), before.as_ref().map(Before::of)).is_err() {
            self.supervisor.notices.tell(Notice::FilesNotSeen);
        }
    }

    fn name(&self, pid: i32, from: Spot, to: Spot, how: Naming) -> io::Result<Option<Finding>> {
        // A file that was just written may be known by its first name only for a moment.
        if let Some(written) = &self.supervisor.written {
            written.look(self.supervisor);
        }
        let follow = how == Naming::Link { follow: true };
        let (source, target) = (self.see(pid, from, follow)?, self.see(pid, to, false)?);
        let (Some(source), Some(mut target)) = (source, target) else { return Ok(None) };
        let must_be_free = matches!(how, Naming::Link { .. } | Naming::MoveAway);
        let must_be_there = how == Naming::Exchange;
        if source.there.is_none()
            || target.there.is_some() && must_be_free
            || target.there.is_none() && must_be_there
        {
            return Ok(None);
        }
        // What comes to be there is what the source is.
        let replaced = std::mem::replace(&mut target.there, source.there.clone());
        // The name is new, whatever had it before.
        let at_target = || self.path(&target.touch(false));
        // What goes away under its name is changed, too; a link to it changes nothing.
        let at_source = || match how {
            Naming::Link { .. } => None,
            _ => self.path(&source.touch(true)),
        };
        Ok(at_target()
            .or_else(at_source)
            .or_else(|| self.content(&source.file, source.there.as_ref(), &target.file))
            // A binary that gives way has been changed.
            .or_else(|| self.content(&target.file, replaced.as_ref(), &target.file)))
    }

    /// What is wrong with a file that gets or loses a name.
    fn content(&self, file: &str, there: Option<&Metadata>, name: &str) -> Option<Finding> {
        let looked_into = there.is_some_and(Metadata::is_file) && self.rules.asks_for_content();
        let file = looked_into.then(|| ProgramFile::open(file).ok()).flatten()?;
        let violation = self.rules.judge_content(name, written::content(&file), &Container)?;
        Some(Finding { violation, path: name.to_owned(), stopped: false })
    }
}

fn subject(pid: i32) -> Subject {
    let executable = proc::executable(pid).unwrap_or_default();
    Subject { pid, executable, invoked: None, command: proc::command(pid), user: proc::user(pid) }
}
