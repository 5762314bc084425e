//! What operators mean, and how they bind.

use crate::sample::Sample;
use proofhouse_custom_rules::TextAttribute;

fn sample() -> Sample {
    Sample::new()
        .path("/api/Users")
        .body("/api")
        .header("accept", "text/html")
        .header("x-trace", "one")
        .header("X-Trace", "two")
        .query("q", "x")
        .query("q", "y")
        .query("empty", "")
}

fn all(cases: &[(&str, bool)]) {
    for (script, expected) in cases {
        assert_eq!(sample().hit_by(script), *expected, "{script}");
    }
}

#[test]
fn strings_with_strings() {
    all(&[
        ("req.path = \"/api/Users\"", true),
        ("req.path = \"/api/users\"", false),
        ("req.path != \"/api/users\"", true),
        ("req.path startswith \"/api\"", true),
        ("req.path startswith \"/API\"", false),
        ("req.path startswith \"/api/Users/1\"", false),
        ("req.path startswith \"\"", true),
        ("req.path contains \"i/U\"", true),
        ("req.path contains \"i/u\"", false),
        ("req.path contains \"\"", true),
        ("req.path contains /(?i)i\\/u/", true),
        ("req.path contains /^Users/", false),
        ("req.path in (\"/\", \"/api/Users\")", true),
        ("req.path in (\"/\", \"/api\")", false),
        ("req.path in \"/api/Users\"", true),
        ("not req.path in \"/api/Users\"", false),
        // Two attributes.
        ("req.path contains req.body", true),
        ("req.path startswith req.body", true),
        ("req.body contains req.path", false),
        ("req.path = req.body", false),
        ("req.path != req.body", true),
        ("lowercase(req.path) contains lowercase(\"USERS\")", true),
        // Literals alone.
        ("\"a\" = \"a\"", true),
        ("\"abc\" contains /b/", true),
        ("1 = 1", true),
        ("2 > 3", false),
        ("-1 < 0", true),
        ("3 in (1, 2)", false),
    ]);
}

#[test]
fn lists_hold_if_one_string_does() {
    all(&[
        ("req.header_values = \"text/html\"", true),
        ("req.header_values = \"text\"", false),
        ("req.header_values contains \"text/html\"", true),
        ("req.header_values contains \"text\"", false),
        ("req.header_values contains /^text/", true),
        ("req.header_values startswith \"text\"", true),
        ("req.header_values in (\"a\", \"two\")", true),
        ("req.header_values in (\"a\", \"b\")", false),
        ("req.header_values != \"two\"", false),
        ("req.header_values != \"three\"", true),
        ("\"two\" = req.header_values", true),
        ("\"three\" != req.header_values", true),
        ("req.cookie_values = \"\"", false),
        ("req.cookie_values != \"\"", true),
        ("not req.cookie_values contains /^/", true),
        ("req.header_values = req.query_params[\"q\"]", false),
        ("lowercase(req.query_param_values) contains lowercase(\"Y\")", true),
    ]);
}

#[test]
fn names_of_headers_know_no_case() {
    all(&[
        ("req.header_names contains \"ACCEPT\"", true),
        ("req.header_names = \"accept\"", true),
        ("req.header_names in (\"accept\", \"none\")", true),
        ("req.header_names startswith \"x-t\"", true),
        ("req.header_names startswith \"x-u\"", false),
        ("\"aCCept\" = req.header_names", true),
        ("req.header_names contains /^Accept$/", true),
        ("req.header_names contains /^accept$/", false),
        ("req.header_names contains /^X-Trace$/", true),
        ("lowercase(req.header_names) contains \"accept\"", true),
        ("lowercase(req.header_names) contains \"Accept\"", false),
        ("req.header_values contains \"TEXT/HTML\"", false),
        ("req.query_param_names contains \"Q\"", false),
    ]);
}

#[test]
fn each_value_of_a_repeated_key_counts() {
    all(&[
        ("req.headers[\"x-trace\"] = \"one\"", true),
        ("req.headers[\"X-TRACE\"] = \"two\"", true),
        ("req.headers[\"x-trace\"] contains \"w\"", true),
        ("req.headers[\"x-trace\"] != \"two\"", false),
        ("req.headers[\"x-trace\"] != \"three\"", true),
        ("req.query_params[\"q\"] in (\"y\")", true),
        ("\"y\" = req.query_params[\"q\"]", true),
        ("\"ay\" contains req.query_params[\"q\"]", false),
        ("\"ax\" contains req.query_params[\"q\"]", true),
        ("req.query_params[\"none\"] = \"\"", true),
        ("req.query_params[\"empty\"] = \"\"", true),
        ("req.query_params[\"none\"] contains /^$/", true),
        ("req.query_params[\"none\"] != \"a\"", true),
        ("req.query_params[\"none\"] contains \"a\"", false),
    ]);
}

#[test]
fn conditions_are_joined_as_declared() {
    const T: &str = "1 = 1";
    const F: &str = "1 = 2";
    for (script, expected) in [
        ("T or F and F", true),
        ("(T or F) and F", false),
        ("F and F or T", true),
        ("F and (F or T)", false),
        ("not F and F", false),
        ("not (F and F)", true),
        ("not F or T", true),
        ("not (F or T)", false),
        ("not not T", true),
        ("T and not F and T", true),
        ("F or F or T", true),
    ] {
        let script = script.replace('T', T).replace('F', F);
        assert_eq!(sample().hit_by(&script), expected, "{script}");
    }
}

#[test]
fn bytes_that_are_no_text_are_compared() {
    let sample = Sample::new().body(b"a\xff\xfeb\0c").text(TextAttribute::Path, b"/\xc3\xa9");
    for (script, expected) in [
        ("req.body startswith \"a\"", true),
        ("req.body contains /^a..b\\x00c$/", true),
        ("req.body contains /^a.b/", false),
        ("req.path = \"/\u{e9}\"", true),
        ("req.path contains /^\\/.$/", true),
    ] {
        assert_eq!(sample.hit_by(script), expected, "{script}");
    }
}

#[test]
fn matches_are_those_that_decided() {
    let matches = |script: &str| sample().find(script).map(|hit| hit.regex_matches().to_vec());
    let some = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
    assert_eq!(matches("req.path contains /U\\w+/"), some(&["Users"]));
    assert_eq!(matches("req.path contains /(a)p(i)(x)?/"), some(&["a", "i"]));
    assert_eq!(matches("req.path contains /api/ and req.body contains /a./"), some(&["api", "ap"]));
    assert_eq!(matches("req.path contains /api/ or req.body contains /a./"), some(&["api"]));
    assert_eq!(matches("(req.path contains /api/ and 1 = 2) or req.body contains /a./"), some(&["ap"]));
    assert_eq!(matches("not req.path contains /none/ and not (not req.path contains /api/)"), some(&[]));
    assert_eq!(matches("req.header_values contains /^t(.)/"), some(&["e"]));
    assert_eq!(matches("req.path contains /none/"), None);
    assert_eq!(matches("req.path contains \"api\""), some(&[]));
    let long = Sample::new().body("x".repeat(5000));
    let hit = long.find("req.body contains /x+/").unwrap();
    assert_eq!(hit.regex_matches(), ["x".repeat(253) + "..."]);
    let many = long.find(&vec!["req.body contains /(x)(x)(x)/"; 20].join(" and ")).unwrap();
    assert_eq!(many.regex_matches().len(), 16);
}
