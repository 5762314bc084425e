//! At-least-once delivery made exactly-once: which sequence numbers have come, and which never did.

/// Sequence numbers that have not come, although a later one has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Last number before the gap; 0 when the very first are missing.
    pub after: u64,
    /// First number behind it.
    pub before: u64,
}

/// What an arriving sequence number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// Seen before.
    Repeated,
    /// New and next in line.
    Next,
    /// New, and some before it are missing.
    Behind(Gap),
    /// New, and out of a gap that was noticed before.
    Late,
}

/// The numbers of one incarnation of one Defender.
#[derive(Debug, Clone, Default)]
pub(super) struct Sequence {
    last: u64,
    missing: Vec<Gap>,
}

impl Sequence {
    /// Everything up to here has been dealt with.
    pub(super) fn through(&self) -> u64 {
        self.last
    }

    pub(super) fn arrive(&mut self, number: u64) -> Arrival {
        if number > self.last {
            let gap = Gap { after: self.last, before: number };
            self.last = number;
            if gap.before - gap.after == 1 {
                return Arrival::Next;
            }
            self.missing.push(gap);
            return Arrival::Behind(gap);
        }
        match self.missing.iter().position(|gap| gap.after < number && number < gap.before) {
            Some(at) => {
                let gap = self.missing.swap_remove(at);
                let rest = [Gap { before: number, ..gap }, Gap { after: number, ..gap }];
                self.missing.extend(rest.into_iter().filter(|gap| gap.before - gap.after > 1));
                Arrival::Late
            }
            None => Arrival::Repeated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashSet;

    #[test]
    fn numbers_in_order_are_next_and_repeats_are_told_apart() {
        let mut sequence = Sequence::default();
        assert_eq!(sequence.arrive(1), Arrival::Next);
        assert_eq!(sequence.arrive(2), Arrival::Next);
        assert_eq!(sequence.arrive(1), Arrival::Repeated);
        assert_eq!(sequence.arrive(5), Arrival::Behind(Gap { after: 2, before: 5 }));
        assert_eq!(sequence.arrive(4), Arrival::Late);
        assert_eq!(sequence.arrive(4), Arrival::Repeated);
        assert_eq!(sequence.arrive(3), Arrival::Late);
        assert_eq!(sequence.arrive(0), Arrival::Repeated);
        assert_eq!(sequence.through(), 5);
    }

    proptest! {
        #[test]
        fn each_number_counts_once_whatever_the_order(numbers in proptest::collection::vec(1_u64..30, 0..60)) {
            let mut sequence = Sequence::default();
            let mut seen = HashSet::new();
            for number in numbers {
                let repeated = sequence.arrive(number) == Arrival::Repeated;
                prop_assert_eq!(repeated, !seen.insert(number), "number {}", number);
                prop_assert_eq!(sequence.through(), *seen.iter().max().unwrap());
            }
        }
    }
}
