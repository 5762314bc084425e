//! Memory that the whole firewall takes for one request, from its first byte to its answer, stays within eight times the inspected
//! size, whatever its shape and whatever looks at it.

#![expect(clippy::unwrap_used, reason = "a helper of tests that fails is a failed test")]

mod common;

use common::proxy::{DEADLINE, Edge, all, find, revision, rule};
use common::shapes::{SIZE, bodies, times};
use peak_alloc::PeakAlloc;
use serde_json::{Value, json};
use std::fmt::Write as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const MOST: usize = 8;

#[global_allocator]
static COUNTING: PeakAlloc = PeakAlloc;

/// An application that keeps nothing: it reads for as long as something comes, and has answered before.
async fn app() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                // Of the head its beginning, where a length stands, and of all the last bytes.
                let (mut came, mut length) = (0, None);
                let (mut beginning, mut last) = (Vec::new(), Vec::new());
                while length.is_none_or(|length| came < length) {
                    let read = stream.read(&mut buffer).await.unwrap_or(0);
                    if read == 0 {
                        return;
                    }
                    if length.is_none() {
                        beginning.extend_from_slice(&buffer[..read.min(1000 - beginning.len())]);
                        let before = last.len();
                        last.extend_from_slice(&buffer[..read]);
                        if let Some(end) = find(&last, b"\r\n\r\n") {
                            let text = String::from_utf8_lossy(&beginning).to_lowercase();
                            let own = text.split("content-length: ").nth(1).unwrap_or("0");
                            let own: usize = own.split("\r\n").next().unwrap().parse().unwrap();
                            length = Some(came - before + end + 4 + own);
                        }
                        last.drain(..last.len().saturating_sub(3));
                    }
                    came += read;
                }
                let _ = stream
                    .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
                    .await;
            });
        }
    });
    port
}

/// Requests by their name.
fn requests() -> Vec<(String, Vec<u8>)> {
    let mut requests = Vec::new();
    for (shape, kind, body) in bodies() {
        let head = format!(
            "POST /a HTTP/1.1\r\nHost: h\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        requests.push((shape.to_owned(), [head.into_bytes(), body].concat()));
    }
    for (shape, piece) in [("form of different names", "a&"), ("form of different coded pairs", "a=%61&")] {
        let body = different(SIZE, piece);
        let kind = "application/x-www-form-urlencoded";
        let head = format!(
            "POST /a HTTP/1.1\r\nHost: h\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        requests.push((shape.to_owned(), (head + &body).into_bytes()));
    }
    let mut head = |shape: &str, target: &str, lines: &str| {
        let request = format!("GET {target} HTTP/1.1\r\nHost: h\r\n{lines}\r\n");
        assert!(request.len() < SIZE, "{shape}: {}", request.len());
        requests.push((shape.to_owned(), request.into_bytes()));
    };
    let cut = |piece: &str, length: usize| times(piece)[..length].to_owned();
    let mut many = String::new();
    for number in 0..250 {
        let _ = write!(many, "X-Own-{number}: {}\r\n", cut("a=b&", 480));
    }
    head("many headers", "/", &many);
    head("one long header", "/", &format!("X-Own: {}\r\n", cut("word ", 129_000)));
    head("one long coded header", "/", &format!("X-Own: {}\r\n", cut("%2525", 129_000)));
    head("many cookies", "/", &format!("Cookie: {}\r\n", cut("a=b; ", 129_000)));
    head("many coded cookies", "/", &format!("Cookie: {}\r\n", cut("%25=%25;", 129_000)));
    head("many addresses", "/", &format!("X-Forwarded-For: {}\r\n", cut("1.2.3.4,", 129_000)));
    head("a path of segments", &format!("/{}", cut("%41/", 65_000)), "");
    head("a path of dots", &format!("/{}", cut("a/../", 65_000)), "");
    head("a path of Base64", &format!("/{}", cut("YWJj", 65_000)), "");
    head("a query of names", &format!("/?{}", cut("a&", 65_000)), "");
    head("a query of pairs", &format!("/?{}", cut("a=b&", 65_000)), "");
    head("a query of different names", &format!("/?{}", different(65_000, "a&")), "");
    head("a query of different pairs", &format!("/?{}", different(65_000, "a=%61&")), "");
    head("different cookies", "/", &format!("Cookie: {}\r\n", different(129_000, "a=b; ")));
    head("different coded cookies", "/", &format!("Cookie: a=1{}\r\n", different(129_000, "a%62; a=")));
    head("a query of codings", &format!("/?{}", cut("%2525=%2525&", 65_000)), "");
    requests
}

/// Pieces that begin with different letters.
fn different(length: usize, piece: &str) -> String {
    let mut text = String::new();
    for number in 0.. {
        if text.len() + piece.len() + 8 > length {
            break;
        }
        let _ = write!(text, "{number:x}{piece}");
    }
    text
}

/// What looks at requests, by its name.
fn settings() -> Vec<(&'static str, Value, Value, Value)> {
    let parameters: Vec<Value> = ["formData", "json", "xml", "multipart", "query", "cookie", "header"]
        .iter()
        .map(|place| json!({"name": "a", "location": place, "type": "string"}))
        .collect();
    let method = |name: &str| json!({"method": name, "parameters": parameters});
    let api = json!({"effect": "alert", "fallbackEffect": "alert", "queryParamFallbackEffect": "alert", "paths": [
        {"path": "/", "methods": [method("GET")]}, {"path": "/a", "methods": [method("POST")]}]});
    let script = "req.body contains \"nowhere\" or req.body_param_values contains \"nowhere\" \
        or req.header_names contains \"nowhere\" or req.cookie_names contains \"nowhere\" \
        or req.query_params contains \"nowhere\" or req.http_method = \"GET\" or req.http_method = \"POST\"";
    let script = script.replace("req.query_params contains", "req.query_param_values contains");
    let rules = json!([{"_id": 1, "name": "r", "type": "waas-request", "script": script}]);
    let attached = json!({"customRules": [{"_id": 1, "effect": "alert"}]});
    let secrets: Vec<Value> = ["query", "cookie", "header", "body"]
        .iter()
        .map(|place| json!({"name": place, "key": "a", "location": place, "placeholder": "[gone]"}))
        .collect();
    let nothing = || json!([]);
    let mut everything = all("alert");
    everything["apiSpec"] = json!(api);
    everything["customRules"] = attached["customRules"].clone();
    let many = json!((1..21).map(|id| json!({"_id": id, "name": format!("r{id}"), "type": "waas-request", "script": "req.http_method = \"GET\""})).collect::<Vec<_>>());
    let many_attached =
        json!({"customRules": (1..21).map(|id| json!({"_id": id, "effect": "alert"})).collect::<Vec<_>>()});
    vec![
        ("many custom rules", many_attached, many, nothing()),
        ("everything", everything, rules.clone(), json!(secrets)),
        ("attacks", all("alert"), nothing(), nothing()),
        ("API protection", json!({"apiSpec": api}), nothing(), nothing()),
        ("custom rules", attached.clone(), rules.clone(), nothing()),
        ("scrubbing", attached, rules, json!(secrets)),
    ]
}

/// The most that was taken while the request was served.
async fn taken(port: u16, request: &[u8]) -> usize {
    COUNTING.reset_peak_usage();
    let before = COUNTING.current_usage();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(request).await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = [0; 1000];
    let mut first = Vec::new();
    while let Ok(read @ 1..) = timeout(DEADLINE, stream.read(&mut answer)).await.unwrap() {
        if first.is_empty() {
            first = answer[..read.min(12)].to_vec();
        }
    }
    assert!(!first.is_empty(), "no answer");
    COUNTING.peak_usage().saturating_sub(before)
}

#[tokio::test]
async fn memory_of_a_request_is_bounded_from_end_to_end() {
    let app = app().await;
    let mut over = Vec::new();
    let requests = requests();
    for (looker, mut spec, rules, secrets) in settings() {
        let mut edge = Edge::start(app, json!({})).await;
        if let Some(api) = spec.get_mut("apiSpec") {
            api["endpoints"] = json!([{"exposedPort": edge.port, "internalPort": app}]);
        }
        spec["body"] = json!({"inspectionSizeBytes": SIZE, "inspectionLimitExceededEffect": "disable"});
        let mut rule = rule(edge.port, app, spec);
        rule["readTimeoutSeconds"] = json!(20);
        let mut revision = revision(json!([rule]));
        revision.waas.custom_rules = serde_json::from_value(rules).unwrap();
        revision.waas.sensitive_data = serde_json::from_value(secrets).unwrap();
        edge.waas.apply(&revision).await.unwrap();
        for (shape, request) in &requests {
            // Automata, buffers and connections of the first request stay for all.
            let mut least = usize::MAX;
            for _ in 0..3 {
                least = least.min(taken(edge.port, request).await);
                edge.audits().await;
            }
            let times = least as f64 / SIZE as f64;
            println!("{looker}, {shape}: {times:.1}");
            if times > MOST as f64 {
                over.push(format!("{looker}, {shape}: {times:.1}"));
            }
        }
    }
    assert!(over.is_empty(), "{over:?}");
}
