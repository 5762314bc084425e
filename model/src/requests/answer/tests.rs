//! What becomes of answers, by examples.

use super::*;
use crate::Trail;
use crate::requests::Sent;
use proofhouse_protocol::WaasEffect;
use serde_json::{Value, json};

fn sent(headers: &[(&str, &str)]) -> Sent {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Sent {
        peer: "198.18.0.1".parse().unwrap(),
        port: 80,
        method: "GET".to_owned(),
        target: "/".to_owned(),
        headers: Vec::new(),
        body: String::new(),
        coded_sha256: None,
        fields: Vec::new(),
        files: Vec::new(),
        document: None,
        app_answer: Some(AppAnswer { headers, body_bytes: 30, leaks: true }),
        app_status: 200,
        bot: None,
        attacks: Vec::new(),
    }
}

/// Each way of a header of an answer.
fn ways(app: Value, headers: &[(&str, &str)], name: &str) -> Vec<Vec<String>> {
    let app = serde_json::from_value(app).unwrap();
    governed(&app, &sent(headers), &mut Trail::default()).unwrap().ways(name)
}

/// W42, W43, W44.
#[test]
fn what_protects_answers() {
    let on = json!({"csrfEnabled": true, "clickjackingEnabled": true,
        "intelGathering": {"removeFingerprintsEnabled": true}});
    let headers = [
        ("Set-Cookie", "a=b; Path=/; samesite=None"),
        ("set-cookie", "c=d"),
        ("X-Frame-Options", "DENY"),
        ("Server", "shop"),
        ("SERVER", "shop again"),
        ("Via", "cache"),
    ];
    for (name, protected, left) in [
        (
            "set-cookie",
            vec!["a=b; Path=/; SameSite=Strict", "c=d; SameSite=Strict"],
            vec!["a=b; Path=/; samesite=None", "c=d"],
        ),
        ("x-frame-options", vec!["SAMEORIGIN"], vec!["DENY"]),
        ("server", vec![], vec!["shop", "shop again"]),
        ("via", vec!["cache"], vec!["cache"]),
        ("x-other", vec![], vec![]),
    ] {
        assert_eq!(ways(on.clone(), &headers, name), [protected], "{name}");
        assert_eq!(ways(json!({}), &headers, name), [left], "{name}");
    }
    assert_eq!(ways(on, &[], "x-frame-options"), [["SAMEORIGIN"]]);
}

/// W112.
#[test]
fn headers_of_the_users_own() {
    let own = |name: &str, replaces: bool| {
        json!({"clickjackingEnabled": true,
            "responseHeaderSpecs": [{"name": name, "values": ["1", "2"], "override": replaces}]})
    };
    let headers = [("X-Own", "0"), ("x-own", "00")];
    assert_eq!(ways(own("x-OWN", false), &headers, "x-own"), [["0", "00", "1", "2"]]);
    assert_eq!(ways(own("x-OWN", true), &headers, "x-own"), [["1", "2"]]);
    assert_eq!(ways(own("X-New", true), &headers, "x-new"), [["1", "2"]]);
    // Either may come first.
    let frames = ways(own("X-Frame-Options", true), &headers, "x-frame-options");
    assert_eq!(frames, [vec!["SAMEORIGIN"], vec!["1", "2"]]);
}

/// W45, W46.
#[test]
fn what_answers_tell() {
    let found = |effect: &str, body: Value, change: &dyn Fn(&mut Sent)| {
        let app = json!({"intelGathering": {"infoLeakageEffect": effect}, "body": body});
        let mut sent = sent(&[]);
        change(&mut sent);
        leaks(&serde_json::from_value(app).unwrap(), &sent, &mut Trail::default())
    };
    let whole = || json!({"inspectionSizeBytes": 30});
    let leak = Some(WaasEffect::Alert);
    assert_eq!(found("alert", whole(), &|_| {}), [leak]);
    assert_eq!(found("alert", json!({"inspectionSizeBytes": 29}), &|_| {}), [leak, None]);
    assert_eq!(found("alert", json!({"skip": true}), &|_| {}), [leak, None]);
    assert_eq!(found("disable", whole(), &|_| {}), [None]);
    assert_eq!(found("alert", whole(), &|sent| sent.method = "HEAD".to_owned()), [None]);
    assert_eq!(found("alert", whole(), &|sent| sent.app_answer.as_mut().unwrap().leaks = false), [None]);
}
