//! What became of the task, by its record and by what the engine told.

use super::case::{Asked, Case, case, run};
use crate::sample::given::running;
use crate::sample::tape::Scene;
use proofhouse_protocol::observation::{Blame, ContainerHappening as Happening, Pipeline};
use proofhouse_protocol::task::{ContainerStatus, Health, StopCode, StopReason, TaskRecord, TaskStatus};
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::Check;
use proofhouse_reports::checks::TaskExpectation as Expect;
use std::time::Duration;

pub const ALL: [&str; 3] = ["TwistlockDefender", "nginx", "worker"];

pub fn of(name: &'static str, expect: Expect, write: impl FnOnce(&mut Scene<'_>)) -> Asked {
    case(name, &Check::Task { expect }, write)
}

impl Scene<'_> {
    /// The record of the task, with a change.
    pub fn now(&mut self, change: impl FnOnce(&mut TaskRecord)) -> &mut Self {
        let mut record = running(&ALL);
        change(&mut record);
        self.record(record)
    }

    pub fn signalled(&mut self, container: &str, signal: &str) -> &mut Self {
        let detail = signal.to_owned();
        let event = Observation::ContainerEvent { event: Happening::Signalled, exit_code: None, detail };
        self.add(Source::Container(container.into()), event)
    }

    fn watched(&mut self) -> &mut Self {
        for name in ALL {
            self.fence(Pipeline::EngineEvents { container: name.into() }, &format!("f-{name}"));
        }
        self
    }
}

pub fn over(record: &mut TaskRecord) {
    record.status = TaskStatus::Stopped;
    record.stopping = true;
    record.reached.insert(TaskStatus::Stopped, Duration::from_secs(9));
    let reason = "Essential container in task exited";
    record.stop = Some(StopReason::new(StopCode::EssentialContainerExited, reason));
}

pub fn worker(record: &mut TaskRecord, change: impl FnOnce(&mut proofhouse_protocol::task::ContainerRecord)) {
    record.containers.entry("worker".into()).and_modify(change);
}

pub fn of_running() -> Vec<Case> {
    let (up, runs, all) = (|| Expect::CameUp, || Expect::Running, || Expect::AllRunning);
    let alive = || Expect::Alive { container: "worker".into() };
    let died = |s: &mut Scene<'_>| _ = s.up().happened("nginx", Happening::Exited, Some(1)).now(over);
    vec![
        of("it runs", up(), |s| _ = s.up()).holds(&["the task is RUNNING"]),
        of("it does not yet", up(), |s| _ = s.protected().now(|t| t.status = TaskStatus::Activating))
            .unproved(&["ACTIVATING, and not RUNNING so far", "it may still come to that"]),
        of("in vain", up(), |s| _ = s.protected().now(|t| t.status = TaskStatus::Pending).in_vain("RUNNING"))
            .unproved(&["RUNNING was waited for in vain for 30000 ms; nothing came"]),
        of("its app exited by itself", up(), died).broken(Blame::Defender, &["\"nginx\" exited with 1"]),
        of("its app exited when it was told to", up(), |s| {
            s.up().signalled("nginx", "SIGTERM").happened("nginx", Happening::Exited, Some(0)).now(over);
        })
        .broken(Blame::Fargate, &["no container had exited by itself"]),
        of("a container could not be started", up(), |s| {
            s.protected().happened("nginx", Happening::Failed, None).now(over);
        })
        .broken(Blame::Fargate, &["\"nginx\" could not be started"]),
        of("the app of a bare task exited", up(), |s| {
            s.bare().happened("nginx", Happening::Exited, Some(1)).now(over);
        })
        .broken(Blame::Fargate, &["\"nginx\" exited with 1"]),
        of("no task", up(), |_| ()).unproved(&["no task has begun"]),
        of("runs on", runs(), |s| _ = s.up()).holds(&["was not told to stop"]),
        of("runs no more", runs(), died).broken(Blame::Defender, &["it is STOPPED"]),
        of("is to stop", runs(), |s| _ = s.up().now(|t| t.stopping = true))
            .broken(Blame::Fargate, &["by itself"]),
        of("all run", all(), |s| _ = s.up().watched())
            .holds(&["each of 3 containers runs since its only start"]),
        of("the engine was not asked", all(), |s| _ = s.up())
            .unproved(&["no exit of \"TwistlockDefender\" was told"]),
        of("one exited", all(), |s| _ = s.up().happened("worker", Happening::Exited, Some(1)).watched())
            .broken(Blame::Defender, &["\"worker\" exited with Some(1)"]),
        of("the record counts a restart that nobody saw", all(), |s| {
            s.up().now(|t| worker(t, |one| one.restarts = 1)).watched();
        })
        .broken(Blame::Fargate, &["1 restarts and an end, but the engine told of none"]),
        of("events lost", all(), |s| {
            s.up().watched().lost(Pipeline::EngineEvents { container: "worker".into() });
        })
        .unproved(&["evidence was lost"]),
        of("someone to act in", alive(), |s| _ = s.up()).holds(&["\"worker\" runs"]),
        of("nobody to act in", alive(), |s| _ = s.up().happened("worker", Happening::Exited, Some(127)))
            .broken(Blame::Defender, &["to act in it; it exited with 127"]),
        of("nobody to act in, for another exited", alive(), died)
            .broken(Blame::Defender, &["\"nginx\" exited with 1"]),
        of("nobody to act in, for it was killed", alive(), |s| {
            s.up().signalled("worker", "SIGKILL").happened("worker", Happening::Exited, Some(137));
        })
        .error(&["it exited with 137", "as it was told to"]),
        of("nobody to act in, for the task was stopped", alive(), |s| {
            s.up().signalled("nginx", "SIGTERM").happened("nginx", Happening::Exited, Some(0)).now(over);
        })
        .error(&["the task stops"]),
        of("someone to act in, again", alive(), |s| {
            s.up().happened("worker", Happening::Exited, Some(1)).happened(
                "worker",
                Happening::Started,
                None,
            );
        })
        .holds(&[]),
        of("logs lost", all(), |s| _ = s.up().watched().lost(Pipeline::Logs { container: "worker".into() }))
            .holds(&[]),
    ]
}

pub fn of_starts() -> Vec<Case> {
    let times = |times| Expect::Started { container: "worker".into(), times };
    let never = || Expect::NeverStarted { container: "worker".into() };
    let events = |container: &str| Pipeline::EngineEvents { container: container.into() };
    let unstarted = |t: &mut TaskRecord| worker(t, |one| one.first_started_at = None);
    vec![
        of("once", times(1), |s| _ = s.up().fence(events("worker"), "f")).holds(&["it was 1 times"]),
        of("once so far", times(1), |s| _ = s.up())
            .unproved(&["not final", "no fence of the engine's events"]),
        of("a fence of another", times(1), |s| _ = s.up().fence(events("nginx"), "f"))
            .unproved(&["no fence"]),
        of("a fence from before it", times(1), |s| {
            s.protected()
                .fence(events("worker"), "f")
                .happened("worker", Happening::Started, None)
                .now(|_| ());
        })
        .unproved(&["no fence"]),
        of("events lost", times(1), |s| _ = s.up().fence(events("worker"), "f").lost(events("worker")))
            .unproved(&["lost"]),
        of("those of another lost", times(1), |s| {
            _ = s.up().fence(events("worker"), "f").lost(events("nginx"))
        })
        .holds(&[]),
        of("twice", times(1), |s| _ = s.up().happened("worker", Happening::Started, None))
            .broken(Blame::Fargate, &["it was 2"]),
        of("once, and counted twice", times(1), |s| {
            s.up().now(|t| worker(t, |one| one.restarts = 1)).fence(events("worker"), "f");
        })
        .broken(Blame::Fargate, &["its record counts 1 restarts"]),
        of("once of twice, and it may come", times(2), |s| _ = s.up().fence(events("worker"), "f"))
            .unproved(&["may still"]),
        of("once of twice, and it is over", times(2), |s| _ = s.up().now(over).fence(events("worker"), "f"))
            .broken(Blame::Fargate, &["started 2 times; it was 1"]),
        of("never", never(), |s| _ = s.protected().now(|t| (over(t), unstarted(t)).1))
            .holds(&["was never started"]),
        of("not yet", never(), |s| _ = s.protected().now(unstarted)).unproved(&["but may be yet"]),
        of("started after all", never(), |s| _ = s.up().now(unstarted))
            .broken(Blame::Fargate, &["never runs"]),
        of("started by its record", never(), |s| _ = s.protected().now(|_| ()))
            .broken(Blame::Fargate, &["110ms"]),
    ]
}

pub fn of_health() -> Vec<Case> {
    let reason = || Expect::Reason { container: "worker".into(), has: "OutOfMemory".into() };
    let health = |is| Expect::Health { container: "worker".into(), is };
    let with = |text: &'static str| move |t: &mut TaskRecord| worker(t, |one| one.reason = Some(text.into()));
    let found = |is| move |t: &mut TaskRecord| worker(t, |one| one.health = is);
    let gone = |t: &mut TaskRecord| worker(t, |one| one.status = ContainerStatus::Stopped);
    vec![
        of("the reason", reason(), |s| _ = s.up().now(with("OutOfMemoryError: killed"))).holds(&[]),
        of("another reason", reason(), |s| _ = s.up().now(with("no")))
            .broken(Blame::Fargate, &["it is `no`"]),
        of("no reason yet", reason(), |s| _ = s.up()).unproved(&["it is `none`"]),
        of("no reason, and it is over", reason(), |s| _ = s.up().now(gone))
            .broken(Blame::Fargate, &["it is `none`"]),
        of("healthy", health(Health::Healthy), |s| _ = s.up().now(found(Health::Healthy)))
            .holds(&["is HEALTHY"]),
        of("not yet", health(Health::Healthy), |s| _ = s.up()).unproved(&["becomes HEALTHY, it is UNKNOWN"]),
        of("not healthy any more", health(Health::Healthy), |s| _ = s.up().now(found(Health::Unhealthy)))
            .unproved(&[]),
        of("never healthy", health(Health::Healthy), |s| _ = s.up().now(gone))
            .broken(Blame::Fargate, &["UNKNOWN"]),
        of("healthy without a check", health(Health::Unknown), |s| _ = s.up().now(found(Health::Healthy)))
            .broken(Blame::Fargate, &["becomes UNKNOWN, it is HEALTHY"]),
        of("of the task", Expect::TaskHealth(Health::Unknown), |s| _ = s.up()).holds(&[]),
        of("another of the task", Expect::TaskHealth(Health::Healthy), |s| _ = s.up())
            .broken(Blame::Fargate, &[]),
        of("no such container", Expect::Health { container: "db".into(), is: Health::Healthy }, |s| {
            _ = s.up()
        })
        .error(&["has no container \"db\""]),
    ]
}

#[test]
fn tasks() {
    run(&of_running());
    run(&of_starts());
    run(&of_health());
}
