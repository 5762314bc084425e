//! Each attribute of section 2.14, by its type and its phase.

use crate::sample::{NOW, Sample};
use proofhouse_custom_rules::{MapAttribute, Phase, Script, TextAttribute};

/// A request and a response in which each attribute has a value of its own.
fn full() -> Sample {
    Sample::new()
        .text(TextAttribute::Host, "shop.test:8080")
        .method("POST")
        .text(TextAttribute::HttpVersion, "1.0")
        .text(TextAttribute::HttpScheme, "HTTPS")
        .text(TextAttribute::FileExtension, "pdf")
        .path("/files/a.pdf")
        .text(TextAttribute::CountryCode, "US")
        .body("a=b&user=root")
        .header("x-forwarded-for", "192.0.2.7")
        .header("User-Agent", "ACME7")
        .cookie("yummy-cookie", "wheat flour")
        .query("id", "admin")
        .form("user", "root")
        .address("192.168.3.4")
        .status(200)
        .text(TextAttribute::ResponseContentType, "application/json")
        .text(TextAttribute::ResponseBody, "{\"secret\":1}")
        .field(MapAttribute::ResponseHeaders, "set-cookie", "SESSIONID=1")
}

#[test]
fn strings() {
    for (attribute, value, other) in [
        ("req.host", "shop.test:8080", "shop.test"),
        ("req.http_method", "POST", "post"),
        ("req.http_version", "1.0", "1.1"),
        ("req.http_scheme", "HTTPS", "HTTP"),
        ("req.file_extension", "pdf", ".pdf"),
        ("req.path", "/files/a.pdf", "/files/"),
        ("req.country_code", "US", "AU"),
        ("req.body", "a=b&user=root", "a=b"),
        ("resp.content_type", "application/json", "text/html"),
        ("resp.body", "{\\\"secret\\\":1}", "{}"),
    ] {
        assert!(full().hit_by(&format!("{attribute} = \"{value}\"")), "{attribute}");
        assert!(!full().hit_by(&format!("{attribute} = \"{other}\"")), "{attribute}");
        assert!(Sample::default().hit_by(&format!("{attribute} = \"\"")), "{attribute}");
    }
}

#[test]
fn lists() {
    for (attribute, value) in [
        ("req.header_names", "X-Forwarded-For"),
        ("req.header_values", "192.0.2.7"),
        ("req.header_values", "ACME7"),
        ("req.cookie_names", "yummy-cookie"),
        ("req.cookie_values", "wheat flour"),
        ("req.query_param_names", "id"),
        ("req.query_param_values", "admin"),
        ("req.body_param_names", "user"),
        ("req.body_param_values", "root"),
        ("resp.header_names", "Set-Cookie"),
        ("resp.header_values", "SESSIONID=1"),
    ] {
        assert!(full().hit_by(&format!("{attribute} contains \"{value}\"")), "{attribute}");
        assert!(!full().hit_by(&format!("{attribute} contains \"none\"")), "{attribute}");
        assert!(!Sample::default().hit_by(&format!("{attribute} contains /.*/")), "{attribute}");
    }
}

#[test]
fn maps() {
    for (entry, value) in [
        ("req.headers[\"User-Agent\"]", "ACME7"),
        ("req.headers[\"X-FORWARDED-FOR\"]", "192.0.2.7"),
        ("req.cookies[\"yummy-cookie\"]", "wheat flour"),
        ("req.query_params[\"id\"]", "admin"),
        ("resp.headers[\"Set-Cookie\"]", "SESSIONID=1"),
    ] {
        assert!(full().hit_by(&format!("{entry} = \"{value}\"")), "{entry}");
        assert!(!full().hit_by(&format!("{entry} = \"none\"")), "{entry}");
        assert!(Sample::default().hit_by(&format!("{entry} = \"\"")), "{entry}");
    }
    for entry in ["req.cookies[\"Yummy-Cookie\"]", "req.query_params[\"ID\"]"] {
        assert!(full().hit_by(&format!("{entry} = \"\"")), "{entry} has a case");
    }
}

#[test]
fn addresses() {
    for (script, expected) in [
        ("req.ip in \"192.168.0.0/16\"", true),
        ("req.ip in \"192.169.0.0/16\"", false),
        ("req.ip in (\"10.0.0.0/8\", \"192.168.3.4\")", true),
        ("req.ip in (\"10.0.0.0/8\", \"2001:db8::/32\")", false),
        ("req.ip = \"192.168.3.4\"", true),
        ("\"192.168.3.4\" = req.ip", true),
        ("req.ip != \"192.168.3.4\"", false),
        ("req.ip != \"8.8.8.8\"", true),
        ("req.ip = \"::ffff:192.168.3.4\"", true),
    ] {
        assert_eq!(full().hit_by(script), expected, "{script}");
    }
    assert!(!Sample::new().hit_by("req.ip in (\"0.0.0.0/0\", \"::/0\")"));
    assert!(Sample::new().hit_by("req.ip != \"8.8.8.8\""));
    assert!(Sample::new().address("2001:db8::7").hit_by("req.ip in \"2001:db8::/32\""));
    assert!(Sample::new().address("::ffff:10.1.1.1").hit_by("req.ip in \"10.0.0.0/8\""));
}

#[test]
fn the_status_is_an_integer() {
    for (script, expected) in [
        ("resp.status_code = 200", true),
        ("200 = resp.status_code", true),
        ("resp.status_code != 200", false),
        ("resp.status_code >= 200 and resp.status_code <= 299", true),
        ("resp.status_code > 200", false),
        ("resp.status_code < 201", true),
        ("201 > resp.status_code", true),
        ("resp.status_code in (204, 200)", true),
        ("resp.status_code in 404", false),
    ] {
        assert_eq!(full().hit_by(script), expected, "{script}");
    }
    let unknown = Sample::new();
    assert!(unknown.hit_by("resp.status_code != 200"));
    for script in
        ["resp.status_code = 0", "resp.status_code < 1", "resp.status_code > -1", "resp.status_code in 0"]
    {
        assert!(!unknown.hit_by(script), "{script}");
    }
}

#[test]
fn a_request_has_no_response_yet() {
    let attributes =
        ["content_type = \"a\"", "body = \"a\"", "headers[\"a\"] = \"a\"", "header_names = \"a\""];
    for attribute in attributes.into_iter().chain(["header_values = \"a\"", "status_code = 1"]) {
        let script = format!("resp.{attribute}");
        assert!(Script::parse(&script, Phase::Response).is_ok());
        let error = Script::parse(&script, Phase::Request).unwrap_err();
        assert!(error.message().ends_with("in a rule of type `waas-request`"), "{error}");
    }
    assert_eq!(Phase::of_rule_type("waas-response"), Some(Phase::Response));
    assert_eq!(Phase::of_rule_type(Phase::Request.rule_type()), Some(Phase::Request));
    assert_eq!(Phase::of_rule_type("kubernetes-audit"), None);
}

#[test]
fn a_script_tells_what_it_needs() {
    for (script, body, response, response_body) in [
        ("req.path = \"a\"", false, false, false),
        ("req.body = \"a\"", true, false, false),
        ("req.path = \"a\" or lowercase(req.body_param_values) = \"a\"", true, false, false),
        ("not req.body_param_names contains /a/", true, false, false),
        ("resp.status_code = 1", false, true, false),
        ("resp.headers[\"a\"] = \"a\"", false, true, false),
        ("req.path = \"a\" and jwtValid(resp.body)", false, true, true),
        ("req.body = resp.body", true, true, true),
    ] {
        let script = Script::parse(script, Phase::Response).unwrap();
        assert_eq!(
            (script.needs_body(), script.needs_response(), script.needs_response_body()),
            (body, response, response_body),
            "{script}"
        );
        let _ = script.evaluate(&full(), NOW);
    }
}
