//! What a connection goes through: old clients, many requests in one, blocks, new policies, ends on either side.

#![expect(clippy::unwrap_used, reason = "a helper of tests that fails is a failed test")]

mod common;

use common::proxy::{Answer, App, DEADLINE, Edge, all, answer, find, revision, rule};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const CLEAN: &str = "GET /?clean=yes HTTP/1.1\r\nHost: h\r\n\r\n";
const ATTACK: &str = "GET /?id=1%27%20or%20%271%27=%271 HTTP/1.1\r\nHost: h\r\n\r\n";

async fn connect(edge: &Edge) -> TcpStream {
    TcpStream::connect(("127.0.0.1", edge.port)).await.unwrap()
}

async fn ask(stream: &mut TcpStream, request: &str) -> String {
    stream.write_all(request.as_bytes()).await.unwrap();
    answer(stream).await
}

async fn all_of(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let read = timeout(DEADLINE, stream.read_to_end(&mut bytes)).await.unwrap();
    // A reset ends it too.
    let _ = read;
    String::from_utf8_lossy(&bytes).into_owned()
}

fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or("none")
}

#[tokio::test]
async fn a_client_of_http_1_0_is_answered_and_the_connection_ends() {
    let app = App::hello().await;
    let edge = Edge::start(app.port, all("prevent")).await;
    for (request, expected) in
        [("GET / HTTP/1.0\r\n\r\n", "200"), ("GET /?id=1%27%20or%20%271%27=%271 HTTP/1.0\r\n\r\n", "403")]
    {
        let mut stream = connect(&edge).await;
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(status(&all_of(&mut stream).await), expected);
    }
}

#[tokio::test]
async fn a_connection_goes_on_behind_a_block() {
    let app = App::hello().await;
    let edge = Edge::start(app.port, all("prevent")).await;
    let mut stream = connect(&edge).await;
    for (request, expected) in [(CLEAN, "200"), (ATTACK, "403"), (CLEAN, "200"), (ATTACK, "403")] {
        assert_eq!(status(&ask(&mut stream, request).await), expected);
    }
    assert_eq!(app.seen().len(), 2);
}

#[tokio::test]
async fn requests_behind_each_other_are_judged_each_and_answered_in_order() {
    let app = App::hello().await;
    let edge = Edge::start(app.port, all("prevent")).await;
    let mut stream = connect(&edge).await;
    let last = CLEAN.replace("Host: h", "Host: h\r\nConnection: close");
    stream.write_all([CLEAN, ATTACK, &last].concat().as_bytes()).await.unwrap();
    let answers = all_of(&mut stream).await;
    let statuses: Vec<&str> =
        answers.match_indices("HTTP/1.1 ").map(|(at, _)| &answers[at + 9..at + 12]).collect();
    assert_eq!(statuses, ["200", "403", "200"]);
}

#[tokio::test]
async fn a_client_that_says_no_more_still_gets_its_answer() {
    let app = App::hello().await;
    let edge = Edge::start(app.port, all("prevent")).await;
    let mut stream = connect(&edge).await;
    stream.write_all(CLEAN.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    assert!(all_of(&mut stream).await.ends_with("hello"));
}

#[tokio::test]
async fn an_open_connection_is_kept_and_judged_by_the_new_policy() {
    let app = App::hello().await;
    let edge = Edge::start(app.port, all("disable")).await;
    let mut stream = connect(&edge).await;
    assert_eq!(status(&ask(&mut stream, ATTACK).await), "200");
    for (effect, expected) in [("prevent", "403"), ("alert", "200"), ("prevent", "403")] {
        edge.waas.apply(&revision(json!([rule(edge.port, app.port, all(effect))]))).await.unwrap();
        assert_eq!(status(&ask(&mut stream, ATTACK).await), expected, "{effect}");
    }
}

#[tokio::test]
async fn hints_before_an_answer_come_before_it() {
    let hint = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n";
    let whole = format!("{hint}{hint}HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    let app = App::start(move |_| Answer::Bytes(whole.clone().into_bytes())).await;
    let edge = Edge::start(app.port, all("prevent")).await;
    let got = ask(&mut connect(&edge).await, CLEAN).await;
    assert!(got.starts_with(&format!("{hint}{hint}HTTP/1.1 200 OK")) && got.ends_with("hello"), "{got}");
}

/// An application that answers the first bytes of each connection with these, then sends back all that came behind the head, and ends
/// the connection with its client.
async fn raw_app(said: &'static [u8], echoes: bool) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut came = Vec::new();
            while find(&came, b"\r\n\r\n").is_none() && socket.read_buf(&mut came).await.unwrap_or(0) > 0 {}
            let _ = socket.write_all(said).await;
            let mut behind = came.split_off(find(&came, b"\r\n\r\n").unwrap_or(0) + 4);
            if echoes {
                let _ = socket.write_all(&behind).await;
                behind.clear();
                while socket.read_buf(&mut behind).await.unwrap_or(0) > 0 {
                    let _ = socket.write_all(&behind).await;
                    behind.clear();
                }
            }
        }
    });
    port
}

#[tokio::test]
async fn an_app_that_breaks_off_its_answer_is_not_completed() {
    let port = raw_app(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.", false).await;
    let edge = Edge::start(port, all("prevent")).await;
    let mut stream = connect(&edge).await;
    stream.write_all(CLEAN.as_bytes()).await.unwrap();
    let got = all_of(&mut stream).await;
    assert!(got.ends_with("ten bytes."), "{got}");
}

#[tokio::test]
async fn an_app_may_answer_before_it_has_read_the_body() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut head = [0; 1000];
            let _ = socket.read(&mut head).await;
            let _ = socket
                .write_all(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                .await;
            // Some is read on, so that no reset takes the answer back.
            let _ = timeout(std::time::Duration::from_secs(1), socket.read(&mut head)).await;
        }
    });
    let edge = Edge::start(port, json!({"body": {"inspectionSizeBytes": 1000}})).await;
    let mut stream = connect(&edge).await;
    let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nContent-Length: 10000000\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all("word ".repeat(1000).as_bytes()).await.unwrap();
    assert_eq!(status(&answer(&mut stream).await), "413");
}

#[tokio::test]
async fn what_comes_with_the_upgrade_reaches_the_app() {
    let switch = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    let edge = Edge::start(raw_app(switch, true).await, all("prevent")).await;
    let mut stream = connect(&edge).await;
    let ask =
        "GET /live HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x01\n\nfirst";
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut got = Vec::new();
    while !got.ends_with(b"\x01\n\nfirst") {
        let mut more = [0; 500];
        let length = timeout(DEADLINE, stream.read(&mut more)).await.expect("the frame comes back").unwrap();
        assert!(length > 0, "{:?}", String::from_utf8_lossy(&got));
        got.extend_from_slice(&more[..length]);
    }
}

#[tokio::test]
async fn where_another_protocol_is_declined_the_next_request_is_one() {
    let app = App::hello().await;
    let edge = Edge::start(app.port, all("prevent")).await;
    let mut stream = connect(&edge).await;
    let asks = "GET /live HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    let last = CLEAN.replace("Host: h", "Host: h\r\nConnection: close");
    stream.write_all([asks, ATTACK, asks, CLEAN, &last].concat().as_bytes()).await.unwrap();
    let answers = all_of(&mut stream).await;
    let statuses: Vec<&str> =
        answers.match_indices("HTTP/1.1 ").map(|(at, _)| &answers[at + 9..at + 12]).collect();
    assert_eq!(statuses, ["200", "403", "200", "200", "200"]);
}
