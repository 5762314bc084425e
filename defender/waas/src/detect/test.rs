//! The question that a rule asks of a transformed value.

use aho_corasick::AhoCorasick;
use libinjectionrs::{SqliFlags, SqliState};
use regex::bytes::{Regex, RegexBuilder};
use std::ops::Range;
use std::sync::OnceLock;

/// A compiled operator.
#[derive(Debug)]
pub(super) enum Test {
    /// A regular expression of the `regex` crate; compiled alone only when a match has to be shown.
    Regex { pattern: String, alone: OnceLock<Regex> },
    /// Words anywhere, without regard to case.
    Words(AhoCorasick),
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
            Self::Words(words) => words.is_match(value),
            Self::Sqli => is_sqli(value),
            Self::Xss => libinjectionrs::detect_xss(value).is_injection(),
        }
    }

    /// Where it holds first and `counts` agrees; only matches of regular expressions are asked about, and also those that
    /// begin inside another.
    pub(super) fn find_where(
        &self,
        value: &[u8],
        counts: impl Fn(&Range<usize>) -> bool,
    ) -> Option<Range<usize>> {
        let Self::Regex { pattern, alone } = self else {
            return Some(self.find(value).unwrap_or(0..value.len()));
        };
        let regex = alone.get_or_init(|| build(pattern).expect("the pattern was compiled at load"));
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

    /// Where it holds first; libinjection judges a value as a whole.
    pub(super) fn find(&self, value: &[u8]) -> Option<Range<usize>> {
        match self {
            Self::Regex { pattern, alone } => {
                let regex = alone.get_or_init(|| build(pattern).expect("the pattern was compiled at load"));
                regex.find(value).map(|found| found.range())
            }
            Self::Words(words) => words.find(value).map(|found| found.range()),
            Self::Sqli | Self::Xss => self.holds(value).then_some(0..value.len()),
        }
    }
}

/// Matches of one expression in one value that are looked at again; where there are more, the next one counts.
const SECOND_LOOKS: usize = 64;

/// libinjection's verdict, without the call where it is known: no fingerprint of a single word or number is an
/// injection. The state is used directly because the convenience function computes each fingerprint twice.
fn is_sqli(value: &[u8]) -> bool {
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let single = match value.first() {
        Some(first) if first.is_ascii_digit() => value.iter().all(u8::is_ascii_digit),
        _ => value.iter().all(word),
    };
    !single && SqliState::new(value, SqliFlags::FLAG_NONE).detect()
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

    proptest::proptest! {
        #[test]
        fn the_short_way_says_the_same(
            value in "[A-Za-z_][A-Za-z0-9_]{0,40}|[0-9]{1,40}|(or|and|select|union|1|'|\"|--|#|=| |a){0,10}",
        ) {
            proptest::prop_assert_eq!(
                is_sqli(value.as_bytes()), libinjectionrs::detect_sqli(value.as_bytes()).is_injection());
        }

        #[test]
        fn libinjection_does_not_panic(value in proptest::collection::vec(proptest::num::u8::ANY, 0..120)) {
            let _ = is_sqli(&value);
            let _ = libinjectionrs::detect_xss(&value);
        }
    }
}
