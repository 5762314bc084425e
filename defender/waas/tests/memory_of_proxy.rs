//! Memory that the whole firewall takes for one request, from its first byte to its answer, stays within eight times the inspected
//! size, whatever its shape and whatever looks at it.

#![expect(clippy::unwrap_used, reason = "a helper of tests that fails is a failed test")]

mod common;

use common::proxy::{DEADLINE, Edge, all, find, revision, rule};
use common::shapes::{SIZE, bodies, times};
use peak_alloc::PeakAlloc;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const MOST: usize = 8;

#[global_allocator]
static COUNTING: PeakAlloc = PeakAlloc;

/// All memory of the process is counted.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

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
    for (shape, piece) in
        [("a body in chunks of a byte", "1\r\na\r\n"), ("a body in chunks with extensions", "1;a=b\r\na\r\n")]
    {
        let head =
            "POST /a HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n";
        requests.push((shape.to_owned(), format!("{head}{}0\r\n\r\n", piece.repeat(SIZE)).into_bytes()));
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

/// Waits until what came before is let go, and nothing is made any more.
async fn settled() {
    let mut still = 0;
    let mut before = COUNTING.current_usage();
    for _ in 0..1000 {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let now = COUNTING.current_usage();
        still = if now == before { still + 1 } else { 0 };
        if still == 3 {
            return;
        }
        before = now;
    }
}

/// The most that was taken while the request was served.
async fn taken(port: u16, request: &[u8]) -> usize {
    settled().await;
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

/// What a request takes, in sizes that are inspected: the least of three, as automata, buffers and connections of the first stay for all.
async fn times_inspected(edge: &mut Edge, request: &[u8]) -> f64 {
    let mut least = usize::MAX;
    for _ in 0..3 {
        least = least.min(taken(edge.port, request).await);
        edge.audits().await;
    }
    least as f64 / SIZE as f64
}

#[tokio::test]
async fn memory_of_a_request_is_bounded_from_end_to_end() {
    let _alone = ALONE.lock().await;
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
            let times = times_inspected(&mut edge, request).await;
            println!("{looker}, {shape}: {times:.1}");
            if times > MOST as f64 {
                over.push(format!("{looker}, {shape}: {times:.1}"));
            }
        }
    }
    assert!(over.is_empty(), "{over:?}");
}

/// Answers of an application by their name.
fn answers() -> Vec<(&'static str, Vec<u8>)> {
    let whole = |head: &str, body: &[u8]| {
        let head =
            format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{head}Content-Length: {}\r\n\r\n", body.len());
        [head.into_bytes(), body.to_vec()].concat()
    };
    let chunked = |piece: &str| {
        let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n";
        format!("{head}{}0\r\n\r\n", piece.repeat(SIZE)).into_bytes()
    };
    let packed = |plain: &[u8]| {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        std::io::Write::write_all(&mut packer, plain).unwrap();
        packer.finish().unwrap()
    };
    let coded = "Content-Type: text/html\r\nContent-Encoding: gzip\r\n";
    let json = format!("[{}1]", "{\"a\":[1]},".repeat(SIZE / 12));
    let mut many = String::from("Content-Type: text/html\r\n");
    for number in 0..90 {
        let _ = write!(many, "X-Own-{number}: {}\r\n", &times("a=b;")[..900]);
    }
    vec![
        ("a page", whole("Content-Type: text/html\r\n", times("<p>words ").as_bytes())),
        ("a page without a type", whole("", times("ORA-01756 ").as_bytes())),
        (
            "a page that is longer",
            whole("Content-Type: text/html\r\n", times("<p>words ").repeat(4).as_bytes()),
        ),
        ("a document", whole("Content-Type: application/json\r\n", json.as_bytes())),
        ("bytes", whole("Content-Type: application/octet-stream\r\n", &[0xff; SIZE])),
        ("a packed page", whole(coded, &packed(times("<p>words ").as_bytes()))),
        ("a bomb", whole(coded, &packed(&vec![b'a'; 100 * SIZE]))),
        ("many headers", whole(&many, times("<p>words ").as_bytes())),
        ("a page in chunks of a byte", chunked("1\r\na\r\n")),
        ("a page in chunks with extensions", chunked("1;a=b\r\na\r\n")),
    ]
}

/// An application that gives the same answer to every request, and keeps nothing of it.
async fn answering(answer: Arc<Mutex<Arc<[u8]>>>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = Arc::clone(&answer.lock().unwrap());
            tokio::spawn(async move {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(&answer).await;
                let _ = stream.shutdown().await;
                // Until the other side is done as well, so that nothing is lost with a reset.
                while let Ok(1..) = stream.read(&mut request).await {}
            });
        }
    });
    port
}

#[tokio::test]
async fn memory_of_an_answer_that_is_inspected_is_bounded() {
    let _alone = ALONE.lock().await;
    let given = Arc::new(Mutex::new(Arc::from(&b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"[..])));
    let app = answering(Arc::clone(&given)).await;
    let mut over = Vec::new();
    let mut edge = Edge::start(app, json!({})).await;
    let mut spec = all("alert");
    spec["body"] = json!({"inspectionSizeBytes": SIZE, "inspectionLimitExceededEffect": "disable"});
    spec["responseHeaderSpecs"] = json!([{"name": "X-Frame-Options", "values": ["DENY"], "override": true}]);
    spec["apiSpec"] = json!({"endpoints": [{"exposedPort": edge.port, "internalPort": app}]});
    edge.waas.apply(&revision(json!([rule(edge.port, app, spec)]))).await.unwrap();
    // The rule set is there with the first request.
    taken(edge.port, b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n").await;
    for (shape, answer) in answers() {
        *given.lock().unwrap() = Arc::from(answer);
        let times = times_inspected(&mut edge, b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n").await;
        println!("{shape}: {times:.1}");
        if times > MOST as f64 {
            over.push(format!("{shape}: {times:.1}"));
        }
    }
    assert!(over.is_empty(), "{over:?}");
}

/// A request of HTTP/2 whose body comes in frames of a byte.
fn in_frames(length: usize) -> Vec<u8> {
    let frame = |kind: u8, flags: u8, stream: u32, payload: &[u8]| {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
    };
    // POST, http, `/`, and literals (RFC 7541, appendix A).
    let head = b"\x83\x86\x84\x41\x01h\x5f\x0atext/plain";
    let mut request = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    request.extend(frame(4, 0, 0, b""));
    request.extend(frame(1, 4, 1, head));
    for _ in 1..length {
        request.extend(frame(0, 0, 1, b"a"));
    }
    request.extend(frame(0, 1, 1, b"a"));
    request
}

#[tokio::test]
async fn memory_of_a_body_in_frames_of_a_byte_is_bounded() {
    let _alone = ALONE.lock().await;
    for (who, app) in [("reads", app().await), ("does not read", deaf().await)] {
        let edge = Edge::start(app, json!({})).await;
        let mut spec = all("alert");
        spec["body"] = json!({"inspectionSizeBytes": SIZE, "inspectionLimitExceededEffect": "disable"});
        spec["apiSpec"] =
            json!({"endpoints": [{"exposedPort": edge.port, "internalPort": app, "http2": true}]});
        let mut rule = rule(edge.port, app, spec);
        rule["readTimeoutSeconds"] = json!(20);
        edge.waas.apply(&revision(json!([rule]))).await.unwrap();
        for length in [SIZE, 6 * SIZE] {
            let request = in_frames(length);
            let mut least = usize::MAX;
            for _ in 0..3 {
                COUNTING.reset_peak_usage();
                let before = COUNTING.current_usage();
                let stream = TcpStream::connect(("127.0.0.1", edge.port)).await.unwrap();
                let (mut reader, mut writer) = stream.into_split();
                // Where nobody reads, it does not all go out, and nobody answers.
                let patience = Duration::from_secs(if who == "reads" { 30 } else { 2 });
                let exchange = timeout(patience, async {
                    tokio::join!(writer.write_all(&request), status(&mut reader)).1
                });
                let answered = exchange.await.unwrap_or_default();
                assert_eq!(answered.is_some(), who == "reads", "{length} bytes");
                least = least.min(COUNTING.peak_usage().saturating_sub(before));
            }
            let times = least as f64 / SIZE as f64;
            println!("{length} bytes, the application {who}: {times:.1}");
            assert!(times <= MOST as f64, "{length} bytes, the application {who}: {times:.1}");
        }
    }
}

/// The first byte of the head of an answer over HTTP/2; none if the connection ended before.
async fn status(reader: &mut (impl AsyncRead + Unpin)) -> Option<u8> {
    loop {
        let mut head = [0; 9];
        reader.read_exact(&mut head).await.ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        reader.read_exact(&mut payload).await.ok()?;
        if head[3] == 1 {
            return payload.first().copied();
        }
    }
}

/// An application that takes connections and nothing else.
async fn deaf() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut connections = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            connections.push(connection);
        }
    });
    port
}
