//! No script and no request makes it panic, recurse or run without bounds.

use crate::sample::{NOW, Sample};
use proofhouse_custom_rules::{Message, Phase, Script, system_rules};
use proptest::prelude::*;
use std::thread;

/// Values of the type that stands before them.
fn text() -> impl Strategy<Value = String> {
    let attribute = prop::sample::select(vec![
        "req.path",
        "req.body",
        "req.host",
        "req.header_names",
        "req.header_values",
        "req.query_param_values",
        "req.headers[\"a\"]",
        "req.query_params[\"q\"]",
        "resp.body",
        "\"text\"",
    ]);
    let function = prop::sample::select(vec![
        "lowercase",
        "compressWhitespace",
        "removeWhitespace",
        "urlQueryDecode",
        "urlPathDecode",
        "unicodeDecode",
        "htmlEntityDecode",
        "base64Decode",
        "replaceComments",
        "removeCommentSymbols",
        "removeTags",
        "jwtPayload",
        "jwtHeader",
    ]);
    attribute.prop_map(str::to_owned).prop_recursive(4, 8, 1, move |inner| {
        (function.clone(), inner).prop_map(|(function, inner)| format!("{function}({inner})"))
    })
}

/// Scripts that are right in syntax and types.
fn scripts() -> impl Strategy<Value = String> {
    let comparison = prop_oneof![
        (text(), "[a-z%<]{0,3}").prop_map(|(text, other)| format!("{text} = \"{other}\"")),
        (text(), "[a-z%<]{0,3}").prop_map(|(text, other)| format!("{text} contains \"{other}\"")),
        (text(), "[a-z%<]{0,3}").prop_map(|(text, other)| format!("{text} startswith \"{other}\"")),
        (text(), "[a-z.*?+|]{1,6}").prop_map(|(text, other)| format!("{text} contains /a{other}/")),
        text().prop_map(|text| format!("{text} in (\"a\", \"b\")")),
        text().prop_map(|text| format!("{text} != req.path")),
        text().prop_map(|text| format!("jwtValid({text})")),
        text().prop_map(|text| format!("jwtPayloadValue({text}, \"sub\") = \"me\"")),
        Just("req.ip in \"10.0.0.0/8\"".to_owned()),
        any::<i64>().prop_map(|status| format!("resp.status_code >= {status}")),
    ];
    comparison.prop_recursive(4, 16, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| format!("not ({inner})")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one}) and {other}")),
            (inner.clone(), inner).prop_map(|(one, other)| format!("{one} or ({other})")),
        ]
    })
}

fn requests() -> impl Strategy<Value = Sample> {
    let bytes = || prop::collection::vec(any::<u8>(), 0..60);
    let near = "([%&#;+/*<>xa0-9A-F.]|\\PC){0,40}";
    (bytes(), near, near, prop::collection::vec((".{0,5}", near), 0..4), any::<Option<u16>>()).prop_map(
        |(body, path, header, query, status)| {
            let mut sample = Sample::new().body(body).path(&path).header("a", header).address("10.1.1.1");
            for (name, value) in query {
                sample = sample.query("q", &value).header(&name, &value);
            }
            status.into_iter().fold(sample, Sample::status)
        },
    )
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_refused_with_its_place(script in "(\\PC|[\\n\\t]){0,80}") {
        for phase in [Phase::Request, Phase::Response] {
            if let Err(error) = Script::parse(&script, phase) {
                prop_assert!(script.get(error.span()).is_some());
                prop_assert!(error.underlined().lines().count() >= 4);
                prop_assert!(!error.to_string().contains('\n'), "{}", error);
                prop_assert!(error.line() >= 1 && error.column() >= 1);
            }
        }
    }

    #[test]
    fn a_damaged_script_is_parsed_or_refused(
        script in scripts(), at in any::<prop::sample::Index>(), damage in "(\\PC|[()\"/\\[\\]\\\\]){0,3}",
    ) {
        let mut script = script;
        let places: Vec<_> = script.char_indices().map(|(at, _)| at).collect();
        script.insert_str(places[at.index(places.len())], &damage);
        if let Err(error) = Script::parse(&script, Phase::Response) {
            prop_assert!(script.get(error.span()).is_some());
            prop_assert!(error.underlined().contains('^'));
        }
    }

    #[test]
    fn any_request_is_evaluated(script in scripts(), request in requests(), message in "(%[a-z.]{0,12}|\\PC){0,8}") {
        // Some of the regular expressions are none.
        if let Ok(parsed) = Script::parse(&script, Phase::Response) {
            let printed = Script::parse(&parsed.to_string(), Phase::Response).unwrap();
            let found = parsed.evaluate(&request, NOW);
            prop_assert_eq!(&found, &printed.evaluate(&request, NOW));
            if let Some(hit) = found {
                prop_assert!(Message::parse(&message).render(&request, &hit).len() <= Message::MAX_LENGTH);
            }
        }
    }

    #[test]
    fn a_negation_is_the_opposite(script in scripts(), request in requests()) {
        if let Ok(parsed) = Script::parse(&script, Phase::Response) {
            let negated = Script::parse(&format!("not ({script})"), Phase::Response).unwrap();
            let found = parsed.evaluate(&request, NOW).is_some();
            prop_assert_ne!(found, negated.evaluate(&request, NOW).is_some());
        }
    }

    #[test]
    fn the_rules_of_the_system_bear_any_request(request in requests()) {
        for rule in system_rules() {
            let _ = Script::parse(rule.script, Phase::Request).unwrap().evaluate(&request, NOW);
        }
    }
}

#[test]
fn the_deepest_script_fits_into_a_small_stack() {
    let depth = Script::MAX_DEPTH;
    for script in [
        format!("{}req.path{} = \"a\"", "lowercase(".repeat(depth), ")".repeat(depth)),
        format!("{}req.path = \"a\"{}", "not (".repeat(depth / 2), ")".repeat(depth / 2)),
        format!("{}1 = 1{}", "(2 = 2 and not (2 = 1 or ".repeat(depth / 3), "))".repeat(depth / 3)),
        format!("{}1 = 1", "(".repeat(100_000)),
        "not ".repeat(100_000),
    ] {
        let small = thread::Builder::new().stack_size(1 << 20).spawn(move || {
            if let Ok(script) = Script::parse(&script, Phase::Request) {
                let _ = script.evaluate(&Sample::new(), NOW);
                drop(script.to_string());
            }
        });
        small.unwrap().join().unwrap();
    }
}

#[test]
fn large_values_take_time_in_proportion() {
    // What is quadratic in this takes hours, not a second.
    let body = "/*".repeat(1 << 19) + &"&#".repeat(1 << 18) + &"a".repeat(1 << 19);
    let request = Sample::new().body(&body).path(&"a".repeat(1 << 19));
    for script in [
        "req.body contains req.path and req.path contains req.body",
        "req.body contains /(a|aa)+$/ and req.path contains /(.*)*b/",
        "replaceComments(req.body) = \"a\" and 1 = 2",
        "removeCommentSymbols(htmlEntityDecode(urlQueryDecode(req.body))) = \"a\"",
        "removeTags(unicodeDecode(base64Decode(req.path))) = \"a\"",
        "jwtValid(req.body) or jwtValid(req.path)",
    ] {
        assert!(!request.hit_by(script), "{script}");
    }
}
