//! What becomes of the application's answers.

mod common;

use common::proxy::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use proofhouse_protocol::WaasEffect;
use serde_json::{Value, json};
use std::io::Write;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const GET: &str = "GET /page HTTP/1.1\r\nHost: h\r\n\r\n";
const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n";

fn answer_of(kind: &str, more: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\n{kind}{more}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

async fn app(answer: Vec<u8>) -> App {
    App::start(move |_| Answer::Bytes(answer.clone())).await
}

fn leaks(effect: &str) -> Value {
    json!({"intelGathering": {"infoLeakageEffect": effect}})
}

/// Whether a page is kept from the client.
async fn is_kept(kind: &str, body: &[u8]) -> bool {
    let app = app(answer_of(kind, "", body)).await;
    let mut edge = Edge::start(app.port, leaks("prevent")).await;
    let answer = edge.raw(GET).await;
    assert_eq!(app.seen().len(), 1, "the request itself is forwarded");
    let kept = answer.starts_with("HTTP/1.1 403");
    assert_eq!(edge.audits().await.len(), usize::from(kept), "{answer}");
    assert_eq!(kept, !answer.contains(&*String::from_utf8_lossy(body)), "{answer}");
    kept
}

#[tokio::test]
async fn the_contents_of_system_files_are_kept() {
    let app = app(answer_of("Content-Type: text/plain\r\n", "", PASSWD.as_bytes())).await;
    let mut edge = Edge::start(app.port, leaks("prevent")).await;
    let answer = edge.raw(GET).await;
    assert!(answer.starts_with("HTTP/1.1 403") && !answer.contains("root"), "{answer}");
    let audits = edge.audits().await;
    assert_eq!(audits.len(), 1);
    let audit = &audits[0];
    assert_eq!((audit.kind.as_str(), audit.effect), ("informationLeak", WaasEffect::Prevent));
    assert_eq!((audit.status_code, audit.attack_field.kind.as_str()), (Some(200), "rawBodyResponse"));
    assert_eq!(audit.response_header_names, ["Content-Length", "Content-Type"]);
    assert_eq!(header(&answer, "X-Prisma-Event-Id"), Some(audit.event_id.as_str()));
}

#[tokio::test]
async fn effects_of_leaks() {
    for (effect, status, audits) in
        [("disable", "200", 0), ("alert", "200", 1), ("prevent", "403", 1), ("ban", "403", 1)]
    {
        let app = app(answer_of("", "", PASSWD.as_bytes())).await;
        let mut edge = Edge::start(app.port, leaks(effect)).await;
        let answer = edge.raw(GET).await;
        assert_eq!(&answer[9..12], status, "{effect}");
        assert_eq!(answer.contains(PASSWD), status == "200", "{effect}");
        assert_eq!(edge.audits().await.len(), audits, "{effect}");
        let next = edge.raw(GET).await;
        assert_eq!(next.starts_with("HTTP/1.1 403"), ["prevent", "ban"].contains(&effect));
        assert_eq!(app.seen().len(), if effect == "ban" { 1 } else { 2 }, "{effect}");
    }
}

/// Section 2.4: what is allowed is forwarded, and nobody hears of it.
#[tokio::test]
async fn answers_to_who_is_allowed_are_not_looked_at() {
    let app = app(answer_of("", "", PASSWD.as_bytes())).await;
    let mut settings = leaks("prevent");
    settings["botProtectionSpec"] = json!({"userDefinedBots":
        [{"name": "own", "headerName": "X-Bot", "headerValues": ["own"], "effect": "allow"}]});
    let mut edge = Edge::start(app.port, settings).await;
    let answer = edge.raw("GET /page HTTP/1.1\r\nHost: h\r\nX-Bot: own\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(PASSWD), "{answer}");
    assert_eq!(edge.audits().await, []);
    assert!(edge.raw(GET).await.starts_with("HTTP/1.1 403"));
}

#[tokio::test]
async fn leaks_are_known_by_what_they_are() {
    let html = "Content-Type: text/html\r\n";
    for body in [
        "root:$6$salt$hash:19000:0:99999:7:::\n",
        "daemon:*:19000:0:99999:7:::\n",
        "-----BEGIN RSA PRIVATE KEY-----\nMII",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3B",
        "-----BEGIN PRIVATE KEY-----\nMII",
        "<html><head><title>Index of /</title></head>",
        "<title>Directory listing for /</title>",
        "<title>PHP 8.2.7 - phpinfo()</title>",
        "<h1 class=\"p\">PHP Version 8.2.7</h1>",
        "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version",
    ] {
        assert!(is_kept(html, body.as_bytes()).await, "{body}");
    }
    for body in [
        "<html><title>Shop</title><p>The index of /things/ is long. PHP Version 8 is out: phpinfo() shows it.</p></html>",
        "a:b:c:d:e:f:g\n",
        "time: 12:30:45\nroot cause: unknown\n",
        "-----BEGIN CERTIFICATE-----\nMII",
        "-----BEGIN PUBLIC KEY-----\nMII",
    ] {
        assert!(!is_kept(html, body.as_bytes()).await, "{body}");
    }
}

#[tokio::test]
async fn what_is_no_text_is_asked_for_files_only() {
    let octets = "Content-Type: application/octet-stream\r\n";
    assert!(is_kept(octets, PASSWD.as_bytes()).await);
    assert!(!is_kept(octets, b"\x00<? \x01").await);
    assert!(is_kept("Content-Type: text/plain\r\n", b"\n<?php echo 1;").await);
}

#[tokio::test]
async fn compressed_answers_are_read_and_passed_as_they_are() {
    for (body, kept) in [(PASSWD, true), ("all is well", false)] {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(body.as_bytes()).unwrap();
        let packed = gzip.finish().unwrap();
        let app = app(answer_of("", "Content-Encoding: gzip\r\n", &packed)).await;
        let edge = Edge::start(app.port, leaks("prevent")).await;
        let mut stream = TcpStream::connect(("127.0.0.1", edge.port)).await.unwrap();
        let request = "GET / HTTP/1.1\r\nHost: h\r\nRange: bytes=0-4\r\nAccept-Encoding: br, gzip\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        assert_eq!(bytes.starts_with(b"HTTP/1.1 403"), kept);
        assert_eq!(bytes.ends_with(&packed), !kept);
        let seen = app.seen().remove(0).to_lowercase();
        assert!(seen.contains("accept-encoding: gzip\r\n") && !seen.contains("range:"), "{seen}");
    }
}

#[tokio::test]
async fn long_answers_are_read_to_the_limit_and_arrive_whole() {
    let long = "x".repeat(300_000);
    for (body, kept) in [(format!("{PASSWD}{long}"), true), (format!("{long}\n{PASSWD}"), false)] {
        assert_eq!(is_kept("", body.as_bytes()).await, kept);
    }
}

#[tokio::test]
async fn events_are_not_held_back() {
    let gate = std::sync::Arc::new(tokio::sync::Notify::new());
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: first\n\n".to_vec();
    let app = App::start(move |_| Answer::Echo(head.clone())).await;
    let edge = Edge::start(app.port, leaks("prevent")).await;
    let mut stream = TcpStream::connect(("127.0.0.1", edge.port)).await.unwrap();
    stream.write_all(GET.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    let first = async {
        while find(&bytes, b"data: first").is_none() {
            assert!(stream.read_buf(&mut bytes).await.unwrap() > 0);
        }
    };
    tokio::time::timeout(DEADLINE, first).await.expect("the first event comes while the stream is open");
    drop(gate);
}

#[tokio::test]
async fn headers_are_rewritten_on_every_answer_of_the_app() {
    let head = b"HTTP/1.1 404 Not Found\r\nServer: x\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d; SameSite=None\r\nVia: v\r\nContent-Length: 0\r\n\r\n";
    let app = app(head.to_vec()).await;
    let spec = json!({"csrfEnabled": true, "clickjackingEnabled": true, "disableEventIDHeader": true,
        "intelGathering": {"removeFingerprintsEnabled": true},
        "tlsConfig": {"HSTSConfig": {"enabled": true}},
        "responseHeaderSpecs": [{"name": "X-Own", "values": ["1"]}, {"name": "Via", "values": ["w"], "override": true}]});
    let edge = Edge::start(app.port, spec).await;
    let answer = edge.raw(GET).await.to_lowercase();
    for line in [
        "set-cookie: a=b; samesite=strict\r\n",
        "set-cookie: c=d; samesite=strict\r\n",
        "x-frame-options: sameorigin\r\n",
        "x-own: 1\r\n",
        "via: w\r\n",
    ] {
        assert!(answer.contains(line), "{line} in {answer}");
    }
    for name in ["server:", "via: v", "strict-transport-security", "x-prisma-event-id"] {
        assert!(!answer.contains(name), "{name} in {answer}");
    }
}
