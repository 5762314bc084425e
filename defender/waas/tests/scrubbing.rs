//! What audits must not tell, through the proxy.

#![expect(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod common;

use common::proxy::*;
use proofhouse_protocol::FirewallAudit;
use proofhouse_waas::{PolicyError, WaasError};
use serde_json::{Value, json};

/// A firewall whose audits must not tell some data.
async fn edge(app: u16, specs: Value) -> Edge {
    let edge = Edge::start(app, json!({})).await;
    edge.waas.apply(&scrubbing(edge.port, app, all("alert"), specs)).await.unwrap();
    edge
}

fn scrubbing(port: u16, app: u16, spec: Value, specs: Value) -> proofhouse_protocol::link::PolicyRevision {
    let mut revision = revision(json!([rule(port, app, spec)]));
    revision.waas.sensitive_data = serde_json::from_value(specs).unwrap();
    revision
}

fn spec(location: &str, key: &str) -> Value {
    json!([{"name": "s", "location": location, "key": key, "placeholder": "[gone]"}])
}

/// The audits of a request, and that none of the texts stands in them.
async fn told(specs: Value, request: &str, secrets: &[&str]) -> Vec<FirewallAudit> {
    let app = App::hello().await;
    let mut edge = edge(app.port, specs).await;
    assert!(edge.raw(request).await.starts_with("HTTP/1.1 200"));
    // What the application gets is what was sent.
    assert!(secrets.iter().any(|secret| app.seen()[0].contains(secret)), "{:?}", app.seen());
    let audits = edge.audits().await;
    let text = serde_json::to_string(&audits).unwrap();
    assert!(!audits.is_empty() && text.contains("[gone]"), "{text}");
    for secret in secrets {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    audits
}

fn post(kind: &str, body: &str) -> String {
    let length = body.len();
    format!("POST / HTTP/1.1\r\nHost: h\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}")
}

#[tokio::test]
async fn an_attack_in_a_secret_is_told_without_it() {
    let request = "GET /?a=1&pw=hunter2%27%20OR%20%271%27%3D%271 HTTP/1.1\r\nHost: h\r\n\r\n";
    let audits = told(spec("query", "^pw$"), request, &["hunter2", "OR", "%27"]).await;
    let audit = &audits[0];
    assert_eq!((audit.kind.as_str(), audit.url_query.as_str()), ("sqli", "a=1&pw=[gone]"));
    assert_eq!((audit.attack_field.key.as_str(), audit.attack_field.value.as_str()), ("pw", "[gone]"));
    assert_eq!(audit.msg, "Detected SQL Injection attack in query parameter, match [gone], value [gone]");
    assert!(
        audit.request_headers.starts_with("GET /?a=1&pw=[gone] HTTP/1.1\r\n"),
        "{}",
        audit.request_headers
    );
}

#[tokio::test]
async fn a_secret_beside_an_attack_is_not_told() {
    let attack = "/?id=%27%20OR%20%271%27%3D%271";
    for (specs, request, secrets) in [
        (
            spec("cookie", "^sid$"),
            format!("GET {attack} HTTP/1.1\r\nHost: h\r\nCookie: a=1; sid=hunter2\r\n\r\n"),
            vec!["hunter2"],
        ),
        (
            spec("header", "^authorization$"),
            format!("GET {attack} HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer hunter2\r\n\r\n"),
            vec!["hunter2"],
        ),
        (
            spec("path", "[0-9]{4} [0-9]{4}"),
            format!("GET /c/4111%201111{attack} HTTP/1.1\r\nHost: h\r\n\r\n"),
            vec!["4111"],
        ),
        (
            json!([{"name": "mail", "valuePattern": "[a-z]+@[a-z.]+", "placeholder": "[gone]"}]),
            format!(
                "GET {attack}&m=eve%40example.com HTTP/1.1\r\nHost: h\r\nX-Mail: eve@example.com\r\n\r\n"
            ),
            vec!["eve@", "eve%40"],
        ),
        (
            json!([{"name": "token", "keyPattern": "(?i)token", "placeholder": "[gone]"}]),
            format!("GET {attack}&Token=hunter2 HTTP/1.1\r\nHost: h\r\nX-Token: hunter3\r\n\r\n"),
            vec!["hunter2", "hunter3"],
        ),
    ] {
        let audits = told(specs, &request, &secrets).await;
        assert!(
            audits.iter().any(|audit| audit.kind == "sqli" && audit.attack_field.key == "id"),
            "{audits:?}"
        );
        assert!(audits[0].msg.contains("OR"), "{}", audits[0].msg);
        assert!(!audits[0].url_path.starts_with("/c/") || audits[0].url_path == "/c/[gone]/", "{audits:?}");
    }
}

#[tokio::test]
async fn bodies_are_scrubbed_by_name_and_path() {
    let attack = "hunter2' OR '1'='1";
    let json = format!(r#"{{"user": {{"pin": "{attack}"}}}}"#);
    let xml = format!("<user><pin>{attack}</pin></user>");
    for (location, key, kind, body) in [
        ("body", "^pin$", "application/x-www-form-urlencoded", format!("pin={attack}")),
        ("JSONPath", "/user/pin", "application/json", json),
        ("XMLPath", "/user/pin", "text/xml", xml),
        ("rawBody", "hunter2.*", "text/plain", attack.to_owned()),
    ] {
        let audits = told(spec(location, key), &post(kind, &body), &["hunter2", "'1'"]).await;
        assert_eq!((audits.len(), audits[0].kind.as_str()), (1, "sqli"), "{location}");
        assert_eq!(audits[0].attack_field.value, "[gone]", "{location}");
    }
}

#[tokio::test]
async fn what_is_disabled_or_skipped_is_told() {
    let app = App::hello().await;
    for member in ["disabled", "skipLogScrubbing"] {
        let mut specs = spec("query", "pw");
        specs[0][member] = json!(true);
        let mut edge = edge(app.port, specs).await;
        edge.raw("GET /?pw=hunter2%27%20OR%20%271%27%3D%271 HTTP/1.1\r\nHost: h\r\n\r\n").await;
        let audits = edge.audits().await;
        assert!(audits[0].msg.contains("hunter2") && audits[0].url_query.contains("hunter2"), "{audits:?}");
    }
}

#[tokio::test]
async fn custom_rules_and_blocked_requests_tell_no_secret_either() {
    let app = App::hello().await;
    let mut edge = Edge::start(app.port, json!({})).await;
    let mut settings = all("prevent");
    settings["customRules"] = json!([{"_id": 1, "effect": "prevent"}]);
    let mut revision = scrubbing(edge.port, app.port, settings, spec("query", "pw"));
    revision.waas.custom_rules =
        serde_json::from_value(json!([{"_id": 1, "name": "r", "type": "waas-request",
        "script": "req.query_params[\"pw\"] contains \"hunter\"", "message": "query %req.query_params"}]))
        .unwrap();
    edge.waas.apply(&revision).await.unwrap();
    assert!(edge.raw("GET /?pw=hunter2%21 HTTP/1.1\r\nHost: h\r\n\r\n").await.starts_with("HTTP/1.1 403"));
    let audits = edge.audits().await;
    let text = serde_json::to_string(&audits).unwrap();
    assert!(audits[0].kind == "customRule" && !text.contains("hunter2"), "{text}");
}

#[tokio::test]
async fn a_pattern_that_cannot_be_understood_leaves_the_former_policy() {
    let app = App::hello().await;
    let edge = edge(app.port, json!([])).await;
    let wrong = scrubbing(edge.port, app.port, all("alert"), spec("query", "["));
    let error = edge.waas.apply(&wrong).await.unwrap_err();
    assert!(matches!(error, WaasError::Policy(PolicyError::SensitiveData(_))), "{error}");
    assert!(error.to_string().contains("sensitive data `s`"), "{error}");
}
