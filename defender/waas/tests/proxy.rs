//! The reverse proxy between raw sockets: what passes, what is refused, what is reported.

mod common;

use common::proxy::*;
use proofhouse_protocol::WaasEffect;
use proofhouse_waas::Clock;
use serde_json::json;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const ATTACK: &str = "/?id=%27%20OR%20%271%27%3D%271";

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
}

fn get_as(target: &str, client: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: shop.example.com\r\nX-Forwarded-For: {client}\r\n\r\n")
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
async fn prevent_answers_with_the_page_and_reports_everything() {
    let app = App::hello().await;
    let mut edge = Edge::start(app.port, all("prevent")).await;
    let answer = edge
        .raw(format!("GET /p{ATTACK2} HTTP/1.1\r\nUser-Agent: ua/1\r\nHost: shop.example.com:80\r\nAccept: */*\r\nX-Forwarded-For: 10.0.0.9, 203.0.113.7\r\n\r\n", ATTACK2 = &ATTACK[1..]))
        .await;
    assert!(answer.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{answer}");
    let id = header(&answer, "X-Prisma-Event-Id").unwrap().to_owned();
    assert_eq!(header(&answer, "Content-Type"), Some("text/html; charset=utf-8"));
    assert!(header(&answer, "Date").is_some_and(|date| date.ends_with(" GMT")));
    let page = answer.split("\r\n\r\n").nth(1).unwrap();
    assert!(page.contains("Access denied") && page.contains(&id));
    assert!(app.seen().is_empty());
    let audits = edge.audits().await;
    assert_eq!(audits.len(), 1);
    let audit = serde_json::to_value(&audits[0]).unwrap();
    let expected = json!({
        "version": "34.04.145", "count": 1, "type": "sqli", "effect": "prevent", "ruleName": "rule", "ruleAppID": "app-1",
        "msg": "Detected SQL Injection attack in query parameter, match ' OR '1'='1, value ' OR '1'='1",
        "host": true, "hostname": "task:0123456789abcdef", "appID": "task:0123456789abcdef",
        "firewallType": "app-embedded", "protection": "firewall", "eventID": id,
        "url": "shop.example.com:80/p", "urlPath": "/p", "urlQuery": "id=%27%20OR%20%271%27%3D%271", "method": "GET",
        "userAgentHeader": "ua/1", "requestHost": "shop.example.com:80",
        "requestHeaders": "GET /p?id=%27%20OR%20%271%27%3D%271 HTTP/1.1\r\nHost: shop.example.com:80\r\nAccept: */*\r\nUser-Agent: ua/1\r\nX-Forwarded-For: 10.0.0.9, 203.0.113.7",
        "requestHeaderNames": ["Accept", "User-Agent", "X-Forwarded-For"], "statusCode": 403,
        "subnet": "203.0.113.7", "connectingIPs": ["10.0.0.9", "203.0.113.7", "127.0.0.1"],
        "attackField": {"type": "query", "key": "id", "value": "' OR '1'='1"},
        "attackTechniques": ["exploitPublicFacingApplication", "applicationExploitRCE"], "owaspTop10": "injection",
        "resource": {"appIDs": ["task:0123456789abcdef"], "accountIDs": ["123456789012"]},
        "provider": "aws", "accountID": "123456789012", "region": "eu-west-1", "cluster": "main",
        "time": audit["time"],
    });
    assert_eq!(audit, expected);
}

#[tokio::test]
async fn alert_forwards_and_reports_the_applications_answer() {
    let app = App::start(|_| {
        Answer::Bytes(b"HTTP/1.1 404 Nope\r\nServer: x\r\nContent-Length: 0\r\n\r\n".to_vec())
    })
    .await;
    let mut edge = Edge::start(app.port, all("alert")).await;
    let answer = edge.raw(get(ATTACK)).await;
    assert!(answer.starts_with("HTTP/1.1 404 Nope\r\n"));
    assert_eq!(app.seen().len(), 1);
    let audits = edge.audits().await;
    assert_eq!(audits.len(), 1, "{audits:?}");
    assert_eq!((audits[0].effect, audits[0].status_code), (WaasEffect::Alert, Some(404)));
    assert_eq!(audits[0].response_header_names, ["Content-Length", "Server"]);
    assert_eq!(Some(audits[0].event_id.as_str()), header(&answer, "x-prisma-event-id"));
}

#[tokio::test]
async fn inspection_goes_on_after_alert_and_stops_at_prevent() {
    let app = App::hello().await;
    let target = "/?a=%27%20OR%20%271%27%3D%271&b=%3Cscript%3Ealert(1)%3C/script%3E&c=../etc/passwd";
    let mut spec = all("prevent");
    spec["lfi"] = json!({"effect": "alert"});
    let mut edge = Edge::start(app.port, spec).await;
    assert!(edge.raw(get(target)).await.starts_with("HTTP/1.1 403"));
    let kinds: Vec<_> = edge.audits().await.into_iter().map(|audit| (audit.kind, audit.effect)).collect();
    assert_eq!(kinds, [("lfi".to_owned(), WaasEffect::Alert), ("sqli".to_owned(), WaasEffect::Prevent)]);
    let mut edge = Edge::start(app.port, all("disable")).await;
    assert!(edge.raw(get(target)).await.starts_with("HTTP/1.1 200"));
    assert!(edge.audits().await.is_empty());
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
    let seen = app.seen().remove(0);
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
async fn tunnels_are_refused() {
    let app = App::hello().await;
    let edge = Edge::start(app.port, all("prevent")).await;
    let answer = edge.raw("CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 405"), "{answer}");
    assert!(app.seen().is_empty());
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
async fn flush_waits_for_alerts_at_the_application() {
    let gate = Arc::new(tokio::sync::Notify::new());
    let held = Arc::clone(&gate);
    let app = App::start(move |request| {
        let ok = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".to_vec();
        if request.starts_with(b"GET /slow") {
            Answer::After(Arc::clone(&held), ok)
        } else {
            Answer::Bytes(ok)
        }
    })
    .await;
    let mut edge = Edge::start(app.port, all("alert")).await;
    let port = edge.port;
    let slow = tokio::spawn(async move { raw(port, get("/slow?id=phpinfo()")).await });
    while app.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    gate.notify_one();
    let audits = edge.audits().await;
    assert_eq!((audits.len(), audits[0].status_code), (1, Some(202)));
    assert!(slow.await.unwrap().starts_with("HTTP/1.1 202"));
    // An application that does not answer cannot hold back the flush for ever.
    let stuck = tokio::spawn(async move { raw(port, get("/slow?id=phpinfo()")).await });
    while app.seen().len() < 2 {
        tokio::task::yield_now().await;
    }
    let audits = edge.audits().await;
    assert_eq!((audits.len(), audits[0].status_code), (1, None));
    gate.notify_one();
    stuck.await.unwrap();
    assert!(edge.audits().await.is_empty(), "nothing is sent twice");
}

#[tokio::test]
async fn heads_have_no_body_and_pages_can_be_the_users() {
    let app = App::hello().await;
    let mut spec = all("prevent");
    spec["customBlockResponse"] = json!({"enabled": true, "code": 418, "body": "<html>no: #eventID</html>"});
    let edge = Edge::start(app.port, spec).await;
    let answer = edge.raw(get(ATTACK)).await;
    assert!(answer.starts_with("HTTP/1.1 418 I'm a teapot\r\n"), "{answer}");
    let id = header(&answer, "X-Prisma-Event-Id").unwrap();
    assert!(answer.ends_with(&format!("\r\n\r\n<html>no: {id}</html>")));
    let head = edge.raw(format!("HEAD {ATTACK} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")).await;
    assert!(head.starts_with("HTTP/1.1 418") && head.ends_with("\r\n\r\n"), "{head}");
    assert!(header(&head, "X-Prisma-Event-Id").is_some());
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn verdicts_do_not_depend_on_concurrency() {
    let app = App::hello().await;
    let mut edge = Edge::start(app.port, all("prevent")).await;
    let attacks = [ATTACK, "/?id=%3Cscript%3Ealert(1)%3C/script%3E", "/?id=phpinfo()", "/?id=../etc/passwd"];
    let honest = ["/", "/list?page=2", "/search?q=red+shoes", "/a/b/c.css"];
    let kinds = ["sqli", "xss", "codeInjection", "lfi"];
    let mut clients = Vec::new();
    for client in 0..64usize {
        let port = edge.port;
        clients.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            let mut statuses = Vec::new();
            for round in 0..16usize {
                let at = (client + round) % 8;
                let target = if at < 4 { attacks[at] } else { honest[at - 4] };
                stream.write_all(get(target).as_bytes()).await.unwrap();
                statuses.push((at < 4, answer(&mut stream).await[9..12].to_owned()));
            }
            statuses
        }));
    }
    for client in clients {
        for (attack, status) in client.await.unwrap() {
            assert_eq!(status, if attack { "403" } else { "200" });
        }
    }
    let audits = edge.audits().await;
    assert_eq!(audits.len(), 64 * 8);
    for kind in kinds {
        assert_eq!(audits.iter().filter(|audit| audit.kind == kind).count(), 64 * 2, "{kind}");
    }
    let ids: std::collections::HashSet<_> = audits.iter().map(|audit| &audit.event_id).collect();
    assert_eq!(ids.len(), audits.len());
    assert_eq!(app.requests.lock().unwrap().len(), 64 * 8);
    assert!(app.connections.load(Ordering::SeqCst) <= 64, "connections to the application are kept");
    assert_eq!(edge.waas.dropped_audits(), 0);
}
