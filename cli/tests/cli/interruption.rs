//! Runs that are ended before their end.

use crate::support::{Going, Place, assets, owned_by, workspace};
use nix::sys::signal::Signal;
use serde_json::Value;

/// A run of many scenarios, of which the first is done and others are under way.
fn in_the_middle(place: &Place) -> Going {
    let (assets, features) = (assets(), workspace("features").display().to_string());
    let command = place.command(&[
        "run",
        "--tags",
        "@process",
        "--features",
        &features,
        "--assets",
        &assets,
        "--report",
        "report",
        "--jobs",
        "2",
    ]);
    let mut going = Going::start(command);
    going.line_of_stderr("1/");
    going
}

fn interrupt_by(signal: Signal) {
    let place = Place::new();
    let going = in_the_middle(&place);
    going.signal(signal);
    let ended = going.end();
    assert_eq!(ended.code, Some(130), "{}", ended.seen());
    for file in ["results.json", "junit.xml", "cucumber.json", "report.html", "history.ndjson"] {
        assert!(place.path("report").join(file).exists(), "{file} is missing: {}", ended.seen());
    }
    let results: Value =
        serde_json::from_str(&std::fs::read_to_string(place.path("report/results.json")).unwrap()).unwrap();
    assert_eq!(results["exit"]["code"], 130, "{results:#}");
    assert!(!ended.seen().contains("left behind"), "what was interrupted is no leak: {}", ended.seen());
    place.assert_nothing_left(ended.pid);
}

#[test]
fn ctrl_c_writes_the_reports_and_leaves_nothing() {
    interrupt_by(Signal::SIGINT);
}

#[test]
fn sigterm_writes_the_reports_and_leaves_nothing() {
    interrupt_by(Signal::SIGTERM);
}

#[test]
fn what_a_killed_run_leaves_is_removed_by_clean() {
    let place = Place::new();
    let going = in_the_middle(&place);
    let pid = going.pid();
    going.signal(Signal::SIGKILL);
    let ended = going.end();
    assert_eq!(ended.code, None);
    let clean = place.run(&["clean"]);
    assert_eq!(clean.code, Some(0), "{}", clean.seen());
    assert_eq!(owned_by(pid), Vec::<String>::new(), "{}", clean.seen());
}

#[test]
fn the_certificate_of_a_killed_console_is_removed_by_clean() {
    let place = Place::new();
    let mut console =
        Going::start(place.command(&["console", "--rest", "127.0.0.1:0", "--link", "127.0.0.1:0"]));
    let line = console.line_of_stdout("certificate");
    let file = line.split_whitespace().nth(1).unwrap();
    console.signal(Signal::SIGKILL);
    let pid = console.end().pid;
    assert!(std::path::Path::new(file).exists(), "nobody could remove it");
    let clean = place.run(&["clean"]);
    assert!(clean.stdout.contains(&format!("removed file {file}")), "{}", clean.seen());
    place.assert_nothing_left(pid);
}

#[test]
fn a_scenario_that_waits_without_end_is_ended_by_its_watchdog() {
    let text = "Feature: A feature\n\n  Rule: A rule\n\n    @process-900 @P3 @core\n    Scenario: A scenario\n      Given the \
                task definition \"plain\"\n      And the protected task is running\n      And container \"app\" has written \
                \"what it never writes\"\n      Then every container is still running\n";
    let place = Place::with("features/process/mine.feature", text)
        .and("features/task-definitions/plain.json", &crate::support::definition("plain.json"));
    let assets = assets();
    let (limit, report) = (["--time-limit", "4"], ["--report", "report"]);
    let ended = place
        .run(&[&["run", "--features", "features", "--assets", &assets], &limit[..], &report[..]].concat());
    assert_eq!(ended.code, Some(5), "{}", ended.seen());
    assert!(
        ended.stdout.contains("the scenario took longer than 4 s") && ended.stdout.contains("1 error"),
        "{}",
        ended.seen()
    );
    let history = std::fs::read_to_string(place.path("report/history.ndjson")).unwrap();
    assert!(history.contains("\"kind\":\"capture\""), "what there was to see was not kept");
    place.assert_nothing_left(ended.pid);
}

/// What is known to fail does not end a run that ends with the first failure: what comes behind it is judged too.
#[test]
fn a_known_failure_is_not_the_last() {
    let place = Place::new();
    let (assets, features) = (assets(), workspace("features").display().to_string());
    let known = workspace("features/known-failures.json").display().to_string();
    let ended = place.run(&[
        "run",
        "evasion-013/1",
        "evasion-013/2",
        "process-001",
        "--fail-fast",
        "--jobs",
        "1",
        "--expectations",
        &known,
        "--features",
        &features,
        "--assets",
        &assets,
        "--report",
        "report",
    ]);
    assert_eq!(ended.code, Some(0), "{}", ended.seen());
    assert!(ended.seen().contains("3 scenarios: 1 passed, 2 known failure"), "{}", ended.seen());
}
