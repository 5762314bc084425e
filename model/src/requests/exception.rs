//! What a protection skips (section 2.8).

use super::{Place, Sent, Spot};
use crate::Trail;
use proofhouse_protocol::waas_policy::ExceptionField;
use regex::{Regex, RegexBuilder};

/// W47 to W54: whether one of the exceptions of a protection frees a place from it.
pub(super) fn is_free(exceptions: &[ExceptionField], place: &Place, sent: &Sent, trail: &mut Trail) -> bool {
    let Some(clause) = exceptions.iter().find_map(|field| frees(field, place, sent)) else {
        if !exceptions.is_empty() {
            trail.through("request.exception-of-another-place");
        }
        return false;
    };
    trail.through(clause);
    true
}

/// The clause by which an exception frees a place.
fn frees(field: &ExceptionField, place: &Place, sent: &Sent) -> Option<&'static str> {
    let Place { spot, key, value, .. } = place;
    let named = |text: &str| Regex::new(&field.key).is_ok_and(|pattern| pattern.is_match(text));
    let is_called = |text: &str| {
        RegexBuilder::new(&field.key)
            .case_insensitive(true)
            .build()
            .is_ok_and(|pattern| pattern.is_match(text))
    };
    let of_agent = *spot == Spot::Header && key.eq_ignore_ascii_case("user-agent");
    let (clause, holds) = match field.location.as_str() {
        "path" => ("request.exception-path", sent.path() == field.key),
        "query" => ("request.exception-by-name", *spot == Spot::Query && named(key)),
        "cookie" => ("request.exception-by-name", *spot == Spot::Cookie && named(key)),
        "header" => ("request.exception-by-name", *spot == Spot::Header && is_called(key)),
        "body" => {
            ("request.exception-by-name", matches!(spot, Spot::FormBody | Spot::MultipartBody) && named(key))
        }
        "queryValues" => ("request.exception-by-value", *spot == Spot::Query && named(value)),
        "UserAgentHeader" => ("request.exception-by-value", of_agent && named(value)),
        "rawBody" => ("request.exception-by-value", spot.is_body() && named(&sent.body)),
        "JSONPath" => ("request.exception-by-path-in-body", *spot == Spot::JsonBody && *key == field.key),
        "XMLPath" => ("request.exception-by-path-in-body", *spot == Spot::XmlBody && *key == field.key),
        _ => return None,
    };
    holds.then_some(clause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_exception_is_of_its_place() {
        for (location, key, spot, name, value, expected) in [
            ("query", "^id$", Spot::Query, "id", "x", true),
            ("query", "^id$", Spot::Query, "ids", "x", false),
            ("query", "^id$", Spot::FormBody, "id", "x", false),
            ("queryValues", "^x", Spot::Query, "id", "xy", true),
            ("queryValues", "^x", Spot::Cookie, "id", "xy", false),
            ("cookie", "^id$", Spot::Cookie, "id", "x", true),
            ("cookie", "^id$", Spot::Query, "id", "x", false),
            ("header", "^X-A$", Spot::Header, "X-A", "x", true),
            ("header", "^x-a$", Spot::Header, "X-A", "x", true),
            ("header", "^X-A$", Spot::Header, "X-AB", "x", false),
            ("UserAgentHeader", "^x", Spot::Header, "User-Agent", "x", true),
            ("UserAgentHeader", "^x", Spot::Header, "X-A", "x", false),
            ("body", "^id$", Spot::FormBody, "id", "x", true),
            ("body", "^id$", Spot::MultipartBody, "id", "x", true),
            ("body", "^id$", Spot::JsonBody, "/id", "x", false),
            ("rawBody", "the body", Spot::RawBody, "", "x", true),
            ("rawBody", "the body", Spot::Query, "id", "x", false),
            ("JSONPath", "/a/b", Spot::JsonBody, "/a/b", "x", true),
            ("JSONPath", "/a/b", Spot::JsonBody, "/a", "x", false),
            ("JSONPath", "/a/b", Spot::XmlBody, "/a/b", "x", false),
            ("XMLPath", "/a/b", Spot::XmlBody, "/a/b", "x", true),
            ("path", "/p", Spot::Cookie, "id", "x", true),
            ("path", "/", Spot::Cookie, "id", "x", false),
        ] {
            let field = serde_json::from_value(json!({"location": location, "key": key})).unwrap();
            let place = Place { spot, key: name.to_owned(), value: value.to_owned(), sure: true };
            let sent = Sent {
                peer: "198.18.0.1".parse().unwrap(),
                port: 80,
                method: "POST".to_owned(),
                target: "/p?id=1".to_owned(),
                headers: Vec::new(),
                body: "all of the body".to_owned(),
                coded_sha256: None,
                fields: Vec::new(),
                files: Vec::new(),
                app_answer: None,
                document: None,
                app_status: 200,
                bot: None,
                attacks: Vec::new(),
            };
            let free = is_free(&[field], &place, &sent, &mut Trail::default());
            assert_eq!(free, expected, "{location} {key} {place:?}");
        }
    }
}
