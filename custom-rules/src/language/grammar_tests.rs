use super::*;
use proptest::arbitrary::any as arbitrary;
use proptest::prelude::*;

fn tree(script: &str) -> Node {
    parse(script).unwrap_or_else(|fault| panic!("{script}: {fault:?}")).value
}

fn printed(script: &str) -> String {
    tree(script).to_string()
}

#[test]
fn and_binds_tighter_than_or_and_not_tighter_than_both() {
    for (script, meaning) in [
        ("a = 1 or b = 2 and c = 3", "a = 1 or (b = 2 and c = 3)"),
        ("a = 1 and b = 2 or c = 3", "(a = 1 and b = 2) or c = 3"),
        ("not a = 1 and b = 2", "(not (a = 1)) and b = 2"),
        ("not not a = 1", "not (not (a = 1))"),
        ("not a in (1)", "not (a in (1))"),
        ("((a)) = ((1))", "a = 1"),
        ("a in 1", "a in (1)"),
    ] {
        assert_eq!(tree(script), tree(meaning), "{script}");
    }
    assert_ne!(tree("(a = 1 or b = 2) and c = 3"), tree("a = 1 or b = 2 and c = 3"));
    assert_ne!(tree("not (a = 1 and b = 2)"), tree("not a = 1 and b = 2"));
}

#[test]
fn parentheses_are_printed_where_they_mean_something() {
    for (script, expected) in [
        ("(a = 1) or (b = 2 and (c = 3))", "a = 1 or b = 2 and c = 3"),
        ("(a = 1 or b = 2) and not (c = 3)", "(a = 1 or b = 2) and not c = 3"),
        ("not(a contains/x/or b)", "not (a contains /x/ or b)"),
        (
            "f( g( a[\"k\\\"\"] ),\"x\\n\" )startswith\"\\\\\"",
            "f(g(a[\"k\\\"\"]), \"x\\n\") startswith \"\\\\\"",
        ),
        ("a in\n(\"x\",-2)", "a in (\"x\", -2)"),
        ("(a or b) or c", "(a or b) or c"),
        ("(a = b) = c", "(a = b) = c"),
    ] {
        assert_eq!(printed(script), expected);
        assert_eq!(tree(expected), tree(script));
    }
}

#[test]
fn places_cover_what_they_are_of() {
    let script = " not ( a = 1 ) and lowercase( b ) in (\"x\") ";
    let Node::And(items) = tree(script) else { panic!("no conjunction") };
    let texts: Vec<_> = items.iter().map(|item| &script[item.span.start..item.span.end]).collect();
    assert_eq!(texts, ["not ( a = 1 )", "lowercase( b ) in (\"x\")"]);
}

fn spanned<T>(value: T) -> Spanned<T> {
    Spanned { value, span: Span { start: 0, end: 0 } }
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z_][a-zA-Z0-9_.]{0,8}".prop_filter("keyword", |name| Token::keyword(name).is_none())
}

/// What stands between the slashes: no slash without a backslash.
fn pattern() -> impl Strategy<Value = String> {
    "([^/\\\\]|\\\\.){0,8}"
}

fn operators() -> impl Strategy<Value = Operator> {
    prop::sample::select(vec![
        Operator::Equal,
        Operator::NotEqual,
        Operator::Less,
        Operator::LessEqual,
        Operator::Greater,
        Operator::GreaterEqual,
        Operator::Contains,
        Operator::StartsWith,
    ])
}

/// Any tree that a script can mean.
fn nodes() -> impl Strategy<Value = Node> {
    let item =
        prop_oneof![arbitrary::<i64>().prop_map(Node::Integer), arbitrary::<String>().prop_map(Node::Text)];
    let leaf = prop_oneof![
        item.clone(),
        name().prop_map(Node::Attribute),
        (name(), arbitrary::<String>()).prop_map(|(map, key)| Node::Entry(spanned(map), spanned(key))),
    ];
    leaf.prop_recursive(5, 40, 4, move |inner| {
        let boxed = || inner.clone().prop_map(|node| Box::new(spanned(node)));
        let several = |least: usize| {
            prop::collection::vec(inner.clone(), least..4)
                .prop_map(|nodes| nodes.into_iter().map(spanned).collect::<Vec<_>>())
        };
        let right = prop_oneof![
            4 => boxed(),
            1 => pattern().prop_map(|text| Box::new(spanned(Node::Pattern(text)))),
        ];
        let list = prop::collection::vec(item.clone(), 1..4)
            .prop_map(|items| items.into_iter().map(spanned).collect::<Vec<_>>());
        prop_oneof![
            (name(), several(1)).prop_map(|(name, arguments)| Node::Call(spanned(name), arguments)),
            (boxed(), operators(), right).prop_map(|(left, operator, right)| Node::Compare(
                left,
                spanned(operator),
                right
            )),
            (boxed(), list).prop_map(|(left, list)| Node::In(left, list)),
            boxed().prop_map(Node::Not),
            several(2).prop_map(Node::And),
            several(2).prop_map(Node::Or),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same_tree(node in nodes()) {
        let script = node.to_string();
        let parsed = parse(&script).map_err(|fault| TestCaseError::fail(format!("{script}: {fault:?}")))?;
        prop_assert_eq!(parsed.value, node);
    }

    #[test]
    fn any_text_is_parsed_or_refused(script in "\\PC{0,60}") {
        if let Err(fault) = parse(&script) {
            prop_assert!(script.get(fault.span.start..fault.span.end).is_some(), "{:?}", fault);
        }
    }

    #[test]
    fn any_words_are_parsed_or_refused(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "and", "or", "not", "in", "contains", "startswith", "=", "!=", "<", ">=", "(", ")", "[", "]", ",",
                "\"a\"", "/a/", "7", "req.path", "req.headers", "lowercase", "\"", "/", "\\", "==", "-", "\u{e9}", "\n",
            ]),
            0..25,
        ),
        between in prop::sample::select(vec!["", " "]),
    ) {
        let script = words.join(between);
        if let Err(fault) = parse(&script) {
            prop_assert!(script.get(fault.span.start..fault.span.end).is_some(), "{:?}", fault);
        }
    }
}
