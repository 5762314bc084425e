//! Nothing that the application could read is left unread: what two readers may read differently is refused, or inspected in
//! every reading, and what is forwarded is what was inspected.

#![expect(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod common;

use common::proxy::*;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use std::io::Write as _;

const FORM: &str = "q=%27%20OR%20%271%27%3D%271";
const JSON: &str = r#"{"q":"' OR '1'='1"}"#;
const ATTACK: &str = "?id=%27%20OR%20%271%27%3D%271";

/// Every protection at prevent, the limit too.
async fn edge(app: &App, more: serde_json::Value) -> Edge {
    let mut spec = all("prevent");
    spec["body"] = json!({"inspectionSizeBytes": 131_072, "inspectionLimitExceededEffect": "prevent"});
    for (key, value) in more.as_object().unwrap() {
        spec[key] = value.clone();
    }
    Edge::start(app.port, spec).await
}

fn post(headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!(
        "POST /a HTTP/1.1\r\nHost: shop.example.com\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn status(answer: &str) -> &str {
    answer.get(9..12).unwrap_or("none")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

#[tokio::test]
async fn bodies_are_read_in_every_way() {
    let app = App::hello().await;
    let edge = edge(&app, json!({})).await;
    let (form, image) =
        ("Content-Type: application/x-www-form-urlencoded\r\n", "Content-Type: image/png\r\n");
    let field = |name: &str, value: &str| {
        format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let (good, evil) = (field("x", "fine"), field("q", "' OR '1'='1"));
    let multipart = |parameters: &str, body: &str| {
        post(&format!("Content-Type: multipart/form-data; {parameters}\r\n"), body)
    };
    let wide: Vec<u8> = JSON.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (what, request) in [
        ("a form, then a picture", post(&format!("{form}{image}"), FORM)),
        ("a picture, then a form", post(&format!("{image}{form}"), FORM)),
        ("a picture and JSON in one line", post("Content-Type: image/png, application/json\r\n", JSON)),
        ("a type that the connection hides", post(&format!("{image}Connection: Content-Type\r\n"), FORM)),
        ("the same with JSON", post(&format!("{image}Connection: close, content-type\r\n"), JSON)),
        ("no type", post("", FORM)),
        ("JSON as text", post("Content-Type: text/plain\r\n", JSON)),
        ("a form as text", post("Content-Type: text/plain\r\n", FORM)),
        ("JSON as a form", post(form, JSON)),
        ("JSON in UTF-16", post("Content-Type: application/json\r\n", wide)),
        (
            "two boundaries",
            multipart("boundary=A; boundary=B", &format!("--A\r\n{good}--A--\r\n--B\r\n{evil}--B--\r\n")),
        ),
        (
            "the other before it",
            multipart("boundary=A; boundary=B", &format!("--B\r\n{evil}--B--\r\n--A\r\n{good}--A--\r\n")),
        ),
        ("a quoted boundary", multipart("boundary=\"A;B\"", &format!("--A;B\r\n{evil}--A;B--\r\n"))),
        (
            "parts behind the end",
            multipart("boundary=A", &format!("--A\r\n{good}--A--\r\n--A\r\n{evil}--A--\r\n")),
        ),
        ("text before the parts", multipart("boundary=A", &format!("' OR '1'='1\r\n--A\r\n{good}--A--\r\n"))),
        (
            "a folded part header",
            multipart(
                "boundary=A",
                "--A\r\nContent-Disposition: form-data;\r\n name=q\r\n\r\n' OR '1'='1\r\n--A--\r\n",
            ),
        ),
    ] {
        assert_eq!(status(&edge.raw(request).await), "403", "{what}");
    }
    assert_eq!(app.seen(), [""; 0]);
    for (what, request) in [
        ("a picture", post(image, b"\x89PNG ' OR '1'='1")),
        ("a form", post(form, "q=plain+words")),
        (
            "parts",
            multipart(
                "boundary=----geckoformboundary4a;charset=UTF-8",
                &format!("------geckoformboundary4a\r\n{good}------geckoformboundary4a--\r\n"),
            ),
        ),
        ("text", post("Content-Type: text/plain; charset=utf-8\r\n", "a line of words")),
    ] {
        assert_eq!(status(&edge.raw(request).await), "200", "{what}");
    }
}

#[tokio::test]
async fn codings_are_undone_or_the_body_counts_as_unread() {
    let app = App::hello().await;
    let mut edge = edge(&app, json!({})).await;
    let body =
        |codings: &str, bytes: &[u8]| post(&format!("Content-Type: application/json\r\n{codings}"), bytes);
    let packed = gzip(JSON.as_bytes());
    for (what, request) in [
        ("gzip", body("Content-Encoding: gzip\r\n", &packed)),
        ("gzip twice", body("Content-Encoding: gzip, gzip\r\n", &gzip(&packed))),
        ("identity", body("Content-Encoding: identity\r\n", JSON.as_bytes())),
        ("a list with identity", body("Content-Encoding: gzip, identity\r\n", &packed)),
        ("two lines", body("Content-Encoding: identity\r\nContent-Encoding: gzip\r\n", &packed)),
        ("a coding that is not there", body("Content-Encoding: gzip\r\n", JSON.as_bytes())),
        (
            "hidden by the connection",
            body("Content-Encoding: br\r\nConnection: Content-Encoding\r\n", JSON.as_bytes()),
        ),
        ("hidden, and there", body("Content-Encoding: gzip\r\nConnection: Content-Encoding\r\n", &packed)),
        ("an unknown one", body("Content-Encoding: br\r\n", b"\x0b\x02\x80abc\x03")),
    ] {
        assert_eq!(status(&edge.raw(request).await), "403", "{what}");
    }
    edge.audits().await;
    let long = format!("{{\"a\":\"{}\"}}", "b".repeat(200_000));
    assert_eq!(status(&edge.raw(body("Content-Encoding: gzip\r\n", &gzip(long.as_bytes()))).await), "403");
    let audits = edge.audits().await;
    let kinds: Vec<_> = audits.iter().map(|audit| audit.kind.as_str()).collect();
    assert_eq!(kinds, ["inspectionLimitExceeded"]);
    assert_eq!(app.seen(), [""; 0]);
    assert_eq!(
        status(&edge.raw(body("Content-Encoding: gzip\r\n", &gzip(b"{\"a\":\"plain\"}"))).await),
        "200"
    );

    // Without the protection against malformed requests, an unknown coding is a body that is not inspected.
    let alerting = json!({"body": {"inspectionLimitExceededEffect": "alert"}});
    let mut edge = Edge::start(app.port, alerting).await;
    assert_eq!(status(&edge.raw(body("Content-Encoding: br\r\n", b"\x0b")).await), "200");
    assert_eq!(edge.audits().await[0].kind, "inspectionLimitExceeded");
}

#[tokio::test]
async fn what_the_connection_names_is_inspected_and_ends_here() {
    let app = App::hello().await;
    let edge = edge(&app, json!({})).await;
    let get = |headers: &str| format!("GET / HTTP/1.1\r\nHost: shop.example.com\r\n{headers}\r\n");
    let evil = edge.raw(get("X-Hop: ' OR '1'='1\r\nConnection: X-Hop\r\n")).await;
    assert_eq!(status(&evil), "403");
    for headers in [
        "X-Hop: secret\r\nConnection: X-Hop\r\n",
        "X-Forwarded-For: 203.0.113.7\r\nConnection: close, X-Forwarded-For\r\n",
    ] {
        assert_eq!(status(&edge.raw(get(headers)).await), "200", "{headers}");
    }
    let framed = post("Content-Type: text/plain\r\nConnection: Content-Length\r\n", "abc");
    assert_eq!(status(&edge.raw(framed).await), "200");
    let seen = app.seen();
    assert!(!seen[0].to_lowercase().contains("x-hop"), "{}", seen[0]);
    assert!(seen[1].contains("X-Forwarded-For: 127.0.0.1\r\n"), "{}", seen[1]);
    assert!(seen[2].ends_with("\r\n\r\nabc") && seen[2].contains("Content-Length: 3\r\n"), "{}", seen[2]);
}

#[tokio::test]
async fn trailers_do_not_reach_the_application() {
    let app = App::hello().await;
    let edge = edge(&app, json!({})).await;
    let chunked = |headers: &str, trailers: &str| {
        format!(
            "POST /t HTTP/1.1\r\nHost: h\r\nContent-Type: text/plain\r\n{headers}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n{trailers}\r\n"
        )
    };
    for (headers, trailers) in [
        ("Trailer: X-Note\r\n", "X-Note: ' OR '1'='1\r\n"),
        ("", "X-Note: ' OR '1'='1\r\n"),
        ("Trailer: Cookie\r\nTE: trailers\r\n", "Cookie: q=' OR '1'='1\r\n"),
        ("Trailer: X-Forwarded-For\r\n", "X-Forwarded-For: 203.0.113.66\r\n"),
        ("Trailer: Content-Length\r\n", "Content-Length: 3\r\n"),
    ] {
        let answer = edge.raw(chunked(headers, trailers)).await;
        assert_eq!(status(&answer), "200", "{trailers}: {answer}");
    }
    for seen in app.seen() {
        assert!(seen.ends_with("\r\n\r\n3\r\nabc\r\n0\r\n\r\n"), "{seen}");
        assert!(!seen.contains("Trailer:"), "{seen}");
    }
    assert_eq!(app.seen().len(), 5);
    for trailers in ["X y: z\r\n", ": z\r\n", "no colon\r\n", "X: a\rb\r\n"] {
        assert_eq!(status(&edge.raw(chunked("", trailers)).await), "400", "{trailers:?}");
    }
    assert_eq!(app.seen().len(), 5);
}

#[tokio::test]
async fn a_host_is_itself_however_it_is_written() {
    let app = App::hello().await;
    let port = free_port();
    let endpoint = json!({"apiSpec": {"endpoints": [{"host": "shop.example.com", "basePath": "*", "exposedPort": port, "internalPort": app.port}]}});
    let more: Vec<_> = all("prevent").as_object().unwrap().clone().into_iter().collect();
    let mut spec = endpoint;
    for (key, value) in more {
        spec[key] = value;
    }
    let edge = Edge::start(app.port, spec).await;
    let ask = |target: &str, host: &str| format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n");
    for host in [
        "shop.example.com",
        "SHOP.Example.com:80",
        "shop.example.com.",
        "shop.example.com.:8080",
        "shop.example.com:",
    ] {
        let answer = raw(port, ask(&format!("/{ATTACK}"), host)).await;
        assert_eq!(status(&answer), "403", "{host}: {answer}");
    }
    let absolute = ask(&format!("http://shop.example.com/{ATTACK}"), "shop.example.com");
    assert_eq!(status(&raw(port, absolute).await), "403");
    for (target, host) in [
        ("http://shop.example.com/", "other.example.com"),
        ("http://other.example.com/", "shop.example.com"),
        ("http://x@shop.example.com/", "shop.example.com"),
        ("/", "shop.example.com/x"),
        ("/", "shop.example.com, other.example.com"),
    ] {
        let answer = raw(port, ask(target, host)).await;
        assert_eq!(status(&answer), "400", "{target} {host}: {answer}");
    }
    assert_eq!(app.seen(), [""; 0]);
    drop(edge);
}

#[tokio::test]
async fn a_path_below_the_endpoint_is_inspected_however_it_is_written() {
    let app = App::hello().await;
    let port = free_port();
    let mut spec = all("prevent");
    spec["apiSpec"] = json!({"endpoints": [{"host": "*", "basePath": "/admin/*", "exposedPort": port, "internalPort": app.port}]});
    let _edge = Edge::start(app.port, spec).await;
    for path in [
        "/admin/x",
        "//admin/x",
        "/./admin/x",
        "/pub/../admin/x",
        "/pub/%2e%2e/admin/x",
        "/admin%2Fx",
        "/ADMIN/x",
        "/%2561dmin/x",
        "/admin;v=1/x",
        "/pub/..;/admin/x",
        "/pub/..%5cadmin/x",
        "/admin\\x",
        "http://h//admin/x",
    ] {
        let answer = raw(port, format!("GET {path}{ATTACK} HTTP/1.1\r\nHost: h\r\n\r\n")).await;
        assert_eq!(status(&answer), "403", "{path}: {answer}");
    }
    assert_eq!(app.seen(), [""; 0]);
    let other = raw(port, format!("GET /pub/x{ATTACK} HTTP/1.1\r\nHost: h\r\n\r\n")).await;
    assert_eq!(status(&other), "200");
}

#[tokio::test]
async fn contradictory_framing_is_answered_400_whatever_the_effect() {
    let app = App::hello().await;
    for (effect, audits) in [("disable", 0), ("alert", 1), ("prevent", 1), ("ban", 1)] {
        let mut spec = json!({"malformedReq": {"effect": effect}});
        spec["customBlockResponse"] = json!({"enabled": true, "code": 418, "body": "<html></html>"});
        let mut edge = Edge::start(app.port, spec).await;
        let answer = edge.raw("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n").await;
        assert_eq!(status(&answer), "400", "{effect}: {answer}");
        assert!(!answer.contains("<html>"), "{effect}: {answer}");
        let found = edge.audits().await;
        assert_eq!(found.len(), audits, "{effect}");
        assert!(found.iter().all(|audit| audit.status_code == Some(400)), "{effect}: {found:?}");
    }
    assert_eq!(app.seen(), [""; 0]);
}

#[tokio::test]
async fn what_there_is_no_room_for_is_looked_at_as_one_text_and_told() {
    let app = App::hello().await;
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let many = "a&".repeat(20_000);
    for (effect, plain, behind) in
        [("disable", "200", "403"), ("alert", "200", "403"), ("prevent", "403", "403")]
    {
        let body = json!({"inspectionSizeBytes": 131_072, "inspectionLimitExceededEffect": effect});
        let mut edge = edge(&app, json!({"body": body})).await;
        assert_eq!(status(&edge.raw(post(form, &many)).await), plain, "{effect}");
        let told: Vec<String> = edge.audits().await.into_iter().map(|audit| audit.kind).collect();
        assert_eq!(told, vec!["inspectionLimitExceeded"; usize::from(effect != "disable")], "{effect}");
        let hidden = format!("{many}q=<script>alert(1)</script>");
        assert_eq!(status(&edge.raw(post(form, &hidden)).await), behind, "{effect}");
    }
    let few = "a=b&".repeat(1_000);
    let edge = edge(&app, json!({})).await;
    assert_eq!(status(&edge.raw(post(form, few)).await), "200", "honest forms have room");
}
