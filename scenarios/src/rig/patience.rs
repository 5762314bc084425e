//! How long to wait for what tasks of a shape have failed to do before: a Defender that never becomes healthy costs the whole
//! limit once, and not once a scenario.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// As long as is waited again for what did not come the last time; more than it takes when it comes.
const AGAIN: Duration = Duration::from_secs(6);

/// What is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wait {
    /// All containers of a task, and its ports.
    Ready,
    /// The Defender's report of a container.
    Workload,
    /// A policy in force.
    Policy,
}

/// What did not come, by the shape of the task.
#[derive(Debug, Default)]
pub struct Patience(Mutex<HashSet<(String, Wait)>>);

impl Patience {
    /// The limit: shorter where this did not come the last time.
    #[must_use]
    pub fn limit(&self, shape: &str, wait: Wait, limit: Duration) -> Duration {
        if self.lock().contains(&(shape.to_owned(), wait)) { AGAIN.min(limit) } else { limit }
    }

    /// It came.
    pub fn heard(&self, shape: &str, wait: Wait) {
        self.lock().remove(&(shape.to_owned(), wait));
    }

    /// It did not come.
    pub fn missed(&self, shape: &str, wait: Wait) {
        self.lock().insert((shape.to_owned(), wait));
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<(String, Wait)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_come_is_waited_for_less_until_it_comes() {
        let (patience, long) = (Patience::default(), Duration::from_secs(40));
        assert_eq!(patience.limit("a", Wait::Ready, long), long);
        patience.missed("a", Wait::Ready);
        assert_eq!(patience.limit("a", Wait::Ready, long), AGAIN);
        assert_eq!(patience.limit("b", Wait::Ready, long), long);
        assert_eq!(patience.limit("a", Wait::Policy, long), long);
        patience.heard("a", Wait::Ready);
        assert_eq!(patience.limit("a", Wait::Ready, long), long);
    }
}
