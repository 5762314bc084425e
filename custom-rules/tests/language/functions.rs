//! Transforms and the functions of tokens, as scripts call them.

use crate::sample::{NOW, Sample};
use base64::Engine as _;

#[test]
fn each_transform() {
    for (call, value, expected) in [
        ("lowercase(req.path)", "/ADMIN", "/admin"),
        ("compressWhitespace(req.path)", "a \t\u{a0} b", "a b"),
        ("removeWhitespace(req.path)", " a\tb\n", "ab"),
        ("urlQueryDecode(req.path)", "a+b%2Fc", "a b/c"),
        ("urlPathDecode(req.path)", "a+b%2Fc", "a+b/c"),
        ("unicodeDecode(req.path)", "\u{ff1c}\u{ff41}\u{ff1e}", "<a>"),
        ("htmlEntityDecode(req.path)", "&lt;a&#62;", "<a>"),
        ("base64Decode(req.path)", "VHJ1ZQ==", "True"),
        ("replaceComments(req.path)", "a/*x*/b", "a b"),
        ("removeCommentSymbols(req.path)", "a/*x*/b", "axb"),
        ("removeTags(req.path)", "a&lt;b&gt;", "a b "),
        // From the inside to the outside.
        ("lowercase(base64Decode(req.path))", "VHJ1ZQ==", "true"),
        ("urlQueryDecode(urlQueryDecode(req.path))", "%2541", "A"),
        ("urlQueryDecode(unicodeDecode(compressWhitespace(req.path)))", "a  %\u{ff14}1", "a A"),
        ("removeWhitespace(urlQueryDecode(req.path))", "a+b", "ab"),
        ("urlQueryDecode(removeWhitespace(req.path))", "a+b", "a b"),
    ] {
        let sample = Sample::new().path(value);
        assert!(sample.hit_by(&format!("{call} = \"{expected}\"")), "{call} of {value}");
        assert!(!sample.hit_by(&format!("{call} = \"{value}\"")), "{call} of {value}");
    }
}

#[test]
fn transforms_are_applied_to_each_string() {
    let sample = Sample::new().header("A", "%41").header("B", "%42").query("q", "%61").query("q", "%62");
    for script in [
        "urlQueryDecode(req.header_values) = \"B\"",
        "lowercase(urlQueryDecode(req.header_values)) contains \"a\"",
        "urlPathDecode(req.query_params[\"q\"]) = \"b\"",
        "urlPathDecode(req.query_params[\"q\"]) contains /^a$/",
        "lowercase(req.header_names) = \"b\"",
    ] {
        assert!(sample.hit_by(script), "{script}");
    }
    assert!(!sample.hit_by("urlQueryDecode(req.header_values) = \"AB\""));
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// A request with a token in its `Authorization` header, with a signature of so many bytes.
fn with_token(header: &str, payload: &str, signature: usize) -> Sample {
    let token = [encode(header), encode(payload), encode(vec![1; signature])].join(".");
    Sample::new().header("Authorization", format!("Bearer {token}"))
}

#[test]
fn tokens_are_looked_into() {
    let sample = with_token(
        r#"{"alg":"HS256","kid":"../../dev/null"}"#,
        r#"{"sub":"root","email_verified":false,"n":7}"#,
        32,
    );
    for (script, expected) in [
        ("jwtPayload(T) contains /\"sub\":\"root\"/", true),
        ("jwtPayload(T) startswith \"{\"", true),
        ("jwtPayloadValue(T, \"email_verified\") contains /^false$/", true),
        ("jwtPayloadValue(T, \"sub\") = \"root\"", true),
        ("jwtPayloadValue(T, \"sub\") in (\"a\", \"root\")", true),
        ("jwtPayloadValue(T, \"n\") = \"7\"", true),
        ("jwtPayloadValue(T, \"none\") = \"\"", true),
        ("jwtHeader(T) contains \"HS256\"", true),
        ("jwtHeaderValue(T, \"kid\") contains /\\.\\.[\\\\\\/]/", true),
        ("lowercase(jwtHeaderValue(T, \"alg\")) = \"hs256\"", true),
        ("jwtHeaderValue(T, \"alg\") contains /^none$/", false),
        ("jwtValid(T)", true),
        ("not jwtValid(T)", false),
        ("jwtValid(req.header_values)", true),
        ("jwtValid(req.headers[\"Cookie\"])", false),
        ("jwtValid(req.body)", false),
    ] {
        let script = script.replace('T', "req.headers[\"Authorization\"]");
        assert_eq!(sample.hit_by(&script), expected, "{script}");
    }
    let both = sample.header("Authorization", "Bearer x");
    assert!(!both.hit_by("jwtValid(req.headers[\"Authorization\"])"), "one of two is not valid");
}

#[test]
fn the_documented_example_finds_what_is_not_to_be_trusted() {
    let script = "(not jwtValid(req.headers[\"Authorization\"])) or \
                  jwtHeaderValue(req.headers[\"Authorization\"], \"alg\") contains /^none$/";
    for (header, payload, signature, expected) in [
        (r#"{"alg":"HS256"}"#, format!(r#"{{"exp":{}}}"#, NOW + 60), 32, false),
        (r#"{"alg":"HS256"}"#, format!(r#"{{"exp":{}}}"#, NOW - 60), 32, true),
        (r#"{"alg":"HS256"}"#, "{}".to_owned(), 31, true),
        (r#"{"alg":"none"}"#, "{}".to_owned(), 0, true),
        (r#"{"alg":"HS256","jwk":{}}"#, "{}".to_owned(), 32, true),
        (r#"{"alg":"RS256","jwk":{}}"#, format!(r#"{{"nbf":{NOW},"iat":{NOW}}}"#), 256, false),
    ] {
        assert_eq!(with_token(header, &payload, signature).hit_by(script), expected, "{header} {payload}");
    }
    assert!(Sample::new().hit_by(script), "without a token");
}
