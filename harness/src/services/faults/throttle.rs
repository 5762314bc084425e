//! One request in five seconds for each container and path (`reference/fargate.md` 3.5).

use super::path::FaultPath;
use std::collections::HashMap;
use std::time::{Duration, Instant};

const BETWEEN: Duration = Duration::from_secs(5);

/// When each path was let through last.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    passed: HashMap<FaultPath, Instant>,
}

// ---------------------------------------------------------------------------------------------------------------------

impl Throttle {
    /// Whether a request passes now. One that does not leaves no trace.
    pub(super) fn admit(&mut self, path: &FaultPath, now: Instant) -> bool {
        self.passed.retain(|_, passed| now.saturating_duration_since(*passed) < BETWEEN);
        if self.passed.contains_key(path) {
            return false;
        }
        self.passed.insert(path.clone(), now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_of_each_container_passes_once_in_five_seconds() {
        let path = |id: &str, end: &str| FaultPath::read(&format!("/api/{id}/fault/v1/{end}")).unwrap();
        let mut throttle = Throttle::default();
        let start = Instant::now();
        let mut at = |seconds, path| throttle.admit(&path, start + Duration::from_secs(seconds));
        assert!(at(0, path("one", "network-latency/start")));
        assert!(!at(4, path("one", "network-latency/start")));
        assert!(at(4, path("two", "network-latency/start")));
        assert!(at(4, path("one", "network-latency/stop")));
        assert!(at(4, path("one", "network-packet-loss/start")));
        assert!(at(5, path("one", "network-latency/start")), "what was refused does not count");
        assert!(!at(9, path("one", "network-latency/start")));
    }
}
