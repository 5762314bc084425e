//! The question that a rule asks of a transformed value.

use super::chain::Groups;
use super::words::Words;
use libinjectionrs::{SqliFlags, SqliState};
use regex::bytes::{Match, NoExpand, Regex, RegexBuilder};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

/// A compiled operator.
#[derive(Debug)]
pub(super) enum Test {
    /// A regular expression of the `regex` crate; compiled alone only when a match has to be shown.
    Regex { pattern: String, alone: OnceLock<Regex> },
    /// Words anywhere, without regard to case.
    Words(Words),
    /// libinjection.
    Sqli,
    /// libinjection.
    Xss,
}

impl Test {
    pub(super) fn regex(pattern: String) -> Self {
        Self::Regex { pattern, alone: OnceLock::new() }
    }

    /// Whether it holds anywhere in the value.
    pub(super) fn holds(&self, value: &[u8]) -> bool {
        match self {
            Self::Regex { .. } => self.find(value).is_some(),
            Self::Words(words) => words.holds(value),
            Self::Sqli => is_sqli(value),
            Self::Xss => is_xss(value),
        }
    }

    /// Where it holds first and `counts` agrees; only matches of regular expressions are asked about, and also those that
    /// begin inside another.
    pub(super) fn find_where(
        &self,
        value: &[u8],
        counts: impl Fn(&Range<usize>) -> bool,
    ) -> Option<Range<usize>> {
        let Some(regex) = self.alone() else {
            return Some(self.find(value).unwrap_or(0..value.len()));
        };
        let mut from = 0;
        for _ in 0..SECOND_LOOKS {
            let range = regex.find_at(value, from)?.range();
            if counts(&range) {
                return Some(range);
            }
            from = range.start + 1;
        }
        Some(regex.find_at(value, from)?.range())
    }

    /// What the parentheses of an expression found in its first match; nothing of another test.
    pub(super) fn groups(&self, value: &[u8]) -> Option<Groups> {
        self.all_groups(value).next()
    }

    /// The same of each of its first matches.
    pub(super) fn all_groups(&self, value: &[u8]) -> impl Iterator<Item = Groups> {
        let matches = self.alone().map(|regex| regex.captures_iter(value)).into_iter().flatten();
        let group = |group: Option<Match<'_>>| group.map_or_else(Vec::new, |found| found.as_bytes().to_vec());
        matches.take(SECOND_LOOKS).map(move |found| found.iter().map(group).collect())
    }

    /// The expression by itself.
    fn alone(&self) -> Option<&Regex> {
        let Self::Regex { pattern, alone } = self else { return None };
        Some(alone.get_or_init(|| build(pattern).expect("the pattern was compiled at load")))
    }

    /// Where it holds first; libinjection judges a value as a whole.
    pub(super) fn find(&self, value: &[u8]) -> Option<Range<usize>> {
        match self {
            Self::Regex { .. } => self.alone()?.find(value).map(|found| found.range()),
            Self::Words(words) => words.find(value),
            Self::Sqli | Self::Xss => self.holds(value).then_some(0..value.len()),
        }
    }
}

/// Matches of one expression in one value that are looked at again; where there are more, the next one counts.
const SECOND_LOOKS: usize = 64;

/// libinjection's verdict, without the call where it is known: no fingerprint of a single word or number is an
/// injection. The state is used directly because the convenience function computes each fingerprint twice.
pub(super) fn is_sqli(value: &[u8]) -> bool {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let single = match value.first() {
        Some(first) if first.is_ascii_digit() => value.iter().all(u8::is_ascii_digit),
        _ => value.iter().all(word),
    };
    !single && SqliState::new(&one_word(value), SqliFlags::FLAG_NONE).detect()
}

/// `at time zone`.
const SHORTEST_PHRASE: usize = 12;

/// Words of which one is in each of [`PHRASES`].
static RARE: LazyLock<Regex> =
    LazyLock::new(|| build("(?i)boolean|share|zone|value|replace|distinct").expect("the pattern is ours"));

/// Phrases that are one word of SQL, by a word of the same kind: our libinjection joins words only by pairs that are no bare words,
/// and the original by any.
static PHRASES: LazyLock<[(Regex, &[u8]); 3]> = LazyLock::new(|| {
    let phrases = |phrases: &str| {
        let between = r"(?:\s|/\*[^*]*\*/)+";
        build(&format!(r"(?i)\b(?:{phrases})\b").replace('_', between)).expect("the pattern is ours")
    };
    [
        (phrases("in_boolean_mode|lock_in_share_mode|at_time_zone|(?:next|previous)_value_for"), b"index"),
        (phrases("create_or_replace"), b"declare"),
        (phrases("is(?:_not)?_distinct_from"), b"rlike"),
    ]
});

/// The value with each of these phrases as one word.
fn one_word(value: &[u8]) -> Cow<'_, [u8]> {
    let mut value = Cow::Borrowed(value);
    let apart = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'*';
    if value.len() >= SHORTEST_PHRASE && value.iter().any(apart) && RARE.is_match(&value) {
        for (phrase, word) in PHRASES.iter() {
            if let Cow::Owned(other) = phrase.replace_all(&value, NoExpand(word)) {
                value = Cow::Owned(other);
            }
        }
    }
    value
}

/// libinjection's verdict, without the call where it is known: markup begins with `<`, and an attribute has a value behind `=`.
pub(super) fn is_xss(value: &[u8]) -> bool {
    memchr::memchr2(b'<', b'=', value).is_some() && libinjectionrs::detect_xss(value).is_injection()
}

/// One pattern, in the dialect of the rule set (section 3.4 of `waas.md`): bytes, dot-all, multi-line.
pub(super) fn build(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .unicode(false)
        .dot_matches_new_line(true)
        .multi_line(true)
        .size_limit(64 << 20)
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_of_sql_are_one_word() {
        for text in [
            "7' in boolean mode) order by 2#",
            "7' IN/**/BOOLEAN  MODE) or sleep(3)#",
            "7 lock in share mode union select a from b",
            "7'; create or replace function x(int) returns int as 'y'; select x(3)--",
        ] {
            assert!(is_sqli(text.as_bytes()), "{text}");
        }
        for text in [
            "read it in boolean mode",
            "share the value",
            "create or replace it",
            "what is distinct from this",
        ] {
            assert!(!is_sqli(text.as_bytes()), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn the_short_way_says_the_same(
            value in "[A-Za-z_][A-Za-z0-9_]{0,40}|[0-9]{1,40}|(or|and|select|union|1|'|\"|--|#|=| |a){0,10}",
        ) {
            proptest::prop_assert_eq!(
                is_sqli(value.as_bytes()), libinjectionrs::detect_sqli(value.as_bytes()).is_injection());
        }

        #[test]
        fn markup_needs_its_marks(
            value in "[a-zA-Z0-9 \"'`>/!?&;:#%()\t\n\x00-]{0,40}|(onload|style|href|javascript:|xmlns|src|>|/|!|-|'|\"|`| |a){0,12}",
        ) {
            proptest::prop_assert!(!libinjectionrs::detect_xss(value.as_bytes()).is_injection());
        }

        #[test]
        fn libinjection_does_not_panic(value in proptest::collection::vec(proptest::num::u8::ANY, 0..120)) {
            let _ = is_sqli(&value);
            let _ = libinjectionrs::detect_xss(&value);
        }
    }
}
