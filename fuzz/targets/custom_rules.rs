//! Scripts of custom rules: what parses is printed as an equal script, and is evaluated on any request; an error is one line that
//! points into the script.

#![no_main]

use libfuzzer_sys::fuzz_target;
use proofhouse_custom_rules::{Event, Field, Fields, MapAttribute, Message, Phase, Script, TextAttribute};
use std::borrow::Cow;
use std::net::IpAddr;

const NOW: i64 = 1_700_000_000;

/// A token that is signed by nobody, with the claims `sub` and `exp`.
const TOKEN: &[u8] = b"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSIsImV4cCI6MTgwMDAwMDAwMH0.";

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    // What stands behind the first line of dashes is the message.
    let (text, message) =
        text.split_once("\n---\n").unwrap_or((text, "%regexMatches %req.headers %req.body"));
    for phase in [Phase::Request, Phase::Response, Phase::Process, Phase::Outgoing] {
        let script = match Script::parse(text, phase) {
            Ok(script) => script,
            Err(error) => {
                assert!(text.get(error.span()).is_some(), "{:?} is no part of the script", error.span());
                assert!(error.line() >= 1 && error.line() <= text.matches('\n').count() + 1);
                assert!(error.column() >= 1 && error.column() <= text.chars().count() + 1);
                let line = error.to_string();
                assert!(!line.contains('\n') && line.len() < 2048, "{line}");
                assert!(error.underlined().contains('^'));
                continue;
            }
        };
        let printed = script.to_string();
        // Parentheses and spaces may be added.
        if printed.len() > Script::MAX_LENGTH {
            continue;
        }
        let again = Script::parse(&printed, phase).unwrap_or_else(|error| panic!("{printed}: {error}"));
        assert_eq!(again.to_string(), printed);
        assert_eq!(again.needs_body(), script.needs_body());
        assert_eq!(again.needs_response(), script.needs_response());
        let found = script.evaluate(&Exchange, NOW);
        assert_eq!(found, again.evaluate(&Exchange, NOW), "{printed}");
        let negated = format!("not ({printed})");
        if let Ok(negated) = Script::parse(&negated, phase) {
            assert_ne!(negated.evaluate(&Exchange, NOW).is_some(), found.is_some(), "{printed}");
        }
        if let Some(hit) = found {
            let rendered = Message::parse(message).render(&Exchange, &hit);
            assert!(rendered.len() <= Message::MAX_LENGTH);
        }
    }
});

/// One request with its response.
struct Exchange;

impl Event for Exchange {
    fn text(&self, attribute: TextAttribute) -> Cow<'_, [u8]> {
        Cow::Borrowed(match attribute {
            TextAttribute::Host => b"shop.test:8080",
            TextAttribute::Method => b"POST",
            TextAttribute::HttpVersion => b"1.1",
            TextAttribute::HttpScheme => b"HTTP",
            TextAttribute::FileExtension => b"php",
            TextAttribute::Path => b"/a/%2e%2e/b.php",
            TextAttribute::CountryCode => b"DE",
            TextAttribute::Body => b"a=1&b=%27+or+1=1--&c=\xff\xc0\xaf&lt;script&gt;&#x3c;/*x*/",
            TextAttribute::ResponseContentType => b"text/html; charset=utf-8",
            TextAttribute::ResponseBody => b"<html>\0\xe2\x80\xae</html>",
            TextAttribute::Runtime(_) => b"/usr/bin/sh",
        })
    }

    fn fields(&self, map: MapAttribute) -> Fields<'_> {
        let pairs: &[(&[u8], &[u8])] = match map {
            MapAttribute::Headers => {
                &[(b"host", b"shop.test:8080"), (b"authorization", TOKEN), (b"x-a", b"1"), (b"X-A", b"\xff")]
            }
            MapAttribute::Cookies => &[(b"id", b"7"), (b"", b"")],
            MapAttribute::QueryParams => &[(b"q", b"%3Cscript%3E"), (b"q", b"2"), (b"\xff", b"")],
            MapAttribute::BodyParams => &[(b"a", b"1"), (b"b", b"' or 1=1--")],
            MapAttribute::ResponseHeaders => &[(b"content-type", b"text/html")],
        };
        let field = |(name, value): &(&'static [u8], &'static [u8])| Field {
            name: Cow::Borrowed(name),
            value: Cow::Borrowed(value),
        };
        Box::new(pairs.iter().map(field))
    }

    fn peer_address(&self) -> Option<IpAddr> {
        Some(IpAddr::from([10, 1, 2, 3]))
    }

    fn status_code(&self) -> Option<u16> {
        Some(200)
    }
}
