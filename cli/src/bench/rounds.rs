//! How often something is measured: as often as is good, unless the machine is too slow for it.

use std::time::{Duration, Instant};

/// Fewer rounds than this have no median worth the name.
const FEWEST: usize = 3;

/// When a measurement begins no other round. A round that has begun may take what is left to its limit.
const BUDGET: Duration = Duration::from_secs(40);

/// The rounds of one measurement.
#[derive(Debug)]
pub struct Rounds {
    wanted: usize,
    made: usize,
    budget: Duration,
    begun: Instant,
}

impl Rounds {
    /// So many rounds, if there is time.
    pub fn new(wanted: usize) -> Self {
        Self { wanted, made: 0, budget: BUDGET, begun: Instant::now() }
    }

    /// What should be said when there was no time.
    pub fn remark(&self, name: &str) -> Option<String> {
        let (made, wanted) = (self.made, self.wanted);
        (made < wanted).then(|| {
            format!("\"{name}\" has {made} rounds instead of {wanted}: the machine is slow or busy, repeat it when it is quiet")
        })
    }
}

impl Iterator for &mut Rounds {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let round = self.made;
        let go_on = round < self.wanted && (round < FEWEST || self.begun.elapsed() < self.budget);
        go_on.then(|| {
            self.made += 1;
            round
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_rounds_are_made_when_there_is_time() {
        let mut rounds = Rounds::new(5);
        assert_eq!((&mut rounds).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
        assert_eq!(rounds.remark("x"), None);
    }

    #[test]
    fn a_slow_machine_makes_the_fewest_and_says_so() {
        let mut rounds = Rounds { budget: Duration::ZERO, ..Rounds::new(5) };
        assert_eq!((&mut rounds).count(), FEWEST);
        assert!(rounds.remark("x").is_some_and(|remark| remark.contains("3 rounds instead of 5")));
    }
}
