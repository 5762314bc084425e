//! Exit codes are API.

use crate::sample::tape::meta;
use proofhouse_reports::report::{Problem, ProblemKind};
use proofhouse_reports::{ExitCode, Level, ScenarioResult, Verdict};
use std::collections::BTreeSet;

fn result(verdict: Verdict) -> ScenarioResult {
    ScenarioResult {
        meta: meta("a-001", "t", "f", &[], Level::Core),
        verdict,
        blame: None,
        cause: String::new(),
        duration_ms: 1.0,
        attempts: 1,
        steps: Vec::new(),
        findings: Vec::new(),
    }
}

fn of(verdicts: &[Verdict], problems: &[ProblemKind], interrupted: bool) -> u8 {
    let results: Vec<_> = verdicts.iter().copied().map(result).collect();
    let problems: Vec<_> = problems.iter().map(|kind| Problem { kind: *kind, text: "x".into() }).collect();
    ExitCode::of_run(&results, &problems, interrupted).code()
}

#[test]
fn the_numbers_do_not_change() {
    let numbers = ExitCode::PRECEDENCE.map(ExitCode::code);
    assert_eq!(numbers, [2, 1, 130, 3, 5, 4, 7, 6, 8, 9, 10, 0]);
    assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), 12, "each code has a number of its own");
    assert!(ExitCode::PRECEDENCE.iter().all(|c| !c.sentence().is_empty()));
}

#[test]
fn each_verdict_has_its_code() {
    use Verdict::*;
    assert_eq!(of(&[Passed], &[], false), 0);
    assert_eq!(of(&[Passed, KnownFailure, NotApplicable], &[], false), 0);
    assert_eq!(of(&[Passed, Failed], &[], false), 3);
    assert_eq!(of(&[Passed, Inconclusive], &[], false), 4);
    assert_eq!(of(&[Passed, Error], &[], false), 5);
    assert_eq!(of(&[Passed, UnexpectedPass], &[], false), 7);
}

#[test]
fn nothing_that_ran_is_never_a_pass() {
    assert_eq!(of(&[], &[], false), 6);
    assert_eq!(of(&[Verdict::NotApplicable], &[], false), 6);
}

#[test]
fn problems_of_the_run_close_the_gate() {
    assert_eq!(of(&[Verdict::Passed], &[ProblemKind::Expectations], false), 7);
    assert_eq!(of(&[Verdict::Passed], &[ProblemKind::Leak], false), 5);
    assert_eq!(of(&[Verdict::Passed], &[ProblemKind::History], false), 5);
    assert_eq!(of(&[Verdict::Passed], &[ProblemKind::Environment], false), 5);
}

#[test]
fn the_precedence_is_kept() {
    use Verdict::*;
    assert_eq!(of(&[Failed, Error, Inconclusive, UnexpectedPass], &[ProblemKind::Leak], true), 130);
    assert_eq!(of(&[Failed, Error, Inconclusive, UnexpectedPass], &[ProblemKind::Leak], false), 3);
    assert_eq!(of(&[Error, Inconclusive, UnexpectedPass], &[], false), 5);
    assert_eq!(of(&[Inconclusive, UnexpectedPass], &[], false), 4);
    assert_eq!(of(&[NotApplicable], &[ProblemKind::Expectations], false), 7);
}
