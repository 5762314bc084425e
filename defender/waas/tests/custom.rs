//! Custom rules through the proxy.

#![expect(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod common;

use common::proxy::*;
use proofhouse_protocol::WaasEffect;
use proofhouse_waas::{PolicyError, WaasError};
use serde_json::{Value, json};

const ATTACK: &str = "GET /?id=%27%20OR%20%271%27%3D%271 HTTP/1.1\r\nHost: h\r\n\r\n";

/// A firewall whose app attaches rules: type, script, effect.
async fn edge(app: u16, rules: &[(&str, &str, &str)]) -> Edge {
    let edge = Edge::start(app, json!({})).await;
    edge.waas.apply(&attached(edge.port, app, rules)).await.unwrap();
    edge
}

fn attached(port: u16, app: u16, rules: &[(&str, &str, &str)]) -> proofhouse_protocol::link::PolicyRevision {
    let numbered = || rules.iter().enumerate();
    let mut spec = all("prevent");
    spec["customRules"] =
        numbered().map(|(id, (_, _, effect))| json!({"_id": id, "effect": effect})).collect();
    let mut revision = revision(json!([rule(port, app, spec)]));
    let written: Vec<Value> = numbered()
        .map(|(id, (kind, script, _))| {
            json!({"_id": id, "name": format!("rule {id}"), "type": kind, "script": script, "message": format!("{id}: %regexMatches")})
        })
        .collect();
    revision.waas.custom_rules = serde_json::from_value(json!(written)).unwrap();
    revision
}

async fn told(edge: &mut Edge) -> Vec<(String, WaasEffect, String)> {
    edge.audits().await.into_iter().map(|audit| (audit.kind, audit.effect, audit.msg)).collect()
}

#[tokio::test]
async fn what_scripts_ask_for_is_what_was_sent() {
    let app = App::hello().await;
    let body = r#"{"user": {"name": "eve", "tags": ["a", "b"]}}"#;
    let head = format!(
        "POST /dir/file.PHP?a=1&b=%20x HTTP/1.1\r\nHost: shop.example.com\r\nX-Forwarded-For: 203.0.113.7\r\n\
        Cookie: one=1; two=2\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    for (script, holds) in [
        (r#"req.host = "shop.example.com""#, true),
        (r#"req.http_method = "POST" and req.http_version = "1.1" and req.http_scheme = "HTTP""#, true),
        (r#"req.path = "/dir/file.PHP" and req.file_extension = "PHP""#, true),
        (r#"req.cookies["two"] = "2" and req.cookie_names = "one""#, true),
        (r#"req.query_params["a"] = "1" and req.query_param_values contains /^%20x$/"#, true),
        (r#"req.body contains "eve" and req.body_param_values contains "b""#, true),
        (r#"req.headers["content-TYPE"] = "application/json" and req.header_names contains "cookie""#, true),
        (r#"req.ip = 203.0.113.7"#, true),
        (r#"req.ip in "198.51.100.0/24" or req.cookies["two"] = "1""#, false),
    ] {
        let script = script.replace("req.ip = 203.0.113.7", r#"req.ip = "203.0.113.7""#);
        let edge = edge(app.port, &[("waas-request", &script, "prevent")]).await;
        let answer = edge.raw(&head).await;
        assert_eq!(answer.starts_with("HTTP/1.1 403"), holds, "{script}\n{answer}");
    }
}

/// The application does not see the type that `Connection` names, and may read a form.
#[tokio::test]
async fn fields_are_read_in_every_way_of_the_inspection() {
    let app = App::hello().await;
    let edge = edge(app.port, &[("waas-request", r#"req.body_param_values = "eve""#, "prevent")]).await;
    let post = |more: &str| {
        format!(
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: image/png\r\n{more}Content-Length: 8\r\n\r\nname=eve"
        )
    };
    assert!(edge.raw(post("")).await.starts_with("HTTP/1.1 200"));
    assert!(edge.raw(post("Connection: content-type\r\n")).await.starts_with("HTTP/1.1 403"));
    let xml = |body: &str| {
        let length = body.len();
        format!(
            "POST / HTTP/1.1\r\nHost: h\r\nContent-Type: text/xml\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    };
    for body in ["<a>e<![CDATA[ve]]></a>", "<a>ev<!-- -->e</a>", "<a>e<b>v</b>e</a>", "<a>&#101;ve</a>"] {
        assert!(edge.raw(xml(body)).await.starts_with("HTTP/1.1 403"), "{body}");
    }
    assert!(edge.raw(xml("<a>e<b>f</b>e</a>")).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn all_that_hold_are_told_of_and_allowing_ends_it() {
    let app = App::hello().await;
    let yes = r#"req.path = "/""#;
    let of = |effects: &'static [&'static str]| {
        let port = app.port;
        async move {
            let rules: Vec<_> = effects.iter().map(|effect| ("waas-request", yes, *effect)).collect();
            let mut edge = edge(port, &rules).await;
            let status = edge.raw(ATTACK).await[9..12].to_owned();
            let told: Vec<_> = told(&mut edge)
                .await
                .into_iter()
                .map(|(kind, effect, msg)| format!("{kind} {effect} {msg}"))
                .collect();
            (status, told)
        }
    };
    let custom = |effect: &str, id: usize| format!("customRule {effect} {id}: ");
    assert_eq!(
        of(&["alert", "prevent", "alert"]).await,
        ("403".into(), vec![custom("alert", 0), custom("alert", 2), custom("prevent", 1)])
    );
    assert_eq!(of(&["prevent", "allow"]).await, ("200".into(), vec![]));
    let (status, told) = of(&["alert", "disable"]).await;
    assert_eq!((status.as_str(), told.len()), ("403", 2));
    assert!(told[1].starts_with("sqli prevent"), "{told:?}");
}

#[tokio::test]
async fn answers_are_seen_with_their_requests() {
    let app = App::start(|_| {
        Answer::Bytes(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Own: 7\r\nContent-Length: 5\r\n\r\nhello"
                .to_vec(),
        )
    })
    .await;
    for (script, holds) in [
        (r#"resp.status_code = 200 and req.path = "/""#, true),
        (
            r#"resp.body contains /h(el+)o/ and resp.content_type = "text/plain" and resp.headers["x-own"] = "7""#,
            true,
        ),
        (r#"resp.status_code >= 300 or req.path = "/x""#, false),
    ] {
        let mut edge = edge(app.port, &[("waas-response", script, "prevent")]).await;
        let answer = edge.raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
        assert_eq!(answer.starts_with("HTTP/1.1 403"), holds, "{script}\n{answer}");
        let audits = edge.audits().await;
        assert_eq!(audits.len(), usize::from(holds));
        assert!(audits.iter().all(|audit| audit.status_code == Some(200)));
    }
}

#[tokio::test]
async fn a_script_that_cannot_be_understood_leaves_the_former_policy() {
    let app = App::hello().await;
    let edge = edge(app.port, &[("waas-request", r#"req.path = "/""#, "prevent")]).await;
    let wrong = attached(edge.port, app.port, &[("waas-request", "req.pth", "prevent")]);
    let error = edge.waas.apply(&wrong).await.unwrap_err();
    assert!(matches!(error, WaasError::Policy(PolicyError::CustomRule(_))), "{error}");
    assert!(error.to_string().contains("custom rule `rule 0`: line 1, column 1"), "{error}");
    assert!(edge.raw("GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.starts_with("HTTP/1.1 403"));
}
