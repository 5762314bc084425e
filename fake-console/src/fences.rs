//! Fences that have been sent, and what came out with them.

use proofhouse_protocol::Observation;
use proofhouse_protocol::observation::{FencePhase, Pipeline};
use std::collections::{BTreeMap, BTreeSet};

/// What a Defender says when a fence has come out of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FenceAnswer {
    pub(crate) containers: Vec<String>,
    /// Its counters at that time; none of a Defender that does not count.
    pub(crate) totals: BTreeMap<String, u64>,
}

/// A fence that has been sent, with the apps that it has not come out of, and the answers of those that it has.
#[derive(Debug, Default)]
pub(crate) struct PendingFence {
    pub(crate) waiting: BTreeSet<String>,
    pub(crate) answers: BTreeMap<String, FenceAnswer>,
}

impl PendingFence {
    pub(crate) fn sent(waiting: BTreeSet<String>) -> Self {
        Self { waiting, answers: BTreeMap::new() }
    }

    /// Takes in an answer; when it was the last one, there is something to tell.
    pub(crate) fn answer(&mut self, id: &str, app_id: &str, answer: FenceAnswer) -> Option<Observation> {
        if !self.waiting.remove(app_id) {
            return None;
        }
        self.answers.insert(app_id.to_owned(), answer);
        self.waiting.is_empty().then(|| Observation::Fence {
            pipeline: Pipeline::Audits,
            id: id.to_owned(),
            phase: FencePhase::Passed,
            containers: self.answers.values().flat_map(|answer| answer.containers.clone()).collect(),
            totals: self.totals(),
        })
    }

    /// The counters of all Defenders together.
    pub(crate) fn totals(&self) -> BTreeMap<String, u64> {
        let mut sums = BTreeMap::new();
        for (name, total) in self.answers.values().flat_map(|answer| &answer.totals) {
            let sum: &mut u64 = sums.entry(name.clone()).or_default();
            *sum = sum.saturating_add(*total);
        }
        sums
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_answer_tells_of_all() {
        let apps = ["a", "b"].map(str::to_owned);
        let mut fence = PendingFence::sent(apps.into());
        let answer = |container: &str, dropped: u64| FenceAnswer {
            containers: vec![container.to_owned()],
            totals: [("dropped_audits".to_owned(), dropped), (container.to_owned(), 1)].into(),
        };
        assert_eq!(fence.answer("f", "b", answer("web", 2)), None);
        assert_eq!(fence.answer("f", "b", answer("other", 7)), None);
        let Some(Observation::Fence { containers, totals, .. }) =
            fence.answer("f", "a", answer("db", u64::MAX))
        else {
            panic!("it has come out everywhere")
        };
        assert_eq!(containers, ["db", "web"]);
        assert_eq!(totals["dropped_audits"], u64::MAX);
        assert_eq!((totals["web"], totals["db"], totals.len()), (1, 1, 3));
        assert_eq!(fence.answer("f", "a", answer("db", 1)), None);
    }
}
