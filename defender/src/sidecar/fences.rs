//! Fences on their way through the parts of the Defender.

use super::wrappers::Connection;
use std::collections::HashSet;

#[derive(Debug)]
struct Fence {
    id: String,
    wrappers: HashSet<Connection>,
    waas: bool,
    containers: Vec<String>,
}

/// All fences that have not come out yet.
#[derive(Debug, Default)]
pub struct Fences(Vec<Fence>);

/// A fence that came out of every part.
#[derive(Debug, PartialEq, Eq)]
pub struct Passed {
    /// As the Console gave it.
    pub id: String,
    /// Containers whose wrapper answered.
    pub containers: Vec<String>,
}

impl Fences {
    /// Whether a fence is on its way.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.0.iter().any(|fence| fence.id == id)
    }

    /// The connection that wanted them is over; its successor says again which it wants.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// A fence goes into WAAS and these wrappers.
    pub fn begin(&mut self, id: &str, wrappers: Vec<Connection>) {
        let wrappers = wrappers.into_iter().collect();
        self.0.push(Fence { id: id.to_owned(), wrappers, waas: false, containers: Vec::new() });
    }

    /// It came out of a wrapper.
    pub fn wrapper_done(&mut self, id: &str, connection: Connection, container: &str) {
        for fence in self.0.iter_mut().filter(|fence| fence.id == id) {
            if fence.wrappers.remove(&connection) {
                fence.containers.push(container.to_owned());
            }
        }
    }

    /// A wrapper is gone, or does not answer: the fence comes out without its container.
    pub fn wrapper_gone(&mut self, connection: Connection) {
        for fence in &mut self.0 {
            fence.wrappers.remove(&connection);
        }
    }

    /// It came out of WAAS.
    pub fn waas_done(&mut self, id: &str) {
        for fence in self.0.iter_mut().filter(|fence| fence.id == id) {
            fence.waas = true;
        }
    }

    /// Fences that are through, in the order in which they came.
    pub fn take_passed(&mut self) -> Vec<Passed> {
        let (passed, waiting) = std::mem::take(&mut self.0)
            .into_iter()
            .partition(|fence| fence.waas && fence.wrappers.is_empty());
        self.0 = waiting;
        let mut passed: Vec<Fence> = passed;
        passed.iter_mut().for_each(|fence| fence.containers.sort());
        passed.into_iter().map(|Fence { id, containers, .. }| Passed { id, containers }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_passes_when_every_part_has_answered() {
        let mut fences = Fences::default();
        fences.begin("a", vec![1, 2, 3]);
        fences.wrapper_done("a", 2, "web");
        fences.wrapper_done("a", 9, "stranger");
        fences.waas_done("a");
        assert!(fences.take_passed().is_empty());
        fences.wrapper_gone(3);
        fences.wrapper_done("a", 1, "db");
        let passed = fences.take_passed();
        assert_eq!(passed, [Passed { id: "a".into(), containers: vec!["db".into(), "web".into()] }]);
        assert!(fences.take_passed().is_empty());
    }

    #[test]
    fn a_new_connection_starts_without_fences() {
        let mut fences = Fences::default();
        fences.begin("a", vec![]);
        assert!(fences.has("a"));
        fences.clear();
        fences.waas_done("a");
        assert!(!fences.has("a") && fences.take_passed().is_empty());
    }

    #[test]
    fn a_fence_without_wrappers_waits_for_waas_alone() {
        let mut fences = Fences::default();
        fences.begin("a", vec![]);
        assert!(fences.take_passed().is_empty());
        fences.waas_done("a");
        assert_eq!(fences.take_passed().len(), 1);
    }
}
