//! Whole outputs.

use crate::sample;
use proofhouse_reports::report::assemble;
use proofhouse_reports::write::{to_cucumber_json, to_junit, to_results_json, to_summary, write_folder};
use proofhouse_reports::{RunReport, Verdict};
use serde_json::Value;

fn report() -> RunReport {
    assemble(&sample::history()).unwrap()
}

/// One scenario for each verdict, and one for each to blame.
fn short() -> RunReport {
    let mut report = report();
    let kept = [
        "embed-004",
        "embed-006",
        "embed-009",
        "process-001",
        "process-004",
        "process-006",
        "dns-009",
        "waas-006",
        "task-008",
    ];
    report.results.retain(|r| kept.contains(&r.meta.id.as_str()));
    assert_eq!(report.results.len(), kept.len());
    report
}

#[test]
fn junit() {
    insta::assert_snapshot!(to_junit(&short()));
}

#[test]
fn junit_counts_follow_the_verdicts() {
    let report = report();
    let read = quick_junit::Report::deserialize_from_str(&to_junit(&report)).unwrap();
    assert_eq!(read.tests, report.counts.total());
    assert_eq!(
        read.failures,
        report.counts.get(Verdict::Failed) + report.counts.get(Verdict::UnexpectedPass)
    );
    assert_eq!(read.errors, report.counts.get(Verdict::Error) + report.counts.get(Verdict::Inconclusive));
}

#[test]
fn junit_survives_what_programs_print() {
    let mut report = short();
    report.results[0].cause = "\u{1b}[31m]]> <b> & \u{0} \u{ffff}".into();
    let text = to_junit(&report);
    quick_junit::Report::deserialize_from_str(&text).unwrap();
    assert!(!text.contains('\u{0}') && !text.contains('\u{1b}'));
}

#[test]
fn cucumber() {
    let mut report = short();
    report.results.retain(|r| r.verdict != Verdict::Passed);
    insta::assert_snapshot!(to_cucumber_json(&report));
}

#[test]
fn cucumber_shows_every_verdict() {
    let features: Value = serde_json::from_str(&to_cucumber_json(&report())).unwrap();
    let elements: Vec<&Value> =
        features.as_array().unwrap().iter().flat_map(|f| f["elements"].as_array().unwrap()).collect();
    assert_eq!(elements.len(), report().results.len());
    for (element, result) in elements.iter().zip(&report().results) {
        let steps = element["steps"].as_array().unwrap().iter();
        let hooks = element["after"].as_array().into_iter().flatten();
        let statuses: Vec<_> = steps.chain(hooks).map(|s| s["result"]["status"].as_str().unwrap()).collect();
        let clean = statuses.iter().all(|s| *s == "passed");
        assert_eq!(clean, result.verdict == Verdict::Passed, "{}: {statuses:?}", result.meta.id);
    }
}

#[test]
fn summary() {
    insta::assert_snapshot!(to_summary(&report(), false));
}

#[test]
fn each_scenario_that_failed_says_who_broke_it() {
    let report = report();
    let (summary, xml) = (to_summary(&report, false), to_junit(&report));
    let failed: Vec<_> = report.results.iter().filter(|r| r.verdict == Verdict::Failed).collect();
    assert_eq!(failed.len(), 6);
    for result in &failed {
        let by = result.blame.unwrap();
        assert!(summary.contains(&format!("failed ({by}): {}", result.meta.id)), "{}", result.meta.id);
    }
    let blamed = xml.matches("<property name=\"blame\"").count();
    assert_eq!(blamed, report.results.iter().filter(|r| r.blame.is_some()).count());
    assert!(xml.contains("<property name=\"blame\" value=\"the Console\"/>"));
}

#[test]
fn the_summary_ends_with_one_line_of_counts() {
    let text = to_summary(&report(), true);
    let last = text.lines().last().unwrap();
    assert!(last.starts_with("45 scenarios: 31 passed, 6 failed"), "{last}");
    assert!(text.contains("\u{1b}[1;31mfailed\u{1b}[0m"));
    assert!(!to_summary(&report(), false).contains('\u{1b}'));
}

#[test]
fn results_state_what_a_conformance_report_must() {
    let json: Value = serde_json::from_str(&to_results_json(&report())).unwrap();
    assert_eq!(json["schema"], 2);
    assert_eq!(json["exit"]["code"], 3);
    assert_eq!(json["counts"]["passed"], 31);
    assert_eq!(json["run"]["implementation"]["image_digest"].as_str().unwrap().len(), 71);
    assert_eq!(json["run"]["semantics"]["profile"], "current");
    assert!(json["declared_choices"].as_array().unwrap().len() > 5);
    assert_eq!(json["run"]["not_simulated"].as_array().unwrap().len(), 2);
    assert_eq!(json["coverage"].as_array().unwrap().len(), 401);
    let levels = json["levels"].as_array().unwrap();
    let missed: usize = levels.iter().map(|l| l["not_passed"].as_array().unwrap().len()).sum();
    assert_eq!(missed, 45 - 31);
    let head: serde_json::Map<_, _> = json
        .as_object()
        .unwrap()
        .clone()
        .into_iter()
        .filter(|(k, _)| k != "coverage" && k != "results")
        .collect();
    insta::assert_json_snapshot!(head);
}

#[test]
fn a_folder_gets_every_report() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/latest");
    write_folder(&path, &report(), &sample::history()).unwrap();
    let mut names: Vec<_> =
        std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["cucumber.json", "junit.xml", "report.html", "results.json"]);
    std::fs::write(folder.path().join("file"), "").unwrap();
    let error = write_folder(&folder.path().join("file"), &report(), &[]).unwrap_err().to_string();
    assert!(error.contains("file"), "{error}");
}
