//! Connections that rest between requests: the HTTP library does not hold them then, and nobody may notice.

mod common;

use common::proxy::*;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// Longer than it takes until a connection rests.
const LONG: Duration = Duration::from_millis(900);

const GET: &[u8] = b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

async fn connect(edge: &Edge) -> TcpStream {
    TcpStream::connect(("127.0.0.1", edge.port)).await.expect("the port is open")
}

#[tokio::test]
async fn requests_behind_a_rest_are_served_and_judged() {
    let app = App::hello().await;
    let mut edge = Edge::start(app.port, all("prevent")).await;
    let mut stream = connect(&edge).await;
    // Before the first request too, and amid a head and a body.
    tokio::time::sleep(LONG).await;
    for pieces in [
        &[GET][..],
        &[&b"GET /b HT"[..], b"TP/1.1\r\nHost: h\r\n", b"\r\n"],
        &[&b"POST /c HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc"[..], b"def"],
        &[
            &b"POST /d HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc"[..],
            b"\r\n0\r\n\r\n",
        ],
    ] {
        for piece in pieces {
            stream.write_all(piece).await.unwrap();
            tokio::time::sleep(LONG).await;
        }
        let answer = answer(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("hello"), "{answer}");
        tokio::time::sleep(LONG).await;
    }
    assert_eq!(app.seen().len(), 4);
    stream.write_all(b"GET /?id=%27%20OR%20%271%27%3D%271 HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 403 "));
    assert_eq!(edge.audits().await.len(), 1);
    // What is no request is answered as ever.
    tokio::time::sleep(LONG).await;
    stream.write_all(b"GET /a HTTP/1.1\nHost: h\n\n").await.unwrap();
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 400 "));
}

#[tokio::test]
async fn an_app_that_takes_its_time_is_no_rest() {
    let gate = Arc::new(tokio::sync::Notify::new());
    let open = Arc::clone(&gate);
    let hello = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".to_vec();
    let app = App::start(move |_| Answer::After(Arc::clone(&open), hello.clone())).await;
    let edge = Edge::start(app.port, json!({})).await;
    let mut stream = connect(&edge).await;
    stream.write_all(GET).await.unwrap();
    tokio::time::sleep(LONG).await;
    gate.notify_one();
    assert!(answer(&mut stream).await.ends_with("hello"));
    assert_eq!(app.connections.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_answer_that_the_client_reads_late_arrives_whole() {
    const LENGTH: usize = 16 << 20;
    let mut bytes = format!("HTTP/1.1 200 OK\r\nContent-Length: {LENGTH}\r\n\r\n").into_bytes();
    bytes.resize(bytes.len() + LENGTH, b'x');
    let app = App::start(move |_| Answer::Bytes(bytes.clone())).await;
    let edge = Edge::start(app.port, json!({})).await;
    let mut stream = connect(&edge).await;
    stream.write_all(GET).await.unwrap();
    tokio::time::sleep(LONG).await;
    let answer = answer(&mut stream).await;
    assert_eq!(answer.split_once("\r\n\r\n").map(|(_, body)| body.len()), Some(LENGTH));
}

#[tokio::test]
async fn the_protocol_can_be_switched_behind_a_rest() {
    let app = App::start(|request| {
        if request.starts_with(b"GET /a ") {
            return Answer::Bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello".to_vec());
        }
        Answer::Echo(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n".to_vec(),
        )
    })
    .await;
    let edge = Edge::start(app.port, json!({})).await;
    let mut stream = connect(&edge).await;
    stream.write_all(GET).await.unwrap();
    assert!(answer(&mut stream).await.ends_with("hello"));
    tokio::time::sleep(LONG).await;
    let switch = b"GET /b HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";
    stream.write_all(switch).await.unwrap();
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 101 "));
    for text in [&b"no HTTP"[..], b"\r\n\r\n", b"nor this"] {
        tokio::time::sleep(LONG).await;
        stream.write_all(text).await.unwrap();
        let mut back = vec![0; text.len()];
        stream.read_exact(&mut back).await.unwrap();
        assert_eq!(back, text);
    }
}

#[tokio::test]
async fn a_connection_that_rests_ends_with_its_port_or_its_client() {
    let app = App::hello().await;
    let edge = Edge::start(app.port, json!({})).await;
    let mut streams = [connect(&edge).await, connect(&edge).await];
    for stream in &mut streams {
        stream.write_all(GET).await.unwrap();
        assert!(answer(stream).await.ends_with("hello"));
    }
    tokio::time::sleep(LONG).await;
    let [mut gone, mut kept] = streams;
    gone.shutdown().await.unwrap();
    assert_eq!(answer(&mut gone).await, "");
    edge.waas.close().await;
    assert_eq!(answer(&mut kept).await, "");
}
