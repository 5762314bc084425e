//! What can be known of who connects to the hub.
//!
//! An app container has namespaces of its own, so the sidecar sees neither the process nor its program; what it can see is the
//! user, and the mount namespace that a wrapper shows. Where it does see the process (`pidMode: task`), the program must be its
//! own.

use super::admission::Peer;
use crate::kernel::peer::{self, Credentials, Place};
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::fd::BorrowedFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Judges who connects, and counts who is turned away.
#[derive(Debug, Default)]
pub struct Door {
    refused: AtomicU64,
    answers: AtomicU64,
}

impl Door {
    /// Who is at the other end; nothing when it is another program.
    #[must_use]
    pub fn peer(&self, socket: BorrowedFd<'_>, shown: Option<&File>) -> Option<Peer> {
        let Credentials { pid, uid } = peer::credentials(socket).ok()?;
        if pid != 0 && !may_be_ours(&PathBuf::from(format!("/proc/{pid}/exe"))) {
            return None;
        }
        Some(Peer { uid, place: shown.and_then(elsewhere) })
    }

    /// Someone was turned away, for a reason. Tells it when that has become twice as often, so that nobody can fill the log.
    pub fn refuse(&self, why: &str) {
        let before = self.refused.fetch_add(1, Ordering::Relaxed);
        if (before + 1).is_power_of_two() {
            eprintln!("defender: hub: {why} (refused so far: {})", before + 1);
        }
    }

    /// An answer in the name of a DNS server could not be given.
    pub fn lost_answer(&self) {
        self.answers.fetch_add(1, Ordering::Relaxed);
    }

    /// Connections that were turned away, since the start.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Answers that could not be given, since the start.
    #[must_use]
    pub fn lost_answers(&self) -> u64 {
        self.answers.load(Ordering::Relaxed)
    }
}

/// The container of a wrapper; nothing when it is our own.
fn elsewhere(shown: &File) -> Option<Place> {
    let own = peer::own_place().ok().as_ref().and_then(peer::place);
    peer::place(shown).filter(|place| Some(*place) != own)
}

/// Whether a process may run our own program: the same file, or a copy of it. Where we are not allowed to look (it has
/// capabilities that we lack), it may.
fn may_be_ours(program: &Path) -> bool {
    let own = Path::new("/proc/self/exe");
    match (fs::metadata(program), fs::metadata(own)) {
        (Ok(theirs), Ok(ours)) => is_same(&theirs, &ours) || is_copy(program, own).unwrap_or(false),
        (Err(error), _) => error.kind() == io::ErrorKind::PermissionDenied,
        (_, Err(_)) => true,
    }
}

fn is_same(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Whether two files have the same content.
fn is_copy(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (File::open(one)?, File::open(other)?);
    let length = one.metadata()?.len();
    if length != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut left, mut right) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    let mut at = 0;
    while at < length {
        let step = usize::try_from(length - at).map_or(left.len(), |rest| rest.min(left.len()));
        one.read_exact(&mut left[..step])?;
        other.read_exact(&mut right[..step])?;
        if left[..step] != right[..step] {
            return Ok(false);
        }
        at += step as u64;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_program_and_a_copy_of_it_are_ours() {
        let folder = tempfile::tempdir().unwrap();
        let own = std::env::current_exe().unwrap();
        let copy = folder.path().join("copy");
        fs::copy(&own, &copy).unwrap();
        assert!(may_be_ours(&own) && may_be_ours(&copy));
        assert!(!may_be_ours(Path::new("/bin/sh")));
        assert!(!may_be_ours(Path::new("/nonexistent")), "it is gone");
        let mut altered = fs::read(&own).unwrap();
        *altered.last_mut().unwrap() ^= 1;
        fs::write(&copy, altered).unwrap();
        assert!(!may_be_ours(&copy));
    }

    #[test]
    fn a_container_is_known_only_if_it_is_not_ours() {
        assert_eq!(elsewhere(&peer::own_place().unwrap()), None);
        assert_eq!(elsewhere(&File::open("/dev/null").unwrap()), None);
    }
}
