//! Watches of folders: who has closed a file that was open for writing.

use super::check;
use std::ffi::{CString, OsStr};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;

/// Bytes of events that are taken at once; one event has at most 272.
const ROOM: usize = 16 * 1024;

/// Length of an event without its name.
const HEAD: usize = size_of::<libc::inotify_event>();

/// A watched folder, by its number.
pub type Watch = i32;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A file of the folder, by its name, was closed by someone who could write to it.
    Closed(Watch, String),
    /// More happened than the kernel keeps.
    Overflow,
}

/// Watched folders.
#[derive(Debug)]
pub struct Inotify(OwnedFd);

impl AsRawFd for Inotify {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

impl Inotify {
    /// None yet.
    ///
    /// # Errors
    /// When the user has too many already.
    pub fn new() -> io::Result<Self> {
        // SAFETY: numbers only.
        let fd = check(unsafe { libc::inotify_init1(libc::IN_NONBLOCK | libc::IN_CLOEXEC) }.into())?;
        // SAFETY: the kernel just made it for us.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd as i32) }))
    }

    /// Watches a folder; one that is watched already keeps its number.
    ///
    /// # Errors
    /// When there is no such folder, it may not be read, or too many are watched.
    pub fn watch(&self, folder: &str) -> io::Result<Watch> {
        let path = CString::new(folder)?;
        let what = libc::IN_CLOSE_WRITE | libc::IN_ONLYDIR;
        // SAFETY: the path ends with a zero byte.
        let watch = check(unsafe { libc::inotify_add_watch(self.as_raw_fd(), path.as_ptr(), what) }.into())?;
        Ok(watch as Watch)
    }

    /// Watches a folder no more.
    pub fn forget(&self, watch: Watch) {
        // SAFETY: numbers only. A folder that is gone is not watched.
        unsafe { libc::inotify_rm_watch(self.as_raw_fd(), watch) };
    }

    /// What has happened since the last time, in order; empty when nothing has.
    #[must_use]
    pub fn take(&self) -> Vec<Event> {
        let mut events = Vec::new();
        let mut buffer = vec![0u8; ROOM];
        loop {
            // SAFETY: the buffer has the length that is given.
            let got = unsafe { libc::read(self.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len()) };
            match usize::try_from(got) {
                Ok(got) if got > 0 => events.extend(parse(&buffer[..got])),
                _ => return events,
            }
        }
    }
}

fn parse(mut bytes: &[u8]) -> Vec<Event> {
    let number =
        |bytes: &[u8], at: usize| u32::from_ne_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
    let mut events = Vec::new();
    while bytes.len() >= HEAD {
        let (watch, mask, length) = (number(bytes, 0) as i32, number(bytes, 4), number(bytes, 12) as usize);
        let end = (HEAD + length).min(bytes.len());
        let name = bytes[HEAD..end].split(|&byte| byte == 0).next().unwrap_or_default();
        if mask & libc::IN_Q_OVERFLOW != 0 {
            events.push(Event::Overflow);
        } else if mask & libc::IN_CLOSE_WRITE != 0 {
            events.push(Event::Closed(watch, OsStr::from_bytes(name).to_string_lossy().into_owned()));
        }
        bytes = &bytes[end..];
    }
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn who_could_write_is_seen_when_the_file_is_closed() {
        let folder = tempfile::tempdir().unwrap();
        let inotify = Inotify::new().unwrap();
        let watch = inotify.watch(folder.path().to_str().unwrap()).unwrap();
        assert_eq!(inotify.watch(folder.path().to_str().unwrap()).unwrap(), watch);
        let open = fs::File::create(folder.path().join("one")).unwrap();
        assert_eq!(inotify.take(), []);
        drop(open);
        fs::write(folder.path().join("a longer name than one"), "x").unwrap();
        fs::read(folder.path().join("one")).unwrap();
        let closed = |name: &str| Event::Closed(watch, name.to_owned());
        assert_eq!(inotify.take(), [closed("one"), closed("a longer name than one")]);
        inotify.forget(watch);
        fs::write(folder.path().join("one"), "x").unwrap();
        assert_eq!(inotify.take(), []);
        assert!(inotify.watch("/nowhere/at/all").is_err());
    }
}
