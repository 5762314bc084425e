//! `run --saboteur` and `bite`: what goes wrong between a Defender and its surroundings, and who notices.

use crate::support::{Place, assets, workspace};
use serde_json::Value;

fn features() -> String {
    workspace("features").display().to_string()
}

#[test]
fn the_saboteurs_are_listed() {
    let ended = Place::new().run(&["run", "--saboteur", "help"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    for word in ["drop-audits", "lose-policy-updates", "late-dns:1500", "must bear"] {
        assert!(ended.stdout.contains(word), "{word}: {}", ended.stdout);
    }
    let rows: Value =
        serde_json::from_str(&Place::new().run(&["run", "--saboteur", "help", "--json"]).stdout).unwrap();
    let rows = rows.as_array().unwrap();
    assert!(rows.len() > 20 && rows.iter().any(|row| row["breaks_a_promise"] == false), "{rows:?}");
}

#[test]
fn one_that_is_none_is_refused_before_anything_starts() {
    let (features, assets) = (features(), assets());
    for command in ["run", "bite"] {
        let place = Place::new();
        let arguments = [
            command,
            "choices-005",
            "--saboteur",
            "drop-everything",
            "--features",
            &features,
            "--assets",
            &assets,
        ];
        let ended = place.run(&arguments);
        assert_eq!(ended.code, Some(2), "{}", ended.seen());
        assert!(ended.stderr.contains("'drop-everything' is no saboteur"), "{}", ended.stderr);
        place.assert_nothing_left(ended.pid);
    }
}

#[test]
fn a_saboteur_that_breaks_a_promise_is_caught_and_another_is_borne() {
    let place = Place::new();
    let (features, assets) = (features(), assets());
    let ended = place.run(&[
        "bite",
        "audits-001",
        "--saboteur",
        "drop-audits",
        "--saboteur",
        "double-policies",
        "--report",
        "out",
        "--features",
        &features,
        "--assets",
        &assets,
        "--json",
    ]);
    let bite: Value = serde_json::from_str(&ended.stdout).expect(&ended.stderr);
    assert_eq!(ended.code, Some(0), "{bite:#}");
    let outcome =
        |index: usize| (&bite["saboteurs"][index]["saboteur"], &bite["saboteurs"][index]["outcome"]);
    assert_eq!(outcome(0), (&Value::from("drop-audits"), &Value::from("caught")));
    assert_eq!(outcome(1), (&Value::from("double-policies"), &Value::from("borne")));
    // By a failure of what the scenario promises, and by no error.
    assert_eq!(bite["saboteurs"][0]["scenarios"]["audits-001"], "failed");
    assert_eq!(bite["saboteurs"][0]["requirements"], serde_json::json!(["A1", "A3"]));
    for file in ["out/bite.json", "out/none/report.html", "out/drop-audits/results.json"] {
        assert!(place.path(file).exists(), "{file}");
    }
    let report = std::fs::read_to_string(place.path("out/drop-audits/results.json")).unwrap();
    assert!(report.contains("Sabotage between the Defender and its surroundings"), "the report says so");
    place.assert_nothing_left(ended.pid);
}

/// A scenario without a task cannot notice that audits are lost.
#[test]
fn a_saboteur_that_nobody_catches_ends_with_a_code_of_its_own() {
    let place = Place::new();
    let (features, assets) = (features(), assets());
    let ended = place.run(&[
        "bite",
        "choices-005",
        "--saboteur",
        "drop-audits",
        "--report",
        "out",
        "--features",
        &features,
        "--assets",
        &assets,
    ]);
    assert_eq!(ended.code, Some(10), "{}", ended.seen());
    assert!(ended.stdout.contains("NOT CAUGHT"), "{}", ended.stdout);
    assert!(ended.stdout.contains("2 of 2 scenarios pass without a saboteur"), "{}", ended.stdout);
}
