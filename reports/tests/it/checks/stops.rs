//! How the task and its containers stop, and in which order.

use super::case::{Case, run};
use super::task::{of, over, worker};
use crate::sample::tape::Scene;
use proofhouse_protocol::observation::{Blame, ContainerHappening as Happening};
use proofhouse_protocol::task::{ContainerStatus, StopCode, StopReason, TaskRecord, TaskStatus};
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::checks::{ContainerMoment, TaskExpectation as Expect};
use std::time::Duration;

fn moment(container: &str, event: Happening) -> ContainerMoment {
    ContainerMoment { container: container.into(), event }
}

pub fn of_exits() -> Vec<Case> {
    let exits = |code| Expect::Exited { container: "worker".into(), code };
    let ended = |code: Option<i64>| {
        move |t: &mut TaskRecord| {
            worker(t, |one| (one.status, one.exit_code) = (ContainerStatus::Stopped, code));
        }
    };
    let told = |s: &mut Scene<'_>, told, kept| {
        s.happened("worker", Happening::Exited, told).now(ended(kept));
    };
    let unstarted = |code| {
        move |s: &mut Scene<'_>| {
            s.up().now(|t| {
                ended(Some(code))(t);
                worker(t, |one| one.first_started_at = None);
            });
        }
    };
    vec![
        of("the code", exits(7), |s| told(s.up(), Some(7), Some(7))).holds(&["its record has 7"]),
        of("another, as the engine told", exits(7), |s| told(s.up(), Some(0), Some(0)))
            .broken(Blame::Defender, &["exits with 7, its record has 0"]),
        of("another in a bare task", exits(7), |s| told(s.bare(), Some(0), Some(0)))
            .broken(Blame::Fargate, &["has 0"]),
        of("the record keeps another than the engine told", exits(7), |s| told(s.up(), Some(7), Some(0)))
            .broken(Blame::Fargate, &["its record has 0, and the engine told 7"]),
        of("the record keeps the right one, and the engine told another", exits(7), |s| {
            told(s.up(), Some(0), Some(7))
        })
        .broken(Blame::Fargate, &["and the engine told 0"]),
        of("the record keeps none", exits(7), |s| told(s.up(), Some(7), None))
            .broken(Blame::Fargate, &["no exit code"]),
        of("one that never ran", exits(143), unstarted(143)).holds(&["has 143"]),
        of("one that never ran, and another code", exits(143), unstarted(0))
            .broken(Blame::Fargate, &["exits with 143"]),
        of("an end of which the engine may still tell", exits(7), |s| _ = s.up().now(ended(Some(7))))
            .unproved(&["the engine has told of none so far"]),
        of("not yet", exits(7), |s| _ = s.up())
            .unproved(&["has not exited so far: it may still come to that"]),
        of("in vain", exits(7), |s| _ = s.up().in_vain("the exit"))
            .unproved(&["the exit was waited for in vain"]),
    ]
}

pub fn of_reasons() -> Vec<Case> {
    let stopped = |code, because: &str| Expect::Stopped { code, because: because.into() };
    let essential = || stopped(StopCode::EssentialContainerExited, "Essential container");
    let user = || stopped(StopCode::UserInitiated, "by user");
    let by_user = |t: &mut TaskRecord| {
        over(t);
        t.stop = Some(StopReason::user(None));
    };
    let died = |s: &mut Scene<'_>| _ = s.happened("nginx", Happening::Exited, Some(1)).now(over);
    vec![
        of("told to", user(), |s| _ = s.up().now(by_user)).holds(&["UserInitiated: Task stopped by user"]),
        of("not told yet", user(), |s| _ = s.up()).unproved(&["was not told to stop so far"]),
        of("before it was told to", user(), |s| died(s.up()))
            .broken(Blame::Defender, &["\"nginx\" exited with 1"]),
        of("before it was told to, bare", user(), |s| died(s.bare()))
            .broken(Blame::Fargate, &["\"nginx\" exited"]),
        of("an essential one ended", essential(), |s| died(s.up())).holds(&["EssentialContainerExited"]),
        of("an essential one ended, and that is Fargate's rule", essential(), |s| {
            s.up().happened("nginx", Happening::Exited, Some(1)).now(by_user);
        })
        .broken(Blame::Fargate, &["UserInitiated"]),
    ]
}

impl Scene<'_> {
    fn states(&mut self, states: &[TaskStatus]) -> &mut Self {
        for state in states {
            self.add(Source::Fargate, Observation::TaskState { state: *state, detail: String::new() });
        }
        self
    }
}

pub fn of_states() -> Vec<Case> {
    use TaskStatus::{Activating, Pending, Provisioning, Running, Stopped};
    let all = [Provisioning, Pending, Activating, Running, Stopped];
    let states = || Expect::States(all.to_vec());
    vec![
        of("in order", states(), |s| _ = s.protected().states(&all).now(over))
            .holds(&["PROVISIONING PENDING"]),
        of("one is missing", states(), |s| _ = s.protected().states(&all[1..]).now(over))
            .broken(Blame::Fargate, &[]),
        of("twice", states(), |s| _ = s.protected().states(&all).states(&[Stopped]).now(over))
            .broken(Blame::Fargate, &[]),
        of("the record has another order", states(), |s| {
            s.protected().states(&all).now(|t| {
                over(t);
                t.reached.insert(Pending, Duration::from_secs(60));
            });
        })
        .broken(Blame::Fargate, &["and its record has"]),
        of("not over", states(), |s| _ = s.protected().states(&all).now(|_| ())).unproved(&["and not over"]),
    ]
}

pub fn of_signals() -> Vec<Case> {
    let killed = || Expect::KilledAfter { container: "worker".into(), seconds: 2 };
    let after = |ms: u64| {
        move |s: &mut Scene<'_>| {
            s.up().signalled("worker", "SIGTERM").wait(ms).signalled("worker", "SIGKILL");
            s.happened("worker", Happening::Exited, Some(137)).now(over);
        }
    };
    vec![
        of("in its time", killed(), after(2100)).holds(&["it came after 2.10s"]),
        of("too early", killed(), after(500))
            .broken(Blame::Fargate, &["2 s after SIGTERM, it came after 501"]),
        of("much too late", killed(), after(30_000)).broken(Blame::Fargate, &["30.00s"]),
        of("it ended at the first", killed(), |s| {
            s.up().signalled("worker", "SIGTERM").happened("worker", Happening::Exited, Some(143)).now(over);
        })
        .broken(Blame::Defender, &["it was sent SIGTERM"]),
        of("it was never killed, and did not end", killed(), |s| {
            s.up().signalled("worker", "SIGTERM").now(over);
        })
        .broken(Blame::Fargate, &["it was sent SIGTERM"]),
        of("sent too many", killed(), |s| {
            s.up()
                .signalled("worker", "SIGTERM")
                .signalled("worker", "SIGTERM")
                .signalled("worker", "SIGKILL");
        })
        .broken(Blame::Fargate, &["SIGTERM, SIGTERM, SIGKILL"]),
        of("not yet killed", killed(), |s| _ = s.up().signalled("worker", "SIGTERM")).unproved(&["so far"]),
    ]
}

pub fn of_order() -> Vec<Case> {
    let sidecar = |event| moment("TwistlockDefender", event);
    let starts = || {
        let (first, then) = (sidecar(Happening::Healthy), moment("worker", Happening::Started));
        Expect::Before { first, then }
    };
    let ends = || {
        let (first, then) = (moment("worker", Happening::Exited), sidecar(Happening::Exited));
        Expect::Before { first, then }
    };
    let exit = |s: &mut Scene<'_>, name: &str| _ = s.happened(name, Happening::Exited, Some(0));
    vec![
        of("in order", starts(), |s| _ = s.up())
            .holds(&["\"TwistlockDefender\" healthy", "before \"worker\" started"]),
        of("the other way", starts(), |s| {
            s.protected().happened("worker", Happening::Started, None);
            s.happened("TwistlockDefender", Happening::Healthy, None).now(|_| ());
        })
        .broken(Blame::Fargate, &["expected \"TwistlockDefender\" healthy before"]),
        of("not yet", starts(), |s| _ = s.protected().now(|_| ()))
            .unproved(&["was never seen: it may still"]),
        of("in vain", starts(), |s| _ = s.protected().now(|_| ()).in_vain("health")).unproved(&["in vain"]),
        of("never", starts(), |s| _ = s.protected().now(over)).broken(Blame::Fargate, &["was never seen"]),
        of("a sidecar that stops last, as it is told to", ends(), |s| {
            exit(s.up(), "worker");
            exit(s.signalled("TwistlockDefender", "SIGTERM"), "TwistlockDefender");
        })
        .holds(&[]),
        of("a sidecar that left by itself", ends(), |s| {
            exit(s.up(), "TwistlockDefender");
            exit(s, "worker");
        })
        .broken(Blame::Defender, &["expected \"worker\" exited before"]),
        of("a sidecar that was told to stop first", ends(), |s| {
            exit(s.up().signalled("TwistlockDefender", "SIGTERM"), "TwistlockDefender");
            exit(s, "worker");
        })
        .broken(Blame::Fargate, &["expected \"worker\" exited before"]),
        of("what the task before did", starts(), |s| {
            s.up().protected().now(|_| ());
        })
        .unproved(&["was never seen"]),
    ]
}

#[test]
fn stops() {
    run(&of_exits());
    run(&of_reasons());
    run(&of_states());
    run(&of_signals());
    run(&of_order());
}
