//! Clients that send much, bots, and sessions, through the proxy.

#![expect(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod common;

use common::proxy::*;
use proofhouse_protocol::WaasEffect;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

struct FakeClock(Mutex<Instant>);

impl FakeClock {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Instant::now())))
    }

    fn advance(&self, seconds: u64) {
        *self.0.lock().unwrap() += Duration::from_secs(seconds);
    }
}

impl proofhouse_waas::Clock for FakeClock {
    fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }
}

fn request(method: &str, target: &str, client: &str, more: &str) -> String {
    format!("{method} {target} HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: {client}\r\n{more}\r\n")
}

async fn status(edge: &Edge, method: &str, target: &str, client: &str, more: &str) -> u16 {
    edge.raw(request(method, target, client, more)).await[9..12].parse().unwrap()
}

async fn told(edge: &mut Edge) -> Vec<(String, WaasEffect)> {
    edge.audits().await.into_iter().map(|audit| (audit.kind, audit.effect)).collect()
}

#[tokio::test]
async fn a_flood_is_told_of_and_a_bigger_one_is_banned() {
    let (app, clock) = (App::hello().await, FakeClock::new());
    let spec = json!({"dosConfig": {"enabled": true, "alert": {"burst": 1}, "ban": {"average": 1}}, "banDurationMinutes": 1});
    let mut edge = Edge::start_with_clock(app.port, spec, clock.clone()).await;
    for _ in 0..5 {
        assert_eq!(status(&edge, "GET", "/", "203.0.113.7", "").await, 200);
    }
    assert!(told(&mut edge).await.is_empty());
    assert_eq!(status(&edge, "GET", "/", "203.0.113.7", "").await, 200);
    assert_eq!(status(&edge, "GET", "/", "203.0.113.8", "").await, 200);
    assert_eq!(told(&mut edge).await, [("dos".to_owned(), WaasEffect::Alert)]);
    clock.advance(60);
    for sent in 7..=121 {
        let expected = if sent <= 120 { 200 } else { 403 };
        assert_eq!(status(&edge, "GET", "/", "203.0.113.7", "").await, expected, "{sent}");
    }
    assert_eq!(status(&edge, "GET", "/", "203.0.113.7", "").await, 403);
    assert_eq!(status(&edge, "GET", "/", "203.0.113.8", "").await, 200);
    let all = told(&mut edge).await;
    let bans: Vec<_> =
        all.iter().filter(|(_, effect)| *effect == WaasEffect::Ban).map(|(kind, _)| kind).collect();
    assert_eq!(bans, ["dos", "violationsExceeded"]);
    // The ban ends, and so has the flood.
    clock.advance(121);
    assert_eq!(status(&edge, "GET", "/", "203.0.113.7", "").await, 200);
}

#[tokio::test]
async fn only_answers_of_a_kind_count_where_the_rule_says_so() {
    let app = App::start(|request| {
        let found = request.starts_with(b"GET /found");
        let head = if found { "200 OK" } else { "404 Not Found" };
        Answer::Bytes(format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n").into_bytes())
    })
    .await;
    let spec = json!({"dosConfig": {"enabled": true, "ban": {"burst": 1}, "matchConditions": [{"responseCodeRanges": [{"start": 404}]}]}});
    let mut edge = Edge::start_with_clock(app.port, spec, FakeClock::new()).await;
    for _ in 0..20 {
        assert_eq!(status(&edge, "GET", "/found", "203.0.113.7", "").await, 200);
    }
    for _ in 0..5 {
        assert_eq!(status(&edge, "GET", "/lost", "203.0.113.7", "").await, 404);
    }
    assert_eq!(status(&edge, "GET", "/lost", "203.0.113.7", "").await, 403);
    assert_eq!(status(&edge, "GET", "/found", "203.0.113.7", "").await, 403);
    let audits = edge.audits().await;
    assert_eq!((audits[0].kind.as_str(), audits[0].status_code), ("dos", Some(404)));
}

#[tokio::test]
async fn bots_stand_before_attacks() {
    let app = App::hello().await;
    for (effect, kinds) in [("prevent", vec!["httpLibrary"]), ("alert", vec!["httpLibrary", "sqli"])] {
        let mut spec = all("prevent");
        spec["botProtectionSpec"] = json!({"unknownBotProtectionSpec": {"httpLibraries": effect}});
        let mut edge = Edge::start(app.port, spec).await;
        let attack = "/?id=%27%20OR%20%271%27%3D%271";
        assert_eq!(status(&edge, "GET", attack, "203.0.113.7", "User-Agent: curl/7\r\n").await, 403);
        let told: Vec<_> = told(&mut edge).await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(told, kinds);
    }
}

fn sessions(more: Value) -> Value {
    let mut spec = json!({"sessionCookieEnabled": true,
        "botProtectionSpec": {"interstitialPage": true, "sessionValidation": "prevent"}});
    spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    spec
}

/// The cookie of a new session.
async fn cookie(edge: &Edge, client: &str) -> String {
    let answer = edge.raw(request("GET", "/", client, "")).await;
    let set = header(&answer, "Set-Cookie").expect("a session begins");
    format!("Cookie: {}\r\n", set.split(';').next().unwrap())
}

#[tokio::test]
async fn a_page_starts_the_session_without_which_nothing_passes() {
    let app = App::hello().await;
    let mut edge = Edge::start(app.port, sessions(json!({}))).await;
    let answer = edge.raw(request("GET", "/", "203.0.113.7", "")).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("location.reload"), "{answer}");
    assert!(app.seen().is_empty());
    let cookie = cookie(&edge, "203.0.113.7").await;
    assert!(edge.raw(request("GET", "/", "203.0.113.7", &cookie)).await.ends_with("hello"));
    assert!(
        edge.raw(request("POST", "/", "203.0.113.7", &format!("{cookie}Content-Length: 0\r\n")))
            .await
            .ends_with("hello")
    );
    assert!(told(&mut edge).await.is_empty());
    assert_eq!(status(&edge, "POST", "/", "203.0.113.7", "Content-Length: 0\r\n").await, 403);
    // Replayed by another client, and changed.
    assert_eq!(status(&edge, "GET", "/", "203.0.113.8", &cookie).await, 403);
    assert_eq!(status(&edge, "GET", "/", "203.0.113.7", &cookie.replace("session=", "session=A")).await, 403);
    let prevent = |kind: &str| (kind.to_owned(), WaasEffect::Prevent);
    assert_eq!(
        told(&mut edge).await,
        [prevent("missingCookie"), prevent("sessionValidation"), prevent("sessionValidation")]
    );
    assert_eq!(app.seen().len(), 2);
}

#[tokio::test]
async fn a_bot_of_the_users_own_needs_no_session() {
    let app = App::hello().await;
    let spec = sessions(
        json!({"botProtectionSpec": {"interstitialPage": true, "sessionValidation": "prevent",
        "userDefinedBots": [{"name": "b", "headerName": "X-Bot", "headerValues": ["b*"], "effect": "allow"}]}}),
    );
    let mut edge = Edge::start(app.port, spec).await;
    assert!(edge.raw(request("GET", "/", "203.0.113.7", "X-Bot: b7\r\n")).await.ends_with("hello"));
    assert!(
        edge.raw(request("POST", "/", "203.0.113.7", "X-Bot: b7\r\nContent-Length: 0\r\n"))
            .await
            .ends_with("hello")
    );
    assert!(told(&mut edge).await.is_empty());
}

#[tokio::test]
async fn a_ban_may_be_of_the_session() {
    let app = App::hello().await;
    let mut more = all("ban");
    more["sessionCookieBan"] = json!(true);
    let edge = Edge::start(app.port, sessions(more)).await;
    let (one, other) = (cookie(&edge, "203.0.113.7").await, cookie(&edge, "203.0.113.7").await);
    let attack = "/?id=%27%20OR%20%271%27%3D%271";
    assert_eq!(status(&edge, "GET", attack, "203.0.113.7", &one).await, 403);
    assert_eq!(status(&edge, "GET", "/", "203.0.113.7", &one).await, 403);
    assert_eq!(status(&edge, "GET", "/", "203.0.113.7", &other).await, 200);
    assert_eq!(app.seen().len(), 1);
}

#[tokio::test]
async fn without_a_page_an_answer_starts_the_session() {
    let app = App::hello().await;
    let edge = Edge::start(app.port, json!({"sessionCookieEnabled": true})).await;
    let answer = edge.raw(request("GET", "/", "203.0.113.7", "")).await;
    assert!(answer.ends_with("hello") && header(&answer, "Set-Cookie").is_some(), "{answer}");
    let cookie = cookie(&edge, "203.0.113.7").await;
    let answer = edge.raw(request("GET", "/", "203.0.113.7", &cookie)).await;
    assert!(answer.ends_with("hello") && header(&answer, "Set-Cookie").is_none(), "{answer}");
}
