//! Marks in the stream of the engine's events: how many went in, and how many came out.
//!
//! One mark looks like another, so they are counted. A call that failed may have made one or not; a fence behind it makes as
//! many more as it takes to be sure that one of its own has come out.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// The marks of the containers of a task.
#[derive(Debug, Default)]
pub(super) struct Marks(Mutex<BTreeMap<String, OfOne>>);

#[derive(Debug, Default)]
struct OfOne {
    /// Marks that were made for sure.
    certain: u64,
    /// Calls of which nobody knows whether they made one.
    uncertain: u64,
    /// Marks that have come out.
    seen: u64,
    fences: Vec<Fence>,
}

#[derive(Debug)]
struct Fence {
    id: String,
    /// It has passed when so many have been seen.
    passes_at: u64,
    passed: oneshot::Sender<Result<(), String>>,
}

impl Marks {
    /// How many marks a new fence must make.
    pub fn wanted(&self, container: &str) -> u64 {
        self.all().get(container).map_or(1, |one| one.uncertain + 1)
    }

    /// A fence goes in, before its marks are made; what it answers comes when it has come out, or cannot any more.
    pub fn fence(&self, container: &str, id: &str) -> oneshot::Receiver<Result<(), String>> {
        let (passed, passes) = oneshot::channel();
        let mut all = self.all();
        let one = all.entry(container.to_owned()).or_default();
        one.fences.push(Fence { id: id.to_owned(), passes_at: one.certain + one.uncertain + 1, passed });
        passes
    }

    /// A call that makes a mark begins; until its answer nobody knows whether it does.
    pub fn begun(&self, container: &str) {
        self.all().entry(container.to_owned()).or_default().uncertain += 1;
    }

    /// A call that has begun has made its mark.
    pub fn made(&self, container: &str) {
        let mut all = self.all();
        let one = all.entry(container.to_owned()).or_default();
        // A loss in between has counted it already.
        if one.uncertain > 0 {
            one.uncertain -= 1;
            one.certain += 1;
        }
    }

    /// A mark has come out; the fences that have passed with it, and how to tell those who wait.
    pub fn came(&self, container: &str) -> Vec<(String, oneshot::Sender<Result<(), String>>)> {
        let mut all = self.all();
        let one = all.entry(container.to_owned()).or_default();
        one.seen += 1;
        let seen = one.seen;
        let (passed, waiting) =
            std::mem::take(&mut one.fences).into_iter().partition(|fence: &Fence| fence.passes_at <= seen);
        one.fences = waiting;
        passed.into_iter().map(|fence: Fence| (fence.id, fence.passed)).collect()
    }

    /// Events may be missing: what was not seen may never be, and no fence that is under way says anything.
    pub fn lost(&self, why: &str) {
        for one in self.all().values_mut() {
            let made = one.certain + one.uncertain;
            one.certain = one.seen;
            one.uncertain = made.saturating_sub(one.seen);
            for fence in std::mem::take(&mut one.fences) {
                // Who waited may have gone.
                let _ = fence.passed.send(Err(why.to_owned()));
            }
        }
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, OfOne>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(marks: &Marks, count: u64) {
        for _ in 0..count {
            marks.begun("c");
            marks.made("c");
        }
    }

    fn passed(marks: &Marks) -> Vec<String> {
        marks.came("c").into_iter().map(|(id, _)| id).collect()
    }

    #[test]
    fn a_fence_passes_with_its_own_mark_and_not_with_one_before() {
        let marks = Marks::default();
        make(&marks, 1);
        let _first = marks.fence("c", "one");
        assert_eq!(marks.wanted("c"), 1);
        make(&marks, 1);
        assert_eq!((passed(&marks), passed(&marks)), (vec![], vec!["one".to_owned()]));
    }

    #[test]
    fn a_call_that_failed_can_neither_let_a_fence_pass_early_nor_keep_it_for_ever() {
        for told in [false, true] {
            let marks = Marks::default();
            marks.begun("c");
            let _fence = marks.fence("c", "f");
            let own = marks.wanted("c");
            make(&marks, own);
            let came: Vec<_> = (0..u64::from(told) + own).map(|_| passed(&marks)).collect();
            let at = came.iter().position(|ids| !ids.is_empty()).expect("it passes");
            assert!(at >= usize::from(told), "with a mark of its own: {came:?}");
        }
    }

    #[test]
    fn a_loss_ends_what_waits_and_what_comes_after_it_holds() {
        let marks = Marks::default();
        let mut waiting = marks.fence("c", "f");
        make(&marks, 1);
        marks.lost("gone");
        assert_eq!(waiting.try_recv(), Ok(Err("gone".to_owned())));
        let _next = marks.fence("c", "g");
        let own = marks.wanted("c");
        assert_eq!(own, 2);
        make(&marks, own);
        assert_eq!((passed(&marks), passed(&marks)), (vec![], vec!["g".to_owned()]));
    }
}
