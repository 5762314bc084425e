//! Countries through the proxy: who is denied, who may come, and what audits tell of it.

#![expect(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod common;

use common::proxy::*;
use proofhouse_protocol::WaasEffect;
use proofhouse_waas::{SystemClock, WaasError};
use serde_json::{Value, json};
use std::sync::Arc;

fn countries(settings: Value) -> Value {
    let mut spec = all("prevent");
    spec["networkControls"] = json!({"countries": settings});
    spec
}

async fn status(edge: &Edge, target: &str, forwarded_for: &str) -> u16 {
    let request = format!("GET {target} HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: {forwarded_for}\r\n\r\n");
    edge.raw(request).await[9..12].parse().unwrap()
}

async fn told(edge: &mut Edge) -> Vec<(String, WaasEffect, Option<String>)> {
    edge.audits().await.into_iter().map(|audit| (audit.kind, audit.effect, audit.country)).collect()
}

fn denied(effect: WaasEffect, country: Option<&str>) -> Vec<(String, WaasEffect, Option<String>)> {
    vec![("deniedCountry".to_owned(), effect, country.map(str::to_owned))]
}

#[tokio::test]
async fn countries_are_denied_or_told_of() {
    let app = App::hello().await;
    let spec = countries(json!({"enabled": true, "alert": ["US", "AU"], "prevent": ["AU"]}));
    let mut edge = Edge::start_located(app.port, spec).await;
    assert_eq!(status(&edge, "/", "203.0.113.7").await, 403);
    let audit = edge.audits().await.remove(0);
    assert_eq!((audit.kind.as_str(), audit.protection.as_str()), ("deniedCountry", "accessControl"));
    assert_eq!((audit.subnet.as_str(), audit.country.as_deref()), ("203.0.113.7", Some("AU")));
    assert_eq!(audit.msg, "Denied country AU of address 203.0.113.7");
    assert!(app.seen().is_empty());
    assert_eq!(status(&edge, "/", "198.51.100.7").await, 200);
    assert_eq!(told(&mut edge).await, denied(WaasEffect::Alert, Some("US")));
    // Another country, an address that is in none, and one of a kind that the database does not have.
    for free in ["192.0.2.7", "198.18.0.1", "2001:db8::1"] {
        assert_eq!(status(&edge, "/", free).await, 200, "{free}");
    }
    assert!(told(&mut edge).await.is_empty());
}

#[tokio::test]
async fn the_first_public_address_has_the_country() {
    let app = App::hello().await;
    let mut edge =
        Edge::start_located(app.port, countries(json!({"enabled": true, "prevent": ["AU"]}))).await;
    assert_eq!(status(&edge, "/", "10.0.0.9, 203.0.113.7, 192.0.2.7").await, 403);
    assert_eq!(told(&mut edge).await, denied(WaasEffect::Prevent, Some("AU")));
    assert_eq!(status(&edge, "/", "10.0.0.9, 192.0.2.7, 203.0.113.7").await, 200);
    assert!(told(&mut edge).await.is_empty());
}

#[tokio::test]
async fn who_is_in_no_allowed_country_has_the_fallback_effect() {
    let app = App::hello().await;
    let allow = json!({"enabled": true, "allowMode": true, "allow": ["DE"], "fallbackEffect": "prevent"});
    let mut edge = Edge::start_located(app.port, countries(allow)).await;
    assert_eq!(status(&edge, "/", "192.0.2.7").await, 200);
    assert!(told(&mut edge).await.is_empty());
    assert_eq!(status(&edge, "/", "203.0.113.7").await, 403);
    assert_eq!(told(&mut edge).await, denied(WaasEffect::Prevent, Some("AU")));
    assert_eq!(status(&edge, "/", "198.18.0.1").await, 403);
    assert_eq!(told(&mut edge).await, denied(WaasEffect::Prevent, None));
}

#[tokio::test]
async fn every_audit_names_the_country() {
    let app = App::hello().await;
    let mut edge = Edge::start_located(app.port, all("alert")).await;
    assert_eq!(status(&edge, "/?id=1'%20or%20'1'='1", "198.51.100.7").await, 200);
    let expected = ("sqli".to_owned(), WaasEffect::Alert, Some("US".to_owned()));
    assert_eq!(told(&mut edge).await, [expected]);
}

#[tokio::test]
async fn without_a_database_countries_do_nothing() {
    let app = App::hello().await;
    let allow = json!({"enabled": true, "allowMode": true, "allow": ["DE"], "fallbackEffect": "prevent"});
    let mut edge = Edge::start(app.port, countries(allow)).await;
    assert_eq!(status(&edge, "/", "203.0.113.7").await, 200);
    assert!(told(&mut edge).await.is_empty());
}

#[tokio::test]
async fn a_database_that_is_none_is_an_error() {
    let (rules, clock) = (common::crs_directory(), Arc::new(SystemClock));
    let (_edge, loading) =
        Edge::start_configured(rules, Some("Cargo.toml".into()), 1, all("alert"), clock).await;
    assert!(matches!(loading.await, Err(WaasError::Countries { .. })));
}
