//! What a rule takes for a command or a statement, and a person for a sentence.
//!
//! On purpose unlike ModSecurity, which has no such second look: menus, notes and Markdown are honest traffic, and the rules
//! for commands (932) and SQL (942) find the words of both in them. The second look is narrow: it knows whole sentences, code
//! spans amid words, names that go on behind a hyphen, commands that are words of a sentence, `select` with nothing but words
//! behind it or with other words before it, addresses, headings, links of Markdown and fields of GraphQL.

use super::php::is_no_call;
use super::sentence::is_word;
use regex::bytes::{Regex, RegexBuilder};
use std::ops::Range;
use std::sync::LazyLock;

/// A line of a text: a capitalised word, then words and numbers, and a mark at the end.
static SENTENCE: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"\A[ \t]*[A-Z][a-z]+(?:,? [A-Za-z0-9][a-z0-9]*(?:['-][a-z]+)?)*[.!?:,]?[ \t]*\z")
});

/// What stands between two backticks of Markdown: a name, or a command with simple arguments.
static SPAN: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\A[A-Za-z][A-Za-z0-9_.-]*(?: -{0,2}[A-Za-z0-9_][A-Za-z0-9_.=-]*){0,6}\z"));

/// `select` and words to the end, or to the quote that closes them.
static CHOICE: LazyLock<Regex> = LazyLock::new(|| {
    regex(r#"\A[\s"']*(?i:select)(?P<words>(?: [A-Za-z]+){2,8})[.!?]?(?:\z|["'][\s\]},.]*\z)"#)
});

/// A heading that begins with the name of the language: there is no program without a sign or a keyword.
static SCHEME: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\A(?i:javascript:)(?: [A-Za-z][A-Za-z0-9]*(?:[,:] ?)?){2,}[.!?]?\z"));

/// An address of electronic mail with a label behind `+`, where a form was not encoded.
static ADDRESS: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\A[A-Za-z0-9._-]+ [A-Za-z0-9_-]+@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}\z"));

/// A name, the address of electronic mail and a site, as packages name their authors; the rule drops the space before `(`.
static AUTHOR: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)\A[^<>()|&;$`]*<[a-z0-9._+-]+@[a-z0-9.-]+> ?\(https?://[a-z0-9./_~-]*\)\z"));

/// What something is made of: numbers of one hundred, each with a word.
static SHARES: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\A[0-9]{1,3}% [A-Za-z]+(?:(?i:,| and|, and) [0-9]{1,3}% [A-Za-z]+)+\.?\z"));

/// A field of GraphQL, with the name of its first argument. SQL knows `::` and `:=`, and no argument before one colon.
static FIELD: LazyLock<Regex> = LazyLock::new(|| {
    regex(r#"\A(?i:user|database|schema)[ ]?\(\s*[A-Za-z_][A-Za-z0-9_]*:\s*(?:\$[A-Za-z_]|["\[{A-Za-z0-9-])"#)
});

/// `union` and `select` with words between them.
static UNION: LazyLock<Regex> =
    LazyLock::new(|| regex(r"\A(?i:union)(?P<words>(?: [A-Za-z]+)+) (?i:select)\z"));

/// Words that make a statement of what begins with `select` or `union`.
const STATEMENT: [&str; 17] = [
    "all",
    "and",
    "as",
    "case",
    "distinct",
    "distinctrow",
    "from",
    "having",
    "into",
    "limit",
    "null",
    "or",
    "table",
    "top",
    "union",
    "values",
    "where",
];

pub(super) fn regex(pattern: &str) -> Regex {
    RegexBuilder::new(pattern).unicode(false).build().expect("the pattern is ours")
}

/// Whether what a rule found there is honest.
pub(super) fn is_prose(rule: u32, value: &[u8], found: &Range<usize>) -> bool {
    match rule / 1000 {
        932 => {
            is_sentence(value, found.start)
                || is_code_span(value, found.start)
                || name_goes_on(value, found)
                || is_word(rule, value, found)
                || rule == 932_130 && AUTHOR.is_match(value)
        }
        933 => is_no_call(rule, value, found.start),
        941 => rule == 941_210 && SCHEME.is_match(&value[found.start..]),
        942 => {
            let text = &value[found.start..];
            is_choice(text) || is_union(&value[found.clone()]) || FIELD.is_match(text)
        }
        _ => false,
    }
}

/// Whether what a rule found in that value is honest, wherever it stands.
pub(super) fn is_text(rule: u32, value: &[u8]) -> bool {
    match rule {
        941_310 => is_unstripped(value),
        942_100 => ADDRESS.is_match(value) || SHARES.is_match(value),
        _ => false,
    }
}

/// The rule looks for markup as a reader sees it who drops the highest bit of each byte, and finds half of all Cyrillic and
/// Chinese texts: of UTF-8, that reader's text is asked, and that of one who gets it as Latin-1.
fn is_unstripped(value: &[u8]) -> bool {
    let harmless = |text: &[u8]| !libinjectionrs::detect_xss(text).is_injection();
    std::str::from_utf8(value).is_ok_and(|text| {
        let bytes: Vec<_> = value.iter().map(|byte| byte & 0x7f).collect();
        let latin: Vec<_> = text.chars().map(|c| u8::try_from(c).map_or(b'?', |byte| byte & 0x7f)).collect();
        harmless(&bytes) && harmless(&latin)
    })
}

/// A line break between two lines of prose; only a capitalised word may follow, and at least one more.
fn is_sentence(value: &[u8], at: usize) -> bool {
    if !matches!(value.get(at), Some(b'\n' | b'\r')) {
        return false;
    }
    let line_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
    let before = value[..at].rsplit(line_break).find(|line| !line.trim_ascii().is_empty());
    let after = value[at..].split(line_break).find(|line| !line.trim_ascii().is_empty());
    let (Some(before), Some(after)) = (before, after) else {
        return false;
    };
    SENTENCE.is_match(before) && SENTENCE.is_match(after) && after.trim_ascii().contains(&b' ')
}

/// A backtick at either end of a code span that stands in a sentence.
fn is_code_span(value: &[u8], at: usize) -> bool {
    if value.get(at) != Some(&b'`') || value.windows(2).any(|pair| pair == b"``") {
        return false;
    }
    let (mut spans, mut outside) = (Vec::new(), Vec::new());
    let mut start = 0;
    for (number, part) in value.split(|byte| *byte == b'`').enumerate() {
        let range = start..start + part.len();
        start = range.end + 1;
        if number % 2 == 0 { outside.push(range) } else { spans.push(range) }
    }
    let closed = outside.len() == spans.len() + 1;
    let word = |word: &&[u8]| word.len() > 1 && word.iter().all(u8::is_ascii_alphabetic);
    let words = |range: &Range<usize>| {
        value[range.clone()].split(|byte| !byte.is_ascii_alphabetic()).filter(word).count()
    };
    let amid = |span: &Range<usize>| {
        let before = value[..span.start - 1].last();
        let after = value.get(span.end + 1);
        matches!(before, Some(b' ' | b'(' | b'['))
            && after.is_none_or(|byte| {
                matches!(byte, b' ' | b'.' | b',' | b';' | b':' | b'!' | b'?' | b')' | b']' | b'\'' | b'\n')
            })
    };
    let mine = |span: &Range<usize>| span.start - 1 == at || span.end == at;
    // What is behind the end of a span is no part of it; what is in it, a rule finds at its start.
    let simple = |span: &Range<usize>| span.end == at || SPAN.is_match(&value[span.clone()]);
    closed
        && outside.iter().map(words).sum::<usize>() > spans.len()
        && outside.first().is_some_and(|first| words(first) > 0)
        && spans.iter().find(|span| mine(span)).is_some_and(|span| amid(span) && simple(span))
}

/// A command whose longer names, behind a hyphen, are commands too.
const FAMILY: &[u8] = b"ansible";

/// The name of a command that is only the beginning of a longer one.
fn name_goes_on(value: &[u8], found: &Range<usize>) -> bool {
    let name = &value[found.clone()];
    name.iter().all(u8::is_ascii_alphanumeric)
        && !name.eq_ignore_ascii_case(FAMILY)
        && matches!(value.get(found.end), Some(b'-' | b'_'))
        && value.get(found.end + 1).is_some_and(u8::is_ascii_alphabetic)
}

fn is_choice(found: &[u8]) -> bool {
    has_only_words(&CHOICE, found)
}

/// Nothing but `all` and `distinct` stands between the two in SQL.
fn is_union(found: &[u8]) -> bool {
    has_only_words(&UNION, found)
}

/// Whether none of the words that the pattern names makes a statement.
fn has_only_words(pattern: &Regex, found: &[u8]) -> bool {
    pattern.captures(found).is_some_and(|choice| {
        let words = choice.name("words").map_or(&[][..], |words| words.as_bytes()).to_ascii_lowercase();
        !words.split(|byte| *byte == b' ').any(|word| STATEMENT.iter().any(|known| known.as_bytes() == word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prose(rule: u32, value: &str, from: &str) -> bool {
        let start = value.find(from).expect("the value has that");
        is_prose(rule, value.as_bytes(), &(start..start + from.len()))
    }

    #[test]
    fn sentences_over_several_lines() {
        for text in ["Oil the hinge.\nSort twice.", "Plan\r\nFind 2 men, then go", "Stop!\n\nTime is up."] {
            assert!(prose(932_110, text, "\n"), "{text}");
        }
        for text in [
            "127.0.0.1\nDir x",
            "Go.\ndir",
            "Go.\nDir",
            "Go.\nDir c:\\",
            "Go.\nPing 1.2.3.4 -t",
            "Go.\nType a > b",
            "x;\nSort it",
        ] {
            assert!(!prose(932_110, text, "\n"), "{text}");
        }
        assert!(!prose(932_110, "Go.\nSort it; dir", ";"));
        assert!(!prose(942_190, "Go.\nSort it.", "\n"), "only rules about commands");
    }

    #[test]
    fn code_spans_amid_words() {
        for text in [
            "Call `who` or `ps -ef`, then wait.",
            "The program `env` tells",
            "The [`apt-get -y update-all`] of old",
        ] {
            assert!(prose(932_100, text, "`"), "{text}");
        }
        for text in [
            "`id`",
            "x`id`",
            "a=`id`",
            "`id` is it",
            "Run `id",
            "Run `id; ls` now",
            "Run `cat /x` now",
            "Run `echo $HOME` now",
            "Run x`id` now",
            "Run ``id`` now",
            "1 `id` 2",
        ] {
            assert!(!prose(932_100, text, "`"), "{text}");
        }
    }

    #[test]
    fn behind_a_code_span() {
        for text in ["It has `a::b(c)`. Sort it", "Its (`{x}`) type", "of `X`'s type"] {
            let end = text.rfind('`').unwrap();
            assert!(is_prose(932_100, text.as_bytes(), &(end..text.len())), "{text}");
        }
        for text in ["`{x}` sort it", "It is x`{x}` sort", "It is `{x}`sort", "It is `x` and ` sort"] {
            let end = text.rfind('`').unwrap();
            assert!(!is_prose(932_100, text.as_bytes(), &(end..text.len())), "{text}");
        }
    }

    #[test]
    fn longer_names() {
        assert!(prose(932_260, "time-table", "time"));
        for (text, found) in [
            ("time -p", "time"),
            ("time", "time"),
            ("time-1", "time"),
            ("a;time-x", ";time"),
            ("ansible-vault", "ansible"),
        ] {
            assert!(!prose(932_260, text, found), "{text}");
        }
    }

    #[test]
    fn choices_of_words() {
        for text in ["\"select quiet rooms\"", "\"Select your own seat.", "'select any two'"] {
            assert!(is_choice(text.as_bytes()), "{text}");
        }
        for text in [
            "\"select a from b",
            "'select version()",
            "\"select 1",
            "\"select x,y z",
            "'select password",
            "'select a b' or 'x",
            "'select a b--",
            "\"select all users now",
        ] {
            assert!(!is_choice(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn unions_of_words() {
        for text in ["union is our great select", "Union of the select", "union has a vote to select"] {
            assert!(is_union(text.as_bytes()), "{text}");
        }
        for text in [
            "union select",
            "union all select",
            "union distinct select",
            "union distinctrow select",
            "union table t union select",
            "union values select",
            "union  x select",
            "union(select",
            "union x2 select",
        ] {
            assert!(!is_union(text.as_bytes()), "{text}");
        }
        assert!(prose(942_190, "the union of those select few", "union of those select"));
    }

    #[test]
    fn headings_authors_and_fields() {
        let whole = |rule, text: &str| is_prose(rule, text.as_bytes(), &(0..text.len()));
        assert!(whole(941_210, "JavaScript: notes for a course"));
        assert!(prose(932_130, "A. B. <ab@post.example.com>(https://ab.example/~me)", ">("));
        assert!(!prose(932_130, "A <ab@post.example.com>(id)", ">("));
        assert!(!prose(932_130, "A <ab@post.example.com>(https://x) >(id)", ">("));
        assert!(prose(942_190, "query ($k: Int) { user(id: $k) { name } }", "user("));
        assert!(prose(942_190, "{ user(name: \"x\") { id } }", "user("));
        for text in [
            "javascript:alert",
            "javascript: alert(1)",
            "javascript: a=b c",
            "javascript: x y\\u0028",
            "javascript: throw",
        ] {
            assert!(!whole(941_210, text), "{text}");
        }
        for text in ["user()", "user(x)", "user(a::text)", "user(a:=1)", "user(/*x*/)", "user(a: 'x')"] {
            assert!(!prose(942_190, text, "user("), "{text}");
        }
    }

    #[test]
    fn whole_values() {
        let honest = |text: &str| is_text(942_100, text.as_bytes());
        for text in ["jane and@post.example.com", "60% wool, 30% silk AND 10% hemp", "5% tin and 95% lead."] {
            assert!(honest(text), "{text}");
        }
        for text in [
            "1 or@@version.x",
            "1 or@x",
            "1' or@x.ab",
            "a b or@x.ab",
            "x or@y.ab--",
            "5% a or 5% b",
            "5% a and b",
        ] {
            assert!(!honest(text), "{text}");
        }
    }

    #[test]
    fn what_a_reader_of_seven_bits_sees() {
        let honest = |text: &[u8]| is_text(941_310, text);
        for text in
            ["\u{43c}\u{438}\u{440} \u{438} \u{43f}\u{43e}\u{43b}\u{435}", "\u{6f2b}\u{3c}\u{6b}\u{6f3e}"]
        {
            assert!(honest(text.as_bytes()), "{text}");
        }
        assert!(!honest(b"\xbcscript\xbe"), "no UTF-8");
        for text in [
            "\u{13c}script \u{13e}",
            "\u{43c}svg onloa\u{13d}x(1)\u{43e}",
            "\u{43c}/script>\u{13c}script >",
            "\u{bc}script\u{be}x(1)\u{bc}/script\u{be}",
        ] {
            assert!(!honest(text.as_bytes()), "{text}");
        }
    }
}
