//! Which containers are started again (`fargate.md` 2.6).

use super::Machine;
use serde::Serialize;
use std::time::Duration;

/// A restart policy that is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Restart {
    /// Codes after which it is not started again.
    pub ignored_exit_codes: Vec<i64>,
    /// Time from the last start before it may be started again.
    pub period: Duration,
}

impl Machine {
    /// Whether a container that has just exited is started again.
    pub(super) fn restarts(&self, container: &str, code: i64) -> bool {
        let Some(policy) = self.graph.node(container).and_then(|node| node.restart.as_ref()) else {
            return false;
        };
        let started = self.task.containers[container].started_at;
        let long_enough = started.is_some_and(|started| self.now >= started + policy.period);
        !self.task.stopping && !policy.ignored_exit_codes.contains(&code) && long_enough
    }
}
