//! Numbers that a seed makes up, the same on every machine and in every build.

/// A sequence of numbers (`SplitMix64`).
#[derive(Debug, Clone)]
pub struct Draw(u64);

impl Draw {
    /// The sequence of a seed, for one of its parts.
    #[must_use]
    pub fn of(seed: u64, part: u64) -> Self {
        let mut draw = Self(seed ^ part.wrapping_mul(0xd134_2543_de82_ef95));
        draw.next();
        draw
    }

    /// The next number, below a bound.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// Whether something that has so many chances in a hundred comes to be.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
