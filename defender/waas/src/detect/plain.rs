//! Proof that a rule cannot match plain text: letters, digits, space, `_`, `.` and `-`.
//!
//! Most values of honest traffic are plain. A rule whose every match needs another byte may be skipped for them,
//! as long as its transformations keep plain text plain.

use crate::transform::Transform;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// Whether every byte is plain.
#[must_use]
pub(crate) fn is_plain(value: &[u8]) -> bool {
    value.iter().all(|byte| PLAIN[usize::from(*byte)])
}

/// What the bytes of a text say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It is plain.
    Plain,
    /// It has no byte that decoders look for, and no step but Base64 makes one of what it has.
    Still,
    /// It may be anything.
    Any,
}

impl Kind {
    /// Whether the step leaves every text of that kind as it is.
    pub(crate) fn is_kept_by(self, step: Transform) -> bool {
        match step {
            Transform::UrlDecode
            | Transform::UrlDecodeUni
            | Transform::HtmlEntityDecode
            | Transform::JsDecode
            | Transform::CssDecode
            | Transform::EscapeSeqDecode
            | Transform::RemoveNulls
            | Transform::ReplaceNulls
            | Transform::Utf8ToUnicode
            | Transform::ReplaceComments => self != Self::Any,
            Transform::NormalizePath | Transform::NormalizePathWin => self == Self::Plain,
            _ => false,
        }
    }
}

/// The kind of a text.
pub(crate) fn kind(value: &[u8]) -> Kind {
    match value.iter().fold(0, |marks, byte| marks | KINDS[usize::from(*byte)]) {
        0 => Kind::Plain,
        1 => Kind::Still,
        _ => Kind::Any,
    }
}

static KINDS: [u8; 256] = {
    let mut table = [1; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        if PLAIN[at] {
            table[at] = 0;
        } else if !byte.is_ascii() || matches!(byte, 0 | b'%' | b'+' | b'&' | b'\\' | b'*') {
            table[at] = 2;
        }
        at += 1;
    }
    table
};

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

/// False only if no match of the pattern consists of plain bytes alone.
///
/// # Errors
/// The pattern cannot be read.
pub(crate) fn may_match_plain(pattern: &str) -> Result<bool, Box<regex_syntax::Error>> {
    let parsed = ParserBuilder::new()
        .unicode(false)
        .utf8(false)
        .dot_matches_new_line(true)
        .multi_line(true)
        .build()
        .parse(pattern);
    Ok(may_be_plain(&parsed?))
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

    fn may(pattern: &str) -> bool {
        may_match_plain(pattern).expect("the pattern is one")
    }

    #[test]
    fn what_needs_punctuation_is_seen() {
        assert!(!may(r"<script[^>]*>"));
        assert!(!may(r"(?i)(?:;|\||`)\s*ls"));
        assert!(!may(r"a\s*\("));
        assert!(may(r"a(?:\()?b"));
        assert!(may(r"(?i)union.*?select"));
        assert!(may(r"[<a]b"));
        assert!(may(r"^$"));
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
                proptest::prop_assert!(may(&pattern), "{} on {:?}", pattern, value);
            }
        }

        /// What a sieve leaves out changes nothing, and what it does not leave out makes nothing that it would have to look at.
        #[test]
        fn kinds_are_kept(value in "[ -~\\n\\t]{0,40}") {
            let found = kind(value.as_bytes());
            for name in ["lowercase", "urlDecode", "urlDecodeUni", "htmlEntityDecode", "jsDecode", "cssDecode", "escapeSeqDecode",
                "removeNulls", "replaceNulls", "cmdLine", "normalizePath", "normalizePathWin", "utf8toUnicode",
                "compressWhitespace", "removeWhitespace", "replaceComments", "removeCommentsChar", "trim"] {
                let step = Transform::named(name).expect("the step is known");
                let mut out = Vec::new();
                let changed = step.apply(value.as_bytes(), &mut out);
                proptest::prop_assert!(!changed || !found.is_kept_by(step), "{} of {:?}", name, value);
                let left_out = |kind: Kind| found == Kind::Any || kind == found || kind == Kind::Plain;
                proptest::prop_assert!(!changed || left_out(kind(&out)), "{} of {:?}", name, value);
            }
        }
    }
}
