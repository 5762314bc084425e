//! Values that were searched a moment ago, and in which no rule held.
//!
//! A browser sends the same headers, names and paths over and over. The memory is of whole values, byte for byte, of this thread, and
//! of bounded size; what is not in it is searched.

use crate::input::Class;
use std::cell::RefCell;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// Values that a thread remembers, one for each hash; the next of the same hash takes its place.
const SLOTS: usize = 1024;

/// Longest value that is remembered, in bytes.
const LONGEST: usize = 512;

/// The memory of one detector.
#[derive(Debug)]
pub(super) struct Memo {
    detector: u64,
    hasher: RandomState,
}

struct Known {
    detector: u64,
    class: Class,
    value: Box<[u8]>,
}

thread_local! {
    static KNOWN: RefCell<Vec<Option<Known>>> = const { RefCell::new(Vec::new()) };
}

impl Memo {
    pub(super) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self { detector: NEXT.fetch_add(1, Ordering::Relaxed), hasher: RandomState::new() }
    }

    /// Where the value would be remembered; nowhere if values of its kind seldom come again.
    pub(super) fn slot(&self, class: Class, value: &[u8]) -> Option<usize> {
        let repeats = !matches!(
            class,
            Class::Argument
                | Class::Uri
                | Class::QueryString
                | Class::RawBody
                | Class::FileName
                | Class::FileContent
        );
        (repeats && value.len() <= LONGEST).then(|| self.hasher.hash_one((class, value)) as usize % SLOTS)
    }

    /// Whether no rule held for that value of that class.
    pub(super) fn knows(&self, slot: usize, class: Class, value: &[u8]) -> bool {
        KNOWN.with_borrow(|known| {
            known.get(slot).and_then(Option::as_ref).is_some_and(|known| {
                known.detector == self.detector && known.class == class && *known.value == *value
            })
        })
    }

    /// Remembers that no rule held.
    pub(super) fn learn(&self, slot: usize, class: Class, value: &[u8]) {
        KNOWN.with_borrow_mut(|known| {
            if known.is_empty() {
                known.resize_with(SLOTS, || None);
            }
            known[slot] = Some(Known { detector: self.detector, class, value: value.into() });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_value_of_the_same_class_and_detector_is_known() {
        let (memo, other) = (Memo::new(), Memo::new());
        let slot = memo.slot(Class::Path, b"/a").unwrap();
        assert!(!memo.knows(slot, Class::Path, b"/a"));
        memo.learn(slot, Class::Path, b"/a");
        assert!(memo.knows(slot, Class::Path, b"/a"));
        assert!(!memo.knows(slot, Class::Cookie, b"/a"));
        assert!(!memo.knows(slot, Class::Path, b"/b"));
        assert!(!other.knows(slot, Class::Path, b"/a"));
        memo.learn(slot, Class::Path, b"/b");
        assert!(!memo.knows(slot, Class::Path, b"/a"));
        assert_eq!(memo.slot(Class::Argument, b"a"), None);
        assert_eq!(memo.slot(Class::Path, &[b'a'; LONGEST + 1]), None);
    }
}
