//! Transforms by their names.

use super::{base64, case, comments, html, unicode, url, whitespace};
use std::borrow::Cow;

/// A transform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transform {
    Lowercase,
    CompressWhitespace,
    RemoveWhitespace,
    UrlQueryDecode,
    UrlPathDecode,
    UnicodeDecode,
    HtmlEntityDecode,
    Base64Decode,
    ReplaceComments,
    RemoveCommentSymbols,
    RemoveTags,
}

/// Each transform by its name.
const TRANSFORMS: [(&str, Transform); 11] = [
    ("lowercase", Transform::Lowercase),
    ("compressWhitespace", Transform::CompressWhitespace),
    ("removeWhitespace", Transform::RemoveWhitespace),
    ("urlQueryDecode", Transform::UrlQueryDecode),
    ("urlPathDecode", Transform::UrlPathDecode),
    ("unicodeDecode", Transform::UnicodeDecode),
    ("htmlEntityDecode", Transform::HtmlEntityDecode),
    ("base64Decode", Transform::Base64Decode),
    ("replaceComments", Transform::ReplaceComments),
    ("removeCommentSymbols", Transform::RemoveCommentSymbols),
    ("removeTags", Transform::RemoveTags),
];

impl Transform {
    pub(crate) fn named(name: &str) -> Option<Self> {
        TRANSFORMS.iter().find(|(known, _)| *known == name).map(|(_, transform)| *transform)
    }

    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        TRANSFORMS.iter().map(|(name, _)| *name)
    }

    /// The transformed value.
    pub(crate) fn apply(self, value: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
        let changed = match self {
            Self::Lowercase => case::lower(&value),
            Self::CompressWhitespace => whitespace::compress(&value),
            Self::RemoveWhitespace => whitespace::remove(&value),
            Self::UrlQueryDecode => url::decode(&value, true),
            Self::UrlPathDecode => url::decode(&value, false),
            Self::UnicodeDecode => unicode::to_ascii(&value),
            Self::HtmlEntityDecode => html::decode(&value),
            Self::Base64Decode => Some(base64::decode(&value)),
            Self::ReplaceComments => comments::replace(&value),
            Self::RemoveCommentSymbols => comments::remove_symbols(&value),
            Self::RemoveTags => html::remove_tags(&value),
        };
        changed.map_or(value, Cow::Owned)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
