//! Verdicts, and what the expectations make of them.

use crate::sample;
use crate::sample::tape::{Scene, Tape, meta};
use proofhouse_protocol::{Observation, Recorder, Source};
use proofhouse_reports::checks::{AuditCount, Check, Plane};
use proofhouse_reports::history::by_scenario;
use proofhouse_reports::report::{Options, ProblemKind, assemble};
use proofhouse_reports::verdict::{Expectations, Fidelity, FidelityLabel, judge, judge_again};
use proofhouse_reports::{History, Level, ScenarioMeta, ScenarioResult, Verdict};
use serde_json::json;
use std::collections::BTreeSet;

fn about() -> ScenarioMeta {
    meta("a-001", "t", "f", &[], Level::Core)
}

fn judged(write: impl FnOnce(&mut Scene<'_>)) -> ScenarioResult {
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

fn finding(holds: bool, blame: &str) -> Observation {
    let (check, message) = ("some_check".to_owned(), format!("because of {blame}"));
    Observation::Finding { check, holds, blame: blame.to_owned(), message, expectation: json!({}) }
}

fn done(s: &mut Scene<'_>) {
    s.stimulus("t-1", "x").step("When", "x happens");
}

#[test]
fn a_scenario_passes_when_everything_held() {
    let result = judged(|s| {
        done(s);
        s.add(Source::Runner, finding(true, "defender"));
    });
    is(&result, Verdict::Passed, "");
    assert_eq!((result.attempts, result.steps.len(), result.findings.len()), (1, 1, 1));
    assert!(result.duration_ms > 25.0);
}

#[test]
fn each_blame_has_its_verdict_and_the_defender_comes_first() {
    let with = |blames: &[&str]| {
        judged(|s| {
            done(s);
            for blame in blames {
                s.add(Source::Runner, finding(false, blame));
            }
            s.ended("Then", "it is so", "failed", Some("told by the finding"));
        })
    };
    is(&with(&["defender"]), Verdict::Failed, "because of defender");
    is(&with(&["evidence"]), Verdict::Inconclusive, "because of evidence");
    is(&with(&["environment"]), Verdict::Error, "because of environment");
    is(&with(&["a word nobody knows"]), Verdict::Error, "because of a word");
    is(&with(&["evidence", "environment"]), Verdict::Error, "because of environment");
    is(
        &with(&["evidence", "environment", "defender", "defender"]),
        Verdict::Failed,
        "and 1 more of 4 findings",
    );
}

#[test]
fn steps_speak_where_no_finding_does() {
    let with = |status: &str| {
        judged(|s| {
            done(s);
            s.ended("Then", "it is so", status, Some("no such thing"));
        })
    };
    is(&with("failed"), Verdict::Failed, "step `Then it is so`: no such thing");
    is(&with("undefined"), Verdict::Error, "is undefined");
    is(&with("error"), Verdict::Error, "no such thing");
    is(&with("timed_out"), Verdict::Error, "no such thing");
    is(&with("skipped"), Verdict::Inconclusive, "was skipped");
    is(&judged(|_| {}), Verdict::Error, "no step ran");
}

#[test]
fn lost_evidence_and_idle_stimuli_are_inconclusive() {
    is(
        &judged(|s| {
            done(s);
            s.add(Source::Console, Observation::AuditGap { after: 3, before: 7 });
        }),
        Verdict::Inconclusive,
        "numbers 4 to 6",
    );
    is(
        &judged(|s| {
            done(s);
            s.add(Source::Console, Observation::Counters { totals: json!({"dropped_audits": 1}) });
        }),
        Verdict::Inconclusive,
        "1 dropped audits",
    );
    is(
        &judged(|s| {
            done(s);
            s.add(Source::Console, Observation::Counters { totals: json!({"dropped_audits": 0}) });
        }),
        Verdict::Passed,
        "",
    );
    is(
        &judged(|s| {
            s.step("Then", "all is well").add(Source::Runner, finding(true, "defender"));
        }),
        Verdict::Inconclusive,
        "no stimulus ran",
    );
    is(
        &judged(|s| {
            done(s);
            let act = Observation::Act {
                request: json!({"do": "run"}),
                result: json!({"reply": "failed", "error": "EAGAIN"}),
            };
            s.with("t-1", Source::Actor("worker".into()), act);
        }),
        Verdict::Inconclusive,
        "stimulus `t-1`: EAGAIN",
    );
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
    done(&mut first);
    first.add(Source::Runner, finding(false, "evidence")).end();
    let mut records = tape.records.clone();
    let mut again = Tape::default();
    let mut second = again.scene(&about());
    done(&mut second);
    second.end();
    let mut more = again.records;
    let mut began = (*more[0].recording).clone();
    let Observation::ScenarioBegan { attempt, .. } = &mut began.observation else { panic!("it begins so") };
    *attempt = 2;
    more[0].recording = std::sync::Arc::new(began);
    records.extend(more);
    let result = judge(&records, &about());
    is(&result, Verdict::Passed, "passed at attempt 2");
    assert_eq!((result.attempts, result.findings.len()), (2, 0));
}

#[test]
fn an_audit_without_a_cause_fails_unless_the_scenario_expects_it() {
    let stray = |s: &mut Scene<'_>| {
        done(s);
        s.process_audit(5, "/usr/bin/id", "prevent", "r1").fence("f-1", &[]);
    };
    let result = judged(stray);
    is(&result, Verdict::Failed, "saw 1 without one");
    assert_eq!(result.findings.last().unwrap().check, "no_unexplained_audits");
    let expected = AuditCount::exactly(1, Plane::Runtime).field("process_path", "/usr/bin/id");
    let result = judged(|s| {
        stray(s);
        s.check("start-up is audited", &Check::AuditCount(expected));
    });
    is(&result, Verdict::Passed, "");
}

#[test]
fn a_recording_is_judged_again_to_the_same_result() {
    let records = sample::history();
    for (id, own) in by_scenario(&records) {
        let Observation::ScenarioBegan { meta, .. } = own[0].observation() else { panic!("{id} begins so") };
        let meta: ScenarioMeta = serde_json::from_value(meta.clone()).unwrap();
        let (again, kept) = judge_again(&own, &meta);
        assert_eq!(kept, Vec::<String>::new());
        assert_eq!(again, judge(&own, &meta));
    }
}

#[test]
fn judging_again_uses_the_checker_and_not_the_recorded_word() {
    let mut tape = Tape::default();
    let mut scene = tape.scene(&about());
    scene.stimulus("t-1", "x").ran(
        "t-1",
        "worker",
        &["getent", "hosts", "a.test"],
        7,
        json!({"end": "exited", "code": 0}),
        "",
    );
    scene.step("When", "x");
    let mut wrong = Check::DnsAsked { name: "a.test".into() }.judge(scene.records());
    assert!(!wrong.holds);
    wrong.holds = true;
    scene.add(Source::Runner, wrong.into_observation());
    scene.asked("a.test", "192.0.2.1");
    scene.add(Source::Runner, finding(true, "defender")).end();
    assert_eq!(judge(&tape.records, &about()).verdict, Verdict::Passed);
    let (again, kept) = judge_again(&tape.records, &about());
    assert_eq!(again.verdict, Verdict::Failed, "the question came after the check");
    assert_eq!(kept.len(), 1);
    assert!(kept[0].contains("`some_check`"), "{}", kept[0]);
}

fn expectations(expires: &str) -> Expectations {
    let text = format!(
        r#"{{"known_failures": [{{"id": "a-001", "reason": "slow", "issue": "i-7", "owner": "me", "expires": "{expires}"}}]}}"#
    );
    Expectations::parse(&text).unwrap()
}

fn applied(verdict: Verdict, expires: &str) -> (Verdict, Vec<String>) {
    let mut result = judged(done);
    result.verdict = verdict;
    result.cause = "it broke".into();
    let mut results = [result];
    let problems = expectations(expires).apply(&mut results, jiff::civil::date(2026, 3, 1), None);
    assert!(problems.iter().all(|p| p.kind == ProblemKind::Expectations));
    (results[0].verdict, problems.into_iter().map(|p| p.text).collect())
}

#[test]
fn a_known_failure_is_excused_until_its_last_day() {
    assert_eq!(applied(Verdict::Failed, "2026-03-01"), (Verdict::KnownFailure, vec![]));
    let (verdict, problems) = applied(Verdict::Failed, "2026-02-28");
    assert_eq!(verdict, Verdict::Failed);
    assert!(problems[0].contains("expired on 2026-02-28") && problems[0].contains("me"), "{problems:?}");
    assert_eq!(applied(Verdict::Passed, "2026-03-01"), (Verdict::UnexpectedPass, vec![]));
    assert_eq!(
        applied(Verdict::Error, "2026-03-01").0,
        Verdict::Error,
        "an error is not the failure that was known"
    );
    assert_eq!(applied(Verdict::Inconclusive, "2026-03-01").0, Verdict::Inconclusive);
}

#[test]
fn an_entry_for_no_scenario_is_a_problem() {
    let suite = BTreeSet::from(["b-001".to_owned()]);
    let problems = expectations("2026-03-01").apply(&mut [], jiff::civil::date(2026, 3, 1), Some(&suite));
    assert!(problems[0].text.contains("`a-001`, which is no scenario"), "{problems:?}");
    let here = BTreeSet::from(["a-001".to_owned()]);
    let problems = expectations("2026-03-01").apply(&mut [], jiff::civil::date(2026, 3, 1), Some(&here));
    assert_eq!(problems, [], "a scenario that was not selected is no problem");
}

#[test]
fn a_broken_expectations_file_says_where() {
    let entry = |id: &str, owner: &str| {
        format!(
            r#"{{"id": "{id}", "reason": "r", "issue": "i", "owner": "{owner}", "expires": "2026-03-01"}}"#
        )
    };
    let error = |text: &str| Expectations::parse(text).unwrap_err().to_string();
    let list = |entries: &[String]| format!(r#"{{"known_failures": [{}]}}"#, entries.join(","));
    assert!(
        error(&list(&[entry("a", "me"), entry("b", " ")])).contains("entry 2 of the expectations file (`b`)")
    );
    assert!(error(&list(&[entry("a", "me"), entry("a", "me")])).contains("two entries for `a`"));
    assert!(error("{").contains("line 1"));
    assert!(error(r#"{"known": []}"#).contains("known"));
    assert!(error(&list(&[entry("a", "me").replace("2026-03-01", "soon")])).contains("expires"));
    assert_eq!(Expectations::parse("{}").unwrap(), Expectations::default());
}

#[test]
fn a_history_without_its_end_is_an_interrupted_run() {
    let mut records = sample::history();
    let report = assemble(&records, Options::default()).unwrap();
    assert!(!report.interrupted);
    assert_eq!(report.exit.code, 3);
    records.pop();
    let report = assemble(&records, Options::default()).unwrap();
    assert!(report.interrupted);
    assert_eq!(report.exit.code, 130);
    records.remove(0);
    let error = assemble(&records, Options::default()).unwrap_err().to_string();
    assert!(error.contains("run_began"), "{error}");
}

#[test]
fn a_history_that_could_not_be_written_closes_the_gate() {
    let mut tape = Tape::default();
    tape.run(Source::Runner, sample::header().to_observation());
    let mut scene = tape.scene(&about());
    done(&mut scene);
    scene.end();
    tape.run(Source::Runner, Observation::RunEnded { interrupted: false });
    assert_eq!(assemble(&tape.records, Options::default()).unwrap().exit.code, 0);
    let full = History::to_file(std::path::Path::new("/dev/full")).unwrap();
    full.for_run().record(tape.records[0].recording.as_ref().clone());
    let problems = vec![full.finish().unwrap_err().into()];
    let report = assemble(&tape.records, Options { problems, ..Options::default() }).unwrap();
    assert_eq!(report.exit.code, 5);
    assert!(report.problems[0].text.contains("/dev/full"), "{:?}", report.problems);
}

#[test]
fn leaks_and_dry_runs_are_problems_of_the_run() {
    let mut tape = Tape::default();
    let header = proofhouse_reports::RunHeader { dry_run: true, ..sample::header() };
    tape.run(Source::Runner, header.to_observation());
    let mut scene = tape.scene(&about());
    done(&mut scene);
    scene.end();
    let leak = Observation::Finding {
        check: "no_leak".into(),
        holds: false,
        blame: "environment".into(),
        message: "container `x` was left behind".into(),
        expectation: json!({}),
    };
    tape.run(Source::Engine, leak);
    tape.run(Source::Runner, Observation::RunEnded { interrupted: false });
    let report = assemble(&tape.records, Options::default()).unwrap();
    let kinds: Vec<_> = report.problems.iter().map(|p| p.kind).collect();
    assert_eq!(kinds, [ProblemKind::Leak, ProblemKind::Environment]);
    assert_eq!(report.exit.code, 5, "a dry run is never a pass");
}
