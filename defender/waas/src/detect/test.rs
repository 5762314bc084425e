//! The question that a rule asks of a transformed value.

use aho_corasick::AhoCorasick;
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
            Self::Sqli => libinjectionrs::detect_sqli(value).is_injection(),
            Self::Xss => libinjectionrs::detect_xss(value).is_injection(),
        }
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

/// One pattern, in the dialect of the rule set (section 3.4 of `waas.md`): bytes, dot-all, multi-line.
pub(super) fn build(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern)
        .unicode(false)
        .dot_matches_new_line(true)
        .multi_line(true)
        .size_limit(64 << 20)
        .build()
}
