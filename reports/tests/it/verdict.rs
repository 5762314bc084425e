//! Verdicts, from records alone.

use crate::sample::given::running;
use crate::sample::tape::{Scene, Tape, denied, meta};
use proofhouse_protocol::actor::{Reply, Request};
use proofhouse_protocol::observation::{Blame, Pipeline, Plane, StepStatus};
use proofhouse_protocol::task::Health;
use proofhouse_protocol::{EmbedNames, FidelityLabel, Observation, Source};
use proofhouse_reports::checks::{
    AnswerExpectation, AuditCount, Check, ConsoleAnswer, Place, Program, ProgramExpectation, TaskExpectation,
};
use proofhouse_reports::history::by_scenario;
use proofhouse_reports::verdict::{Fidelity, judge};
use proofhouse_reports::{Level, Outcome, ScenarioMeta, ScenarioResult, Verdict};
use serde_json::json;

pub fn about() -> ScenarioMeta {
    meta("a-001", "t", "f", &[], Level::Core)
}

pub fn judged(write: impl FnOnce(&mut Scene<'_>)) -> ScenarioResult {
    judged_as(&about(), write)
}

fn judged_as(meta: &ScenarioMeta, write: impl FnOnce(&mut Scene<'_>)) -> ScenarioResult {
    let mut tape = Tape::default();
    let mut scene = tape.scene(meta);
    write(&mut scene);
    scene.end();
    judge(&tape.records, meta)
}

#[track_caller]
fn is(result: &ScenarioResult, verdict: Verdict, words: &str) {
    assert_eq!(result.verdict, verdict, "{}", result.cause);
    assert!(result.cause.contains(words), "`{words}` is not in: {}", result.cause);
}

fn program(expect: ProgramExpectation) -> Check {
    Check::Program(Program { token: "t-1".into(), expect })
}

/// Something is done, and nothing is checked.
fn begun(s: &mut Scene<'_>) {
    s.protected()
        .stimulus("t-1", "x")
        .ran("t-1", "worker", &["mkdir"], 40, denied(), "")
        .step("When", "x happens");
}

/// A scenario that passes.
pub fn done(s: &mut Scene<'_>) {
    begun(s);
    s.check("it never ran", &program(ProgramExpectation::NeverRan));
}

/// Checks that say each of these on the scene in [`begun`].
fn by_defender() -> Check {
    program(ProgramExpectation::Ran(Some(0)))
}

fn by_fargate() -> Check {
    Check::Task { expect: TaskExpectation::TaskHealth(Health::Healthy) }
}

fn by_console() -> Check {
    let expect = AnswerExpectation::Success;
    Check::ConsoleAnswer(ConsoleAnswer { token: "c-1".into(), expect })
}

fn unproved() -> Check {
    Check::Path { place: Place { container: "worker".into(), path: "/x".into() }, exists: false }
}

fn error() -> Check {
    Check::Task { expect: TaskExpectation::NeverStarted { container: "db".into() } }
}

fn with(checks: &[Check]) -> ScenarioResult {
    judged(|s| {
        s.answer("c-1", "GET", "/x", None, 500, "");
        begun(s);
        s.record(running(&["nginx", "worker"]));
        checks.iter().for_each(|check| _ = s.check("it is so", check));
    })
}

#[test]
fn a_scenario_passes_when_everything_held() {
    let result = judged(done);
    is(&result, Verdict::Passed, "");
    assert_eq!((result.attempts, result.steps.len(), result.findings.len()), (1, 2, 1));
    assert_eq!((result.blame, result.findings[0].step), (None, Some(1)));
    assert!(result.duration_ms > 25.0);
}

#[test]
fn each_outcome_has_its_verdict_and_blame() {
    is(&with(&[by_defender()]), Verdict::Failed, "to exit with 0; it was not started");
    is(&with(&[unproved()]), Verdict::Inconclusive, "nobody looked at \"/x\"");
    is(&with(&[error()]), Verdict::Error, "has no container \"db\"");
    let blame = |checks: &[Check]| with(checks).blame;
    assert_eq!(blame(&[by_defender()]), Some(Blame::Defender));
    assert_eq!(blame(&[by_fargate()]), Some(Blame::Fargate));
    assert_eq!(blame(&[by_console()]), Some(Blame::Console));
    assert_eq!(blame(&[error()]), Some(Blame::Harness));
    assert_eq!(blame(&[unproved()]), None);
}

#[test]
fn what_is_broken_comes_first_and_what_is_missing_last() {
    is(&with(&[unproved(), error()]), Verdict::Error, "has no container");
    let all = with(&[unproved(), error(), by_fargate(), by_defender(), by_console()]);
    is(&all, Verdict::Failed, "expected a task that is HEALTHY, it is UNKNOWN");
    is(&all, Verdict::Failed, "and 2 more of 5 findings");
    assert_eq!(all.blame, Some(Blame::Fargate), "the first that is broken is told");
}

#[test]
fn a_check_that_nobody_knows_is_an_error() {
    let result = judged(|s| {
        done(s);
        s.add(
            Source::Runner,
            Observation::Check { step: Some(1), check: json!({"check": "is_nice", "token": "t-1"}) },
        );
    });
    is(&result, Verdict::Error, "not one that this version can make");
    let finding = result.findings.last().unwrap();
    assert_eq!((finding.check.as_str(), finding.conclusion.outcome), ("is_nice", Outcome::Error));
}

#[test]
fn steps_speak_where_no_check_does() {
    let with = |status| {
        judged(|s| {
            done(s);
            s.ended("Then", "it is so", status, Some("no such thing"));
        })
    };
    is(
        &with(StepStatus::Failed),
        Verdict::Error,
        "a step failed, and no check says why: step `Then it is so`",
    );
    is(&with(StepStatus::Undefined), Verdict::Error, "step `Then it is so`: no such thing");
    is(&with(StepStatus::Error), Verdict::Error, "no such thing");
    is(&with(StepStatus::Skipped), Verdict::Inconclusive, "was skipped");
    is(&judged(|_| {}), Verdict::Error, "no step ran");
    let failed = judged(|s| {
        done(s);
        s.check("it ran", &by_defender()).ended("Then", "more", StepStatus::Error, Some("gone"));
    });
    is(&failed, Verdict::Failed, "to exit with 0");
}

#[test]
fn nothing_checked_and_nothing_done_are_inconclusive() {
    is(&judged(begun), Verdict::Inconclusive, "no step made a check");
    let behind = judged(|s| {
        begun(s);
        s.add(Source::Runner, program(ProgramExpectation::NeverRan).to_observation(None));
    });
    is(&behind, Verdict::Inconclusive, "no step made a check");
    let idle = judged(|s| {
        s.protected().record(running(&["worker"]));
        s.check("it runs", &Check::Task { expect: TaskExpectation::Running });
    });
    is(&idle, Verdict::Inconclusive, "no stimulus ran");
    let failed = |s: &mut Scene<'_>, token| {
        let reply = Reply::Failed { errno: 11, error: "EAGAIN".into() };
        s.stimulus(token, "y").act(token, "worker", Request::Exit { code: 0 }, reply);
    };
    let could_not = judged(|s| {
        done(s);
        failed(s, "t-2");
    });
    is(&could_not, Verdict::Inconclusive, "could not carry out stimulus `t-2`: EAGAIN");
    let at_last = judged(|s| {
        done(s);
        failed(s, "t-2");
        s.ran("t-2", "worker", &["true"], 41, denied(), "");
    });
    is(&at_last, Verdict::Passed, "");
}

#[test]
fn what_was_lost_counts_where_it_could_have_told() {
    let none = Check::Audits(AuditCount::exactly(0, Plane::Runtime).of("t-1"));
    let lost = |pipeline: Pipeline| {
        judged(|s| {
            begun(s);
            s.fence(Pipeline::Audits, "f").lost(pipeline).check("no audit", &none);
        })
    };
    is(&lost(Pipeline::Audits), Verdict::Inconclusive, "evidence was lost");
    is(&lost(Pipeline::Relay), Verdict::Passed, "");
    let broken = judged(|s| {
        done(s);
        s.lost(Pipeline::Audits).check("it ran", &by_defender());
    });
    is(&broken, Verdict::Failed, "to exit with 0");
}

#[test]
fn a_pass_needs_properties_that_are_there() {
    let mut info = about();
    let fidelity = |label| Fidelity { property: "seccomp".into(), label, how: "default".into() };
    info.relies_on = vec![fidelity(FidelityLabel::Enforced), fidelity(FidelityLabel::Approximated)];
    is(&judged_as(&info, done), Verdict::Passed, "");
    info.relies_on.push(fidelity(FidelityLabel::NotSimulated));
    is(&judged_as(&info, done), Verdict::Inconclusive, "`seccomp` is not simulated");
    info.not_applicable = Some("no such feature".into());
    is(&judged_as(&info, |_| {}), Verdict::NotApplicable, "no such feature");
}

#[test]
fn a_scenario_that_was_cut_off_is_an_error() {
    let mut tape = Tape::default();
    done(&mut tape.scene(&about()));
    is(&judge(&tape.records, &about()), Verdict::Error, "the run ended before the scenario did");
}

#[test]
fn the_last_attempt_counts_and_the_others_are_told() {
    let mut tape = Tape::default();
    let mut first = tape.scene(&about());
    begun(&mut first);
    first.check("it ran", &by_defender()).end();
    let began = tape.records.len();
    let mut second = tape.scene(&about());
    done(&mut second);
    second.end();
    let mut records = tape.records;
    let mut recording = (*records[began].recording).clone();
    recording.observation = about().to_observation(2, &EmbedNames::default());
    records[began].recording = std::sync::Arc::new(recording);
    let result = judge(&records, &about());
    is(&result, Verdict::Passed, "passed at attempt 2");
    assert_eq!((result.attempts, result.findings.len()), (2, 1));
}

#[test]
fn an_audit_without_a_cause_fails_unless_the_scenario_expects_it() {
    let stray = |s: &mut Scene<'_>| {
        done(s);
        s.process_audit(5, "/usr/bin/id", "prevent", "r1").fence(Pipeline::Audits, "f-1");
    };
    let result = judged(stray);
    is(&result, Verdict::Failed, "saw 1 without one");
    let last = result.findings.last().unwrap();
    assert_eq!((last.check.as_str(), last.step), ("no_unexplained_audits", None));
    let expected = AuditCount::exactly(1, Plane::Runtime).select("processPath", "/usr/bin/id");
    let result = judged(|s| {
        stray(s);
        s.check("start-up is audited", &Check::Audits(expected));
    });
    is(&result, Verdict::Passed, "");
}

#[test]
fn a_check_is_made_on_what_was_recorded_before_it_and_on_no_word() {
    let result = judged(|s| {
        s.protected().stimulus("t-1", "x").step("When", "x happens");
        // The step says that all is well; the evidence comes behind the check.
        s.add(Source::Runner, program(ProgramExpectation::NeverRan).to_observation(Some(1)));
        s.step("Then", "it never ran").ran("t-1", "worker", &["mkdir"], 40, denied(), "");
    });
    is(&result, Verdict::Inconclusive, "no program of stimulus `t-1`");
    let contrary = judged(|s| {
        begun(s);
        s.add(Source::Runner, program(ProgramExpectation::NeverRan).to_observation(Some(1)));
        s.ended("Then", "it never ran", StepStatus::Failed, Some("the step thinks otherwise"));
    });
    is(&contrary, Verdict::Error, "no check says why");
}

#[test]
fn the_sample_has_what_its_scenarios_say() {
    for (id, own) in by_scenario(&crate::sample::history()) {
        let Observation::ScenarioBegan { meta, .. } = own[0].observation() else { panic!("{id} begins so") };
        let meta: ScenarioMeta = serde_json::from_value(meta.clone()).unwrap();
        let result = judge(&own, &meta);
        let odd = result.findings.iter().filter(|f| f.conclusion.outcome == Outcome::Error);
        assert_eq!(odd.count(), 0, "{id}: {}", result.cause);
        // A step of the sample ends as its checks say, and they say it again.
        for finding in result.findings.iter().filter(|f| f.step.is_some()) {
            let step = &result.steps[finding.step.unwrap()];
            assert!(finding.conclusion.is_held() || step.status == StepStatus::Failed, "{id}: {}", step.text);
        }
    }
}
