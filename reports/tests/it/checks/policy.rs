//! Whether the Defender has the policy, and tells of its containers.

use super::case::{Case, case, run, scene};
use super::task::over;
use crate::sample::tape::Scene;
use proofhouse_protocol::observation::{Blame, ContainerHappening, FencePhase, Pipeline};
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::{Check, Outcome};
use serde_json::json;

impl Scene<'_> {
    pub fn console(&mut self, observation: Observation) -> &mut Self {
        self.add(Source::Console, observation)
    }
}

pub fn of_revisions() -> Vec<Case> {
    let check = Check::PolicyInForce {};
    let given = |more: fn(&mut Scene<'_>)| {
        move |s: &mut Scene<'_>| {
            s.protected().console(Observation::PolicyRevision { revision: 3, policy: json!({}) });
            more(s);
        }
    };
    let refused = || Observation::PolicyRejected { revision: 3, error: "no such effect".into() };
    vec![
        case("applied", &check, given(|s| _ = s.console(Observation::PolicyApplied { revision: 3 })))
            .holds(&["decides by revision 3"]),
        case("a later one", &check, given(|s| _ = s.console(Observation::PolicyApplied { revision: 4 })))
            .unproved(&["has not told that it decides by revision 3"]),
        case("an older one", &check, given(|s| _ = s.console(Observation::PolicyApplied { revision: 2 })))
            .unproved(&["nobody waited for it"]),
        case("refused", &check, move |s| {
            given(|_| ())(s);
            s.console(refused());
        })
        .broken(Blame::Defender, &["refused policy revision 3: no such effect"]),
        case("in vain", &check, given(|s| _ = s.in_vain("the revision")))
            .unproved(&["the revision was waited for in vain for 30000 ms; nothing came"]),
        case("the same revision, told by the Defender of the task before", &check, |s| {
            s.protected().console(Observation::PolicyRevision { revision: 3, policy: json!({}) });
            s.console(Observation::PolicyApplied { revision: 3 }).protected();
        })
        .unproved(&["has not told that it decides by revision 3"]),
        case("a revision from before the task", &check, |s| {
            s.console(Observation::PolicyRevision { revision: 3, policy: json!({}) }).protected();
            s.console(Observation::PolicyApplied { revision: 3 });
        })
        .holds(&["decides by revision 3"]),
        case("told by the Defender of the task before", &check, |s| {
            s.protected().console(Observation::PolicyRevision { revision: 3, policy: json!({}) });
            s.console(Observation::PolicyApplied { revision: 3 });
            s.protected().console(Observation::PolicyRevision { revision: 4, policy: json!({}) });
        })
        .unproved(&["has not told"]),
        case("its task ended by itself first", &check, |s| {
            s.protected().console(Observation::PolicyRevision { revision: 4, policy: json!({}) });
            s.happened("nginx", ContainerHappening::Exited, Some(1)).now(over);
        })
        .broken(Blame::Defender, &["has not told", "\"nginx\" exited with 1"]),
    ]
}

pub fn of_workloads() -> Vec<Case> {
    let check = Check::Workloads {};
    let one = |s: &mut Scene<'_>| {
        s.protected().happened("worker", ContainerHappening::Started, None);
        s.console(Observation::Workload { container: "nginx".into(), image: "nginx:1.22".into() });
    };
    vec![
        case("all", &check, |s| _ = s.up()).holds(&["told of every container"]),
        case("one is missing", &check, one)
            .unproved(&["has not told of \"worker\"", "no fence of the audits"]),
        case("one is missing, and a fence came out", &check, |s| {
            one(s);
            s.fence(Pipeline::Audits, "f");
        })
        .broken(Blame::Defender, &["has not told of \"worker\", though they run"]),
        case("one is missing, and the fence went in before it ran", &check, |s| {
            s.fenced(Pipeline::Audits, "f", FencePhase::Sent, &[]);
            one(s);
            s.fenced(Pipeline::Audits, "f", FencePhase::Passed, &[]);
        })
        .unproved(&["no fence"]),
        case("one is missing, and audits were lost", &check, |s| {
            one(s);
            s.fence(Pipeline::Audits, "f").lost(Pipeline::Audits);
        })
        .unproved(&["evidence was lost"]),
        case("in vain", &check, |s| {
            one(s);
            s.in_vain("the workloads");
        })
        .unproved(&["in vain for 30000 ms"]),
        case("its container exited by itself first", &check, |s| {
            one(s);
            s.happened("worker", ContainerHappening::Exited, Some(127)).now(over);
        })
        .broken(Blame::Defender, &["has not told of \"worker\"", "\"worker\" exited with 127"]),
        case("its container was told to end first", &check, |s| {
            one(s);
            s.signalled("worker", "SIGTERM")
                .happened("worker", ContainerHappening::Exited, Some(0))
                .now(over);
        })
        .unproved(&["has not told of \"worker\""]),
        case("no task", &check, |s| _ = s.stimulus("t-1", "x")).unproved(&["no task has begun"]),
    ]
}

#[test]
fn policies() {
    run(&of_revisions());
    run(&of_workloads());
}

#[test]
fn where_there_is_no_policy_any_is_in_force() {
    assert_eq!(Check::PolicyInForce {}.judge(&scene(|_| ())).outcome, Outcome::Holds);
}
