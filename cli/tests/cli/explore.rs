//! `explore`: what it tries, what it tells, what it refuses.

use crate::support::{Place, assets, workspace};
use serde_json::Value;

#[test]
fn a_round_is_judged_and_the_same_again() {
    let place = Place::new();
    let (assets, features) = (assets(), workspace("features").display().to_string());
    let report = || {
        let ended = place.run(&[
            "explore",
            "--assets",
            &assets,
            "--features",
            &features,
            "--seed",
            "20",
            "--round",
            "1",
            "--seconds",
            "1",
            "--report",
            "out",
            "--json",
        ]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert!(ended.stderr.contains("round 1: 600 trials"), "{}", ended.stderr);
        place.assert_nothing_left(ended.pid);
        serde_json::from_str::<Value>(&ended.stdout).unwrap()
    };
    let (one, other) = (report(), report());
    assert_eq!(one["violations"], serde_json::json!([]));
    assert_eq!(one["coverage"]["trials"], 600);
    assert!(one["coverage"]["clauses"].as_object().unwrap().len() > 30, "{one}");
    assert_eq!(one["coverage"]["dimensions"], other["coverage"]["dimensions"], "a seed makes up the same");
    let kept: Value =
        serde_json::from_str(&std::fs::read_to_string(place.path("out/explore.json")).unwrap()).unwrap();
    assert_eq!(kept["seed"], 20);
}

#[test]
fn a_round_is_one_of_a_seed() {
    let place = Place::new();
    for (arguments, words) in [
        (&["explore", "--round", "3"][..], "--seed"),
        (&["explore", "--seconds", "0"][..], "0 is not in 1.."),
        (&["explore", "--violations", "0"][..], "0 is not in 1.."),
    ] {
        let ended = place.run(arguments);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
}
