//! How much time a scenario has.

use std::time::Duration;
use tokio::time::Instant;

/// How much time a scenario has; counts from its first step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    total: Duration,
    end: Instant,
}

impl Allowance {
    /// That much, from now on.
    pub(crate) fn from_now(total: Duration) -> Self {
        Self { total, end: Instant::now() + total }
    }

    /// When it is over.
    pub(crate) fn end(&self) -> Instant {
        self.end
    }

    /// What is said when it is.
    pub(crate) fn missed(&self) -> String {
        format!(
            "the scenario took longer than {} s: what this step waited for never came, or the machine is too slow; see its \
             timeline, or allow more by `--time-limit`",
            self.total.as_secs()
        )
    }
}
