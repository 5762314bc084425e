//! Requests that two readers could read differently, sent raw.

mod common;

use common::proxy::*;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const ATTACK: &str = "/?id=%27%20OR%20%271%27%3D%271";

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
}

#[tokio::test]
async fn raw_marks_in_the_target_are_inspected_and_pass() {
    let app = App::hello().await;
    let edge = Edge::start(app.port, all("prevent")).await;
    assert!(edge.raw(get("/?id=<script>alert(1)</script>")).await.starts_with("HTTP/1.1 403"));
    assert!(
        edge.raw(b"GET /?id=..\xc0\xaf..\xc0\xafetc HTTP/1.1\r\nHost: h\r\n\r\n")
            .await
            .starts_with("HTTP/1.1 403")
    );
    assert!(edge.raw(get("/?q=a>b#c")).await.starts_with("HTTP/1.1 200"));
    assert!(app.seen()[0].starts_with("GET /?q=a%3Eb%23c HTTP/1.1\r\n"));
}

#[tokio::test]
async fn smuggling_vectors_are_refused() {
    let app = App::hello().await;
    let mut edge = Edge::start(app.port, all("alert")).await;
    let inner = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
    let with = |headers: &str, body: &str| format!("POST /x HTTP/1.1\r\nHost: h\r\n{headers}\r\n{body}");
    let reported = [
        with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", &format!("0\r\n\r\n{inner}")),
        with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", &format!("0\r\n\r\n{inner}")),
        with("Content-Length: 3\r\nContent-Length: 3\r\n", &format!("abc{inner}")),
        with("Content-Length: 3\r\nContent-Length: 0\r\n", &format!("abc{inner}")),
        with("Content-Length: 3, 3\r\n", "abc"),
        with("Content-Length: +3\r\n", "abc"),
        with("Content-Length: -1\r\n", ""),
        with("Transfer-Encoding: xchunked\r\n", &format!("0\r\n\r\n{inner}")),
        with("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"),
        with("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        with("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"),
        format!("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{inner}"),
        format!("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n{inner}"),
        "GET / HTTP/1.1\r\n\r\n".to_owned(),
    ];
    for vector in &reported {
        let answer = edge.raw(vector).await;
        assert!(
            answer.starts_with("HTTP/1.1 400 ") || answer.starts_with("HTTP/1.0 400 "),
            "{vector:?}: {answer:?}"
        );
        assert_eq!(answer.matches("HTTP/1.").count(), 1, "{vector:?}: {answer:?}");
    }
    let audits = edge.audits().await;
    assert_eq!(audits.len(), reported.len());
    assert!(audits.iter().all(|audit| audit.kind == "malformedRequest" && audit.status_code == Some(400)));
    let refused = [
        with("Transfer-Encoding : chunked\r\n", &format!("0\r\n\r\n{inner}")),
        with(" Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        with("X: y\r\n Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        with("Transfer-Encoding: chun\x0bked\r\n", "0\r\n\r\n"),
        with("X: y\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        with("X: y\rTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
        with("Bad[Name]: x\r\n", ""),
        with("\0: x\r\n", ""),
        with("Transfer-Encoding: chunked\r\n", &format!("3\nabc\r\n0\r\n\r\n{inner}")),
        with("Transfer-Encoding: chunked\r\n", &format!("3\r\nabc\n0\r\n\r\n{inner}")),
        with("Transfer-Encoding: chunked\r\n", &format!("0x3\r\nabc\r\n0\r\n\r\n{inner}")),
        with("Transfer-Encoding: chunked\r\n", &format!("3\r\nabcd\r\n0\r\n\r\n{inner}")),
        "GET / HTTP/1.1\nHost: h\n\n".to_owned(),
        "GET / HTTP/1.1\r\nHost: h\n\r\n".to_owned(),
        format!("GET  / HTTP/1.1\r\nHost: h\r\n\r\n{inner}"),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
    ];
    for vector in &refused {
        let answer = edge.raw(vector).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{vector:?}: {answer:?}");
        assert_eq!(answer.matches("HTTP/1.").count(), 1, "{vector:?}: {answer:?}");
    }
    assert_eq!(app.seen(), [""; 0], "nothing reached the application");
}

#[tokio::test]
async fn one_request_is_one_request() {
    let app = App::hello().await;
    // A body that reads like a request is one more attack, were the other protections on.
    let edge = Edge::start(app.port, json!({"sqli": {"effect": "prevent"}})).await;
    let mut stream = TcpStream::connect(("127.0.0.1", edge.port)).await.unwrap();
    // Three at once, the second an attack.
    let three = format!(
        "{}{}POST /c HTTP/1.1\r\nHost: h\r\nContent-Length: 18\r\nConnection: close\r\n\r\nGET /d HTTP/1.1\r\n\r\n",
        get("/a"),
        get(ATTACK)
    );
    stream.write_all(three.as_bytes()).await.unwrap();
    let mut all = String::new();
    tokio::time::timeout(DEADLINE, stream.read_to_string(&mut all)).await.unwrap().unwrap();
    let statuses: Vec<&str> = all.match_indices("HTTP/1.1 ").map(|(at, _)| &all[at + 9..at + 12]).collect();
    assert_eq!(statuses, ["200", "403", "200"]);
    let lines: Vec<String> = app.seen().iter().map(|r| r.lines().next().unwrap().to_owned()).collect();
    assert_eq!(lines, ["GET /a HTTP/1.1", "POST /c HTTP/1.1"]);
    // An upgrade to HTTP/2 is not passed on.
    edge.raw("GET /e HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n").await;
    let last = app.seen().pop().unwrap().to_lowercase();
    assert!(
        last.starts_with("get /e") && !last.contains("upgrade") && !last.contains("http2-settings"),
        "{last}"
    );
}

#[tokio::test]
async fn tunnels_are_refused() {
    let app = App::hello().await;
    let edge = Edge::start(app.port, all("prevent")).await;
    let answer = edge.raw("CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
    assert!(app.seen().is_empty());
}
