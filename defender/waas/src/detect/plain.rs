//! Proof that a rule cannot match plain text: letters, digits, space, `_`, `.` and `-`.
//!
//! Most values of honest traffic are plain. A rule whose every match needs another byte may be skipped for them,
//! as long as its transformations keep plain text plain.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Whether every byte is plain.
#[must_use]
pub(crate) fn is_plain(value: &[u8]) -> bool {
    value.iter().all(|byte| PLAIN[usize::from(*byte)])
}

static PLAIN: [bool; 256] = {
    let mut table = [false; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        table[at] = byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'.' | b'-');
        at += 1;
    }
    table
};

/// False only if no match of the pattern consists of plain bytes alone. A pattern that cannot be read may match.
#[must_use]
pub(crate) fn may_match_plain(pattern: &str) -> bool {
    let parsed = ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .dot_matches_new_line(true)
        .multi_line(true)
        .build()
        .parse(pattern);
    parsed.map_or(true, |hir| may_be_plain(&hir))
}

/// Whether some string of the language is plain. Look-arounds are taken to hold: that can only err towards yes.
fn may_be_plain(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => is_plain(&literal.0),
        HirKind::Class(Class::Bytes(class)) => {
            class.iter().any(|range| (range.start()..=range.end()).any(|byte| is_plain(&[byte])))
        }
        HirKind::Class(Class::Unicode(class)) => {
            let ascii = |c: char| u8::try_from(c).unwrap_or(u8::MAX).min(127);
            class
                .iter()
                .any(|range| (ascii(range.start())..=ascii(range.end())).any(|byte| is_plain(&[byte])))
        }
        HirKind::Repetition(repetition) => repetition.min == 0 || may_be_plain(&repetition.sub),
        HirKind::Capture(capture) => may_be_plain(&capture.sub),
        HirKind::Concat(parts) => parts.iter().all(may_be_plain),
        HirKind::Alternation(parts) => parts.iter().any(may_be_plain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_needs_punctuation_is_seen() {
        assert!(!may_match_plain(r"<script[^>]*>"));
        assert!(!may_match_plain(r"(?i)(?:;|\||`)\s*ls"));
        assert!(!may_match_plain(r"a\s*\("));
        assert!(may_match_plain(r"a(?:\()?b"));
        assert!(may_match_plain(r"(?i)union.*?select"));
        assert!(may_match_plain(r"[<a]b"));
        assert!(may_match_plain(r"^$"));
    }

    proptest::proptest! {
        /// The analysis may err towards yes, never towards no.
        #[test]
        fn never_denies_what_matches(
            pattern in "([a-c<(;]|\\[[a-c<;]{1,3}\\]|\\(\\?:[a-c<|;]{1,5}\\)|[a-c<]\\*|[a-c<;]\\?|\\.){1,6}",
            value in "[a-c .]{0,8}",
        ) {
            if let Ok(regex) = regex::bytes::RegexBuilder::new(&pattern)
                .unicode(false).dot_matches_new_line(true).multi_line(true).build()
                && regex.is_match(value.as_bytes())
            {
                proptest::prop_assert!(may_match_plain(&pattern), "{} on {:?}", pattern, value);
            }
        }
    }
}
