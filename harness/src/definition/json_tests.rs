use super::*;
use proptest::prelude::*;

fn plain(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(flag) => (*flag).into(),
        Value::Number(spelling) => serde_json::from_str(spelling).unwrap(),
        Value::String(text) => text.as_str().into(),
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::Function(name) => panic!("JSON has no `{name}`"),
        Value::Object(members) => {
            serde_json::Value::Object(members.iter().map(|m| (m.key.clone(), plain(&m.node))).collect())
        }
    }
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<String>().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(any::<String>(), inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn reads_what_serde_json_writes(value in any_json()) {
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let node = parse(&text).unwrap();
            prop_assert_eq!(plain(&node), value.clone());
            prop_assert_eq!(&text[node.span.start..node.span.end], text.as_str());
        }
    }

    #[test]
    fn agrees_with_serde_json_on_any_text(text in "[\\[\\]{}\",:0-9eE.+\\-truefalsn \\n\\\\u]{0,24}") {
        let ours = parse(&text);
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        // serde_json also refuses numbers beyond f64, which have no place in a task definition.
        if !text.contains(['e', 'E']) {
            prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?} {:?}", ours, theirs);
        }
    }

    #[test]
    fn an_error_points_into_the_text(text in any::<String>()) {
        if let Err(error) = parse(&text) {
            prop_assert!(error.span.end <= text.len());
            prop_assert!(text.is_char_boundary(error.span.start) && text.is_char_boundary(error.span.end));
        }
    }
}

#[test]
fn says_what_is_wrong_and_where() {
    for (text, start, message) in [
        ("{\"a\": 1,}", 7, "a comma before `}`; JSON allows none there"),
        ("{'a': 1}", 1, "expected a key in double quotes, found `'`"),
        ("{\"a\": 1 \"b\": 2}", 8, "expected `,` or `}`, found `\"`"),
        ("[1, 2", 5, "expected `,` or `]`, but the text ends here"),
        ("\"abc", 0, "the string is never closed"),
        ("{\"a\": 012}", 6, "`012` is not a JSON number"),
        ("\"\\x\"", 1, "unknown escape after `\\`; a single backslash is written `\\\\`"),
        ("{} {}", 3, "expected the end of the text, found `{`"),
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!((error.span.start, error.message.as_str()), (start, message), "{text}");
    }
    let deep = "[".repeat(100_000);
    assert!(parse(&deep).unwrap_err().message.contains("nested deeper"));
}

#[test]
fn keeps_places() {
    let text = "\n {\"family\": \"web\", \"x\": [1]}";
    let node = parse(text).unwrap();
    let family = node.get("family").unwrap().span;
    assert_eq!(&text[family.start..family.end], "\"web\"");
    assert_eq!(node.members()[1].key_span, Span::new(20, 23));
}
