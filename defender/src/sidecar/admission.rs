//! Who may be the wrapper of which container.
//!
//! A wrapper is there before its app, and keeps a random word that it alone knows; so the elder of two that want to be the same
//! is the right one. Two want to be the same when they have the same name, or are in the same container: a container has one
//! wrapper, and its processes cannot speak for another container.

use super::wrappers::Connection;
use crate::hub::{Attach, Losses};
use crate::kernel::peer::Place;
use std::collections::HashMap;

/// Wrappers that are attached at once; a task has ten containers.
const MOST_ATTACHED: usize = 64;

/// Wrappers that are remembered at most; those of containers that were restarted are among them.
const MOST_KNOWN: usize = 256;

/// What the kernel vouches for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// User.
    pub uid: u32,
    /// Container; unknown when it did not show one, or is in ours, as the processes of a test are.
    pub place: Option<Place>,
}

/// Why a wrapper is not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// An elder one holds the name, or lives in the container.
    #[error("container {0:?} has a wrapper already")]
    Taken(String),
    /// The word is known, but not from this container or user.
    #[error("a wrapper of container {0:?} is now another one")]
    Changed(String),
    /// There are too many.
    #[error("{MOST_ATTACHED} wrappers are attached already")]
    Full,
}

/// A wrapper that was let in once.
#[derive(Debug)]
pub struct Known {
    container: String,
    peer: Peer,
    /// Place in the order of first attachments.
    age: u64,
    connection: Option<Connection>,
    /// It has ended, and everything is here.
    pub finished: bool,
    /// Last audit that was taken from it.
    pub last: u64,
    /// What it has lost.
    pub lost: Losses,
}

/// All that were let in.
#[derive(Debug, Default)]
pub struct Admission {
    known: HashMap<String, Known>,
    next: u64,
    /// Of those that are forgotten.
    forgotten: Losses,
    vanished: u64,
}

impl Admission {
    /// Lets a wrapper in, or refuses it. Answers the connections that it takes the place of.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn admit(
        &mut self,
        connection: Connection,
        attach: &Attach,
        peer: Peer,
    ) -> Result<Vec<Connection>, Refusal> {
        let container = &attach.container;
        let own = self.known.get(&attach.wrapper);
        if own.is_some_and(|own| own.container != *container || own.peer != peer) {
            return Err(Refusal::Changed(container.clone()));
        }
        let age = own.map_or(self.next, |own| own.age);
        let mut displaced: Vec<Connection> = own.and_then(|own| own.connection).into_iter().collect();
        let same = |other: &Known| {
            other.container == *container || other.peer.place.is_some() && other.peer.place == peer.place
        };
        for rival in self.known.values().filter(|rival| rival.age != age && same(rival)) {
            match rival.connection {
                Some(_) if rival.age < age => return Err(Refusal::Taken(rival.container.clone())),
                other => displaced.extend(other),
            }
        }
        let attached = self.known.values().filter(|known| known.connection.is_some()).count();
        if attached - displaced.len() >= MOST_ATTACHED {
            return Err(Refusal::Full);
        }
        displaced.iter().for_each(|former| self.release(*former));
        self.forget();
        self.next = self.next.max(age + 1);
        let known = self.known.entry(attach.wrapper.clone()).or_insert_with(|| Known {
            container: container.clone(),
            peer,
            age,
            connection: None,
            finished: false,
            last: 0,
            lost: Losses::default(),
        });
        known.connection = Some(connection);
        Ok(displaced)
    }

    /// Makes room for one more.
    fn forget(&mut self) {
        if self.known.len() < MOST_KNOWN {
            return;
        }
        let gone = self.known.iter().filter(|(_, known)| known.connection.is_none());
        let eldest = gone.min_by_key(|(_, known)| known.age).map(|(word, _)| word.clone());
        if let Some(known) = eldest.and_then(|word| self.known.remove(&word)) {
            self.forgotten = self.forgotten.plus(known.lost);
            self.vanished += u64::from(!known.finished);
        }
    }

    /// A connection is over.
    pub fn release(&mut self, connection: Connection) {
        self.known.values_mut().filter(|known| known.connection == Some(connection)).for_each(|known| {
            known.connection = None;
        });
    }

    /// What is known of a wrapper by its word.
    pub fn known(&mut self, word: &str) -> Option<&mut Known> {
        self.known.get_mut(word)
    }

    /// What all of them have lost.
    #[must_use]
    pub fn lost(&self) -> Losses {
        self.known.values().fold(self.forgotten, |sum, known| sum.plus(known.lost))
    }

    /// Wrappers that are gone without having said that everything was here.
    #[must_use]
    pub fn vanished(&self) -> u64 {
        let gone = self.known.values().filter(|known| known.connection.is_none() && !known.finished);
        self.vanished + gone.count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::peer;

    fn attach(word: &str, container: &str) -> Attach {
        Attach {
            wrapper: word.to_owned(),
            container: container.to_owned(),
            image: String::new(),
            start_time: String::new(),
        }
    }

    const ANYWHERE: Peer = Peer { uid: 0, place: None };

    fn somewhere() -> Peer {
        Peer { uid: 0, place: peer::place(&peer::own_place().unwrap()) }
    }

    #[test]
    fn a_process_of_a_container_is_neither_its_wrapper_nor_that_of_another() {
        let mut admission = Admission::default();
        assert_eq!(admission.admit(1, &attach("w", "web"), somewhere()), Ok(vec![]));
        let taken = Err(Refusal::Taken("web".to_owned()));
        assert_eq!(admission.admit(2, &attach("x", "web"), somewhere()), taken);
        assert_eq!(admission.admit(2, &attach("x", "worker"), somewhere()), taken, "the same container");
        assert_eq!(admission.admit(2, &attach("x", "web"), ANYWHERE), taken, "the same name");
        assert_eq!(admission.admit(2, &attach("x", "worker"), ANYWHERE), Ok(vec![]));
    }

    #[test]
    fn a_container_that_is_started_again_has_a_new_wrapper() {
        let mut admission = Admission::default();
        admission.admit(1, &attach("old", "web"), somewhere()).unwrap();
        admission.release(1);
        assert_eq!(admission.vanished(), 1);
        admission.known("old").unwrap().finished = true;
        assert_eq!(admission.vanished(), 0);
        assert_eq!(admission.admit(2, &attach("new", "web"), ANYWHERE), Ok(vec![]));
    }

    #[test]
    fn the_elder_takes_its_place_back() {
        let mut admission = Admission::default();
        admission.admit(1, &attach("w", "web"), somewhere()).unwrap();
        admission.release(1);
        // While the wrapper reconnects.
        admission.admit(2, &attach("x", "web"), somewhere()).unwrap();
        assert_eq!(admission.admit(3, &attach("w", "web"), somewhere()), Ok(vec![2]));
        assert!(admission.admit(4, &attach("x", "web"), somewhere()).is_err());
        assert_eq!(admission.admit(5, &attach("w", "web"), somewhere()), Ok(vec![3]), "its own former one");
    }

    #[test]
    fn a_word_belongs_to_its_container_and_user() {
        let mut admission = Admission::default();
        admission.admit(1, &attach("w", "web"), somewhere()).unwrap();
        let changed = |container: &str| Err(Refusal::Changed(container.to_owned()));
        assert_eq!(admission.admit(2, &attach("w", "db"), somewhere()), changed("db"));
        assert_eq!(admission.admit(2, &attach("w", "web"), ANYWHERE), changed("web"));
        assert_eq!(admission.admit(2, &attach("w", "web"), Peer { uid: 9, ..somewhere() }), changed("web"));
    }

    #[test]
    fn neither_those_that_are_attached_nor_those_that_were_are_without_number() {
        let mut admission = Admission::default();
        let name = |at: usize| format!("{at}");
        for at in 0..10 * MOST_KNOWN {
            admission.admit(at as u64, &attach(&name(at), &name(at)), ANYWHERE).unwrap();
            admission.known(&name(at)).unwrap().lost.audits = 1;
            admission.release(at as u64);
        }
        assert!(admission.known.len() <= MOST_KNOWN);
        assert_eq!(admission.lost().audits, 10 * MOST_KNOWN as u64);
        assert_eq!(admission.vanished(), 10 * MOST_KNOWN as u64);
        for at in 0..MOST_ATTACHED {
            admission.admit(at as u64, &attach(&name(at), &name(at)), ANYWHERE).unwrap();
        }
        assert_eq!(admission.admit(99, &attach("w", "w"), ANYWHERE), Err(Refusal::Full));
    }
}
