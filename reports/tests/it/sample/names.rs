//! Scenarios of names.

use super::given::{no_audit, policy, questions};
use super::tape::{Tape, exited, meta};
use proofhouse_protocol::observation::{Pipeline, Plane};
use proofhouse_reports::Level::Core;
use proofhouse_reports::checks::{AuditCount, Check, Questions};
use serde_json::json;

pub fn names(tape: &mut Tape) {
    let feature = "DNS policy";
    let ways = ["getaddrinfo in python", "curl", "a musl program", "a raw UDP query", "dig over TCP"];
    for (number, way) in (1..).zip(ways) {
        let name = "api.example.com";
        let id = format!("dns-{number:03}");
        let token = format!("d-{number}");
        let mut scene =
            tape.scene(&meta(&id, &format!("An allowed name resolves by {way}"), feature, &["D3"], Core));
        scene.task(policy()).stimulus(&token, &format!("look up {name} by {way}")).asked(name, "192.0.2.10");
        scene.ran(&token, "worker", &["getent", "ahosts", name], 80 + number, exited(0), "192.0.2.10");
        scene.fence(Pipeline::Audits, &format!("fd-{number}"));
        let asked = Questions {
            token: token.clone(),
            container: "worker".into(),
            name: name.into(),
            asked: true,
            server: None,
        };
        scene.check("the resolver was asked", &Check::Questions(asked));
        scene.check("no audit", &no_audit(&token)).end();
    }
    for (number, way) in (6..).zip(ways) {
        let name = "evil.test";
        let id = format!("dns-{number:03}");
        let token = format!("d-{number}");
        let mut info =
            meta(&id, &format!("A denied name does not resolve by {way}"), feature, &["D1", "A2"], Core);
        info.rule = Some("A name off the allow list never leaves the task.".into());
        let mut scene = tape.scene(&info);
        scene.task(policy()).stimulus(&token, &format!("look up {name} by {way}"));
        if number == 9 {
            scene.asked(name, "198.51.100.66");
        }
        scene.ran(&token, "worker", &["getent", "ahosts", name], 80 + number, exited(2), "");
        scene.audit(
            Plane::Runtime,
            json!({"time": "2026-01-05T09:00:01Z", "type": "network", "attackType": "explicitlyDeniedDNS",
                "effect": "prevent", "ruleName": "worker makes no folders", "msg": "DNS resolution of evil.test",
                "appID": "shop:4e2c0d6a", "container": true, "containerName": "worker", "imageName": "debian:12",
                "domain": name, "processPath": "/usr/bin/getent", "count": 1}),
        );
        scene.fence(questions(), &format!("fq-{number}")).fence(Pipeline::Audits, &format!("fd-{number}"));
        let silent = Questions {
            token: token.clone(),
            container: "worker".into(),
            name: name.into(),
            asked: false,
            server: None,
        };
        scene.check("no server was asked", &Check::Questions(silent));
        let audit =
            AuditCount::exactly(1, Plane::Runtime).of(&token).field("type", "network").field("domain", name);
        scene.check("one audit of type network", &Check::Audits(audit)).end();
    }
}
