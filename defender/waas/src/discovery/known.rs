//! Requests that can teach nothing new, told without a lock.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::sync::atomic::{AtomicU64, Ordering};

/// Requests that are remembered; one takes the place of another.
const PLACES: usize = 4096;

/// Keyed hashes of requests that were learned. Two requests of one hash would hide each other; nobody can choose them, and of 64 bits it does
/// not happen.
#[derive(Debug)]
pub(super) struct Known {
    keys: RandomState,
    places: Box<[AtomicU64]>,
}

impl Known {
    pub(super) fn new() -> Self {
        Self { keys: RandomState::new(), places: (0..PLACES).map(|_| AtomicU64::new(0)).collect() }
    }

    /// A number for a request; never 0, which stands for none.
    pub(super) fn number(&self, of: impl Hash) -> u64 {
        self.keys.hash_one(of).max(1)
    }

    pub(super) fn has(&self, number: u64) -> bool {
        self.place(number).load(Ordering::Relaxed) == number
    }

    pub(super) fn add(&self, number: u64) {
        self.place(number).store(number, Ordering::Relaxed);
    }

    /// Forgets all.
    pub(super) fn clear(&self) {
        self.places.iter().for_each(|place| place.store(0, Ordering::Relaxed));
    }

    fn place(&self, number: u64) -> &AtomicU64 {
        let at = usize::try_from(number % PLACES as u64).expect("it is below the number of places");
        &self.places[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_known_until_all_is_forgotten() {
        let known = Known::new();
        let (one, other) = (known.number("one"), known.number("other"));
        assert!(!known.has(one));
        known.add(one);
        assert!(known.has(one) && !known.has(other));
        known.clear();
        assert!(!known.has(one));
    }
}
