//! Transformations of the rule language (`t:...`), byte for byte, and the decoders they are made of.

mod command;
mod escape;
mod html;
mod path;
mod url;
mod utf8;

pub use url::{percent_decode, unicode_percent_decode};

pub(crate) use escape::js_decode_strict;
pub(crate) use html::{Names, html_decode};
pub(crate) use utf8::shorten_overlong;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// A transformation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transform {
    /// `lowercase`.
    Lowercase,
    /// `urlDecode`.
    UrlDecode,
    /// `urlDecodeUni`: also `%uHHHH`.
    UrlDecodeUni,
    /// `htmlEntityDecode`.
    HtmlEntityDecode,
    /// `jsDecode`.
    JsDecode,
    /// `cssDecode`.
    CssDecode,
    /// `escapeSeqDecode`: ANSI C escapes.
    EscapeSeqDecode,
    /// `removeNulls`.
    RemoveNulls,
    /// `replaceNulls`: by spaces.
    ReplaceNulls,
    /// `cmdLine`: undoes what shells ignore.
    CmdLine,
    /// `normalizePath`.
    NormalizePath,
    /// `normalizePathWin`: also turns backslashes.
    NormalizePathWin,
    /// `utf8toUnicode`: characters beyond ASCII become `%uHHHH`.
    Utf8ToUnicode,
    /// `compressWhitespace`.
    CompressWhitespace,
    /// `removeWhitespace`.
    RemoveWhitespace,
    /// `replaceComments`: `/* */` by a space.
    ReplaceComments,
    /// `removeCommentsChar`: the marks of comments, without what stands between them.
    RemoveCommentsChar,
    /// `base64Decode`.
    Base64Decode,
    /// `trim`.
    Trim,
}

impl Transform {
    /// By the name used behind `t:`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "lowercase" => Self::Lowercase,
            "urlDecode" => Self::UrlDecode,
            "urlDecodeUni" => Self::UrlDecodeUni,
            "htmlEntityDecode" => Self::HtmlEntityDecode,
            "jsDecode" => Self::JsDecode,
            "cssDecode" => Self::CssDecode,
            "escapeSeqDecode" => Self::EscapeSeqDecode,
            "removeNulls" => Self::RemoveNulls,
            "replaceNulls" => Self::ReplaceNulls,
            "cmdLine" => Self::CmdLine,
            "normalizePath" | "normalisePath" => Self::NormalizePath,
            "normalizePathWin" | "normalisePathWin" => Self::NormalizePathWin,
            "utf8toUnicode" => Self::Utf8ToUnicode,
            "compressWhitespace" => Self::CompressWhitespace,
            "removeWhitespace" => Self::RemoveWhitespace,
            "replaceComments" => Self::ReplaceComments,
            "removeCommentsChar" => Self::RemoveCommentsChar,
            "base64Decode" | "base64DecodeExt" => Self::Base64Decode,
            "trim" => Self::Trim,
            _ => return None,
        })
    }

    /// Writes the transformed value into `out` and says true, or says false when the value stays as it is (then
    /// `out` means nothing).
    #[must_use]
    pub fn apply(self, value: &[u8], out: &mut Vec<u8>) -> bool {
        out.clear();
        match self {
            Self::Lowercase => {
                let changed = value.iter().any(u8::is_ascii_uppercase);
                if changed {
                    out.extend(value.iter().map(u8::to_ascii_lowercase));
                }
                changed
            }
            Self::UrlDecode => percent_decode(value, true, out),
            Self::UrlDecodeUni => unicode_percent_decode(value, true, out),
            Self::HtmlEntityDecode => html_decode(value, Names::ModSecurity, out),
            Self::JsDecode => escape::js_decode(value, out),
            Self::CssDecode => escape::css_decode(value, out),
            Self::EscapeSeqDecode => escape::sequence_decode(value, out),
            Self::RemoveNulls => keep(value, out, |byte| byte != 0),
            Self::ReplaceNulls => {
                let changed = value.contains(&0);
                if changed {
                    out.extend(value.iter().map(|byte| if *byte == 0 { b' ' } else { *byte }));
                }
                changed
            }
            Self::CmdLine => command::normalise(value, out),
            Self::NormalizePath => path::normalise(value, false, out),
            Self::NormalizePathWin => path::normalise(value, true, out),
            Self::Utf8ToUnicode => utf8::to_unicode_escapes(value, out),
            Self::CompressWhitespace => command::compress_whitespace(value, out),
            Self::RemoveWhitespace => keep(value, out, |byte| !is_space(byte)),
            Self::ReplaceComments => command::replace_comments(value, out),
            Self::RemoveCommentsChar => command::remove_comment_marks(value, out),
            Self::Base64Decode => {
                let engine = GeneralPurpose::new(
                    &STANDARD,
                    GeneralPurposeConfig::new()
                        .with_decode_allow_trailing_bits(true)
                        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
                );
                // An empty or foreign value decodes to nothing there, which no rule matches; staying as it is
                // would match what the rule did not mean.
                if engine.decode_vec(value, out).is_err() {
                    out.clear();
                }
                true
            }
            Self::Trim => {
                let start = value.iter().take_while(|byte| is_space(**byte)).count();
                let end = value[start..].iter().rev().take_while(|byte| is_space(**byte)).count();
                out.extend_from_slice(&value[start..value.len() - end]);
                start + end > 0
            }
        }
    }

    /// Whether letters, digits, space, `_`, `.` and `-` come out as letters, digits, space, `_`, `.` and `-`, or
    /// not at all. What a rule cannot find among those, it cannot find behind such transformations either.
    #[must_use]
    pub fn keeps_plain(self) -> bool {
        self != Self::Base64Decode
    }
}

pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}

pub(crate) fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// The value of `bytes`, if all of them are hexadecimal digits.
pub(crate) fn hex_value(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0u32, |value, byte| Some((value << 4) | u32::from(hex(*byte)?)))
}

/// One byte for a character: full-width forms become what they stand for, anything else its low byte, as
/// ModSecurity does.
pub(crate) fn narrow(code: u32) -> u8 {
    match code {
        0xff01..=0xff5e => (code - 0xff01 + 0x21) as u8,
        _ => (code & 0xff) as u8,
    }
}

fn keep(value: &[u8], out: &mut Vec<u8>, wanted: impl Fn(u8) -> bool) -> bool {
    if value.iter().all(|byte| wanted(*byte)) {
        return false;
    }
    out.extend(value.iter().copied().filter(|byte| wanted(*byte)));
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Transform; 19] = [
        Transform::Lowercase,
        Transform::UrlDecode,
        Transform::UrlDecodeUni,
        Transform::HtmlEntityDecode,
        Transform::JsDecode,
        Transform::CssDecode,
        Transform::EscapeSeqDecode,
        Transform::RemoveNulls,
        Transform::ReplaceNulls,
        Transform::CmdLine,
        Transform::NormalizePath,
        Transform::NormalizePathWin,
        Transform::Utf8ToUnicode,
        Transform::CompressWhitespace,
        Transform::RemoveWhitespace,
        Transform::ReplaceComments,
        Transform::RemoveCommentsChar,
        Transform::Base64Decode,
        Transform::Trim,
    ];

    fn run(transform: Transform, value: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        if transform.apply(value, &mut out) { out } else { value.to_vec() }
    }

    #[test]
    fn each_does_what_its_name_says() {
        for (transform, value, expected) in [
            (Transform::Lowercase, &b"AbC%41"[..], &b"abc%41"[..]),
            (Transform::UrlDecode, b"a+b%3Cc%zz%u003c%", b"a b<c%zz%u003c%"),
            (Transform::UrlDecodeUni, b"%u003cx%uff1e%3c", b"<x><"),
            (Transform::HtmlEntityDecode, b"&lt;&#x3C;&#60;&quot;&bogus;&#", b"<<<\"&bogus;&#"),
            (Transform::JsDecode, b"\\u003c\\x3c\\74\\n\\q\\", b"<<<\nq\\"),
            (Transform::CssDecode, b"ja\\vascript\\3c x\\\ny", b"javascript<xy"),
            (Transform::RemoveNulls, b"a\0b", b"ab"),
            (Transform::ReplaceNulls, b"a\0b", b"a b"),
            (Transform::CmdLine, b"C^MD,,;  \"/C\"  DIR", b"cmd/c dir"),
            (Transform::CmdLine, b"a\x0b(b \n(\x0cC", b"a\x0b(b(\x0cc"),
            (Transform::NormalizePath, b"/a/./b//c/../d", b"/a/b/d"),
            (Transform::NormalizePathWin, b"\\a\\..\\etc\\passwd", b"/etc/passwd"),
            (Transform::Utf8ToUnicode, "a\u{ff1c}b".as_bytes(), b"a%uff1cb"),
            (Transform::CompressWhitespace, b"a \t\n b", b"a b"),
            (Transform::RemoveWhitespace, b" a\tb ", b"ab"),
            (Transform::ReplaceComments, b"a/*x*/b/*open", b"a b "),
            (Transform::RemoveCommentsChar, b"a/*b*/c<!--d-->e--f#g-h", b"abcdefg-h"),
            (Transform::RemoveCommentsChar, b"/*/-#-*", b"/--*"),
            (Transform::Base64Decode, b"PHNjcmlwdD4", b"<script>"),
            (Transform::Trim, b"  x ", b"x"),
            (Transform::Trim, b"\x0b x\x0b\x0c", b"x"),
            (Transform::EscapeSeqDecode, b"\\x41\\101\\n", b"AA\n"),
            (Transform::EscapeSeqDecode, b"c\\at \\u0041\\X42\\xg\\501\\8\\", b"c\x07t u0041BxgA8\\"),
        ] {
            assert_eq!(
                String::from_utf8_lossy(&run(transform, value)),
                String::from_utf8_lossy(expected),
                "{transform:?}"
            );
        }
    }

    #[test]
    fn paths_climb_no_higher_than_they_can() {
        assert_eq!(run(Transform::NormalizePath, b"../../etc/passwd"), b"../../etc/passwd");
        assert_eq!(run(Transform::NormalizePath, b"a/../../etc"), b"../etc");
        assert_eq!(run(Transform::NormalizePath, b"/../etc"), b"/etc");
        assert_eq!(run(Transform::NormalizePath, b"a/b/"), b"a/b/");
    }

    proptest::proptest! {
        #[test]
        fn no_transformation_panics_or_lies(value in proptest::collection::vec(proptest::num::u8::ANY, 0..80)) {
            for transform in ALL {
                let mut out = Vec::new();
                if !transform.apply(&value, &mut out) {
                    continue;
                }
                // Growth is bounded: only `utf8toUnicode` grows, at most to seven bytes for two.
                proptest::prop_assert!(out.len() <= value.len() * 4, "{:?}", transform);
            }
        }

        #[test]
        fn near_syntax_does_not_panic(value in "[%&#;\\\\xuU0-9a-fA-F+/.\\*\"' ]{0,40}") {
            for transform in ALL {
                let _ = run(transform, value.as_bytes());
            }
        }

        #[test]
        fn plain_values_stay_plain(value in "[A-Za-z0-9 _.-]{0,40}") {
            for transform in ALL.into_iter().filter(|t| t.keeps_plain()) {
                let out = run(transform, value.as_bytes());
                proptest::prop_assert!(
                    out.iter().all(|b| b.is_ascii_alphanumeric() || b" _.-".contains(b)), "{:?}", transform);
            }
        }
    }
}
