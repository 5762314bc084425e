//! What scripts make of a text before they look at it.

use serde::{Deserialize, Serialize};

/// A transform (section 2.14).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Step {
    /// In small letters.
    Lowercase,
    /// With one space for several.
    CompressWhitespace,
    /// Without spaces.
    RemoveWhitespace,
    /// Without the percent coding and the plus of queries.
    UrlQueryDecode,
    /// Without percent coding; a plus stays.
    UrlPathDecode,
    /// Without entities of HTML.
    HtmlEntityDecode,
    /// Without Base64.
    Base64Decode,
}

impl Step {
    /// What it makes of a text; none where nobody says what becomes of such a text.
    #[must_use]
    pub fn made(self, text: &str) -> Option<String> {
        let spaces = |c: char| matches!(c, ' ' | '\t' | '\r' | '\n');
        match self {
            Self::Lowercase => Some(text.to_ascii_lowercase()),
            Self::RemoveWhitespace => Some(text.replace(spaces, "")),
            Self::CompressWhitespace => {
                let mut made = String::new();
                for c in text.chars().map(|c| if spaces(c) { ' ' } else { c }) {
                    if c != ' ' || !made.ends_with(' ') {
                        made.push(c);
                    }
                }
                Some(made)
            }
            Self::UrlQueryDecode => percent(&text.replace('+', " ")),
            Self::UrlPathDecode => percent(text),
            Self::HtmlEntityDecode => entities(text),
            Self::Base64Decode => base64(text),
        }
    }
}

fn percent(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first == b'%' {
            let digits = std::str::from_utf8(behind.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &behind[2..];
        } else {
            bytes.push(*first);
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Entities by number; those by name have no list that is published.
fn entities(text: &str) -> Option<String> {
    let mut made = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        made.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        if !behind.starts_with('#') {
            if behind.starts_with(|c: char| c.is_ascii_alphabetic()) {
                return None;
            }
            made.push('&');
            rest = behind;
            continue;
        }
        let (number, behind) = behind[1..].split_once(';')?;
        let number = match number.strip_prefix('x') {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        made.push(char::from_u32(number)?);
        rest = behind;
    }
    made.push_str(rest);
    Some(made)
}

/// What is Base64 as a whole.
fn base64(text: &str) -> Option<String> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.trim_end_matches('=');
    if !text.len().is_multiple_of(4) || text.len() - digits.len() > 2 {
        return None;
    }
    let mut bits = Vec::new();
    for digit in digits.bytes() {
        let value = DIGITS.iter().position(|own| *own == digit)?;
        bits.extend((0..6).rev().map(|at| value >> at & 1));
    }
    let bytes: Vec<u8> = bits
        .chunks_exact(8)
        .filter_map(|bits| u8::try_from(bits.iter().fold(0, |byte, bit| byte << 1 | bit)).ok())
        .collect();
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_step_makes() {
        for (step, text, expected) in [
            (Step::Lowercase, "A b", Some("a b")),
            (Step::CompressWhitespace, "a  b \tc", Some("a b c")),
            (Step::RemoveWhitespace, "a  b \tc", Some("abc")),
            (Step::UrlQueryDecode, "a+b%3Cc", Some("a b<c")),
            (Step::UrlPathDecode, "a+b%3cc", Some("a+b<c")),
            (Step::UrlPathDecode, "100%", None),
            (Step::HtmlEntityDecode, "&#x3c;b&#62; & c", Some("<b> & c")),
            (Step::HtmlEntityDecode, "&lt;", None),
            (Step::Base64Decode, "PHNjcmlwdD4=", Some("<script>")),
            (Step::Base64Decode, "PHNjcmlwdD4", None),
            (Step::Base64Decode, "order 11", None),
            (Step::Base64Decode, "", Some("")),
        ] {
            assert_eq!(step.made(text).as_deref(), expected, "{step:?} {text}");
        }
    }
}
