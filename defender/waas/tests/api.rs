//! API protection, through the proxy.

mod common;

use common::proxy::*;
use proofhouse_protocol::WaasEffect;
use serde_json::{Value, json};

/// The API of the tests: a number from 100 to 200, or a JSON body with one.
fn api(port: u16, app: u16, effects: [&str; 3]) -> Value {
    let number = |location: &str| json!({"name": "number", "location": location, "type": "number", "required": true, "min": 100, "max": 200});
    json!({"apiSpec": {
        "endpoints": [{"host": "*", "basePath": "/api/*", "exposedPort": port, "internalPort": app}],
        "paths": [{"path": "/big", "methods": [{"method": "GET", "parameters": [number("query")]},
            {"method": "POST", "parameters": [number("json")]}]}],
        "effect": effects[0], "fallbackEffect": effects[1], "queryParamFallbackEffect": effects[2]}})
}

/// A firewall with that API, and what more its app has.
#[expect(clippy::unwrap_used, reason = "a helper of tests that fails is a failed test")]
async fn edge(app: &App, effects: [&str; 3], more: Value) -> Edge {
    let edge = Edge::start(app.port, json!({})).await;
    let mut spec = api(edge.port, app.port, effects);
    for (key, value) in more.as_object().unwrap() {
        spec[key] = value.clone();
    }
    edge.waas.apply(&revision(json!([rule(edge.port, app.port, spec)]))).await.unwrap();
    edge
}

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n")
}

fn post(target: &str, body: &str) -> String {
    let head = "Host: h\r\nContent-Type: application/json\r\nContent-Length";
    format!("POST {target} HTTP/1.1\r\n{head}: {}\r\n\r\n{body}", body.len())
}

#[tokio::test]
async fn each_violation_has_its_own_effect() {
    let requests = [get("/api/big?number=99"), get("/api/small?number=150"), get("/api/big?number=150&x=1")];
    for (at, request) in requests.iter().enumerate() {
        for (effect, status, audits) in
            [("disable", "200", 0), ("alert", "200", 1), ("prevent", "403", 1), ("ban", "403", 1)]
        {
            let app = App::hello().await;
            let mut effects = ["disable"; 3];
            effects[at] = effect;
            let mut edge = edge(&app, effects, json!({})).await;
            let answer = edge.raw(request).await;
            assert_eq!(&answer[9..12], status, "{request} {effect}");
            assert_eq!(app.seen().len(), usize::from(status == "200"), "{request} {effect}");
            assert_eq!(edge.audits().await.len(), audits, "{request} {effect}");
            let next = edge.raw(get("/api/big?number=150")).await;
            assert_eq!(next.starts_with("HTTP/1.1 403"), effect == "ban", "{request} {effect}");
        }
    }
}

#[tokio::test]
async fn the_audit_of_a_violation() {
    let app = App::hello().await;
    let mut edge = edge(&app, ["prevent"; 3], json!({})).await;
    let answer = edge.raw(get("/api/big?number=300&x=1")).await;
    let audits = edge.audits().await;
    assert_eq!(audits.len(), 1);
    let audit = &audits[0];
    assert_eq!((audit.kind.as_str(), audit.protection.as_str()), ("unexpectedAPI", "firewall"));
    assert_eq!((audit.effect, audit.status_code), (WaasEffect::Prevent, Some(403)));
    assert_eq!(audit.msg, "Query parameter number has the value 300, which is more than 200");
    let field = &audit.attack_field;
    assert_eq!((field.kind.as_str(), field.key.as_str(), field.value.as_str()), ("query", "number", "300"));
    assert!(audit.attack_techniques.is_empty() && audit.owasp_top10.is_empty());
    assert_eq!(header(&answer, "X-Prisma-Event-Id"), Some(audit.event_id.as_str()));
}

#[tokio::test]
async fn what_conforms_passes_with_an_event_id() {
    let app = App::hello().await;
    let mut edge = edge(&app, ["prevent"; 3], json!({})).await;
    for request in [get("/api/big?number=150"), post("/api/big", "{\"number\": 150, \"more\": [1]}")] {
        let answer = edge.raw(request).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(header(&answer, "X-Prisma-Event-Id").is_some());
    }
    assert!(edge.audits().await.is_empty());
    // Outside the base path nothing is inspected.
    let answer = edge.raw(get("/other")).await;
    assert!(answer.starts_with("HTTP/1.1 200") && header(&answer, "X-Prisma-Event-Id").is_none());
}

#[tokio::test]
async fn members_of_bodies_are_checked_as_far_as_bodies_are_inspected() {
    let short = json!({"body": {"inspectionSizeBytes": 30}});
    let skipped = json!({"body": {"skip": true}});
    let long = format!("{{\"pad\": \"{}\", \"number\": 99}}", "x".repeat(40));
    for (more, body, status) in [
        (json!({}), "{\"number\": 99}", "403"),
        (json!({}), "{\"number\": \"150\"}", "403"),
        (json!({}), "{}", "403"),
        (json!({}), "", "403"),
        (json!({}), long.as_str(), "403"),
        (short, long.as_str(), "200"),
        (skipped, "{\"number\": 99}", "200"),
    ] {
        let app = App::hello().await;
        let edge = edge(&app, ["prevent"; 3], more).await;
        let answer = edge.raw(post("/api/big", body)).await;
        assert_eq!(&answer[9..12], status, "{body}");
    }
}

#[tokio::test]
async fn attacks_go_before_violations() {
    let app = App::hello().await;
    let attack = "/api/big?number=1'%20OR%20'1'='1";
    for (sqli, kinds) in [("prevent", &["sqli"][..]), ("alert", &["sqli", "unexpectedAPI"])] {
        let mut edge = edge(&app, ["prevent"; 3], json!({"sqli": {"effect": sqli}})).await;
        assert!(edge.raw(get(attack)).await.starts_with("HTTP/1.1 403"));
        let found: Vec<_> = edge.audits().await.into_iter().map(|audit| audit.kind).collect();
        assert_eq!(found, kinds);
    }
}
