//! What the expectations make of verdicts.

use crate::verdict::{done, judged};
use proofhouse_reports::Verdict;
use proofhouse_reports::report::ProblemKind;
use proofhouse_reports::verdict::Expectations;
use std::collections::BTreeSet;

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
