//! The reverse proxy between raw sockets: what passes, and how.

mod common;

use common::proxy::*;
use proofhouse_waas::SystemClock;
use serde_json::json;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const ATTACK: &str = "/?id=%27%20OR%20%271%27%3D%271";

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
}

#[tokio::test]
async fn answers_pass_byte_for_byte() {
    let answers = [
        "HTTP/1.1 200 Fine By Me\r\nserver: Odd/1.0\r\nX-lower-UPPER: a\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nabc",
        "HTTP/1.1 404 Not Found\r\nDATE: Thu, 01 Jan 1970 00:00:00 GMT\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n",
        "HTTP/1.1 500 Internal Server Error\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    ];
    for expected in answers {
        let app = App::start(move |_| Answer::Bytes(expected.as_bytes().to_vec())).await;
        let edge = Edge::start(app.port, json!({"disableEventIDHeader": true})).await;
        let request = if expected.contains("304") {
            // Without a length the client must be told where the answer ends.
            "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".to_owned()
        } else {
            get("/")
        };
        let answer = edge.raw(&request).await;
        assert_eq!(answer.replace("Connection: close\r\n", ""), expected);
        let edge = Edge::start(app.port, json!({})).await;
        let answer = edge.raw(&request).await;
        let id = header(&answer, "X-Prisma-Event-Id").expect("an event id on an allowed answer").to_owned();
        assert_eq!(id.len(), 36);
        let answer = answer.replace(&format!("X-Prisma-Event-Id: {id}\r\n"), "");
        assert_eq!(answer.replace("Connection: close\r\n", ""), expected);
    }
}

#[tokio::test]
async fn a_request_before_the_rule_set_is_there_waits_for_it() {
    let app = App::hello().await;
    let start = Edge::start_loading(common::crs_directory(), app.port, all("prevent"), Arc::new(SystemClock));
    let (mut edge, loading) = start.await;
    let early = edge.raw(&get(ATTACK)).await;
    assert!(early.starts_with("HTTP/1.1 403 "), "{early}");
    assert_eq!(edge.audits().await.len(), 1);
    assert_eq!(app.seen(), [""; 0]);
    loading.await.unwrap();

    // Without one nothing passes, and whoever started the firewall is told.
    let nowhere = std::path::PathBuf::from("/nonexistent");
    let (edge, loading) = Edge::start_loading(nowhere, app.port, all("prevent"), Arc::new(SystemClock)).await;
    let error = loading.await.unwrap_err().to_string();
    assert!(error.contains("/nonexistent"), "{error}");
    let request = get("/");
    let unanswered = tokio::time::timeout(std::time::Duration::from_millis(100), edge.raw(&request));
    unanswered.await.expect_err("an answer without an inspection");
    assert_eq!(app.seen(), [""; 0]);
}

#[tokio::test]
async fn requests_pass_with_the_peer_added() {
    let app = App::hello().await;
    let edge = Edge::start(app.port, all("prevent")).await;
    edge.raw("POST /a%2Fb?q='x'&e HTTP/1.1\r\nhost: shop.example.com\r\nX-oDD: 1\r\nUser-Agent: ua\r\nContent-Length: 4\r\nX-Forwarded-For: 203.0.113.9\r\nKeep-Alive: 5\r\nX-Hop: y\r\nConnection: keep-alive, X-Hop\r\n\r\na=bc").await;
    edge.raw("PUT /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n").await;
    edge.raw("PURGE /d HTTP/1.1\r\nHost: h\r\n\r\n").await;
    let seen = app.seen();
    assert_eq!(
        seen[0],
        "POST /a%2Fb?q='x'&e HTTP/1.1\r\nhost: shop.example.com\r\nX-oDD: 1\r\nUser-Agent: ua\r\nContent-Length: 4\r\nX-Forwarded-For: 203.0.113.9, 127.0.0.1\r\n\r\na=bc"
    );
    assert_eq!(
        seen[1],
        "PUT /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    );
    assert_eq!(seen[2], "PURGE /d HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 127.0.0.1\r\n\r\n");
}

#[tokio::test]
async fn http2_is_served_where_the_endpoint_says_so() {
    use http_body_util::{BodyExt, Full};
    use hyper_util::client::legacy::Client;
    use hyper_util::rt::TokioExecutor;
    let app = App::hello().await;
    let mut edge = Edge::start(app.port, all("prevent")).await;
    let client: Client<_, Full<bytes::Bytes>> =
        Client::builder(TokioExecutor::new()).http2_only(true).build_http();
    let request = |method: &str, target: &str, body: &'static str| {
        hyper::Request::builder()
            .method(method)
            .uri(format!("http://localhost:{}{target}", edge.port))
            .body(Full::from(body))
            .unwrap()
    };
    assert!(client.request(request("GET", "/", "")).await.is_err(), "not served before the policy says so");
    let mut spec = all("prevent");
    spec["apiSpec"] =
        json!({"endpoints": [{"exposedPort": edge.port, "internalPort": app.port, "http2": true}]});
    edge.waas.apply(&revision(json!([rule(edge.port, app.port, spec)]))).await.unwrap();
    let blocked = client.request(request("GET", ATTACK, "")).await.unwrap();
    assert_eq!((blocked.status().as_u16(), blocked.version()), (403, hyper::Version::HTTP_2));
    assert!(app.seen().is_empty());
    let passed = client.request(request("POST", "/x", "a=b")).await.unwrap();
    assert_eq!(passed.status(), 200);
    assert_eq!(passed.into_body().collect().await.unwrap().to_bytes(), "hello");
    // Before it came the question whether the application speaks HTTP/2.
    let seen = app.seen().pop().unwrap();
    let host = format!("localhost:{}", edge.port);
    assert!(seen.starts_with("POST /x HTTP/1.1\r\n") && seen.ends_with("\r\n\r\na=b"), "{seen}");
    assert_eq!(header(&seen, "host"), Some(host.as_str()), "{seen}");
    // One port, both versions.
    assert!(edge.raw(get(ATTACK)).await.starts_with("HTTP/1.1 403"));
    let audits = edge.audits().await;
    assert_eq!(audits.len(), 2);
    assert!(audits[0].request_headers.starts_with(&format!("GET {ATTACK} HTTP/2.0\r\nHost: {host}")));
}

#[tokio::test]
async fn compressed_bodies_are_inspected_and_pass_as_they_came() {
    use std::io::Write as _;
    let app = App::hello().await;
    let edge = Edge::start(app.port, all("prevent")).await;
    let post = |text: &str| {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text.as_bytes()).unwrap();
        let body = gzip.finish().unwrap();
        let head = format!(
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        ([head.into_bytes(), body.clone()].concat(), body)
    };
    assert!(edge.raw(post("id=' OR '1'='1").0).await.starts_with("HTTP/1.1 403"));
    let (request, body) = post("id=1");
    assert!(edge.raw(request).await.starts_with("HTTP/1.1 200"));
    assert!(app.requests.lock().unwrap()[0].ends_with(&body));
}

#[tokio::test]
async fn large_bodies_pass_whole_and_are_inspected_to_the_limit() {
    let app = App::hello().await;
    let mut spec = all("prevent");
    spec["body"] = json!({"inspectionSizeBytes": 1000, "inspectionLimitExceededEffect": "alert"});
    let mut edge = Edge::start(app.port, spec.clone()).await;
    let post = |body: &str| {
        format!(
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let long = "a".repeat(3_000_000);
    assert!(edge.raw(post(&long)).await.starts_with("HTTP/1.1 200"));
    assert!(app.seen()[0].ends_with(&format!("\r\n\r\n{long}")));
    let behind = format!("{}../../etc/passwd", " ".repeat(1000));
    assert!(edge.raw(post(&behind)).await.starts_with("HTTP/1.1 200"));
    let before = format!("../../etc/passwd{}", " ".repeat(5000));
    assert!(edge.raw(post(&before)).await.starts_with("HTTP/1.1 403"));
    let kinds: Vec<_> = edge.audits().await.into_iter().map(|audit| audit.kind).collect();
    let exceeded = "inspectionLimitExceeded";
    assert_eq!(kinds, [exceeded, exceeded, exceeded, "lfi"]);
    spec["body"]["inspectionLimitExceededEffect"] = json!("prevent");
    edge.waas.apply(&revision(json!([rule(edge.port, app.port, spec.clone())]))).await.unwrap();
    assert!(edge.raw(post(&"a".repeat(1001))).await.starts_with("HTTP/1.1 403"));
    assert!(edge.raw(post(&"a".repeat(1000))).await.starts_with("HTTP/1.1 200"));
    spec["body"] = json!({"skip": true});
    edge.waas.apply(&revision(json!([rule(edge.port, app.port, spec)]))).await.unwrap();
    assert!(edge.raw(post("../../etc/passwd")).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn expectations_and_slow_bodies() {
    let app = App::hello().await;
    let edge = Edge::start(app.port, all("prevent")).await;
    let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
    let mut stream = TcpStream::connect(("127.0.0.1", edge.port)).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 100 Continue"));
    stream.write_all(b"a=b&c").await.unwrap();
    assert!(answer(&mut stream).await.starts_with("HTTP/1.1 200"));
    // The rule gives one second; this body never ends.
    let slow = edge.raw("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\na").await;
    assert!(slow.starts_with("HTTP/1.1 500"), "{slow}");
    assert_eq!(app.seen().len(), 1);
}

#[tokio::test]
async fn websockets_pass_and_their_handshake_is_inspected() {
    let app = App::start(|_| {
        Answer::Echo(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n".to_vec())
    })
    .await;
    let edge = Edge::start(app.port, all("prevent")).await;
    let handshake = |target: &str| {
        format!(
            "GET {target} HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
    };
    assert!(edge.raw(handshake(ATTACK)).await.starts_with("HTTP/1.1 403"));
    let mut stream = TcpStream::connect(("127.0.0.1", edge.port)).await.unwrap();
    stream.write_all(handshake("/ws").as_bytes()).await.unwrap();
    let switched = answer(&mut stream).await;
    assert!(switched.starts_with("HTTP/1.1 101 Switching Protocols\r\n"), "{switched}");
    assert_eq!(header(&switched, "Sec-WebSocket-Accept"), Some("x"));
    // Bytes that are no HTTP, and would be refused as such.
    let frames = b"\x81\x85\0\0\0\0hello\r\n\r\n\nGET / HTTP/1.1\n\n";
    stream.write_all(frames).await.unwrap();
    let mut echo = vec![0; frames.len()];
    tokio::time::timeout(DEADLINE, stream.read_exact(&mut echo)).await.unwrap().unwrap();
    assert_eq!(echo, frames);
}

#[tokio::test]
async fn an_application_that_is_down_is_a_bad_gateway() {
    let app = App::hello().await;
    let port = free_port();
    let mut edge = Edge::start(port, all("prevent")).await;
    assert!(edge.raw(get("/")).await.starts_with("HTTP/1.1 502 Bad Gateway\r\n"));
    assert!(edge.audits().await.is_empty());
    let revived = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    drop(app);
    tokio::spawn(async move {
        let (mut stream, _) = revived.accept().await.unwrap();
        let _ = stream.read(&mut [0; 1024]).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
    });
    assert!(edge.raw(get("/")).await.starts_with("HTTP/1.1 200"));
}
