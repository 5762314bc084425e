//! Time as a value, so that bans can be tested without waiting.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// No clock goes further ahead than a hundred years: what is added to a time later must have room.
const FURTHEST: u64 = 100 * 365 * 24 * 3600;

/// What time it is.
pub trait Clock: Send + Sync + 'static {
    /// Now.
    fn now(&self) -> Instant;
}

/// The time of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }
}

/// Another clock, and as far ahead of it as the Console says (`clock` in `docs/link.md`).
pub(crate) struct ShiftedClock {
    base: Arc<dyn Clock>,
    /// Seconds.
    ahead: AtomicU64,
}

impl ShiftedClock {
    /// A clock that is not ahead yet.
    pub(crate) fn of(base: Arc<dyn Clock>) -> Self {
        Self { base, ahead: AtomicU64::new(0) }
    }

    pub(crate) fn now(&self) -> Instant {
        self.base.now() + Duration::from_secs(self.ahead.load(Ordering::Relaxed))
    }

    /// Goes on so many seconds ahead, a hundred years at most, and never back. Returns how far it is ahead.
    pub(crate) fn put_ahead(&self, seconds: u64) -> u64 {
        let seconds = seconds.min(FURTHEST);
        self.ahead.fetch_max(seconds, Ordering::Relaxed).max(seconds)
    }
}

impl fmt::Debug for ShiftedClock {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ShiftedClock({} s)", self.ahead.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_ahead_and_never_back() {
        let clock = ShiftedClock::of(Arc::new(SystemClock));
        let start = Instant::now();
        assert!(clock.now() < start + Duration::from_secs(60));
        assert_eq!(clock.put_ahead(60), 60);
        assert_eq!(clock.put_ahead(30), 60);
        assert!(clock.now() >= start + Duration::from_secs(60));
        assert_eq!(clock.put_ahead(u64::MAX), FURTHEST);
        assert!(clock.now().checked_add(Duration::from_secs(FURTHEST)).is_some());
    }
}
