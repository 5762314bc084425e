//! When probes make a container healthy or unhealthy.

use super::Health;
use std::time::Duration;

/// Judges the probes of one container.
///
/// Success counts at once. Failures count at the pace of the definition: one per interval, none within the start
/// period. So quick extra probes make a container healthy early, and never unhealthy early.
#[derive(Debug, Clone)]
pub struct HealthMonitor {
    interval: Duration,
    start_period: Duration,
    retries: u32,
    health: Health,
    failures: u32,
    next_failure_counts_at: Duration,
}

impl HealthMonitor {
    /// For a container that starts now; times count from its start.
    #[must_use]
    pub fn new(interval: Duration, start_period: Duration, retries: u32) -> Self {
        Self {
            interval,
            start_period,
            retries: retries.max(1),
            health: Health::Unknown,
            failures: 0,
            next_failure_counts_at: interval,
        }
    }

    /// Current judgement.
    #[must_use]
    pub fn health(&self) -> Health {
        self.health
    }

    /// A probe ended `since_start` after the start; the new health, if that changed it.
    pub fn probed(&mut self, since_start: Duration, success: bool) -> Option<Health> {
        if success {
            self.failures = 0;
            self.next_failure_counts_at = since_start + self.interval;
            return self.become_(Health::Healthy);
        }
        if since_start < self.next_failure_counts_at || since_start < self.start_period {
            return None;
        }
        self.next_failure_counts_at = since_start + self.interval;
        self.failures += 1;
        if self.failures >= self.retries { self.become_(Health::Unhealthy) } else { None }
    }

    fn become_(&mut self, health: Health) -> Option<Health> {
        (self.health != health).then(|| {
            self.health = health;
            health
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn success_counts_at_once_failure_at_the_pace_of_the_definition() {
        let mut monitor = HealthMonitor::new(ms(1000), ms(500), 3);
        for at in [10, 60, 110, 400, 999] {
            assert_eq!(monitor.probed(ms(at), false), None);
        }
        assert_eq!(monitor.probed(ms(1000), false), None);
        assert_eq!(monitor.probed(ms(1100), false), None, "within the same interval");
        assert_eq!(monitor.probed(ms(2000), false), None);
        assert_eq!(monitor.probed(ms(3000), false), Some(Health::Unhealthy));
        assert_eq!(monitor.probed(ms(3100), false), None, "no news");
        assert_eq!(monitor.probed(ms(3200), true), Some(Health::Healthy));
        assert_eq!(monitor.probed(ms(3210), true), None);
    }

    #[test]
    fn failures_in_the_start_period_do_not_count() {
        let mut monitor = HealthMonitor::new(ms(100), ms(1000), 1);
        assert_eq!(monitor.probed(ms(900), false), None);
        assert_eq!(monitor.probed(ms(1000), false), Some(Health::Unhealthy));
    }

    proptest! {
        #[test]
        fn never_unhealthy_before_its_time(gaps in prop::collection::vec(1u64..400, 1..60), retries in 1u32..5) {
            let mut monitor = HealthMonitor::new(ms(100), ms(50), retries);
            let mut now = 0;
            for gap in gaps {
                now += gap;
                if monitor.probed(ms(now), false) == Some(Health::Unhealthy) {
                    prop_assert!(now >= 100 * u64::from(retries));
                }
            }
        }
    }
}
