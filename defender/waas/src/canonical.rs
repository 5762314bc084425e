//! What a value means to whoever decodes it again: the forms that are inspected beside the value itself.
//!
//! Section 2.7 of `waas.md` names the decoders: URL, HTML entity, JavaScript, Base64, overlong UTF-8.

use crate::transform::{Names, html_decode, js_decode_strict, shorten_overlong, unicode_percent_decode};
use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::borrow::Cow;

/// Rounds of URL decoding; who encodes more often has an application that decodes as often.
const URL_ROUNDS: usize = 3;

/// Shortest Base64 text worth decoding: less cannot carry an attack.
const SHORTEST_BASE64: usize = 8;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const PLAIN64: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const URL64: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// Calls `inspect` with the value and with each different form of it, until it returns false.
///
/// Forms, in this order: as is; URL-decoded up to three rounds with `%u` and overlong UTF-8 undone; that with HTML
/// references and JavaScript escapes undone; that as Base64, if it decodes to printable text, decoded likewise.
pub fn each_form(value: &[u8], mut inspect: impl FnMut(&[u8]) -> bool) {
    if !inspect(value) {
        return;
    }
    let decoded = url_form(value);
    if let Some(decoded) = &decoded
        && !inspect(decoded)
    {
        return;
    }
    let current = decoded.as_deref().unwrap_or(value);
    let escaped = escape_form(current);
    if let Some(escaped) = &escaped
        && !inspect(escaped)
    {
        return;
    }
    let Some(text) = base64_form(current) else {
        return;
    };
    if !inspect(&text) {
        return;
    }
    let inner = url_form(&text);
    if let Some(inner) = &inner
        && !inspect(inner)
    {
        return;
    }
    if let Some(inner) = escape_form(inner.as_deref().unwrap_or(&text)) {
        inspect(&inner);
    }
}

/// None when nothing changed.
fn url_form(value: &[u8]) -> Option<Vec<u8>> {
    let mut current: Option<Vec<u8>> = None;
    for _ in 0..URL_ROUNDS {
        let source = current.as_deref().unwrap_or(value);
        let mut out = Vec::new();
        // `+` is a space only where a form was encoded, and that was undone at extraction.
        if !unicode_percent_decode(source, false, &mut out) {
            break;
        }
        current = Some(out);
    }
    let mut out = Vec::new();
    if shorten_overlong(current.as_deref().unwrap_or(value), &mut out) {
        current = Some(out);
    }
    current
}

/// None when nothing changed.
fn escape_form(value: &[u8]) -> Option<Vec<u8>> {
    let mut current: Option<Vec<u8>> = None;
    let mut out = Vec::new();
    if html_decode(value, Names::Html, &mut out) {
        current = Some(out);
    }
    let mut out = Vec::new();
    if js_decode_strict(current.as_deref().unwrap_or(value), &mut out) {
        current = Some(out);
    }
    current
}

/// Whether what the value is once URL-decoded is Base64 of a text.
pub(crate) fn is_base64_text(value: &[u8]) -> bool {
    value.len() >= SHORTEST_BASE64 && base64_form(url_form(value).as_deref().unwrap_or(value)).is_some()
}

/// The decoded text, if all of the value is Base64 of either alphabet and what comes out is printable. A space is a `+` that
/// was not encoded in a form.
fn base64_form(value: &[u8]) -> Option<Vec<u8>> {
    let value = value.trim_ascii();
    let is_digit = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b' ');
    let digits = value.iter().take_while(is_digit).count();
    if digits < SHORTEST_BASE64 || value[digits..].len() > 2 || value[digits..].iter().any(|b| *b != b'=') {
        return None;
    }
    let body = &value[..digits];
    let plus = body.contains(&b' ').then(|| body.iter().map(|b| if *b == b' ' { b'+' } else { *b }));
    let body = plus.map_or(Cow::Borrowed(body), |plus| Cow::Owned(plus.collect::<Vec<_>>()));
    let engine = if body.iter().any(|b| matches!(b, b'-' | b'_')) { &URL64 } else { &PLAIN64 };
    let text = engine.decode(&*body).ok()?;
    let printable = |c: char| !c.is_control() || matches!(c, '\t' | '\r' | '\n' | '\0');
    std::str::from_utf8(&text).is_ok_and(|text| text.chars().all(printable)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forms(value: &str) -> Vec<String> {
        let mut found = Vec::new();
        each_form(value.as_bytes(), |form| {
            found.push(String::from_utf8_lossy(form).into_owned());
            true
        });
        found
    }

    #[test]
    fn a_plain_value_has_one_form() {
        assert_eq!(forms("hello world"), ["hello world"]);
    }

    #[test]
    fn url_rounds_are_undone() {
        assert_eq!(forms("%252527%20OR"), ["%252527%20OR", "' OR"]);
        assert_eq!(forms("%u0027"), ["%u0027", "'"]);
        assert_eq!(forms("..%c0%afetc"), ["..%c0%afetc", "../etc"]);
    }

    #[test]
    fn references_and_escapes_are_undone() {
        assert_eq!(forms("&lt;script&#x3e;"), ["&lt;script&#x3e;", "<script>"]);
        assert_eq!(forms(r"\u003cscript\x3e"), [r"\u003cscript\x3e", "<script>"]);
        assert_eq!(forms(r"C:\new\users"), [r"C:\new\users"]);
    }

    #[test]
    fn base64_is_undone_when_text_comes_out() {
        assert_eq!(forms("Jy8qKi9PUi8qKi8nMSc9JzE"), ["Jy8qKi9PUi8qKi8nMSc9JzE", "'/**/OR/**/'1'='1"]);
        assert_eq!(forms("password"), ["password"]);
        assert_eq!(forms("JTI3IE9SIDE9MQ=="), ["JTI3IE9SIDE9MQ==", "%27 OR 1=1", "' OR 1=1"]);
    }

    #[test]
    fn base64_of_other_texts_is_undone() {
        let of = |text: &str| base64::engine::general_purpose::STANDARD_NO_PAD.encode(text);
        let (plus, quotes, nul) = (of("<b>>>?x>"), of("\u{201d}a\u{201d}<x>"), of("<sc\0ript>x"));
        assert!(plus.contains('+'), "{plus}");
        assert_eq!(forms(&plus.replace('+', " "))[1..], ["<b>>>?x>"]);
        assert_eq!(forms(&quotes)[1..], ["\u{201d}a\u{201d}<x>"]);
        assert_eq!(forms(&nul)[1..], ["<sc\0ript>x"]);
        assert_eq!(forms("plain words of a text"), ["plain words of a text"]);
    }

    #[test]
    fn the_visitor_can_stop() {
        let mut seen = 0;
        each_form(b"%27", |_| {
            seen += 1;
            false
        });
        assert_eq!(seen, 1);
    }

    proptest::proptest! {
        #[test]
        fn terminates_without_panic(value in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let mut seen = 0;
            each_form(&value, |_| { seen += 1; true });
            proptest::prop_assert!((1..=6).contains(&seen));
        }

        #[test]
        fn near_syntax_terminates(value in "[%u\\\\x&#;0-9a-fA-F=+/{}]{0,60}") {
            each_form(value.as_bytes(), |_| true);
        }

        #[test]
        fn url_encoding_is_transparent(value in "[ -~]{0,30}", rounds in 1usize..=3) {
            let mut text = value.clone();
            for _ in 0..rounds {
                text = text.bytes().map(|b| format!("%{b:02x}")).collect();
            }
            let mut found = value.is_empty();
            each_form(text.as_bytes(), |form| { found |= form == value.as_bytes(); true });
            // Text that is itself an escape is decoded further.
            proptest::prop_assert!(found || value.contains('%'));
        }
    }
}
