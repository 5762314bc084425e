//! Transforms of values: section 2.14 of `waas.md`. Each works on bytes, in time that grows with them, and says
//! nothing when the value stays as it is.

mod base64;
mod comments;
mod entity;
mod html;
mod unicode;
mod url;
mod whitespace;

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
            Self::Lowercase => lowercase(&value),
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

/// All characters in lower case.
fn lowercase(value: &[u8]) -> Option<Vec<u8>> {
    if value.is_ascii() {
        return value.iter().any(u8::is_ascii_uppercase).then(|| value.to_ascii_lowercase());
    }
    let mut out = Vec::with_capacity(value.len());
    for chunk in value.utf8_chunks() {
        for character in chunk.valid().chars() {
            character.to_lowercase().for_each(|lower| push(&mut out, lower));
        }
        out.extend_from_slice(chunk.invalid());
    }
    Some(out)
}

/// A character in UTF-8.
fn push(out: &mut Vec<u8>, character: char) {
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
