//! Messages with their macros.

use crate::sample::Sample;
use proofhouse_custom_rules::{Hit, Message};

fn sample() -> Sample {
    Sample::new()
        .method("POST")
        .path("/a?b")
        .address("2001:db8::1")
        .body("x=1")
        .header("Host", "a.test")
        .header("Accept", "*/*")
        .cookie("a", "1")
        .cookie("b", "2")
        .status(404)
}

fn rendered(message: &str) -> String {
    Message::parse(message).render(&sample(), &Hit::default())
}

#[test]
fn each_macro() {
    for (message, expected) in [
        ("%req.http_method", "POST"),
        ("%req.path", "/a?b"),
        ("%req.ip", "2001:db8::1"),
        ("%req.cookies", "a=1; b=2"),
        ("%req.headers", "Host: a.test, Accept: */*"),
        ("%req.body", "x=1"),
        ("%resp.status_code", "404"),
        ("%regexMatches", ""),
        ("Request from %req.ip: %req.path.", "Request from 2001:db8::1: /a?b."),
        ("%req.http_method%req.path", "POST/a?b"),
        ("%%req.path%", "%/a?b%"),
    ] {
        assert_eq!(rendered(message), expected);
    }
}

#[test]
fn other_text_stays() {
    for message in [
        "",
        "100 %",
        "%",
        "%req",
        "%req.host",
        "%req.paths",
        "%req.path_x",
        "%REQ.PATH",
        "%regexmatches",
        "req.path",
        "\u{e9}%\u{e9}",
    ] {
        assert_eq!(rendered(message), message);
    }
}

#[test]
fn what_is_not_known_is_empty() {
    let message = Message::parse("[%req.ip|%resp.status_code|%req.body|%req.cookies|%regexMatches]");
    assert_eq!(message.render(&Sample::default(), &Hit::default()), "[||||]");
}

#[test]
fn matches_are_shown() {
    let hit = sample().find("req.path contains /(\\w)\\?(\\w)/ and req.body contains /x=/").unwrap();
    assert_eq!(Message::parse("Found: %regexMatches").render(&sample(), &hit), "Found: a, b, x=");
}

#[test]
fn values_do_not_become_macros() {
    let sample = Sample::new().path("/%req.body").body("secret");
    assert_eq!(Message::parse("%req.path").render(&sample, &Hit::default()), "/%req.body");
}

#[test]
fn lengths_are_bounded() {
    let sample = Sample::new().body("\u{e9}".repeat(100_000)).header("A", [b'x'; 5000]).header("B", "y");
    let body = Message::parse("%req.body").render(&sample, &Hit::default());
    assert!(body.len() <= Message::MAX_VALUE && body.ends_with("\u{e9}..."), "{}", body.len());
    let headers = Message::parse("%req.headers").render(&sample, &Hit::default());
    assert_eq!(headers.len(), Message::MAX_VALUE);
    let many = Message::parse(&"%req.body ".repeat(1000)).render(&sample, &Hit::default());
    assert!(many.len() <= Message::MAX_LENGTH && many.len() > Message::MAX_LENGTH - 8);
    let long = Message::parse(&"x".repeat(10_000)).render(&sample, &Hit::default());
    assert_eq!(long.len(), Message::MAX_LENGTH);
    let raw = Sample::new().body(b"a\xffb");
    assert_eq!(Message::parse("%req.body").render(&raw, &Hit::default()), "a\u{fffd}b");
}

#[test]
fn a_message_tells_what_it_needs() {
    let needs = |text: &str| {
        let message = Message::parse(text);
        (message.needs_body(), message.needs_response())
    };
    assert_eq!(needs("%req.path"), (false, false));
    assert_eq!(needs("a %req.body b"), (true, false));
    assert_eq!(needs("%resp.status_code"), (false, true));
}
