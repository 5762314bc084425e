//! What a container wrote, and how the engine has it.

use super::case::{Case, case, run};
use crate::sample::given::running;
use crate::sample::tape::Scene;
use proofhouse_protocol::observation::{Blame, ContainerFacts, Pipeline};
use proofhouse_protocol::task::TaskStatus;
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::Check;
use proofhouse_reports::checks::FactExpectation;

impl Scene<'_> {
    /// The task is over.
    pub fn over(&mut self) -> &mut Self {
        let mut record = running(&["TwistlockDefender", "nginx", "worker"]);
        (record.status, record.stopping) = (TaskStatus::Stopped, true);
        self.record(record)
    }

    fn inspected(&mut self, container: &str, engine: ContainerFacts) -> &mut Self {
        let planned = ContainerFacts::default();
        self.add(Source::Container(container.into()), Observation::Inspected { planned, engine })
    }
}

pub fn of_logs() -> Vec<Case> {
    let check = Check::Wrote { container: "nginx".into(), text: "ready".into() };
    let log = |container: &str| Pipeline::Logs { container: container.into() };
    vec![
        case("the line", &check, |s| _ = s.protected().wrote("nginx", "all ready"))
            .holds(&["wrote `all ready`"]),
        case("not yet", &check, |s| _ = s.protected().wrote("nginx", "start").wrote("worker", "ready"))
            .unproved(&["it has 1 lines, `start` last", "it may still write it"]),
        case("in vain", &check, |s| _ = s.protected().in_vain("the line"))
            .unproved(&["in vain for 30000 ms"]),
        case("never", &check, |s| _ = s.protected().wrote("nginx", "start").over())
            .broken(Blame::Defender, &["`start` last"]),
        case("never, in a bare task", &check, |s| _ = s.bare().over()).broken(Blame::Fargate, &["nothing"]),
        case("never, and its log was cut", &check, |s| _ = s.protected().over().lost(log("nginx")))
            .unproved(&["evidence was lost: 3 in the log of \"nginx\""]),
        case("never, and another log was cut", &check, |s| _ = s.protected().over().lost(log("worker")))
            .broken(Blame::Defender, &["nothing"]),
        case("written by the task before", &check, |s| _ = s.protected().wrote("nginx", "ready").protected())
            .unproved(&["0 lines"]),
    ]
}

pub fn of_facts() -> Vec<Case> {
    let check = |expect| Check::Facts { container: "nginx".into(), expect };
    let mode = |mode: &str, buffer: Option<&str>| {
        check(FactExpectation::LogMode { mode: mode.into(), buffer: buffer.map(str::to_owned) })
    };
    let memory = check(FactExpectation::OutOfMemory);
    let health = check(FactExpectation::NoHealthCheckOfTheEngine);
    let of = |facts: ContainerFacts| move |s: &mut Scene<'_>| _ = s.protected().inspected("nginx", facts);
    let logs = |mode: &str, buffer: Option<&str>| ContainerFacts {
        log_mode: Some(mode.into()),
        log_buffer: buffer.map(str::to_owned),
        ..ContainerFacts::default()
    };
    let killed = |killed| ContainerFacts { out_of_memory: killed, ..ContainerFacts::default() };
    let checked = |health: Option<&str>| ContainerFacts {
        engine_health: health.map(str::to_owned),
        ..ContainerFacts::default()
    };
    vec![
        case("a mode", &mode("non-blocking", Some("25m")), of(logs("non-blocking", Some("25m")))).holds(&[]),
        case("another mode", &mode("blocking", None), of(logs("non-blocking", None)))
            .broken(Blame::Fargate, &[]),
        case("another buffer", &mode("blocking", None), of(logs("blocking", Some("1m"))))
            .broken(Blame::Fargate, &["1m"]),
        case("no mode told", &mode("blocking", None), of(killed(None))).unproved(&["it is not told"]),
        case("out of memory", &memory, of(killed(Some(true)))).holds(&[]),
        case("not out of memory", &memory, of(killed(Some(false)))).broken(Blame::Fargate, &["Some(false)"]),
        case("nobody knows", &memory, of(killed(None))).unproved(&["None"]),
        case("no check", &health, of(checked(Some("none")))).holds(&[]),
        case("a check", &health, of(checked(Some("healthy")))).broken(Blame::Fargate, &["it says healthy"]),
        case("no word of a check", &health, of(checked(None))).unproved(&["it says nothing"]),
        case("the last look counts", &memory, |s| {
            s.protected().inspected("nginx", killed(Some(true))).inspected("nginx", killed(Some(false)));
            s.inspected("worker", killed(Some(true)));
        })
        .broken(Blame::Fargate, &["Some(false)"]),
        case("nobody asked", &memory, |s| _ = s.protected()).unproved(&["was not asked for \"nginx\""]),
    ]
}

#[test]
fn containers() {
    run(&of_logs());
    run(&of_facts());
}
