//! `soak`: fifty kills, of which nothing is lost, doubled or left.

use crate::support::{Place, assets};
use serde_json::Value;

#[test]
fn fifty_kills_lose_no_audit_double_none_and_leave_nothing() {
    let place = Place::new();
    let ended = place.run(&[
        "soak",
        "--assets",
        &assets(),
        "--seed",
        "11",
        "--kills",
        "50",
        "--report",
        "out",
        "--json",
    ]);
    assert_eq!(ended.code, Some(0), "{}", ended.seen());
    place.assert_nothing_left(ended.pid);
    let report: Value = serde_json::from_str(&ended.stdout).unwrap();
    let kills = report["kills"].as_object().unwrap();
    assert_eq!(kills.keys().collect::<Vec<_>>(), ["Console", "harness", "sidecar", "wrapper"], "{report}");
    assert_eq!(kills.values().filter_map(Value::as_u64).sum::<u64>(), 50, "{report}");
    assert!(report["due"].as_u64().unwrap() > 100, "{report}");
    let kept: Vec<_> =
        std::fs::read_dir(place.path("out")).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(kept, ["soak.json"], "recordings are of rounds in which something was wrong");
}

#[test]
fn a_round_is_one_of_a_seed_and_something_is_killed() {
    let place = Place::new();
    for (arguments, words) in
        [(&["soak", "--round", "3"][..], "--seed"), (&["soak", "--kills", "0"][..], "0 is not in 1..")]
    {
        let ended = place.run(arguments);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(words), "{}", ended.stderr);
    }
}
