//! Sets of small numbers, as many as a table has lines.

/// A set of numbers below 64 times `WORDS`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IndexSet<const WORDS: usize>([u64; WORDS]);

/// Words that numbers below `count` need.
pub(crate) const fn words(count: usize) -> usize {
    count.div_ceil(64)
}

impl<const WORDS: usize> Default for IndexSet<WORDS> {
    fn default() -> Self {
        Self::NONE
    }
}

impl<const WORDS: usize> IndexSet<WORDS> {
    pub(crate) const NONE: Self = Self([0; WORDS]);

    /// Every number below `count`.
    pub(crate) const fn first(count: usize) -> Self {
        let mut set = Self::NONE;
        let mut at = 0;
        while at < count {
            set.insert(at);
            at += 1;
        }
        set
    }

    pub(crate) const fn insert(&mut self, at: usize) {
        self.0[at / 64] |= 1 << (at % 64);
    }

    pub(crate) fn has(self, at: usize) -> bool {
        self.0[at / 64] & (1 << (at % 64)) != 0
    }

    pub(crate) fn and(self, other: Self) -> Self {
        self.combine(other, |one, other| one & other)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        self.combine(other, |one, other| one | other)
    }

    pub(crate) fn without(self, other: Self) -> Self {
        self.combine(other, |one, other| one & !other)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == [0; WORDS]
    }

    fn combine(self, other: Self, word: impl Fn(u64, u64) -> u64) -> Self {
        Self(std::array::from_fn(|at| word(self.0[at], other.0[at])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const MOST: usize = 130;
    type Set = IndexSet<{ words(MOST) }>;

    fn set(members: &BTreeSet<usize>) -> Set {
        let mut set = Set::NONE;
        members.iter().for_each(|at| set.insert(*at));
        set
    }

    fn members(set: Set) -> BTreeSet<usize> {
        (0..MOST).filter(|at| set.has(*at)).collect()
    }

    fn some() -> impl Strategy<Value = BTreeSet<usize>> {
        prop::collection::btree_set(0..MOST, 0..40)
    }

    proptest! {
        #[test]
        fn it_is_a_set(one in some(), other in some(), count in 0..=MOST) {
            prop_assert_eq!(&members(set(&one)), &one);
            prop_assert_eq!(set(&one).is_empty(), one.is_empty());
            prop_assert_eq!(members(set(&one).and(set(&other))), &one & &other);
            prop_assert_eq!(members(set(&one).or(set(&other))), &one | &other);
            prop_assert_eq!(members(set(&one).without(set(&other))), &one - &other);
            prop_assert_eq!(members(Set::first(count)), (0..count).collect::<BTreeSet<_>>());
        }
    }

    #[test]
    fn there_are_as_many_words_as_are_needed() {
        assert_eq!([0, 1, 8, 9, 64, 65, 128, 129].map(words), [0, 1, 1, 1, 1, 2, 2, 3]);
    }
}
