//! The HTTP app, as a client sees it.
#![expect(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod common;

use common::Actor;
use proofhouse_protocol::actor::NAME_VARIABLE;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Command, Stdio};

fn connect(actor: &Actor) -> TcpStream {
    let port = actor.greeting["actor"]["http"].as_u64().unwrap();
    TcpStream::connect(("127.0.0.1", u16::try_from(port).unwrap())).unwrap()
}

/// All that comes back for `bytes`, until the connection ends.
fn talk(actor: &Actor, bytes: &str) -> String {
    let mut stream = connect(actor);
    stream.write_all(bytes.as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

fn body(response: &str) -> Value {
    serde_json::from_str(response.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[test]
fn a_request_comes_back_and_is_logged_with_its_token() {
    let mut actor = Actor::start(&["--http", "0"]);
    let text = talk(
        &actor,
        "POST /a/../b?q=%27+or+1 HTTP/1.1\r\nHost: app\r\nx-PROOFHOUSE-token: t-1\r\nContent-Length: 3\r\n\
         Connection: close\r\n\r\nabc",
    );
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    assert_eq!(
        body(&text),
        json!({
            "method": "POST",
            "target": "/a/../b?q=%27+or+1",
            "version": "HTTP/1.1",
            "headers": [["Host", "app"], ["x-PROOFHOUSE-token", "t-1"], ["Content-Length", "3"], ["Connection", "close"]],
            "body": {
                "length": 3,
                "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            },
        })
    );
    let line: Value = serde_json::from_str(&actor.line()).unwrap();
    let expected = json!({ "method": "POST", "target": "/a/../b?q=%27+or+1", "token": "t-1", "status": 200 });
    assert_eq!(line, json!({ "request": expected }));
}

#[test]
fn the_same_request_has_the_same_answer_to_the_byte() {
    let actor = Actor::start(&["--http", "0"]);
    let request = "GET / HTTP/1.1\r\nHost: app\r\nConnection: close\r\n\r\n";
    let first = talk(&actor, request);
    assert_eq!(first, talk(&actor, request));
    let (head, text) = first.split_once("\r\n\r\n").unwrap();
    let expected = format!(
        "HTTP/1.1 200 OK\r\nServer: proofhouse-actor\r\nContent-Type: application/json\r\nCache-Control: no-store\r\n\
         X-Proofhouse-App: actor\r\nContent-Length: {}\r\nConnection: close",
        text.len()
    );
    assert_eq!(head, expected);
}

#[test]
fn several_requests_share_a_connection() {
    let actor = Actor::start(&["--http", "0"]);
    let text = talk(
        &actor,
        "GET /one HTTP/1.1\r\n\r\nPOST /two HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n\
         HEAD /three HTTP/1.1\r\n\r\nGET /four HTTP/1.0\r\n\r\nGET /never HTTP/1.1\r\n\r\n",
    );
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 4, "{text}");
    assert!(text.contains("\"target\":\"/one\"") && text.contains("\"target\":\"/two\""));
    assert!(text.contains("\"length\":2"));
    assert!(!text.contains("/three"), "a HEAD has no body: {text}");
    assert!(text.contains("/four") && !text.contains("/never"), "HTTP/1.0 ends the connection: {text}");
}

#[test]
fn a_client_may_wait_for_leave_to_send_its_body() {
    let actor = Actor::start(&["--http", "0"]);
    let mut stream = connect(&actor);
    let head = "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    let mut leave = [0; 25];
    stream.read_exact(&mut leave).unwrap();
    assert_eq!(&leave, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(b"ok").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert_eq!(body(&text)["body"]["length"], 2);
}

#[test]
fn what_is_not_http_is_refused_and_logged() {
    let mut actor = Actor::start(&["--http", "0"]);
    for (request, status) in [
        ("GET / HTTP/9\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (&format!("GET / HTTP/1.1\r\nA: {}\r\n", "x".repeat(70_000)), 431),
    ] {
        let text = talk_to_the_end(&actor, request);
        assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{text}");
        let line: Value = serde_json::from_str(&actor.line()).unwrap();
        assert_eq!(
            line,
            json!({ "request": { "method": null, "target": null, "token": null, "status": status } })
        );
    }
}

/// As [`talk`], for an app that may close before it has read all.
fn talk_to_the_end(actor: &Actor, bytes: &str) -> String {
    let mut stream = connect(actor);
    let _ = stream.write_all(bytes.as_bytes());
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        text.extend_from_slice(&buffer[..length]);
    }
    String::from_utf8(text).unwrap()
}

#[test]
fn an_app_needs_no_name() {
    let mut child = Command::new(common::ACTOR)
        .args(["serve", "--http", "0"])
        .env_remove(NAME_VARIABLE)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let greeting: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    assert_eq!(greeting["actor"]["name"], Value::Null);
    let port = u16::try_from(greeting["actor"]["http"].as_u64().unwrap()).unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    common::send_signal(child.id(), "TERM");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
