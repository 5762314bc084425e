//! What the firewall counts, of all requests that belong to an app of the policy (`MonitoringStats`; section 1.6 of `waas.md`).
//!
//! Declared choices: a request that matches no endpoint, or whose client is in the exception list, moves no counter; each other one has
//! one outcome, and the total is the sum of these; answers are counted as the application gave them, also where the client did not get them.

use jiff::Timestamp;
use proofhouse_protocol::monitoring::{
    ActionCounts, AttackTypeStats, MOST_ERRORS, MonitoringError, MonitoringStats, ResponseCodeStats,
};
use proofhouse_protocol::{FirewallAudit, WaasEffect};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often what has changed is told.
const PERIOD: Duration = Duration::from_secs(60);

/// Something that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    Forwarded,
    Blocked,
    Interstitial,
    /// The page with the question of reCAPTCHA, and the answers to it that are right.
    CaptchaPage,
    Timeout,
    Unreadable,
    Failed,
    LimitExceeded,
    BodyBytes,
    InspectionTime,
    /// The status of an answer, by its hundreds: five of them.
    Status1,
    Status2,
    Status3,
    Status4,
    Status5,
    /// An effect: three of them.
    Alert,
    Prevent,
    Ban,
    ReCaptcha,
    SqlInjection,
    Xss,
    CmdInjection,
    CodeInjection,
    Lfi,
    AttackTools,
    Waf,
    ApiProtection,
    AccessControl,
    Bots,
    CustomRules,
    Dos,
}

const COUNTS: usize = Count::Dos as usize + 1;

/// All counters. They only grow; a reset remembers where they stood.
#[derive(Debug)]
pub(crate) struct Statistics {
    counts: [AtomicU64; COUNTS],
    longest: AtomicU64,
    rest: Mutex<Rest>,
}

#[derive(Debug)]
struct Rest {
    base: [u64; COUNTS],
    errors: VecDeque<MonitoringError>,
    resets: u64,
    told: Option<(u64, MonitoringStats)>,
    told_at: Instant,
}

impl Statistics {
    pub(crate) fn new(now: Instant) -> Self {
        let rest = Rest { base: [0; COUNTS], errors: VecDeque::new(), resets: 0, told: None, told_at: now };
        Self {
            counts: std::array::from_fn(|_| AtomicU64::new(0)),
            longest: AtomicU64::new(0),
            rest: Mutex::new(rest),
        }
    }

    pub(crate) fn count(&self, what: Count) {
        self.add(what, 1);
    }

    /// A request was inspected, in that time; so many bytes of its body, and whether that was all.
    pub(crate) fn inspected(&self, took: Duration, bytes: usize, exceeded: bool) {
        let took = nanoseconds(took);
        self.add(Count::InspectionTime, took);
        self.longest.fetch_max(took, Ordering::Relaxed);
        if bytes > 0 {
            self.add(Count::BodyBytes, bytes as u64);
        }
        if exceeded {
            self.count(Count::LimitExceeded);
        }
    }

    /// The application answered.
    pub(crate) fn answered(&self, status: u16) {
        self.count(match status {
            ..200 => Count::Status1,
            200..300 => Count::Status2,
            300..400 => Count::Status3,
            400..500 => Count::Status4,
            500.. => Count::Status5,
        });
    }

    /// An audit is on its way.
    pub(crate) fn told_of(&self, audit: &FirewallAudit) {
        self.count(match audit.effect {
            WaasEffect::Prevent => Count::Prevent,
            WaasEffect::Ban => Count::Ban,
            WaasEffect::ReCaptcha => Count::ReCaptcha,
            WaasEffect::Alert | WaasEffect::Allow | WaasEffect::Disable => Count::Alert,
        });
        self.count(match (audit.protection.as_str(), audit.kind.as_str()) {
            ("accessControl", _) => Count::AccessControl,
            ("bot", _) => Count::Bots,
            ("custom", _) => Count::CustomRules,
            ("dos", _) => Count::Dos,
            (_, "sqli") => Count::SqlInjection,
            (_, "xss") => Count::Xss,
            (_, "cmdi") => Count::CmdInjection,
            (_, "codeInjection") => Count::CodeInjection,
            (_, "lfi") => Count::Lfi,
            (_, "attackTools") => Count::AttackTools,
            (_, "unexpectedAPI") => Count::ApiProtection,
            _ => Count::Waf,
        });
    }

    /// The application did not answer, or not to the end.
    pub(crate) fn failed(&self, error: MonitoringError) {
        self.count(Count::Failed);
        let mut rest = self.rest();
        if rest.errors.len() == MOST_ERRORS {
            rest.errors.pop_front();
        }
        rest.errors.push_back(error);
    }

    /// Counts from 0 on, unless a reset of that number, or a later one, was done before.
    pub(crate) fn reset(&self, number: u64) {
        let mut rest = self.rest();
        if number > rest.resets {
            rest.resets = number;
            rest.base = self.all();
            rest.errors.clear();
            self.longest.store(0, Ordering::Relaxed);
        }
    }

    /// The number of the last reset, and what was counted since.
    pub(crate) fn now(&self) -> (u64, MonitoringStats) {
        let rest = self.rest();
        (rest.resets, self.since(&rest))
    }

    /// The same if it has changed since it was taken last, and either it is wanted at once or the period is over.
    pub(crate) fn take(&self, now: Instant, at_once: bool) -> Option<(u64, MonitoringStats)> {
        let mut rest = self.rest();
        if !at_once && now.saturating_duration_since(rest.told_at) < PERIOD {
            return None;
        }
        let counted = (rest.resets, self.since(&rest));
        if rest.told.as_ref() == Some(&counted) {
            return None;
        }
        rest.told_at = now;
        rest.told = Some(counted.clone());
        Some(counted)
    }

    fn since(&self, rest: &Rest) -> MonitoringStats {
        let all = self.all();
        let of = |what: Count| all[what as usize].saturating_sub(rest.base[what as usize]);
        let outcomes = [
            Count::Forwarded,
            Count::Blocked,
            Count::Interstitial,
            Count::CaptchaPage,
            Count::Timeout,
            Count::Unreadable,
        ];
        MonitoringStats {
            total_requests: outcomes.into_iter().map(of).sum(),
            forwarded_requests: of(Count::Forwarded),
            blocked_requests: of(Count::Blocked),
            interstitial_pages: of(Count::Interstitial),
            re_captchas: of(Count::CaptchaPage),
            response_code_stats: ResponseCodeStats {
                informational: of(Count::Status1),
                successful: of(Count::Status2),
                redirects: of(Count::Status3),
                client_errors: of(Count::Status4),
                server_errors: of(Count::Status5),
            },
            total_timeouts: of(Count::Timeout),
            total_errs: of(Count::Failed),
            last_errs: rest.errors.iter().cloned().collect(),
            parsing_errs: of(Count::Unreadable),
            inspection_limit_exceeded: of(Count::LimitExceeded),
            inspected_body_bytes: of(Count::BodyBytes),
            action_counts: ActionCounts {
                alert: of(Count::Alert),
                prevent: of(Count::Prevent),
                ban: of(Count::Ban),
                re_captcha: of(Count::ReCaptcha),
            },
            attack_type_stats: AttackTypeStats {
                sql_injection: of(Count::SqlInjection),
                xss: of(Count::Xss),
                cmd_injection: of(Count::CmdInjection),
                code_injection: of(Count::CodeInjection),
                lfi: of(Count::Lfi),
                attack_tools: of(Count::AttackTools),
                waf: of(Count::Waf),
                api_protection: of(Count::ApiProtection),
                access_control: of(Count::AccessControl),
                bots: of(Count::Bots),
                custom_rules: of(Count::CustomRules),
                dos: of(Count::Dos),
            },
            max_request_inspection_duration: self.longest.load(Ordering::Relaxed),
            total_request_inspection_duration: of(Count::InspectionTime),
        }
    }

    fn add(&self, what: Count, how_many: u64) {
        self.counts[what as usize].fetch_add(how_many, Ordering::Relaxed);
    }

    fn all(&self) -> [u64; COUNTS] {
        std::array::from_fn(|at| self.counts[at].load(Ordering::Relaxed))
    }

    fn rest(&self) -> MutexGuard<'_, Rest> {
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request whose outcome is not known yet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Began {
    at: Instant,
    time: Timestamp,
}

impl Began {
    pub(crate) fn now() -> Self {
        Self { at: Instant::now(), time: Timestamp::now() }
    }

    /// Since then.
    pub(crate) fn elapsed(&self) -> Duration {
        self.at.elapsed()
    }

    /// What is told of a failure.
    pub(crate) fn error(&self, route: String, err: String, defender: &str) -> MonitoringError {
        MonitoringError {
            route,
            err,
            request_start: self.time,
            serve_duration: nanoseconds(self.elapsed()),
            defender: defender.to_owned(),
        }
    }
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_changed_is_told_once_a_minute_or_at_once() {
        let start = Instant::now();
        let statistics = Statistics::new(start);
        let at = |seconds| start + Duration::from_secs(seconds);
        statistics.count(Count::Blocked);
        assert_eq!(statistics.take(at(59), false), None);
        let (resets, told) = statistics.take(at(60), false).unwrap();
        assert_eq!((resets, told.total_requests, told.blocked_requests), (0, 1, 1));
        assert_eq!(statistics.take(at(200), false), None);
        assert_eq!(statistics.take(at(200), true), None);
        statistics.count(Count::Forwarded);
        assert_eq!(statistics.take(at(201), true).unwrap().1.total_requests, 2);
    }

    #[test]
    fn a_reset_counts_once() {
        let statistics = Statistics::new(Instant::now());
        statistics.count(Count::Forwarded);
        statistics.inspected(Duration::from_nanos(9), 5, true);
        statistics.failed(Began::now().error("GET /".into(), "gone".into(), "task:1"));
        assert_eq!(statistics.now().1.last_errs.len(), 1);
        statistics.reset(3);
        assert_eq!(statistics.now(), (3, MonitoringStats::default()));
        statistics.count(Count::Forwarded);
        statistics.reset(3);
        assert_eq!(statistics.now().1.forwarded_requests, 1);
    }

    #[test]
    fn the_newest_twenty_errors_are_kept() {
        let statistics = Statistics::new(Instant::now());
        for number in 0..30 {
            statistics.failed(Began::now().error(format!("GET /{number}"), "gone".into(), "task:1"));
        }
        let stats = statistics.now().1;
        assert_eq!((stats.total_errs, stats.last_errs.len()), (30, 20));
        assert_eq!(
            (stats.last_errs[0].route.as_str(), stats.last_errs[19].route.as_str()),
            ("GET /10", "GET /29")
        );
    }
}
