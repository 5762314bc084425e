//! Machines on which it cannot work: no Docker, no assets, a disk that is full.

use crate::support::{Place, assets, definition, workspace};
use serde_json::Value;
use std::os::unix::fs::symlink;
use std::process::Stdio;

fn features() -> String {
    workspace("features").display().to_string()
}

#[test]
fn without_docker_every_command_says_what_to_do() {
    let place = Place::with("task.json", &definition("plain.json"));
    let (assets, features) = (assets(), features());
    for arguments in [
        &["run", "--features", &features, "--assets", &assets, "--report", "report"][..],
        &["up", "task.json", "--assets", &assets],
        &["fargate", "--listen", "127.0.0.1:0", "--assets", &assets],
        &["clean"],
    ] {
        let child = place.command(arguments).env("DOCKER_HOST", "unix:///nonexistent.sock").spawn().unwrap();
        insta::allow_duplicates! { insta::assert_snapshot!("no_docker", crate::support::Ended::of(child).seen()) };
    }
    assert!(!place.path("report").exists());
}

#[test]
fn without_docker_and_assets_the_doctor_says_so() {
    let place = Place::new();
    let mut command = place.command(&["doctor", "--assets", "nowhere"]);
    let child = command.env("DOCKER_HOST", "unix:///nonexistent.sock").spawn().unwrap();
    insta::assert_snapshot!(crate::support::Ended::of(child).seen());
}

#[test]
fn the_doctor_is_content_with_this_machine() {
    let ended = Place::new().run(&["doctor", "--json", "--assets", &assets()]);
    let found: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(ended.code, Some(0), "{found:#}");
    let what: Vec<_> = found.as_array().unwrap().iter().filter_map(|one| one["what"].as_str()).collect();
    assert!(
        what.contains(&"container engine") && what.contains(&"kernel") && what.contains(&"assets"),
        "{what:?}"
    );
}

#[test]
fn without_assets_it_says_how_to_make_them() {
    let place = Place::with("task.json", &definition("plain.json"));
    let run = place.run(&["run", "--features", &features(), "--assets", "nowhere", "--report", "report"]);
    insta::assert_snapshot!(run.seen());
    place.assert_nothing_left(run.pid);
    let up = place.run(&["up", "task.json", "--assets", "nowhere"]);
    assert_eq!(up.seen(), run.seen());
    place.assert_nothing_left(up.pid);
    let fargate = place.run(&["fargate", "--listen", "127.0.0.1:0", "--assets", "nowhere"]);
    assert_eq!(fargate.seen(), run.seen());
    place.assert_nothing_left(fargate.pid);
}

#[test]
fn a_report_folder_that_cannot_be_written() {
    let place = Place::with("a-file", "");
    let ended = place.run(&[
        "run",
        "process-002",
        "--features",
        &features(),
        "--assets",
        &assets(),
        "--report",
        "a-file/report",
    ]);
    insta::assert_snapshot!(ended.seen());
    place.assert_nothing_left(ended.pid);
}

#[test]
fn a_full_disk_loses_no_report_unseen() {
    let place = Place::new();
    for (file, report) in [("history.ndjson", "one"), (".results.json.part", "two")] {
        std::fs::create_dir(place.path(report)).unwrap();
        // The device on which every write fails as on a full disk.
        symlink("/dev/full", place.path(report).join(file)).unwrap();
        let ended = place.run(&[
            "run",
            "link-001",
            "--features",
            &features(),
            "--assets",
            &assets(),
            "--report",
            report,
        ]);
        assert_eq!(ended.code, Some(5), "{}", ended.seen());
        let all = format!("{}{}", ended.stdout, ended.stderr);
        assert!(
            all.contains("No space left on device") && all.contains("free some space"),
            "{}",
            ended.seen()
        );
        assert!(ended.stdout.contains("1 passed"), "the verdict is told all the same: {}", ended.seen());
        place.assert_nothing_left(ended.pid);
    }
    assert!(!place.path("two/results.json").exists(), "half a report");
}

#[test]
fn a_full_standard_output_is_no_success() {
    let place = Place::with("task.json", &definition("plain.json"));
    let mut command = place.command(&["embed", "task.json"]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let child = command.stdout(Stdio::from(full)).spawn().unwrap();
    insta::assert_snapshot!(crate::support::Ended::of(child).seen());
}
