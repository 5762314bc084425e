//! Which policy decides, from when on, and for how long.

mod common;

use common::proxy::*;
use proofhouse_protocol::WaasEffect;
use proofhouse_waas::Clock;
use serde_json::json;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

const ATTACK: &str = "/?id=%27%20OR%20%271%27%3D%271";

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
}

fn get_as(target: &str, client: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: shop.example.com\r\nX-Forwarded-For: {client}\r\n\r\n")
}

struct FakeClock(Mutex<Instant>);

impl FakeClock {
    fn advance(&self, seconds: u64) {
        *self.0.lock().expect("nobody panics with the clock in hand") += Duration::from_secs(seconds);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Instant {
        *self.0.lock().expect("nobody panics with the clock in hand")
    }
}

#[tokio::test]
async fn a_ban_holds_for_the_client_until_its_time_is_over() {
    let app = App::hello().await;
    let clock = Arc::new(FakeClock(Mutex::new(Instant::now())));
    let mut spec = all("ban");
    spec["banDurationMinutes"] = json!(1);
    let mut edge = Edge::start_with_clock(app.port, spec, clock.clone()).await;
    let status = |answer: String| answer[9..12].to_owned();
    assert_eq!(status(edge.raw(get_as("/", "203.0.113.7")).await), "200");
    assert_eq!(status(edge.raw(get_as(ATTACK, "203.0.113.7")).await), "403");
    assert_eq!(status(edge.raw(get_as("/", "203.0.113.7")).await), "403");
    assert_eq!(status(edge.raw(get_as("/", "203.0.113.8")).await), "200");
    clock.advance(50);
    // A new attack starts the time anew.
    assert_eq!(status(edge.raw(get_as(ATTACK, "203.0.113.7")).await), "403");
    clock.advance(50);
    assert_eq!(status(edge.raw(get_as("/", "203.0.113.7")).await), "403");
    clock.advance(11);
    assert_eq!(status(edge.raw(get_as("/", "203.0.113.7")).await), "200");
    let kinds: Vec<_> = edge.audits().await.into_iter().map(|a| (a.kind, a.effect, a.subnet)).collect();
    let ban = |kind: &str| (kind.to_owned(), WaasEffect::Ban, "203.0.113.7".to_owned());
    let exceeded = || ban("violationsExceeded");
    assert_eq!(kinds, [ban("sqli"), exceeded(), exceeded(), exceeded()]);
}

#[tokio::test]
async fn a_policy_decides_the_next_request() {
    let app = App::hello().await;
    let mut edge = Edge::start(app.port, all("prevent")).await;
    let mut kept = TcpStream::connect(("127.0.0.1", edge.port)).await.unwrap();
    kept.write_all(get(ATTACK).as_bytes()).await.unwrap();
    assert!(answer(&mut kept).await.starts_with("HTTP/1.1 403"));
    edge.waas.apply(&revision(json!([rule(edge.port, app.port, all("alert"))]))).await.unwrap();
    // On the same connection, too.
    kept.write_all(get(ATTACK).as_bytes()).await.unwrap();
    assert!(answer(&mut kept).await.starts_with("HTTP/1.1 200"));
    let other = free_port();
    edge.waas.apply(&revision(json!([rule(other, app.port, all("prevent"))]))).await.unwrap();
    assert!(TcpStream::connect(("127.0.0.1", edge.port)).await.is_err(), "the former port is closed");
    assert!(raw(other, get(ATTACK)).await.starts_with("HTTP/1.1 403"));
    assert!(raw(other, get("/")).await.starts_with("HTTP/1.1 200"));
    let broken = json!([rule(
        other,
        app.port,
        json!({"sqli": {"effect": "alert",
        "exceptionFields": [{"location": "query", "key": "("}]}})
    )]);
    assert!(edge.waas.apply(&revision(broken)).await.is_err());
    assert!(raw(other, get(ATTACK)).await.starts_with("HTTP/1.1 403"), "the former policy is in force");
    let mut off = rule(other, app.port, all("prevent"));
    off["disabled"] = json!(true);
    edge.waas.apply(&revision(json!([off]))).await.unwrap();
    assert!(TcpStream::connect(("127.0.0.1", other)).await.is_err());
    assert_eq!(edge.audits().await.len(), 4);
}

#[tokio::test]
async fn a_port_in_use_is_taken_when_it_is_free() {
    let app = App::hello().await;
    let edge = Edge::start(app.port, all("prevent")).await;
    let taken = TcpListener::bind("[::]:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    edge.waas.apply(&revision(json!([rule(port, app.port, all("prevent"))]))).await.unwrap();
    drop(taken);
    let opened = async {
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, opened).await.expect("the port opens");
    assert!(raw(port, get(ATTACK)).await.starts_with("HTTP/1.1 403"));
}

#[tokio::test]
async fn hosts_and_paths_outside_the_endpoints_pass_uninspected() {
    let app = App::hello().await;
    let mut edge = Edge::start(app.port, all("prevent")).await;
    let mut spec = all("prevent");
    spec["apiSpec"] = json!({"endpoints": [{"host": "a.example.site", "basePath": "/in/*",
        "exposedPort": edge.port, "internalPort": app.port}]});
    edge.waas.apply(&revision(json!([rule(edge.port, app.port, spec)]))).await.unwrap();
    let with_host =
        |host: &str, path: &str| format!("GET {path}{} HTTP/1.1\r\nHost: {host}\r\n\r\n", &ATTACK[1..]);
    assert!(edge.raw(with_host("a.example.site:80", "/in/x")).await.starts_with("HTTP/1.1 403"));
    assert!(edge.raw(with_host("a.example.site", "/%69n/x")).await.starts_with("HTTP/1.1 403"));
    assert!(edge.raw(with_host("a.example.site", "/out")).await.starts_with("HTTP/1.1 200"));
    let other = edge.raw(with_host("b.example.site", "/in/x")).await;
    assert!(other.starts_with("HTTP/1.1 200") && header(&other, "X-Prisma-Event-Id").is_none());
    assert_eq!(edge.audits().await.len(), 2);
}

#[test]
fn the_firewall_can_live_in_any_task() {
    fn sent<T: Send>(_: impl FnOnce(&'static proofhouse_waas::Waas) -> T) {}
    sent(|waas| waas.flush());
    sent(|waas| async move { waas.apply(&revision(json!([]))).await.is_ok() });
}
