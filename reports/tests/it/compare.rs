//! What two judgements of a suite differ in.

use crate::sample::tape::denied;
use crate::verdict::{done, judged};
use proofhouse_reports::ScenarioResult;
use proofhouse_reports::checks::{Check, Program, ProgramExpectation};
use proofhouse_reports::verdict::compare;

fn checked(expect: ProgramExpectation) -> ScenarioResult {
    let check = Check::Program(Program { token: "t-1".into(), expect });
    judged(|s| {
        s.protected()
            .stimulus("t-1", "x")
            .ran("t-1", "worker", &["mkdir"], 40, denied(), "")
            .step("When", "x");
        s.check("it is so", &check);
    })
}

#[test]
fn equal_judgements_do_not_differ_whatever_their_times_are() {
    let (here, mut there) = (judged(done), judged(done));
    there.duration_ms += 7.0;
    assert_eq!(compare(&[here], &[there]), []);
}

#[test]
fn another_verdict_is_told_with_its_cause() {
    let found = compare(&[judged(done)], &[checked(ProgramExpectation::Ran(None))]);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].here.as_str(), found[0].there.as_str()), ("passed", "failed (the Defender)"));
    assert!(found[0].what.contains("it was not started"), "{}", found[0].what);
}

#[test]
fn another_check_with_the_same_verdict_is_told_by_its_place() {
    let same = judged(|s| {
        done(s);
        let more = ProgramExpectation::DidNotSucceed;
        s.check("more", &Check::Program(Program { token: "t-1".into(), expect: more }));
    });
    let found = compare(&[judged(done)], &[same]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].what, "check 2: nothing here, program Holds there");
}

#[test]
fn a_scenario_of_one_run_is_absent_in_the_other() {
    let found = compare(&[], &[judged(done)]);
    assert_eq!(
        (found[0].id.as_str(), found[0].here.as_str(), found[0].there.as_str()),
        ("a-001", "absent", "passed")
    );
}
