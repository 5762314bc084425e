//! What is in the files that an app has written, looked at when they are closed.
//!
//! Whoever opens a file for writing is noted with it, and its folder is watched until then. Nothing can be stopped any more, and need
//! not be: what is written is only told of.

use super::elf::Elf;
use super::notices::Notice;
use super::paths::Container;
use super::program_file::{Look, ProgramFile};
use super::report::Subject;
use super::supervisor::Supervisor;
use crate::decision::Content;
use crate::kernel::inotify::{Event, Inotify, Watch};
use std::collections::{HashMap, VecDeque};
use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Files open for writing that are noted at most; of more, the oldest are not looked into.
const MOST: usize = 4096;

/// A file as it was before it was written to.
#[derive(Debug, Clone, Copy)]
pub struct Before {
    look: Look,
    content: Content,
}

impl Before {
    /// Of a file that is there.
    #[must_use]
    pub fn of(file: &ProgramFile) -> Self {
        Self { look: file.look(), content: content(file) }
    }
}

/// Who writes to a file.
#[derive(Debug)]
struct Writer {
    subject: Subject,
    before: Option<Before>,
    opened: usize,
}

/// A file by its folder and name.
type Place = (Watch, String);

#[derive(Debug, Default)]
struct Open {
    folders: HashMap<Watch, (String, usize)>,
    writers: HashMap<Place, Writer>,
    order: VecDeque<Place>,
}

/// Files that are open for writing.
#[derive(Debug)]
pub struct Written {
    inotify: Inotify,
    open: Mutex<Open>,
    /// Held while closed files are looked at, so that who waits for that does.
    looking: Mutex<()>,
}

impl AsRawFd for Written {
    fn as_raw_fd(&self) -> RawFd {
        self.inotify.as_raw_fd()
    }
}

impl Open {
    fn remove(&mut self, place: &Place, inotify: &Inotify) -> Option<Writer> {
        let writer = self.writers.remove(place)?;
        if let Some((_, files)) = self.folders.get_mut(&place.0) {
            *files -= 1;
            if *files == 0 {
                self.folders.remove(&place.0);
                inotify.forget(place.0);
            }
        }
        Some(writer)
    }
}

impl Written {
    /// Nothing is open.
    ///
    /// # Errors
    /// When the user watches too much already.
    pub fn new() -> io::Result<Self> {
        Ok(Self { inotify: Inotify::new()?, open: Mutex::default(), looking: Mutex::default() })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A process is about to open a file for writing.
    ///
    /// # Errors
    /// When its folder cannot be watched.
    pub fn expect(&self, path: &str, subject: Subject, before: Option<Before>) -> io::Result<()> {
        let (folder, name) = path.rsplit_once('/').ok_or(io::ErrorKind::InvalidInput)?;
        let folder = if folder.is_empty() { "/" } else { folder };
        let mut open = self.open();
        while open.writers.len() >= MOST
            && let Some(oldest) = open.order.pop_front()
        {
            open.remove(&oldest, &self.inotify);
        }
        let place = (self.inotify.watch(folder)?, name.to_owned());
        if let Some(writer) = open.writers.get_mut(&place) {
            writer.opened += 1;
            writer.subject = subject;
            return Ok(());
        }
        open.folders.entry(place.0).or_insert_with(|| (folder.to_owned(), 0)).1 += 1;
        open.order.push_back(place.clone());
        open.writers.insert(place, Writer { subject, before, opened: 1 });
        Ok(())
    }

    /// Someone has closed a file: its path, who wrote it, and what it was before.
    fn closed(&self, place: &Place) -> Option<(String, Subject, Option<Before>)> {
        let mut open = self.open();
        let folder = open.folders.get(&place.0)?.0.clone();
        let path = if folder == "/" { format!("/{}", place.1) } else { format!("{folder}/{}", place.1) };
        let writer = open.writers.get_mut(place)?;
        writer.opened -= 1;
        if writer.opened == 0 {
            let writer = open.remove(place, &self.inotify)?;
            open.order.retain(|other| other != place);
            return Some((path, writer.subject, writer.before));
        }
        let closed = (path.clone(), writer.subject.clone(), writer.before);
        // The next one who closes it is judged by what it is now.
        writer.before = ProgramFile::open(&path).ok().map(|file| Before::of(&file));
        Some(closed)
    }

    /// Looks at every file that has been closed; the audits are queued when this returns.
    pub fn look(&self, supervisor: &Supervisor) {
        let _looking = self.looking.lock().unwrap_or_else(PoisonError::into_inner);
        for event in self.inotify.take() {
            match event {
                Event::Closed(watch, name) => {
                    if let Some((path, subject, before)) = self.closed(&(watch, name)) {
                        judge(supervisor, &path, &subject, before);
                    }
                }
                Event::Overflow => supervisor.notices.tell(Notice::FilesNotSeen),
            }
        }
    }
}

fn judge(supervisor: &Supervisor, path: &str, subject: &Subject, before: Option<Before>) {
    let policy = supervisor.commands.policy();
    let Some(rules) = &policy.files else { return };
    let Ok(file) = ProgramFile::open(path) else { return };
    if before.is_some_and(|before| before.look == file.look()) {
        return;
    }
    let now = match (content(&file), before) {
        // A binary that was made something else has been changed.
        (Content::Data, Some(before)) => before.content,
        (now, _) => now,
    };
    if let Some(violation) = rules.judge_content(path, now, &Container) {
        let audit = supervisor.identity.file(subject, violation, path, &policy.rule_name, false);
        supervisor.outbox.turn().audit(audit);
    }
}

/// What a file has in it.
#[must_use]
pub fn content(file: &ProgramFile) -> Content {
    let Some(open) = file.is_regular().then(|| file.read().ok()).flatten() else { return Content::Data };
    match Elf::of(&open) {
        Some(elf) => Content::Binary { suspicious: elf.odd().is_some(), packed: elf.is_packed() },
        None if file.is_executable() => Content::Script,
        None => Content::Data,
    }
}
