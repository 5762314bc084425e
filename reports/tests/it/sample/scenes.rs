//! The scenarios of the sample.

use super::tape::{Scene, Tape, meta};
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::Level::{Core, Extended, Provisional};
use proofhouse_reports::checks::{AuditCount, Check, EventId, Exchange, Plane, ProgramRan};
use proofhouse_reports::verdict::{Fidelity, FidelityLabel};
use serde_json::{Value, json};

const EVENT: &str = "7b0e1d52-95a8-4a0e-8c0c-2f6b8d3f9a11";

fn policy() -> Value {
    json!({"revision": 2, "runtime": {"_id": "appEmbeddedRuntime", "rules": [{"name": "worker makes no folders",
        "collections": [{"name": "worker only", "containers": ["worker"]}],
        "processes": {"effect": "prevent", "blacklist": ["mkdir"], "whitelist": []},
        "dns": {"effect": "prevent", "blacklist": [], "whitelist": ["*.example.com"]},
        "network": {"effect": "disable"}}]},
        "waas": {"rules": [{"name": "shop front", "collections": [{"name": "All"}], "applicationsSpec": [{
        "appID": "app-0001", "apiSpec": {"endpoints": [{"exposedPort": 80, "internalPort": 8080}]},
        "sqli": {"effect": "prevent"}, "xss": {"effect": "prevent"}, "lfi": {"effect": "alert"},
        "shellshock": {"effect": "disable"}}]}]}, "semantics": {"profile": "current"}})
}

fn console_only(scene: &mut Scene<'_>, what: &str) {
    let call = Observation::ConsoleCall {
        method: "POST".into(),
        path: "/api/v34.04/defenders/fargate.json?consoleaddr=console.internal".into(),
        status: 200,
        user: Some("admin".into()),
        error: None,
    };
    scene.step("Given", "the task definition \"shop\"").add(Source::Console, call);
    scene.step("When", "the Console embeds the Defender").step("Then", what).end();
}

pub fn embedding(tape: &mut Tape) {
    let feature = "Embedding a Defender";
    for (id, title, requirements, level) in [
        ("embed-001", "A sidecar is added behind the app's containers", &["E1"][..], Core),
        ("embed-002", "The entry point runs under the wrapper", &["E3", "E4"], Core),
        ("embed-003", "The app waits for a healthy sidecar", &["E7", "S9"], Core),
        ("embed-004", "Intrinsic functions are refused with their path", &["E23"], Extended),
        ("embed-005", "Variables of the app come first", &["E9"], Core),
        ("embed-006", "A second embed changes nothing", &["E29"], Provisional),
        ("embed-007", "A missing entry point is refused by name", &["E15", "E19"], Core),
        ("embed-008", "Task-level members keep their types", &["E14"], Core),
    ] {
        let mut meta = meta(id, title, feature, requirements, level);
        meta.rule = Some("Embedding changes only what protection needs.".into());
        console_only(
            &mut tape.scene(&meta),
            "the protected definition differs in the documented members only",
        );
    }
    let mut bundle = meta("embed-009", "The bundle comes from a secret", feature, &["E34"], Extended);
    bundle.not_applicable = Some("the Defender does not declare the feature `secret-bundle`".into());
    tape.scene(&bundle).end();
}

fn denied(token: &str) -> AuditCount {
    AuditCount::exactly(1, Plane::Runtime)
        .of(token)
        .select("attack_type", "explicitlyDeniedProcess")
        .field("effect", "prevent")
        .field("rule", "worker makes no folders")
        .field("container", "worker")
        .field("process_path", "/usr/bin/mkdir")
}

pub fn processes(tape: &mut Tape) {
    let feature = "Process policy";
    let rule = "A denied program never runs, its parent goes on, and exactly one audit says so.";
    let failed = json!({"end": "not_started", "errno": 13, "error": "Permission denied"});
    let done = json!({"end": "exited", "code": 0});
    for (number, title, requirements, level) in [
        (1, "A denied program has no effect", &["P1", "F7", "A3"][..], Core),
        (2, "The program is found by its base name", &["P7"], Core),
        (3, "A daemon is governed like a child", &["P11"], Core),
        (4, "A program started by posix_spawn is governed", &["P13"], Extended),
        (5, "A static program is governed", &["P14"], Extended),
        (6, "A denied program under a non-root user has no effect", &["X11"], Extended),
        (7, "A shell that replaces itself is governed", &["P12"], Extended),
        (8, "The rule of the first match is named", &["C8"], Core),
    ] {
        let id = format!("process-{number:03}");
        let token = format!("t-{number}");
        let mut meta = meta(&id, title, feature, requirements, level);
        meta.rule = Some(rule.into());
        let mut scene = tape.scene(&meta);
        scene.task(policy()).stimulus(&token, "run `mkdir /tmp/x` in worker");
        scene.ran(&token, "worker", &["mkdir", "/tmp/x"], 40 + number, failed.clone(), "");
        scene.step("When", "the container \"worker\" runs \"mkdir /tmp/x\"");
        match number {
            4 => scene.process_audit(
                44,
                "/usr/bin/mkdir",
                "alert",
                "Default - alert on suspicious runtime behavior",
            ),
            5 => &mut scene,
            _ => scene.process_audit(40 + number, "/usr/bin/mkdir", "prevent", "worker makes no folders"),
        };
        if number == 6 {
            scene.add(Source::Console, Observation::AuditGap { after: 1, before: 4 });
        }
        if number != 7 {
            scene.fence(&format!("f-{number}"), &["nginx", "worker"]);
        }
        scene.check(
            "the program had no effect",
            &Check::ProgramHadNoEffect { token: token.clone(), path: None },
        );
        scene.check("exactly one audit tells of it", &Check::AuditCount(denied(&token)));
        if number == 4 {
            let text = "worker\n  1 /opt/twistlock/defender fargate entrypoint actor\n  7 actor\n".to_owned();
            scene.add(Source::Engine, Observation::Capture { what: "process tree".into(), text });
        }
        scene.end();
    }
    let mut allowed =
        meta("process-009", "Another container may run the program", feature, &["C1", "C4"], Core);
    allowed.rule = Some("A rule holds for the containers in its scope only.".into());
    let mut scene = tape.scene(&allowed);
    scene.task(policy()).stimulus("t-9", "run `mkdir /tmp/x` in nginx");
    scene
        .ran("t-9", "nginx", &["mkdir", "/tmp/x"], 61, done, "")
        .step("When", "the container \"nginx\" runs mkdir");
    scene.fence("f-9", &["nginx", "worker"]);
    scene.check(
        "the program ran",
        &Check::ProgramRan(ProgramRan { token: "t-9".into(), code: 0, stdout: None }),
    );
    scene.check("no audit", &Check::NoAudit { plane: Plane::Runtime, token: Some("t-9".into()) }).end();

    let mut stray =
        tape.scene(&meta("process-010", "Builtins of the shell raise no audit", feature, &["P15"], Extended));
    stray.task(policy()).stimulus("t-10", "run `cd /` in a shell of worker");
    stray.ran("t-10", "worker", &["sh", "-c", "cd /"], 71, json!({"end": "exited", "code": 0}), "");
    stray
        .process_audit(5, "/usr/bin/id", "prevent", "worker makes no folders")
        .fence("f-10", &["nginx", "worker"]);
    stray.check("no audit", &Check::NoAudit { plane: Plane::Runtime, token: Some("t-10".into()) }).end();
}

pub fn names(tape: &mut Tape) {
    let feature = "DNS policy";
    let ways = ["getaddrinfo in python", "curl", "a musl program", "a raw UDP query", "dig over TCP"];
    for (number, way) in (1i64..).zip(ways) {
        let name = "api.example.com";
        let id = format!("dns-{number:03}");
        let token = format!("d-{number}");
        let mut scene =
            tape.scene(&meta(&id, &format!("An allowed name resolves by {way}"), feature, &["D3"], Core));
        scene.task(policy()).stimulus(&token, &format!("look up {name} by {way}")).asked(name, "192.0.2.10");
        let end = json!({"end": "exited", "code": 0});
        scene.ran(&token, "worker", &["getent", "ahosts", name], 80 + number, end, "192.0.2.10");
        scene.fence(&format!("fd-{number}"), &["nginx", "worker"]);
        scene.check("the resolver was asked", &Check::DnsAsked { name: name.into() });
        scene.check("no audit", &Check::NoAudit { plane: Plane::Runtime, token: Some(token) }).end();
    }
    for (number, way) in (6i64..).zip(ways) {
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
        let end = json!({"end": "exited", "code": 2});
        scene.ran(&token, "worker", &["getent", "ahosts", name], 80 + number, end, "");
        scene.audit(
            "runtime",
            json!({"time": "2026-01-05T09:00:01Z", "type": "network", "attackType": "explicitlyDeniedDNS",
                "effect": "prevent", "ruleName": "worker makes no folders", "msg": "DNS resolution of evil.test",
                "appID": "shop:4e2c0d6a", "container": true, "containerName": "worker", "imageName": "debian:12",
                "domain": name, "processPath": "/usr/bin/getent", "count": 1}),
        );
        scene.fence(&format!("fd-{number}"), &["nginx", "worker"]);
        scene.check(
            "no server was asked",
            &Check::DnsNeverAsked { name: name.into(), token: Some(token.clone()) },
        );
        let audit =
            AuditCount::exactly(1, Plane::Runtime).of(&token).field("kind", "network").field("domain", name);
        scene.check("one audit of type network", &Check::AuditCount(audit)).end();
    }
}

pub fn waas(tape: &mut Tape) {
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
            let page = format!("<html><body>Blocked, event {EVENT}</body></html>");
            scene.exchange(&token, target, 403, Some(EVENT), &page);
            scene.audit(
                "firewall",
                json!({"time": "2026-01-05T09:00:01Z", "type": kind, "effect": "prevent", "ruleName": "shop front",
                    "ruleAppID": "app-0001", "msg": format!("Detected {title} attack in query"), "eventID": EVENT,
                    "url": format!("shop.example.com{target}"), "method": "GET", "statusCode": 403, "host": true,
                    "subnet": "203.0.113.7", "requestHeaders": format!("GET / HTTP/1.1\r\nX-Proofhouse-Token: {token}")}),
            );
        }
        scene
            .step("When", "a client at 203.0.113.7 sends the request")
            .fence(&format!("fw-{number}"), &["nginx", "worker"]);
        let blocked = Exchange {
            token: token.clone(),
            status: Some(403),
            event_id: EventId::HeaderAndBody,
            ..Exchange::default()
        };
        scene.check("the answer is the block page", &Check::Exchange(blocked));
        scene.check("the app never sees it", &Check::AppNeverSaw { token: token.clone() });
        let audit = AuditCount::exactly(1, Plane::Firewall)
            .of(&token)
            .field("attack_type", kind)
            .field("status", 403);
        scene.check("one audit tells of it", &Check::AuditCount(audit)).end();
    }
    let plain = meta("waas-005", "A plain request is answered as nginx answers it", feature, &["W1"], Core);
    let mut scene = tape.scene(&plain);
    scene.task(policy()).stimulus("w-5a", "GET / at port 80").app_saw("w-5a", "/", 200);
    scene.exchange("w-5a", "/", 200, None, "<h1>Welcome</h1>").stimulus("w-5b", "GET / at port 8080");
    scene
        .app_saw("w-5b", "/", 200)
        .exchange("w-5b", "/", 200, None, "<h1>Welcome</h1>")
        .step("When", "both are asked");
    let same = Check::SameBytes { a: "w-5a".into(), b: "w-5b".into(), ignore_headers: vec!["Date".into()] };
    scene.check("the answers are the same", &same).end();

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
        "error",
        Some("the engine did not answer within 10 s: connection reset"),
    );
    slow.ended("Then", "the attack passes", "skipped", None).end();

    for (number, title) in [(7, "Under alert an attack passes"), (8, "Under disable nothing is audited")] {
        let id = format!("waas-{number:03}");
        let token = format!("w-{number}");
        let mut scene = tape.scene(&meta(&id, title, feature, &["W21", "W22"], Core));
        scene.task(policy()).stimulus(&token, "GET /?id=1' OR '1'='1").app_saw(&token, "/?id=1", 200);
        scene
            .exchange(&token, "/?id=1", 200, None, "ok")
            .fence(&format!("fw-{number}"), &["nginx", "worker"]);
        scene.check("the app sees it", &Check::AppSaw { token, times: Some(1) }).end();
    }
}

pub fn task(tape: &mut Tape) {
    let feature = "The simulated task";
    for (number, title, requirements) in [
        (1, "Containers share one network namespace", &["T21", "T22"][..]),
        (2, "The instance metadata address fails at once", &["T30"]),
        (3, "Containers stop in reverse order", &["T61", "T62"]),
        (4, "The working directory survives the wrapper", &["T47", "P24"]),
        (5, "Nothing is left behind", &["T96"]),
    ] {
        let token = format!("k-{number}");
        let mut scene = tape.scene(&meta(&format!("task-{number:03}"), title, feature, requirements, Core));
        scene.task(policy()).stimulus(&token, "look around");
        scene.ran(&token, "worker", &["pwd"], 90 + number, json!({"end": "exited", "code": 0}), "/srv\n");
        for line in 0..if number == 3 { 900 } else { 12 } {
            let line = format!("2026-01-05T09:00:01Z GET /healthz 200 {line}");
            scene.add(Source::Container("nginx".into()), Observation::Log { stream: "stdout".into(), line });
        }
        let ran = ProgramRan { token, code: 0, stdout: Some("/srv\n".into()) };
        scene.check("the program says so", &Check::ProgramRan(ran));
        scene
            .check("the container lived", &Check::ContainerNotRestarted { container: "worker".into() })
            .end();
    }
    let mut seccomp = meta("task-006", "System calls are filtered as on Fargate", feature, &["T9"], Core);
    seccomp.relies_on = vec![Fidelity {
        property: "seccomp".into(),
        label: FidelityLabel::Assumed,
        how: "Docker's default profile".into(),
    }];
    let mut scene = tape.scene(&seccomp);
    scene.task(policy()).stimulus("k-6", "read the mode").ran(
        "k-6",
        "worker",
        &["grep", "Seccomp", "/proc/self/status"],
        96,
        json!({"end": "exited", "code": 0}),
        "Seccomp:\t2\n",
    );
    scene
        .check("it ran", &Check::ProgramRan(ProgramRan { token: "k-6".into(), code: 0, stdout: None }))
        .end();

    let mut cut = tape.scene(&meta("task-007", "A second start has a new App ID", feature, &["S5"], Core));
    cut.task(policy())
        .step("When", "the task is started again")
        .step("Then", "its App ID is a new one")
        .end();
}
