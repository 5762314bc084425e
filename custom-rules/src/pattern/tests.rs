use super::*;
use proptest::prelude::*;

fn matches(pattern: &str, value: &str) -> bool {
    Pattern::compile(pattern)
        .unwrap_or_else(|error| panic!("{pattern}: {error:?}"))
        .is_match(value.as_bytes())
}

#[test]
fn it_means_what_it_means_in_re2() {
    for (pattern, value, expected) in [
        ("", "", true),
        ("a.c", "a\nc", false),
        ("(?s)a.c", "a\nc", true),
        ("^a$", "a\n", false),
        ("(?m)^a$", "b\na\n", true),
        ("(?i)JNDI", "jndi", true),
        ("a(?i)b|c", "C", true),
        ("(?i:A)b", "ab", true),
        ("(?i:A)b", "aB", false),
        ("(?U)a+", "aa", true),
        // ASCII only.
        (r"\w", "\u{e9}", false),
        (r"\W", "\u{e9}", true),
        (r"\d", "\u{663}", false),
        (r"\s", "\u{a0}", false),
        (r"^\s{5}$", "\t\n\u{c}\r ", true),
        (r"\s", "\u{b}", false),
        (r"\bx\b", "\u{e9}x\u{e9}", true),
        (r"\Bx", "\u{e9}x", false),
        (r"[[:alpha:]]", "\u{e9}", false),
        (r"[[:^alpha:]]", "\u{e9}", true),
        // Hyphens beside classes.
        (r"[^\w\d\s-,:_]", "a-b, c:d_1", false),
        (r"[^\w\d\s-,:_]", "a.b", true),
        (r"[\w-]", "-", true),
        (r"^[\w-a]+$", "-a", true),
        (r"^[a-]+$", "-a", true),
        (r"^[-a]+$", "-a", true),
        (r"^[--/]+$", "./-", true),
        (r"^[+--]+$", "+,-", true),
        // Brackets and operators of other syntaxes within classes.
        (r"^[[]$", "[", true),
        (r"^[]]$", "]", true),
        (r"^[^]]$", "]", false),
        (r"^[[a]+$", "[a", true),
        (r"^[a&&b]+$", "a&b", true),
        (r"^[a~~b]+$", "a~b", true),
        (r"^[a^]+$", "a^", true),
        (r"^[\x60\;\|\&\x0A\<\>]+$", "`;|&\n<>", true),
        (r"[^\W]", "\u{e9}", false),
        (r"^[\D]$", "\u{e9}", true),
        (r"^[\pL\d]+$", "\u{e9}1", true),
        (r"[^\x00-\x{10FFFF}]", "a", false),
        // Escapes.
        (r"^\<\>\/\_\~\'\ \%$", "<>/_~' %", true),
        (r"^\Qa.b(\E+$", "a.b((", true),
        (r"^\Qa.b(", "a.b(", true),
        (r"^\x41\x{1F600}\101\0$", "A\u{1f600}A\0", true),
        (r"^\a\f\n\r\t\v$", "\u{7}\u{c}\n\r\t\u{b}", true),
        (r"^\xff$", "\u{ff}", true),
        (r"^\p{Greek}\PL\p{^L}\P{^L}$", "\u{3b1}12a", true),
        (r"\Aab\z", "ab", true),
        // Braces that bound nothing.
        ("^${jndi:$", "${jndi:", false),
        (r"^\${jndi:}$", "${jndi:}", true),
        ("^a{,5}$", "a{,5}", true),
        ("^a{ 2}$", "a{ 2}", true),
        ("^{$", "{", true),
        ("^a{02}$", "a{02}", true),
        ("^a{2}$", "aa", true),
        ("^a{2,}$", "aaaa", true),
        ("^a{2,3}?$", "aaaa", false),
        ("^a{0}b$", "b", true),
        (r"^a\**?b$", "a**b", true),
        ("^(?P<x>a)(?<y>b)$", "ab", true),
        ("^a b#c$", "a b#c", true),
    ] {
        assert_eq!(matches(pattern, value), expected, "{pattern} on {value:?}");
    }
}

#[test]
fn bytes_that_are_no_text_are_characters() {
    let pattern = Pattern::compile("^a.b$").unwrap();
    assert!(pattern.is_match(b"a\xffb"));
    assert!(!pattern.is_match(b"a\xff\xfeb"));
    assert!(!pattern.is_match(b"a\xe4\xb8b"));
}

#[test]
fn groups_or_the_whole_match_are_told() {
    let groups = |pattern: &str, value: &str| Pattern::compile(pattern).unwrap().groups(value.as_bytes());
    assert_eq!(groups("b+", "abbc"), ["bb"]);
    assert_eq!(groups("(a)(x)?(b)", "ab"), ["a", "b"]);
    assert!(groups("z", "ab").is_empty());
}

#[test]
fn what_re2_refuses_is_refused() {
    for (pattern, place, message) in [
        ("a(b", "(", "this group is not closed"),
        ("ab)", ")", "this `)` closes no group"),
        ("a[b", "[", "this class of characters is not closed"),
        ("a[]", "[", "this class of characters is not closed"),
        ("*a", "*", "nothing to repeat before this"),
        ("a|+", "+", "nothing to repeat before this"),
        ("(?i)*", "*", "nothing to repeat before this"),
        ("(?:{2})", "{2}", "nothing to repeat before this"),
        ("a**", "*", "a repetition of a repetition"),
        ("a{2}{3}", "{3}", "a repetition of a repetition"),
        ("a++", "+", "a repetition of a repetition"),
        ("x{1001}", "{1001}", "a repetition has bounds of 1000 at most"),
        ("x{99999999999}", "{99999999999}", "a repetition has bounds of 1000 at most"),
        ("x{3,2}", "{3,2}", "the upper bound is below the lower one"),
        ("[b-a]", "b-a", "this range ends before it begins"),
        (r"[a-\w]", r"a-\w", "a range between a character and a class"),
        (r"a\", r"\", "a backslash at the end"),
        (r"\y", r"\y", r"unknown escape `\y`"),
        (r"[\b]", r"\b", "unknown escape in a class of characters"),
        (r"(a)\1", r"\1", "RE2 has no references to groups"),
        (r"\8", r"\8", "RE2 has no references to groups"),
        (r"\Z", r"\Z", r"RE2 has no `\Z`"),
        (r"\u0041", r"\u", r"RE2 has no `\u`"),
        (r"\x4", r"\x", "this is no number of a character"),
        (r"\x{110000}", r"\x{110000}", "this is no number of a character"),
        (r"\p{Nonsense}", r"\p{Nonsense}", "unknown class of characters"),
        (r"\p", r"\p", "unknown class of characters"),
        ("[[:foo:]]", "[:foo:]", "unknown class of characters"),
        ("(?=a)", "(?=", "RE2 has no look-around, no references and no atomic groups"),
        ("(?<!a)", "(?<!", "RE2 has no look-around, no references and no atomic groups"),
        ("(?x)a", "(?x", "unknown group or flag"),
        ("(?)", "(?)", "unknown group or flag"),
        ("(?P<1>a)", "(?P<1>", "this group has no proper name"),
    ] {
        let error = Pattern::compile(pattern).expect_err(pattern);
        assert_eq!(error.message, message, "{pattern}");
        assert_eq!(&pattern[error.span], place, "{pattern}");
    }
    let twice = Pattern::compile("(?P<a>x)(?P<a>y)").unwrap_err();
    assert_eq!(twice.message, "duplicate capture group name");
    let large = Pattern::compile("((a{1000}){1000}){1000}").unwrap_err();
    assert_eq!(large.message, "it is too large when it is compiled");
    assert_eq!(Pattern::compile(r"\pL{1000}").unwrap_err().message, large.message);
    assert!(Pattern::compile(r"(?i)(\S|\s){600,}").is_ok());
}

proptest! {
    #[test]
    fn any_text_is_compiled_or_refused(pattern in r"([\\\[\](){}|*+?^$.:<>=!PQEdswbxp0-9a-z,&~-]|\PC){0,30}") {
        match Pattern::compile(&pattern) {
            Ok(compiled) => { compiled.groups(pattern.as_bytes()); }
            Err(error) => { prop_assert!(pattern.get(error.span).is_some()); }
        }
    }

    #[test]
    fn quoted_text_matches_itself(text in "\\PC{0,20}") {
        prop_assume!(!text.contains("\\E") && !text.ends_with('\\'));
        let pattern = format!("^\\Q{text}\\E$");
        prop_assert!(matches(&pattern, &text));
    }

    #[test]
    fn a_class_holds_its_members(members in "[ -~&&[^\\\\\\[\\]^-]]{1,12}") {
        for member in members.chars() {
            let pattern = format!("^[{members}]$");
            prop_assert!(matches(&pattern, &member.to_string()));
        }
    }
}
