//! What is told of faulty scripts, word for word.

use proofhouse_custom_rules::{Phase, Script, ScriptError};

fn refused(script: &str) -> ScriptError {
    match Script::parse(script, Phase::Request) {
        Ok(script) => panic!("accepted: {script}"),
        Err(error) => error,
    }
}

/// The underlined form for each of the scripts.
fn told(scripts: &[&str]) -> String {
    scripts.iter().map(|script| refused(script).underlined()).collect::<Vec<_>>().join("\n\n")
}

#[test]
fn of_words_and_literals() {
    insta::assert_snapshot!(told(&[
        "req.path == \"/\"",
        "req.path = \"a\" && req.path = \"b\"",
        "req.path = '/'",
        "req.path = \u{201c}a\u{201d}",
        "req.path = \"/",
        "req.path contains \"\\d\"",
        "req.path contains \"x\\",
        "req.path contains /a",
        "req.path contains /a/i",
        "req.path\u{a0}= \"a\"",
        "req.path = \"a\";",
        "req.header-names contains \"a\"",
        "!jwtValid(req.path)",
        "99999999999999999999 = 1",
        "12ab = 1",
    ]));
}

#[test]
fn of_the_grammar() {
    insta::assert_snapshot!(told(&[
        "",
        "  \n",
        "req.path = \"a\" req.path = \"b\"",
        "req.path = \"a\" AND req.path = \"b\"",
        "req.path matches /x/",
        "req.path endswith \"x\"",
        "req.path startsWith \"x\"",
        "req.path = \"a\" and",
        "and req.path = \"a\"",
        "req.path =",
        "req.path = = \"a\"",
        "not",
        "req.path = not \"a\"",
        "req.path = \"a\" = \"b\"",
        "req.path contains \"a\" in (\"b\")",
        "(req.path = \"a\"",
        "req.path = \"a\")",
        "()",
        "req.path = (\"a\", \"b\")",
        "lowercase(req.path",
        "lowercase()",
        "req.path in",
        "req.path in ()",
        "req.path in (\"a\" \"b\")",
        "req.path in (\"a\"",
        "req.path in req.host",
        "req.path in (/a/)",
        "req.headers[Host] = \"a\"",
        "req.headers[\"a\" = \"b\"",
        "req.headers[\"a\"",
        "/x/ = \"a\"",
    ]));
}

#[test]
fn of_names() {
    insta::assert_snapshot!(told(&[
        "req.pth = \"/\"",
        "REQ.PATH = \"/\"",
        "uri = \"/\"",
        "req.foo.bar = \"/\"",
        "req.body_params[\"a\"] = \"b\"",
        "lowercse(req.path) = \"a\"",
        "md5(req.path) = \"a\"",
        "lowercase = \"a\"",
        "jwtValid(req.path) = true",
        "resp.status_code = 200",
        "resp.headers[\"a\"] = \"b\"",
    ]));
}

#[test]
fn of_types() {
    insta::assert_snapshot!(told(&[
        "req.path",
        "req.header_names",
        "200",
        "req.ip",
        "req.path = \"a\" and req.host",
        "req.headers = \"a\"",
        "req.header_names[\"a\"] = \"b\"",
        "req.path[\"a\"] = \"b\"",
        "req.path = 5",
        "5 = \"5\"",
        "req.path < \"a\"",
        "5 contains 5",
        "req.path = /a/",
        "req.path in (\"a\", 1)",
        "5 in (5, \"6\")",
        "jwtValid(req.path) in (1)",
        "req.path contains req.header_names",
        "req.header_names = req.header_values",
        "jwtValid(req.path) = \"true\"",
        "(req.path = \"a\") = \"b\"",
        "\"b\" = (req.path = \"a\")",
        "lowercase(req.path, 1) = \"a\"",
        "lowercase(req.ip) = \"a\"",
        "lowercase(req.path = \"a\")",
        "jwtPayloadValue(req.path) = \"a\"",
        "jwtPayloadValue(req.path, req.host) = \"a\"",
        "req.ip contains \"10.\"",
        "req.ip = \"10.0.0.0/8\"",
        "req.ip = \"localhost\"",
        "req.ip = 10",
        "req.ip in \"10.0.0.0/40\"",
        "req.ip in (\"10.0.0.1\", \"x\")",
        "req.ip = req.host",
    ]));
}

#[test]
fn of_regular_expressions() {
    insta::assert_snapshot!(told(&[
        "req.path contains /a(b/",
        "req.path contains /\\/[z-a]/",
        "req.path contains /a(?=b)/",
        "req.path contains /(a)\\1/",
        "req.path contains /\\p{Foo}/",
        "req.path contains /(a{1000}){1000}/",
        "req.path contains /\u{4e2d}\u{6587}**/",
    ]));
}

#[test]
fn at_their_place_among_lines_tabs_and_wide_characters() {
    let long = format!("req.path = \"{0}\" and req.pat = \"{0}\"", "x".repeat(120));
    insta::assert_snapshot!(told(&[
        "req.path = \"a\"\n  and req.pat = \"b\"\n  and req.host = \"c\"",
        "req.path = \"a\"\r\nand\r\nreq.pat = 1\r\n",
        "req.path = \"\u{4e2d}\u{6587}\" and req.pat = \"b\"",
        "req.path = \"a\" \u{4e2d}",
        "req.path = \"e\u{301}\u{1f600}\" = 1",
        "\treq.path\t= \"\t\" and\treq.pat = 1",
        "req.path = \"\u{1b}[31m\" and req.pat = 1",
        "req.path in (\"a\",\n\"b\"",
        "jwtValid(\nreq.path) = 1",
        &long,
    ]));
}

#[test]
fn on_one_line_with_their_place() {
    let error = refused("req.path = \"\u{e9}\"\nor req.pth = \"\n\"");
    assert_eq!(error.to_string(), "line 2, column 4: unknown attribute `req.pth`; did you mean `req.path`?");
    assert_eq!((error.line(), error.column(), error.span()), (2, 4, 19..26));
    assert_eq!(error.message(), "unknown attribute `req.pth`");
    assert_eq!(error.advice(), Some("did you mean `req.path`?"));
    let missing = refused("req.path =");
    assert_eq!((missing.column(), missing.span()), (11, 10..10));
    assert!(!missing.to_string().contains('\n'));
}

#[test]
fn on_one_line_of_bounded_length_whatever_the_script_has() {
    for script in ["\"\\\n\"", "req.ip = \"a\nb\"", "req.path in \"\n\" \n \"\r\"", "a\n=\n1\n\u{b}"] {
        assert_eq!(refused(script).to_string().lines().count(), 1, "{script:?}");
    }
    let name = "x".repeat(30_000);
    for script in
        [format!("{name} = 1"), format!("{name}(1) = 1"), format!("1{name}"), format!("req.ip = \"{name}\"")]
    {
        assert!(refused(&script).underlined().len() < 2000, "{}", refused(&script));
    }
}

#[test]
fn of_bounds() {
    let nested = |depth: usize| format!("{}req.path = \"a\"{}", "(".repeat(depth), ")".repeat(depth));
    assert!(Script::parse(&nested(Script::MAX_DEPTH), Phase::Request).is_ok());
    let deep = refused(&nested(Script::MAX_DEPTH + 1));
    assert_eq!((deep.column(), deep.message()), (65, "nested more than 64 deep"));
    for opening in ["not ", "lowercase(", "not ("] {
        assert_eq!(refused(&opening.repeat(10_000 / opening.len())).message(), "nested more than 64 deep");
    }

    let parts = |count: usize| vec!["1 = 1"; count].join(" or ");
    // Each comparison is three parts, and the join is one.
    assert!(Script::parse(&parts(170), Phase::Request).is_ok());
    assert_eq!(refused(&parts(171)).message(), "the script has more than 512 parts");
    let listed = format!("req.path in ({})", vec!["\"a\""; 600].join(","));
    assert_eq!(refused(&listed).message(), "the script has more than 512 parts");

    let patterns = |count: usize| {
        let each = |number| format!("req.path contains /{number}/");
        (0..count).map(each).collect::<Vec<_>>().join(" or ")
    };
    assert!(Script::parse(&patterns(Script::MAX_PATTERNS), Phase::Request).is_ok());
    assert_eq!(refused(&patterns(65)).message(), "the script has more than 64 regular expressions");
    let same = vec!["req.path contains /a/"; 100].join(" or ");
    assert!(Script::parse(&same, Phase::Request).is_ok());

    let long = format!("req.path = \"{}\"", "\u{e9}".repeat(Script::MAX_LENGTH / 2));
    assert_eq!(refused(&long).message(), "the script is longer than 32768 bytes");
}
