//! What the firewall learns of an API from real traffic.

#![expect(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod common;

use common::proxy::*;
use proofhouse_protocol::DiscoveredApi;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// An application with answers of several kinds.
async fn shop() -> App {
    App::start(|request| {
        let target = String::from_utf8_lossy(request).split(' ').nth(1).unwrap_or_default().to_owned();
        let (status, kind) = match target.as_str() {
            "/missing" => ("404 Not Found", "Content-Type: application/json\r\n"),
            "/broken" => ("500 Oops", ""),
            "/picture" => ("200 OK", "Content-Type: image/png\r\n"),
            "/typeless" => ("204 No Content", ""),
            "/moved" => ("302 Found", "Location: /\r\n"),
            "/secret" => ("200 OK", "Content-Type: text/plain\r\nX-Leak: 1\r\n"),
            _ => ("200 OK", "Content-Type: application/json; charset=utf-8\r\n"),
        };
        Answer::Bytes(format!("HTTP/1.1 {status}\r\n{kind}Content-Length: 0\r\n\r\n").into_bytes())
    })
    .await
}

async fn get(edge: &Edge, target: &str) -> String {
    edge.raw(format!("GET {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")).await
}

fn named(apis: &[DiscoveredApi]) -> Vec<String> {
    apis.iter().map(|api| format!("{} {}", api.method, api.path)).collect()
}

#[tokio::test]
async fn only_honest_requests_with_answers_of_an_api_teach() {
    let app = shop().await;
    let edge = Edge::start(app.port, all("alert")).await;
    for target in [
        "/pets/7?page=2",
        "/pets/8?page=x",
        "/typeless",
        "/moved",
        "/missing",
        "/broken",
        "/picture",
        "/site.css",
        "/search?q=1'%20OR%20'1'='1",
    ] {
        get(&edge, target).await;
    }
    let apis = edge.waas.discovered();
    assert_eq!(named(&apis), ["GET /moved", "GET /pets/{id}", "GET /typeless"]);
    let written: Value = serde_json::to_value(&apis[1]).unwrap();
    let expected = json!({
        "ruleAppID": "app-1", "host": "*", "port": edge.port, "tls": false, "method": "GET", "path": "/pets/{id}",
        "pathParams": [{"name": "id", "type": "integer", "allowEmptyValue": false}],
        "queryParams": [{"name": "page", "type": "string", "allowEmptyValue": false}],
        "statuses": [200], "contentTypes": ["application/json"]});
    assert_eq!(written, expected);
    assert!(edge.waas.discovered().is_empty());
}

#[tokio::test]
async fn a_blocked_request_does_not_teach_and_one_that_is_not_looked_at_neither() {
    let app = shop().await;
    let mut spec = all("prevent");
    let known = |effect: &str| json!([{"name": "probe", "headerName": "X-Probe", "headerValues": ["1"], "effect": effect}]);
    spec["botProtectionSpec"] = json!({"userDefinedBots": known("allow")});
    let edge = Edge::start(app.port, spec).await;
    assert!(get(&edge, "/search?q=1'%20OR%20'1'='1").await.starts_with("HTTP/1.1 403"));
    let probed = edge.raw("GET /probed HTTP/1.1\r\nHost: h\r\nX-Probe: 1\r\n\r\n").await;
    assert!(probed.starts_with("HTTP/1.1 200"), "{probed}");
    assert!(edge.waas.discovered().is_empty());
    get(&edge, "/probed").await;
    assert_eq!(named(&edge.waas.discovered()), ["GET /probed"]);
}

#[tokio::test]
async fn an_answer_in_which_something_is_found_does_not_teach() {
    let app = App::start(|_| {
        let body = "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n";
        Answer::Bytes(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes())
    })
    .await;
    let mut edge = Edge::start(app.port, json!({"intelGathering": {"infoLeakageEffect": "alert"}})).await;
    get(&edge, "/passwords").await;
    assert_eq!(edge.audits().await.len(), 1);
    assert!(edge.waas.discovered().is_empty());
}

#[tokio::test]
async fn nothing_is_learned_where_the_rule_says_so() {
    let app = shop().await;
    let edge = Edge::start(app.port, json!({})).await;
    get(&edge, "/before").await;
    let mut skipping = rule(edge.port, app.port, json!({}));
    skipping["skipAPILearning"] = json!(true);
    edge.waas.apply(&revision(json!([skipping]))).await.unwrap();
    get(&edge, "/while").await;
    assert!(edge.waas.discovered().is_empty());
    edge.waas.apply(&revision(json!([rule(edge.port, app.port, json!({}))]))).await.unwrap();
    get(&edge, "/after").await;
    assert_eq!(named(&edge.waas.discovered()), ["GET /after"]);
}

struct FakeClock(Mutex<Instant>);

impl proofhouse_waas::Clock for FakeClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }
}

#[tokio::test]
async fn the_difference_is_due_every_half_hour_of_the_clock() {
    let (app, clock) = (shop().await, Arc::new(FakeClock(Mutex::new(Instant::now()))));
    let edge = Edge::start_with_clock(app.port, json!({}), clock.clone()).await;
    let advance = |minutes: u64| *clock.0.lock().unwrap() += Duration::from_secs(60 * minutes);
    get(&edge, "/one").await;
    advance(29);
    assert!(edge.waas.discovered_if_due().is_empty());
    advance(1);
    assert_eq!(named(&edge.waas.discovered_if_due()), ["GET /one"]);
    get(&edge, "/one").await;
    get(&edge, "/two").await;
    advance(30);
    assert_eq!(named(&edge.waas.discovered_if_due()), ["GET /two"]);
}

#[tokio::test]
async fn a_learned_api_takes_the_requests_that_it_was_learned_from_and_no_others() {
    let app = shop().await;
    let mut edge = Edge::start(app.port, json!({})).await;
    let targets =
        ["/", "/pets/7?page=2", "/pets/3f9f1c1e-0000-4000-8000-000000000000", "/pets/J%C3%BCrgen?x"];
    for target in targets {
        get(&edge, target).await;
    }
    let document = proofhouse_openapi::export("app-1", &edge.waas.discovered()).to_string();
    let mut spec = serde_json::to_value(proofhouse_openapi::import(document.as_bytes()).unwrap()).unwrap();
    spec["endpoints"][0]["internalPort"] = json!(app.port);
    for effect in ["effect", "fallbackEffect", "queryParamFallbackEffect"] {
        spec[effect] = json!("prevent");
    }
    let protected = rule(edge.port, app.port, json!({"apiSpec": spec}));
    edge.waas.apply(&revision(json!([protected]))).await.unwrap();
    for target in targets {
        assert!(get(&edge, target).await.starts_with("HTTP/1.1 200"), "{target}");
    }
    assert!(edge.audits().await.is_empty());
    for target in ["/pets", "/pets/7?page=two", "/pets/7?other=1"] {
        assert!(get(&edge, target).await.starts_with("HTTP/1.1 403"), "{target}");
    }
}
