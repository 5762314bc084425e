//! What is answered and reported, by effect.

mod common;

use common::proxy::*;
use proofhouse_protocol::WaasEffect;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const ATTACK: &str = "/?id=%27%20OR%20%271%27%3D%271";

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: shop.example.com\r\n\r\n")
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
