//! Headers that the protocol defines, and what their values look like when they are honest.
//!
//! A value of a protocol header that has the header's own grammar says nothing but what the protocol means, and rules
//! look at it only if they name headers. A value that has not is what an application may read, log or store as text:
//! it is looked at like that of a header of the application's own.

use crate::input::Class;
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use regex::bytes::{Regex, RegexBuilder};
use std::sync::LazyLock;

/// How a value is made.
#[derive(Debug, Clone, Copy)]
#[repr(usize)]
enum Grammar {
    /// Media ranges, languages and codings, with parameters.
    Ranges,
    /// Words and addresses between commas.
    Words,
    /// Pairs between semicolons and commas.
    Pairs,
    /// Hops: protocol, host, comment.
    Hops,
    /// A mail address.
    Mailbox,
    /// Scheme, host, port; or `null`.
    Origins,
    /// A scheme with a token or with parameters.
    Credentials,
    /// Not judged.
    Own,
}

/// One expression for each grammar but the last, in its order.
const PATTERNS: [&str; 7] = [
    r#"(?:[\w*+-][\w*+.-]*(?:/[\w*+-][\w*+.-]*)?(?:\s*;\s*(?:[\w-]+\s*=\s*(?:"[\w ./:+=-]*"|[\w*+.-]+))?)*\s*(?:,\s*|$))*"#,
    r"(?:[\w.:\[\]-]+\s*(?:,\s*|$))*",
    r#"(?:[\w-]+=(?:"[\w.:\[\]-]*"|[\w.:\[\]-]+)\s*(?:[;,]\s*|$))*"#,
    r"(?:[\w./-]+ [\w.:\[\]-]+(?: \([\w ./:+-]*\))?\s*(?:,\s*|$))*",
    r"[\w.+-]+@[\w.-]+",
    r"null|(?:[A-Za-z][\w+.-]*://[\w.:\[\]-]*(?: |$))*",
    r#"[\w-]+(?: +(?:[\w.~+/-]+=*|(?:(?:SignedHeaders=[\w;-]+|[\w-]+ *= *(?:"[\w @.:/?&=+,~-]*"|[\w.@:/+=-]+))\s*(?:,\s*|$))+))?"#,
];

static GRAMMARS: LazyLock<[Regex; PATTERNS.len()]> = LazyLock::new(|| {
    PATTERNS.map(|pattern| {
        RegexBuilder::new(&format!("^(?:{pattern})$"))
            .unicode(false)
            .build()
            .expect("the grammars are regular expressions")
    })
});

const STANDARD_HEADERS: [(&str, Grammar); 58] = [
    ("accept", Grammar::Ranges),
    ("accept-charset", Grammar::Ranges),
    ("accept-encoding", Grammar::Ranges),
    ("accept-language", Grammar::Ranges),
    ("access-control-request-headers", Grammar::Words),
    ("access-control-request-method", Grammar::Words),
    ("authorization", Grammar::Credentials),
    ("cache-control", Grammar::Own),
    ("connection", Grammar::Words),
    ("content-disposition", Grammar::Own),
    ("content-encoding", Grammar::Own),
    ("content-language", Grammar::Ranges),
    ("content-length", Grammar::Own),
    ("content-type", Grammar::Own),
    ("date", Grammar::Own),
    ("dnt", Grammar::Words),
    ("expect", Grammar::Own),
    ("forwarded", Grammar::Pairs),
    ("from", Grammar::Mailbox),
    ("host", Grammar::Own),
    ("http2-settings", Grammar::Own),
    ("if-match", Grammar::Own),
    ("if-modified-since", Grammar::Own),
    ("if-none-match", Grammar::Own),
    ("if-range", Grammar::Own),
    ("if-unmodified-since", Grammar::Own),
    ("keep-alive", Grammar::Own),
    ("last-event-id", Grammar::Words),
    ("max-forwards", Grammar::Words),
    ("origin", Grammar::Origins),
    ("pragma", Grammar::Own),
    ("priority", Grammar::Own),
    ("proxy-authorization", Grammar::Credentials),
    ("proxy-connection", Grammar::Words),
    ("range", Grammar::Own),
    ("sec-ch-ua", Grammar::Own),
    ("sec-ch-ua-mobile", Grammar::Own),
    ("sec-ch-ua-platform", Grammar::Own),
    ("sec-fetch-dest", Grammar::Words),
    ("sec-fetch-mode", Grammar::Words),
    ("sec-fetch-site", Grammar::Words),
    ("sec-fetch-user", Grammar::Own),
    ("sec-gpc", Grammar::Words),
    ("sec-websocket-extensions", Grammar::Own),
    ("sec-websocket-key", Grammar::Own),
    ("sec-websocket-protocol", Grammar::Words),
    ("sec-websocket-version", Grammar::Words),
    ("te", Grammar::Own),
    ("traceparent", Grammar::Words),
    ("tracestate", Grammar::Own),
    ("trailer", Grammar::Words),
    ("transfer-encoding", Grammar::Own),
    ("upgrade", Grammar::Own),
    ("upgrade-insecure-requests", Grammar::Words),
    ("via", Grammar::Hops),
    ("x-forwarded-for", Grammar::Words),
    ("x-forwarded-proto", Grammar::Words),
    ("x-requested-with", Grammar::Words),
];

/// Whether the protocol defines a header of that name, in any case.
pub(crate) fn is_standard(name: &str) -> bool {
    grammar(name).is_some()
}

fn grammar(name: &str) -> Option<Grammar> {
    STANDARD_HEADERS.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, grammar)| *grammar)
}

/// How a value of a header is looked at; cookies have classes of their own.
pub(crate) fn class(name: &str, value: &[u8]) -> Class {
    if name.eq_ignore_ascii_case("user-agent") {
        return Class::UserAgent;
    }
    if name.eq_ignore_ascii_case("referer") {
        return Class::Referer;
    }
    match grammar(name) {
        None => Class::CustomHeader,
        Some(grammar) if grammar.is_kept(value.trim_ascii()) => Class::StandardHeader,
        Some(_) => Class::CustomHeader,
    }
}

impl Grammar {
    fn is_kept(self, value: &[u8]) -> bool {
        // No grammar here has two dots in a row, but for words that climb.
        GRAMMARS
            .get(self as usize)
            .is_none_or(|pattern| !value.windows(2).any(|pair| pair == b"..") && pattern.is_match(value))
    }
}

/// The user name of `Basic` credentials, which an application looks up; the password is a secret, and may be any text.
pub(crate) fn user_name(credentials: &[u8]) -> Option<Vec<u8>> {
    let at = credentials.iter().position(|byte| *byte == b' ')?;
    let (scheme, token) = credentials.split_at(at);
    if !scheme.eq_ignore_ascii_case(b"basic") {
        return None;
    }
    let engine = GeneralPurpose::new(
        &STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let mut name = engine.decode(token.trim_ascii()).ok()?;
    name.truncate(name.iter().position(|byte| *byte == b':').unwrap_or(name.len()));
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_what_its_grammar_says() {
        for (name, honest, foreign) in [
            ("Accept", "text/*;q=0.3, */*", "text/html; cat x"),
            ("x-forwarded-for", "1.2.3.4, [::1]:80", "1.2.3.4 or 1"),
            ("forwarded", "for=1.2.3.4;by=\"[::1]\"", "for=';x"),
            ("via", "1.1 a (b/1)", "1.1"),
            ("from", "a@b", "a@b<x>"),
            ("origin", "https://a:1", "https://a/x?y"),
            ("authorization", "Bearer a.b-c", "Bearer a b"),
            ("accept-language", "en", "../en"),
        ] {
            assert_eq!(class(name, honest.as_bytes()), Class::StandardHeader, "{name}: {honest}");
            assert_eq!(class(name, foreign.as_bytes()), Class::CustomHeader, "{name}: {foreign}");
        }
        assert_eq!(class("date", b"<any>"), Class::StandardHeader);
        assert_eq!(class("x-own", b"a"), Class::CustomHeader);
    }

    #[test]
    fn only_basic_credentials_have_a_user_name() {
        assert_eq!(user_name(b"basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==").as_deref(), Some(&b"Aladdin"[..]));
        assert_eq!(user_name(b"Bearer QWxhZGRpbjpv"), None);
        assert_eq!(user_name(b"Basic"), None);
    }

    proptest::proptest! {
        #[test]
        fn what_could_be_markup_or_code_has_no_grammar(value in "[a-z ,;=]{0,12}[<>'`$(){}|\\\\!#][a-z ,;=]{0,12}") {
            for (name, grammar) in STANDARD_HEADERS {
                if !matches!(grammar, Grammar::Own | Grammar::Hops) {
                    proptest::prop_assert_eq!(class(name, value.as_bytes()), Class::CustomHeader, "{}", name);
                }
            }
        }
    }
}
