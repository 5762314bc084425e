//! What a seed has killed, and when.

use super::draw::Draw;
use crate::explore::CONTAINERS;
use std::fmt;
use std::time::Duration;

/// Kills of a round.
pub const KILLS: usize = 10;

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Every link of the Console ends in the middle, and for a while it takes no other.
    Console,
    /// The sidecar, by SIGKILL; it is started again.
    Sidecar,
    /// The wrapper of a container, which is its first process, by SIGKILL; it is started again.
    Wrapper(&'static str),
}

impl Target {
    /// Its kind, for tables.
    #[must_use]
    pub fn kind(self) -> &'static str {
        match self {
            Self::Console => "Console",
            Self::Sidecar => "sidecar",
            Self::Wrapper(_) => "wrapper",
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrapper(container) => write!(f, "wrapper of {container}"),
            other => f.write_str(other.kind()),
        }
    }
}

/// A kill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kill {
    /// Of what.
    pub target: Target,
    /// How long apps go on before it.
    pub pause: Duration,
    /// How long a Console is away.
    pub away: Duration,
    /// Whether the kill behind it comes while what was killed is still away.
    pub overlaps: bool,
    /// Whether a fence goes in behind it, before the next.
    pub fenced: bool,
}

/// The kills of a round, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Number of the round, from 0.
    pub round: u32,
    /// Kills.
    pub kills: Vec<Kill>,
    /// When the harness of another round is killed, counted from its start; none where it is not.
    pub harness: Option<Duration>,
}

impl Schedule {
    /// That of a round of a seed. It does not depend on other rounds.
    #[must_use]
    pub fn of(seed: u64, round: u32) -> Self {
        let mut draw = Draw::of(seed, u64::from(round));
        let kills = (0..KILLS - 1).map(|_| kill(&mut draw)).collect();
        // From the first look at the engine to the middle of the kills.
        let harness = Some(Duration::from_millis(200 + draw.below(4_000)));
        Self { round, kills, harness }
    }

    /// Its first kills, and no harness that is killed where these are all.
    #[must_use]
    pub fn cut(mut self, most: usize) -> Self {
        if most <= self.kills.len() {
            self.kills.truncate(most);
            self.harness = None;
        }
        self
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kills.len() + usize::from(self.harness.is_some())
    }

    /// Whether nothing is killed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn kill(draw: &mut Draw) -> Kill {
    let target = match draw.below(10) {
        0..=3 => Target::Console,
        4..=5 => Target::Sidecar,
        _ => {
            let one = usize::try_from(draw.below(CONTAINERS.len() as u64)).unwrap_or(0);
            Target::Wrapper(CONTAINERS[one])
        }
    };
    Kill {
        target,
        pause: Duration::from_millis(draw.below(250)),
        away: Duration::from_millis(draw.below(400)),
        overlaps: draw.chance(35),
        fenced: draw.chance(50),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_seed_has_the_same_killed_again_and_another_seed_something_else() {
        assert_eq!(Schedule::of(7, 3), Schedule::of(7, 3));
        assert_ne!(Schedule::of(7, 3).kills, Schedule::of(7, 4).kills);
        assert_ne!(Schedule::of(7, 3).kills, Schedule::of(8, 3).kills);
    }

    #[test]
    fn everything_is_killed_by_and_by() {
        let all: BTreeSet<Target> =
            (0..20).flat_map(|round| Schedule::of(1, round).kills).map(|kill| kill.target).collect();
        assert_eq!(all.len(), 2 + CONTAINERS.len());
        assert_eq!(Schedule::of(1, 0).len(), KILLS);
    }

    #[test]
    fn what_is_cut_has_as_many_as_it_may() {
        for most in 0..=KILLS + 2 {
            assert_eq!(Schedule::of(1, 0).cut(most).len(), most.min(KILLS));
        }
    }
}
