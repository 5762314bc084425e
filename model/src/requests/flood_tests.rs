//! Clients that send too much, by examples.

use super::*;
use serde_json::{Value, json};

fn sent(method: &str, target: &str, app_status: u16) -> Sent {
    Sent {
        peer: "203.0.113.7".parse().unwrap(),
        port: 80,
        method: method.to_owned(),
        target: target.to_owned(),
        headers: Vec::new(),
        body: String::new(),
        coded_sha256: None,
        fields: Vec::new(),
        files: Vec::new(),
        app_answer: None,
        document: None,
        app_status,
        bot: None,
        attacks: Vec::new(),
    }
}

/// What may come of the last of so many requests, so many milliseconds apart, where nothing is told before it must be.
fn last(dos: &Value, number: u64, apart: u64, sent: &Sent) -> Vec<Vec<WaasEffect>> {
    let app: ApplicationSpec = serde_json::from_value(json!({"dosConfig": dos})).unwrap();
    let office = serde_json::from_value(json!({"name": "office", "subnets": ["203.0.113.0/28"]})).unwrap();
    let (mut sending, mut found) = (Sending::default(), Vec::new());
    for at in 0..number {
        let moment = Moment { began: at * apart, ended: at * apart };
        let trail = &mut Trail::default();
        found = counted(&app, std::slice::from_ref(&office), sent.peer, (sent, moment), &sending, trail);
        sending = found[0].sending.clone();
    }
    found.into_iter().map(|one| one.effects).collect()
}

/// W72, W73.
#[test]
fn rates() {
    let (alert, ban) = (vec![WaasEffect::Alert], vec![WaasEffect::Ban]);
    let burst = json!({"enabled": true, "alert": {"burst": 2}});
    let average = json!({"enabled": true, "ban": {"average": 1}});
    for (dos, number, apart, expected) in [
        (&burst, 5, 1, vec![vec![]]),
        (&burst, 6, 1, vec![vec![], alert.clone()]),
        (&burst, 19, 1, vec![vec![], alert.clone()]),
        (&burst, 20, 1, vec![alert.clone()]),
        // What began before the window does not count for sure.
        (&burst, 20, 300, vec![vec![], alert.clone()]),
        (&burst, 21, 1, vec![vec![], alert]),
        (&average, 60, 1, vec![vec![]]),
        (&average, 61, 1, vec![vec![], ban.clone()]),
        (&average, 240, 400, vec![ban]),
        (&json!({"alert": {"burst": 2}}), 100, 1, vec![vec![]]),
    ] {
        assert_eq!(last(dos, number, apart, &sent("GET", "/", 200)), expected, "{dos} {number} {apart}");
    }
}

/// W74, W75.
#[test]
fn what_counts() {
    let of = |more: Value| {
        let mut dos = json!({"enabled": true, "alert": {"burst": 1}});
        dos.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        dos
    };
    let conditions = of(json!({"matchConditions": [
        {"methods": ["POST"], "fileTypes": [".php"]},
        {"responseCodeRanges": [{"start": 400, "end": 404}, {"start": 201}]}]}));
    let flooded = |dos: &Value, sent: &Sent| last(dos, 10, 1, sent) == [[WaasEffect::Alert]];
    for (method, target, status, counts) in [
        ("POST", "/login.php?a=b", 200, true),
        ("GET", "/login.php", 200, false),
        ("POST", "/login", 200, false),
        ("GET", "/", 404, true),
        ("GET", "/", 405, false),
        ("GET", "/", 201, true),
        ("GET", "/", 202, false),
    ] {
        assert_eq!(flooded(&conditions, &sent(method, target, status)), counts, "{method} {target} {status}");
    }
    assert!(flooded(&of(json!({})), &sent("GET", "/", 200)));
    assert!(!flooded(&of(json!({"excludedNetworkLists": ["office"]})), &sent("GET", "/", 200)));
}
