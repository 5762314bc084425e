//! What is told to the Console beside audits, and kept until it says that it is noted.

use proofhouse_protocol::link::FromDefender;
use std::collections::VecDeque;

/// Reports that wait to be noted, at most; who has more to tell waits.
const MOST: usize = 64;

/// Reports on their way.
#[derive(Debug, Default)]
pub struct Reports {
    numbered: u64,
    unnoted: VecDeque<(u64, FromDefender)>,
}

impl Reports {
    /// Numbers a report, and keeps it. Of counts only the newest are kept.
    pub fn add(&mut self, make: impl FnOnce(u64) -> FromDefender) -> FromDefender {
        self.numbered += 1;
        let report = make(self.numbered);
        if is_counts(&report) {
            self.unnoted.retain(|(_, former)| !is_counts(former));
        }
        self.unnoted.push_back((self.numbered, report.clone()));
        report
    }

    /// Forgets those up to a number.
    pub fn note(&mut self, through: u64) {
        self.unnoted.retain(|(number, _)| *number > through);
    }

    /// All that another connection has to be told again, in order.
    pub fn again(&self) -> Vec<FromDefender> {
        self.unnoted.iter().map(|(_, report)| report.clone()).collect()
    }

    /// Whether there is room for another one.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.unnoted.len() < MOST
    }

    /// Whether all is noted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.unnoted.is_empty()
    }
}

fn is_counts(report: &FromDefender) -> bool {
    matches!(report, FromDefender::MonitoringStats { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(number: u64) -> FromDefender {
        FromDefender::DiscoveredApis { report: number, apis: Vec::new() }
    }

    #[test]
    fn what_is_not_noted_is_told_again_in_order() {
        let mut reports = Reports::default();
        assert_eq!(
            (reports.add(report), reports.add(report), reports.add(report)),
            (report(1), report(2), report(3))
        );
        reports.note(1);
        assert_eq!(reports.again(), [report(2), report(3)]);
        reports.note(3);
        assert!(reports.is_empty());
        assert_eq!(reports.add(report), report(4));
    }

    #[test]
    fn of_counts_the_newest_is_told_again() {
        let mut reports = Reports::default();
        let counts: fn(u64) -> FromDefender =
            |report| FromDefender::MonitoringStats { report, reset: 0, stats: Box::default() };
        for make in [counts, report, counts] {
            reports.add(make);
        }
        assert_eq!(reports.again(), [report(2), counts(3)]);
    }

    #[test]
    fn a_console_that_notes_nothing_is_not_told_for_ever() {
        let mut reports = Reports::default();
        let told = (0..1000).take_while(|_| reports.has_room() && reports.add(report) != report(0)).count();
        assert_eq!(told, MOST);
    }
}
