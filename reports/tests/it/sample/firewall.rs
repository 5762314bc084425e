//! Scenarios of the firewall.

use super::given::{policy, requests};
use super::tape::{Tape, meta};
use proofhouse_protocol::observation::{Pipeline, Plane, StepStatus};
use proofhouse_reports::Level::Core;
use proofhouse_reports::checks::{AppRequests, AuditCount, Check, Exchange, ExchangeExpectation};
use serde_json::json;

const EVENT: &str = "7b0e1d52-95a8-4a0e-8c0c-2f6b8d3f9a11";

pub fn firewall(tape: &mut Tape) {
    let feature = "WAAS";
    let attacks = [
        ("SQL injection", "/?id=1%27%20OR%20%271%27=%271", "sqli", "W12"),
        ("Cross-site scripting", "/?q=<script>alert(1)</script>", "xss", "W13"),
        ("A command", "/?host=;cat%20/etc/passwd", "cmdi", "W14"),
        ("A local file", "/?page=../../../../etc/passwd", "lfi", "W16"),
    ];
    for (number, (title, target, kind, requirement)) in (1..).zip(attacks) {
        let id = format!("waas-{number:03}");
        let token = format!("w-{number}");
        let mut info = meta(&id, &format!("{title} is blocked"), feature, &[requirement, "W118"], Core);
        info.rule = Some("A blocked request gets an event id, and never reaches the app.".into());
        let mut scene = tape.scene(&info);
        scene.task(policy()).stimulus(&token, &format!("GET {target}"));
        let broken = number == 4;
        if broken {
            scene.app_saw(&token, target, 200).exchange(
                &token,
                target,
                200,
                None,
                "root:x:0:0:root:/root:/bin/bash",
            );
        } else {
            let page = format!("<html><body>Access denied, event {EVENT}</body></html>");
            scene.exchange(&token, target, 403, Some(EVENT), &page);
            scene.audit(
                Plane::Firewall,
                json!({"time": "2026-01-05T09:00:01Z", "type": kind, "effect": "prevent", "ruleName": "shop front",
                    "ruleAppID": "app-0001", "msg": format!("Detected {title} attack in query"), "eventID": EVENT,
                    "url": format!("shop.example.com{target}"), "method": "GET", "statusCode": 403, "host": true,
                    "subnet": "203.0.113.7", "requestHeaders": format!("GET / HTTP/1.1\r\nX-Proofhouse-Token: {token}")}),
            );
        }
        scene
            .step("When", "a client at 203.0.113.7 sends the request")
            .fence(requests(), &format!("fr-{number}"))
            .fence(Pipeline::Audits, &format!("fw-{number}"));
        let page = Exchange { token: token.clone(), expect: ExchangeExpectation::BlockPage };
        scene.check("the answer is the block page", &Check::Exchange(page));
        let never = AppRequests { token: token.clone(), port: 80, seen: false };
        scene.check("the app never sees it", &Check::AppRequests(never));
        let audit =
            AuditCount::exactly(1, Plane::Firewall).of(&token).field("type", kind).field("statusCode", 403);
        scene.check("one audit tells of it", &Check::Audits(audit)).end();
    }
    let plain = meta("waas-005", "A plain request is answered as nginx answers it", feature, &["W1"], Core);
    let mut scene = tape.scene(&plain);
    scene.task(policy()).stimulus("w-5a", "GET / at port 80").app_saw("w-5a", "/", 200);
    scene.exchange("w-5a", "/", 200, None, "<h1>Welcome</h1>").stimulus("w-5b", "GET / at port 8080");
    scene
        .app_saw("w-5b", "/", 200)
        .exchange("w-5b", "/", 200, None, "<h1>Welcome</h1>")
        .step("When", "both are asked");
    let same = Exchange { token: "w-5a".into(), expect: ExchangeExpectation::SameAs("w-5b".into()) };
    scene.check("the answers are the same", &Check::Exchange(same)).end();

    let mut slow = tape.scene(&meta(
        "waas-006",
        "A policy change takes effect without restart",
        feature,
        &["W4", "U7"],
        Core,
    ));
    slow.task(policy());
    slow.ended(
        "When",
        "the rule is disabled",
        StepStatus::Error,
        Some("the engine did not answer within 10 s: connection reset"),
    );
    slow.ended("Then", "the attack passes", StepStatus::Skipped, None).end();

    for (number, title) in [(7, "Under alert an attack passes"), (8, "Under disable nothing is audited")] {
        let id = format!("waas-{number:03}");
        let token = format!("w-{number}");
        let mut scene = tape.scene(&meta(&id, title, feature, &["W21", "W22"], Core));
        scene.task(policy()).stimulus(&token, "GET /?id=1' OR '1'='1").app_saw(&token, "/?id=1", 200);
        scene.exchange(&token, "/?id=1", 200, None, "ok").fence(Pipeline::Audits, &format!("fw-{number}"));
        scene
            .check("the app sees it", &Check::AppRequests(AppRequests { token, port: 80, seen: true }))
            .end();
    }
}
