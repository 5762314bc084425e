//! How many audits a stimulus caused, and what they say.

use super::case::{Case, case, run};
use crate::sample::tape::{Scene, TASK, denied, exited};
use proofhouse_protocol::Observation;
use proofhouse_protocol::observation::{Blame, ContainerHappening, FencePhase, Pipeline, Plane};
use proofhouse_reports::Check;
use proofhouse_reports::checks::{AuditCount, Count, Expect};
use serde_json::json;

fn one(token: &str) -> AuditCount {
    AuditCount::exactly(1, Plane::Runtime).of(token).field("effect", "prevent").field("ruleName", "r1")
}

/// A mkdir of the worker that was not let.
fn mkdir(s: &mut Scene<'_>) {
    s.protected().stimulus("t-1", "mkdir").ran("t-1", "worker", &["mkdir", "/x"], 40, denied(), "");
}

/// The same, with its audit and a fence.
fn told(s: &mut Scene<'_>) {
    mkdir(s);
    s.process_audit(40, "/usr/bin/mkdir", "prevent", "r1").fence(Pipeline::Audits, "f-1");
}

pub fn cases() -> Vec<Case> {
    let check = Check::Audits(one("t-1"));
    let none = Check::Audits(AuditCount::exactly(0, Plane::Runtime).of("t-1"));
    let few = Check::Audits(AuditCount::counted(Count::Between(1, 2), Plane::Runtime).of("t-1"));
    let many = Check::Audits(AuditCount::counted(Count::AtLeast(2), Plane::Runtime).of("t-1"));
    let firewall = Check::Audits(AuditCount::exactly(1, Plane::Firewall).of("t-1"));
    let picked = one("t-1").select("attackType", "explicitlyDeniedProcess");
    let other = one("t-1").select("attackType", "alteredBinary");
    let listed = AuditCount::exactly(1, Plane::Runtime).field("/collections", Expect::Contains("All".into()));
    let silent = |part: &str| Check::Audits(one("t-1").field("", Expect::Lacks(part.into())));
    let timed = AuditCount::exactly(1, Plane::Runtime).of("t-1").within_the_stimulus("time");
    let twice = |s: &mut Scene<'_>| {
        mkdir(s);
        s.process_audit(40, "/usr/bin/mkdir", "prevent", "r1");
        s.process_audit(40, "/usr/bin/mkdir", "prevent", "r1");
    };
    vec![
        case("the right one", &Check::Audits(picked), told)
            .holds(&["saw exactly 1 runtime audit", "came out behind"]),
        case("any stimulus, by a pointer", &Check::Audits(listed), told).holds(&["saw exactly 1"]),
        case("nothing of what it may not say", &silent("hunter2"), told).holds(&["saw exactly 1"]),
        case("something of it, in a member", &silent("bin/mkdir"), told)
            .broken(Blame::Defender, &["expected nothing with `bin/mkdir` in it"]),
        case("something of it, in a list", &silent("All"), told)
            .broken(Blame::Defender, &["expected nothing with `All` in it"]),
        case("wrong members, each with both values", &check, |s| {
            mkdir(s);
            s.process_audit(40, "/usr/bin/mkdir", "alert", "Default").fence(Pipeline::Audits, "f-1");
        })
        .broken(
            Blame::Defender,
            &["effect: expected `prevent`, saw `alert`; ruleName: expected `r1`, saw `Default`"],
        ),
        case("too many, even without a fence", &check, twice)
            .broken(Blame::Defender, &["expected exactly 1", "saw 2"]),
        case("some where none may be", &none, twice)
            .broken(Blame::Defender, &["expected no runtime audits", "saw 2"]),
        case("one is not two", &many, told)
            .broken(Blame::Defender, &["expected at least 2", "saw 1; no other audit arrived"]),
        case("far too many", &none, |s| {
            mkdir(s);
            for _ in 0..25 {
                s.process_audit(40, "/usr/bin/mkdir", "prevent", "r1");
            }
            s.fence(Pipeline::Audits, "f-1");
        })
        .broken(Blame::Defender, &["expected no runtime audits", "saw 25", "- and 5 more"]),
        case("too few so far", &many, |s| {
            mkdir(s);
            s.process_audit(40, "/usr/bin/mkdir", "prevent", "r1");
        })
        .unproved(&["at least 2", "not final"]),
        case("two of one or two", &few, |s| {
            twice(s);
            s.fence(Pipeline::Audits, "f-1");
        })
        .holds(&["1 to 2 runtime audits", "2 audits"]),
        case("one behind the fence", &check, |s| {
            mkdir(s);
            s.fence(Pipeline::Audits, "f-1").process_audit(40, "/usr/bin/mkdir", "prevent", "r1");
        })
        .broken(Blame::Defender, &["the fence came out", "before runtime audit 1"]),
        case("none, with a fence", &check, |s| {
            mkdir(s);
            s.fence(Pipeline::Audits, "f-1");
        })
        .broken(Blame::Defender, &["saw 0", "no audit arrived at all"]),
        case("one of another plane", &firewall, told)
            .broken(Blame::Defender, &["not it, because", "a runtime audit"]),
        case("one of another attack", &Check::Audits(other), told)
            .broken(Blame::Defender, &["near miss:", "attackType: expected `alteredBinary`"]),
        case("one of another stimulus", &Check::Audits(one("t-2")), |s| {
            told(s);
            s.stimulus("t-2", "touch").ran("t-2", "worker", &["touch", "/y"], 41, denied(), "");
            s.fence(Pipeline::Audits, "f-2");
        })
        .broken(Blame::Defender, &["caused by stimulus `t-1`: the process is the stimulus"]),
        case("a stimulus that did not run", &check, |s| {
            s.protected().fence(Pipeline::Audits, "f-1");
        })
        .unproved(&["`t-1` did not run"]),
        case("nothing, where nobody did anything", &none, |s| {
            s.protected().fence(Pipeline::Audits, "f-1");
        })
        .unproved(&["means nothing"]),
        case("a time within the stimulus", &Check::Audits(timed.clone()), |s| {
            mkdir(s);
            let at = s.records().last().map(|r| r.time.to_string());
            let audit = json!({"containerName": "worker", "pid": 40, "time": at});
            s.audit(Plane::Runtime, audit).fence(Pipeline::Audits, "f-1");
        })
        .holds(&["saw exactly 1"]),
        case("a time behind it", &Check::Audits(timed), told).broken(
            Blame::Defender,
            &["time: expected a time within the stimulus", "saw `2026-01-05T09:00:01Z`"],
        ),
    ]
}

pub fn of_fences() -> Vec<Case> {
    let none = Check::Audits(AuditCount::exactly(0, Plane::Runtime).of("t-1"));
    let ran = |s: &mut Scene<'_>| {
        s.protected().stimulus("t-1", "true").ran("t-1", "worker", &["true"], 7, exited(0), "");
    };
    let fence = |s: &mut Scene<'_>, phase, containers: &[&str]| {
        s.fenced(Pipeline::Audits, "f-1", phase, containers);
    };
    vec![
        case("a fence behind it", &none, |s| {
            ran(s);
            s.fence(Pipeline::Audits, "f-1");
        })
        .holds(&["saw no runtime audits"]),
        case("no fence", &none, ran).unproved(&["no fence of the audits went in behind it"]),
        case("a fence of another way", &none, |s| {
            ran(s);
            s.fence(Pipeline::Questions { container: "worker".into() }, "f-1");
        })
        .unproved(&["no fence of the audits"]),
        case("a fence sent before it", &none, |s| {
            fence(s, FencePhase::Sent, &[]);
            ran(s);
            fence(s, FencePhase::Passed, &["worker"]);
        })
        .unproved(&["no fence of the audits went in behind it"]),
        case("a fence sent while it still acted", &none, |s| {
            ran(s);
            s.fence(Pipeline::Audits, "f-1").ran("t-1", "worker", &["true"], 8, exited(0), "");
        })
        .unproved(&["no fence of the audits went in behind it"]),
        case("a fence that has not come out", &none, |s| {
            ran(s);
            fence(s, FencePhase::Sent, &[]);
        })
        .unproved(&["fence `f-1`", "has not come out"]),
        case("a fence that came out and was never sent", &none, |s| {
            ran(s);
            fence(s, FencePhase::Passed, &["worker"]);
        })
        .unproved(&["no fence"]),
        case("a fence without an answer of the container", &none, |s| {
            ran(s);
            fence(s, FencePhase::Sent, &[]);
            fence(s, FencePhase::Passed, &["nginx"]);
        })
        .unproved(&["without an answer of \"worker\""]),
        case("a fence without an answer of one that has ended", &none, |s| {
            ran(s);
            s.happened("worker", ContainerHappening::Exited, Some(0));
            fence(s, FencePhase::Sent, &[]);
            fence(s, FencePhase::Passed, &["nginx"]);
        })
        .holds(&["saw no runtime audits"]),
        case("a fence without an answer of one that ended and came back", &none, |s| {
            ran(s);
            s.happened("worker", ContainerHappening::Exited, Some(0));
            s.happened("worker", ContainerHappening::Started, None);
            fence(s, FencePhase::Sent, &[]);
            fence(s, FencePhase::Passed, &["nginx"]);
        })
        .unproved(&["without an answer of \"worker\""]),
        case("a look behind the fence", &none, |s| {
            ran(s);
            let look = proofhouse_protocol::actor::Request::Stat { path: "/x".into() };
            let nothing = proofhouse_protocol::actor::Reply::File { found: None, text: None };
            s.fence(Pipeline::Audits, "f-1").act("t-1", "worker", look, nothing);
        })
        .holds(&["saw no runtime audits"]),
        case("a request from outside, of which no container need answer", &none, |s| {
            s.protected().stimulus("t-1", "GET /").exchange("t-1", "/", 200, None, "");
            fence(s, FencePhase::Sent, &[]);
            fence(s, FencePhase::Passed, &[]);
        })
        .holds(&["saw no runtime audits"]),
    ]
}

/// What a task does by itself while it starts is only known by what its containers tell.
pub fn of_own_doing() -> Vec<Case> {
    let start = format!("start of {TASK}");
    let check = Check::Audits(AuditCount::exactly(1, Plane::Runtime).of(&start));
    let begun =
        |s: &mut Scene<'_>| _ = s.stimulus(&format!("start of {TASK}"), "the task starts").protected();
    let wrote = |s: &mut Scene<'_>| {
        let wrote = Check::Wrote { container: "worker".into(), text: "went on".into() };
        s.wrote("worker", "it went on").check("it has written", &wrote);
    };
    let told = |s: &mut Scene<'_>| {
        s.process_audit(40, "/usr/bin/mkdir", "prevent", "r1");
    };
    vec![
        case("a fence before anything is known of it", &check, |s| {
            begun(s);
            s.fence(Pipeline::Audits, "f-1");
        })
        .unproved(&["saw 0", "no line was waited for, and no container has ended"]),
        case("a fence before it was done", &check, |s| {
            begun(s);
            s.fence(Pipeline::Audits, "f-1");
            wrote(s);
        })
        .unproved(&["the number is not final", "no fence"]),
        case("a line that nobody waited for tells nothing of it", &check, |s| {
            begun(s);
            s.wrote("worker", "it went on").fence(Pipeline::Audits, "f-1");
        })
        .unproved(&["no line was waited for"]),
        case("done, and not told of", &check, |s| {
            begun(s);
            wrote(s);
            s.fence(Pipeline::Audits, "f-1").wrote("worker", "and on");
        })
        .broken(Blame::Defender, &["saw 0"]),
        case("done, and told of", &check, |s| {
            begun(s);
            told(s);
            wrote(s);
            s.fence(Pipeline::Audits, "f-1").wrote("nginx", "later");
        })
        .holds(&["/usr/bin/mkdir"]),
        case("done by one that has ended, and told of", &check, |s| {
            begun(s);
            told(s);
            s.happened("worker", ContainerHappening::Exited, Some(0)).fence(Pipeline::Audits, "f-1");
        })
        .holds(&[]),
    ]
}

pub fn of_losses() -> Vec<Case> {
    let check = Check::Audits(one("t-1"));
    let none = Check::Audits(AuditCount::exactly(0, Plane::Firewall).of("t-1"));
    let console = proofhouse_protocol::Source::Console;
    let totals = |name: &str, count| [(name.to_owned(), count)].into();
    vec![
        case("audits lost on their way", &none, |s| {
            told(s);
            s.lost(Pipeline::Audits);
        })
        .unproved(&["evidence was lost: 3 in the audits: the queue was full"]),
        case("questions and log lost", &none, |s| {
            told(s);
            s.lost(Pipeline::Questions { container: "worker".into() }).lost(Pipeline::Relay);
            s.lost(Pipeline::Logs { container: "worker".into() });
        })
        .holds(&["saw no firewall audits"]),
        case("a gap in the numbers", &check, |s| {
            mkdir(s);
            s.add(console.clone(), Observation::AuditGap { after: 0, before: 3 })
                .fence(Pipeline::Audits, "f-1");
        })
        .unproved(&["numbers 1 to 2 never arrived"]),
        case("numbers that run back", &check, |s| {
            told(s);
            s.add(console.clone(), Observation::AuditGap { after: 7, before: 2 });
        })
        .unproved(&["jumped from 7 to 2"]),
        case("counters that tell of a loss", &check, |s| {
            told(s);
            s.add(console.clone(), Observation::Counters { totals: totals("dropped_audits", 3) });
        })
        .unproved(&["counted 3 as `dropped_audits`"]),
        case("counters that tell of none", &check, |s| {
            told(s);
            s.add(console.clone(), Observation::Counters { totals: totals("dropped_audits", 0) });
            s.add(console.clone(), Observation::Counters { totals: totals("processes", 9) });
        })
        .holds(&["saw exactly 1"]),
        case("a fence that tells of a loss", &check, |s| {
            told(s);
            let fence = Observation::Fence {
                pipeline: Pipeline::Audits,
                id: "f-9".into(),
                phase: FencePhase::Passed,
                containers: Vec::new(),
                totals: totals("dropped_audits", 1),
            };
            s.add(console.clone(), fence);
        })
        .unproved(&["counted 1 as `dropped_audits`"]),
        case("a loss beside a wrong member", &check, |s| {
            mkdir(s);
            s.process_audit(40, "/usr/bin/mkdir", "alert", "r1").lost(Pipeline::Audits);
        })
        .broken(Blame::Defender, &["effect: expected `prevent`"]),
    ]
}

pub fn of_order() -> Vec<Case> {
    let check = Check::AuditsInOrder { tokens: vec!["t-1".into(), "t-2".into()] };
    let done = |s: &mut Scene<'_>| {
        mkdir(s);
        s.stimulus("t-2", "mkdir").ran("t-2", "worker", &["mkdir", "/y"], 41, denied(), "");
    };
    let audit = |s: &mut Scene<'_>, pid: i32, time: &str| {
        s.audit(Plane::Runtime, json!({"containerName": "worker", "pid": pid, "time": time}));
    };
    let (first, then) = ("2026-01-05T09:00:01Z", "2026-01-05T09:00:02Z");
    let fenced = |s: &mut Scene<'_>| _ = s.fence(Pipeline::Audits, "f-1");
    vec![
        case("both, in their order", &check, |s| {
            done(s);
            audit(s, 40, first);
            audit(s, 41, then);
            fenced(s);
        })
        .holds(&["each of 2 was told of once"]),
        case("the other way round", &check, |s| {
            done(s);
            audit(s, 41, then);
            audit(s, 40, first);
            fenced(s);
        })
        .broken(Blame::Defender, &["it arrived before it"]),
        case("with times that run back", &check, |s| {
            done(s);
            audit(s, 40, then);
            audit(s, 41, first);
            fenced(s);
        })
        .broken(Blame::Defender, &["happened at `2026-01-05T09:00:02Z` and `2026-01-05T09:00:01Z`"]),
        case("one of them twice", &check, |s| {
            done(s);
            audit(s, 40, first);
            audit(s, 40, first);
            audit(s, 41, then);
        })
        .broken(Blame::Defender, &["expected one audit of stimulus `t-1`", "saw 2"]),
        case("one of them never", &check, |s| {
            done(s);
            audit(s, 41, then);
            fenced(s);
        })
        .broken(Blame::Defender, &["expected one audit of stimulus `t-1`", "saw 0"]),
        case("so far", &check, |s| {
            done(s);
            audit(s, 40, first);
            audit(s, 41, then);
        })
        .unproved(&["not final"]),
        case("of one thing", &Check::AuditsInOrder { tokens: vec!["t-1".into()] }, told)
            .unproved(&["an order is one of several things"]),
    ]
}

pub fn of_counts() -> Vec<Case> {
    let check = Check::Counted { name: "vanished_wrappers".into() };
    let totals = |name: &str, count| [(name.to_owned(), count)].into();
    let counters = |s: &mut Scene<'_>, name: &str, count| {
        let observation = Observation::Counters { totals: totals(name, count) };
        s.add(proofhouse_protocol::Source::Console, observation);
    };
    let killed = |s: &mut Scene<'_>| {
        s.protected().happened("worker", ContainerHappening::Exited, Some(137));
    };
    vec![
        case("counted", &check, |s| {
            killed(s);
            counters(s, "vanished_wrappers", 1);
        })
        .holds(&["counted 1 as `vanished_wrappers`"]),
        case("something else counted", &check, |s| {
            killed(s);
            counters(s, "audits", 1);
            s.fence(Pipeline::Audits, "f-1");
        })
        .broken(Blame::Defender, &["told of none"]),
        case("counted by the Defender of a former task", &check, |s| {
            s.protected();
            counters(s, "vanished_wrappers", 1);
            killed(s);
            s.fence(Pipeline::Audits, "f-1");
        })
        .unproved(&["evidence was lost"]),
        case("no fence behind it", &check, killed).unproved(&["the counters are not final"]),
        case("no task", &check, |_| {}).unproved(&["no task has begun"]),
        case("a loss that the scenario asks for", &Check::NoUnexplainedAudits {}, |s| {
            told(s);
            counters(s, "vanished_wrappers", 1);
            s.check("it has counted", &Check::Counted { name: "vanished_wrappers".into() });
        })
        .holds(&[]),
        case("another loss", &Check::NoUnexplainedAudits {}, |s| {
            told(s);
            counters(s, "vanished_wrappers", 1);
            s.check("it has counted", &Check::Counted { name: "vanished_wrappers".into() });
            counters(s, "dropped_audits", 1);
        })
        .unproved(&["dropped_audits"]),
    ]
}

#[test]
fn audits() {
    run(&of_counts());
    run(&of_order());
    run(&cases());
    run(&of_fences());
    run(&of_losses());
    run(&of_own_doing());
}
