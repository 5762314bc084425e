//! `waf`: what it counts, what it refuses, how it goes on.

use crate::support::{Ended, Place};
use serde_json::Value;

const CRS: &str = "/usr/share/modsecurity-crs";

fn place() -> Place {
    Place::with("attacks/sqli.txt", "1' or '1'='1\n' union select a, b from c --\n")
        .and("honest/words.txt", "a quiet afternoon\n5 < 7 and 7 > 5\n")
}

fn run(place: &Place, more: &[&str]) -> Ended {
    let common = ["waf", "--crs", CRS, "--attacks", "attacks", "--benign", "honest"];
    place.run(&[&common, more].concat())
}

#[test]
fn a_corpus_is_counted_and_is_a_gate() {
    let place = place();
    let ended = run(&place, &["--report", "out", "--json"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let score: Value = serde_json::from_str(&ended.stdout).unwrap();
    let total =
        ["attacks", "found", "honest", "passed"].map(|member| score["total"][member].as_u64().unwrap());
    assert_eq!(total, [4, 4, 4, 2]);
    let wrong = std::fs::read_to_string(place.path("out/wrong.ndjson")).unwrap();
    assert_eq!(wrong.lines().count(), 2);
    assert!(wrong.contains("5 < 7 and 7 > 5") && wrong.contains("Detected SQL Injection"), "{wrong}");
    let same = run(&place, &["--report", "again", "--baseline", "out/waf.json"]);
    assert_eq!(same.code, Some(0), "{}", same.stderr);
    std::fs::write(place.path("attacks/sqli.txt"), "1' or '1'='1\nplain words\n").unwrap();
    let worse = run(&place, &["--report", "again", "--baseline", "out/waf.json"]);
    assert_eq!(worse.code, Some(3), "{}", worse.stderr);
    assert!(worse.stderr.contains("worse: sqli: found 100.00 % before, now 50.00 %"), "{}", worse.stderr);
    assert!(worse.stdout.contains("missed: sqli.txt:2 query: \"plain words\""), "{}", worse.stdout);
    place.assert_nothing_left(worse.pid);
}

#[test]
fn a_run_goes_on_where_it_was() {
    let place = place();
    run(&place, &["--report", "out"]);
    let journal = std::fs::read_to_string(place.path("out/cases.ndjson")).unwrap();
    let some: String = journal.lines().take(4).map(|line| format!("{line}\n")).collect();
    std::fs::write(place.path("out/cases.ndjson"), some).unwrap();
    let ended = run(&place, &["--report", "out", "--resume"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("3 of 8 cases were sent already"), "{}", ended.stderr);
    assert_eq!(std::fs::read_to_string(place.path("out/cases.ndjson")).unwrap().lines().count(), 9);
    let other = run(&place, &["--report", "out", "--resume", "--blocked-status", "406"]);
    assert_eq!(other.code, Some(2), "{}", other.stderr);
    assert!(other.stderr.contains("is of another run"), "{}", other.stderr);
}

#[test]
fn what_says_nothing_counts_nothing() {
    let place = place().and("broken.yaml", "payload: 7\n");
    for (arguments, code, words) in [
        (&["waf", "http://192.0.2.1:80", "--attacks", "attacks"][..], 2, "is not on loopback"),
        (&["waf", "http://127.0.0.1:9", "--attacks", "attacks"], 4, "was not answered"),
        (&["waf"], 2, "there is nothing to send"),
        (&["waf", "--attacks", "nowhere"], 2, "nowhere cannot be read"),
        (&["waf", "--gotestwaf", "broken.yaml"], 2, "broken.yaml"),
        (&["waf", "--attacks", "attacks", "--crs", "attacks"], 2, "attacks"),
        (&["waf", "--attacks", "attacks", "--places", "fragment"], 2, "\"fragment\" is no place"),
        (&["waf", "--attacks", "attacks", "--baseline", "broken.yaml"], 2, "broken.yaml"),
        (&["waf", "--attacks", "attacks", "--sample", "7"], 2, "no part of a corpus"),
    ] {
        let ended = place.run(arguments);
        assert_eq!(ended.code, Some(code), "{arguments:?}: {}", ended.stderr);
        assert!(ended.stderr.contains(words), "{arguments:?}: {}", ended.stderr);
        assert!(!ended.stdout.contains("found %"), "{arguments:?}: {}", ended.stdout);
    }
}
