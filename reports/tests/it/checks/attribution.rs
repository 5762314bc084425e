//! Which stimulus caused which audit.

use super::case::scene;
use crate::sample::tape::{Scene, denied, exited};
use proofhouse_protocol::actor::{QuerySocket, Reply, Request};
use proofhouse_protocol::observation::{ContainerHappening, Plane};
use proofhouse_reports::HistoryRecord;
use proofhouse_reports::checks::Attribution;
use serde_json::json;

fn causes(records: &[HistoryRecord]) -> Vec<Option<String>> {
    Attribution::new(records).iter().map(|(_, cause)| cause.map(|c| c.token.to_owned())).collect()
}

fn some(tokens: &[&str]) -> Vec<Option<String>> {
    tokens.iter().map(|token| (!token.is_empty()).then(|| (*token).to_owned())).collect()
}

#[test]
fn audits_are_attributed_by_each_tie() {
    let event = "7b0e1d52-95a8-4a0e-8c0c-2f6b8d3f9a11";
    let records = scene(|s| {
        s.stimulus("t-1", "a").ran("t-1", "worker", &["mkdir"], 40, denied(), "");
        let query = Request::Query {
            server: "10.0.42.2:53".parse().unwrap(),
            name: "Evil.test.".into(),
            record: "A".into(),
            socket: QuerySocket::Connected,
            timeout_ms: 2000,
        };
        let rcode = Some("REFUSED".to_owned());
        let answer = Reply::Answer { rcode, addresses: Vec::new(), from: None, errno: 0, elapsed_ms: 1.0 };
        s.stimulus("t-2", "b").act("t-2", "worker", query, answer);
        let script = ["sh", "-c", "touch /y; curl http://bad.test/"];
        s.stimulus("t-3", "c").ran("t-3", "worker", &script, 50, exited(0), "");
        s.stimulus("t-4", "d").exchange("t-4", "/", 403, Some(event), "");
        s.stimulus("t-12", "e").exchange("t-12", "/?t-12", 200, None, "");
        for audit in [
            json!({"containerName": "worker", "pid": 40, "processPath": "/usr/bin/mkdir"}),
            json!({"containerName": "worker", "domain": "evil.test", "processPath": "/x"}),
            json!({"containerName": "worker", "pid": 51, "processPath": "/usr/bin/touch"}),
            json!({"containerName": "worker", "pid": 52, "domain": "bad.test"}),
        ] {
            s.audit(Plane::Runtime, audit);
        }
        s.audit(Plane::Firewall, json!({"type": "sqli", "eventID": event}));
        let headers = "GET / HTTP/1.1\r\nX-Proofhouse-Token: t-12";
        s.audit(Plane::Firewall, json!({"type": "sqli", "requestHeaders": headers}));
        for audit in [
            json!({"containerName": "nginx", "pid": 40, "processPath": "/usr/bin/mkdir"}),
            json!({"containerName": "worker", "domain": "other.test"}),
            json!({}),
        ] {
            s.audit(Plane::Runtime, audit);
        }
    });
    assert_eq!(causes(&records), some(&["t-1", "t-2", "t-3", "t-3", "t-4", "t-12", "", "", ""]));
    assert_eq!(Attribution::new(&records).unexplained().count(), 3);
}

#[test]
fn between_equal_ties_the_latest_stimulus_before_the_audit_counts() {
    let records = scene(|s| {
        for token in ["t-1", "t-2"] {
            s.stimulus(token, "again").ran(token, "worker", &["sh", "-c", "mkdir /x"], 60, exited(0), "");
            let audit = json!({"containerName": "worker", "pid": 99, "processPath": "/usr/bin/mkdir"});
            s.audit(Plane::Runtime, audit);
        }
    });
    assert_eq!(causes(&records), some(&["t-1", "t-2"]));
}

#[test]
fn what_begins_behind_an_audit_has_not_caused_it() {
    let records = scene(|s| {
        s.audit(Plane::Runtime, json!({"containerName": "worker", "pid": 40, "command": "mkdir t-1"}));
        s.stimulus("t-1", "mkdir").ran("t-1", "worker", &["mkdir"], 40, denied(), "");
    });
    assert_eq!(causes(&records), [None]);
}

#[test]
fn what_a_container_does_by_itself_is_caused_by_the_start_until_someone_acts_in_it() {
    let entry = || json!({"containerName": "nginx", "processPath": "/usr/bin/envsubst"});
    let start = |s: &mut Scene<'_>| {
        s.protected().happened("nginx", ContainerHappening::Started, None);
    };
    let alone = scene(|s| {
        start(s);
        s.audit(Plane::Runtime, entry());
    });
    assert_eq!(causes(&alone), some(&["start of 4e2c0d6a"]));
    let touched = scene(|s| {
        start(s);
        s.stimulus("t-1", "x")
            .ran("t-1", "nginx", &["true"], 7, exited(0), "")
            .audit(Plane::Runtime, entry());
    });
    assert_eq!(causes(&touched), [None]);
    let looked = scene(|s| {
        start(s);
        s.act("t-1", "nginx", Request::Ping, Reply::Done).audit(Plane::Runtime, entry());
    });
    assert_eq!(causes(&looked), some(&["start of 4e2c0d6a"]), "a look is no doing");
}

#[test]
fn an_audit_of_a_question_that_nobody_can_read_is_of_who_asks_in_parts() {
    let records = scene(|s| {
        for (token, socket) in [("t-1", QuerySocket::Parts), ("t-2", QuerySocket::SendTo)] {
            let query = Request::Query {
                server: "10.0.42.2:53".parse().unwrap(),
                name: "evil.test".into(),
                record: "A".into(),
                socket,
                timeout_ms: 2000,
            };
            let answer =
                Reply::Answer { rcode: None, addresses: Vec::new(), from: None, errno: 1, elapsed_ms: 1.0 };
            s.stimulus(token, "a").act(token, "worker", query, answer);
        }
        for audit in [
            json!({"containerName": "worker", "type": "network", "pid": 1}),
            json!({"containerName": "worker", "type": "processes", "pid": 1}),
            json!({"containerName": "nginx", "type": "network", "pid": 1}),
        ] {
            s.audit(Plane::Runtime, audit);
        }
    });
    assert_eq!(causes(&records), some(&["t-1", "", ""]));
}
