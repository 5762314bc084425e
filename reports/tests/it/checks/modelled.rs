//! What was tried, beside what the model says.

use super::case::{Case, case, run};
use super::task::over;
use crate::sample::tape::{Scene, denied, exited};
use proofhouse_model::{Deed, Ending, Launched, Outcome};
use proofhouse_protocol::actor::{End, QuerySocket, Reply, Request};
use proofhouse_protocol::observation::{Blame, ContainerHappening, FencePhase, Pipeline, Plane};
use proofhouse_protocol::{Observation, Semantics};
use proofhouse_reports::Check;
use proofhouse_reports::checks::{AsModelled, Tried};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TOKEN: &str = "t0123456789ab";
const NAME: &str = "t0123456789ab.example.com";

fn check(deed: Deed, outcome: Outcome) -> Check {
    Check::AsModelled(AsModelled {
        semantics: Semantics::current(),
        images: BTreeMap::from([("worker".to_owned(), "debian:12".to_owned())]),
        links: Vec::new(),
        tried: vec![Tried {
            token: TOKEN.to_owned(),
            container: "worker".to_owned(),
            user: "root".to_owned(),
            deeds: vec![deed],
            outcome,
            amid: false,
        }],
        visits: Vec::new(),
        meanings: BTreeMap::new(),
    })
}

/// `echo` is started.
fn of_program() -> Check {
    let executable = "/usr/bin/echo".to_owned();
    let names = vec![executable.clone()];
    let launched = Launched { executable, names, multi_call: false, modified: false, altered: false };
    check(Deed::Start(launched), Outcome::Prints { text: TOKEN.to_owned(), ending: Ending::Exited(0) })
}

/// A name is asked for.
fn of_name() -> Check {
    check(Deed::Question(NAME.to_owned()), Outcome::Answers { addresses: vec!["192.0.2.80".to_owned()] })
}

/// A task under a policy that is in force.
fn governed(s: &mut Scene<'_>, effect: &str) {
    s.protected().console(Observation::LinkConnected {
        app_id: "shop:4e2c0d6a".into(),
        peer: "10.0.42.7:40000".into(),
        certificate: "c".into(),
    });
    revision(s, 3, effect);
}

fn revision(s: &mut Scene<'_>, revision: u64, effect: &str) {
    let section = |denied: &str| json!({"effect": effect, "blacklist": [denied]});
    let rule = json!({"name": "r", "collections": [{"name": "All", "containers": ["*"], "images": ["*"], "appIDs": ["*"]}],
        "processes": section("echo"), "dns": section("*.example.com")});
    s.console(Observation::PolicyRevision { revision, policy: json!({"runtime": {"rules": [rule]}}) });
    s.console(Observation::PolicyApplied { revision });
}

fn fenced(s: &mut Scene<'_>) {
    s.fence(Pipeline::Questions { container: "worker".into() }, "f-1");
    s.fenced(Pipeline::Audits, "f-2", FencePhase::Sent, &[]);
    s.fenced(Pipeline::Audits, "f-2", FencePhase::Passed, &["worker"]);
}

/// The program of the trial under a policy, what it came to, and its audits.
fn ran(
    effect: &'static str,
    end: End,
    stdout: &'static str,
    audits: Vec<Value>,
) -> impl FnOnce(&mut Scene<'_>) {
    move |s| {
        governed(s, effect);
        s.stimulus(TOKEN, "\"worker\" echo");
        s.ran(TOKEN, "worker", &["/usr/bin/echo", TOKEN], 41, end, stdout);
        for audit in audits {
            s.audit(Plane::Runtime, audit);
        }
        fenced(s);
    }
}

/// An audit of the program, with other members.
fn audit(changes: &[(&str, Value)]) -> Value {
    let mut audit = json!({"time": "2026-01-05T09:00:00Z", "type": "processes", "attackType": "explicitlyDeniedProcess",
        "attackTechniques": ["nativeBinaryExecution"], "effect": "prevent", "ruleName": "r", "msg": "m", "user": "root",
        "hostname": "shop:4e2c0d6a", "appID": "shop:4e2c0d6a", "containerName": "worker", "imageName": "debian:12",
        "pid": 41, "processPath": "/usr/bin/echo", "command": format!("/usr/bin/echo {TOKEN}"), "count": 1});
    for (member, value) in changes {
        audit[*member] = value.clone();
    }
    audit
}

/// A question under a policy that prevents, whether it came outside, and its audits.
fn asked(effect: &'static str, outside: bool, answered: bool, audits: usize) -> impl FnOnce(&mut Scene<'_>) {
    let rcode = if answered { "NOERROR" } else { "NXDOMAIN" };
    came(effect, outside, Some(rcode), 1.0, audits)
}

fn query(server: &str, record: &str) -> Request {
    let server = server.parse().unwrap();
    let (name, record) = (NAME.into(), record.into());
    Request::Query { server, name, record, socket: QuerySocket::Connected, timeout_ms: 2000 }
}

/// A question that came outside to the usual server for the A record, as this was asked for, and answered.
fn came_to(server: &'static str, record: &'static str) -> impl FnOnce(&mut Scene<'_>) {
    move |s| {
        governed(s, "disable");
        s.stimulus(TOKEN, "\"worker\" asks").asked(NAME, "192.0.2.80");
        let addresses = vec!["192.0.2.80".to_owned()];
        let rcode = Some("NOERROR".to_owned());
        let answer = Reply::Answer { rcode, addresses, from: None, errno: 0, elapsed_ms: 1.0 };
        s.act(TOKEN, "worker", query(server, record), answer);
        fenced(s);
    }
}

/// The same, with this answer after so many milliseconds.
fn came(
    effect: &'static str,
    outside: bool,
    rcode: Option<&'static str>,
    elapsed_ms: f64,
    audits: usize,
) -> impl FnOnce(&mut Scene<'_>) {
    move |s| {
        governed(s, effect);
        s.stimulus(TOKEN, "\"worker\" asks");
        if outside {
            s.asked(NAME, "192.0.2.80");
        }
        let request = query("10.0.42.2:53", "A");
        let addresses = if rcode == Some("NOERROR") { vec!["192.0.2.80".to_owned()] } else { Vec::new() };
        let rcode = rcode.map(str::to_owned);
        s.act(TOKEN, "worker", request, Reply::Answer { rcode, addresses, from: None, errno: 0, elapsed_ms });
        for _ in 0..audits {
            let of_name = [
                ("type", json!("network")),
                ("attackType", json!("explicitlyDeniedDNS")),
                ("attackTechniques", Value::Null),
                ("domain", json!(NAME)),
                ("effect", json!(effect)),
            ];
            s.audit(Plane::Runtime, audit(&of_name));
        }
        fenced(s);
    }
}

pub fn of_programs() -> Vec<Case> {
    let check = of_program();
    let told = || vec![audit(&[])];
    let says = |name, member: &str, value: Value| {
        case(name, &check, ran("prevent", denied(), "", vec![audit(&[(member, value)])]))
            .broken(Blame::Defender, &[&format!("{member} of an audit is")])
    };
    vec![
        case("prevented and told of", &check, ran("prevent", denied(), "", told()))
            .holds(&["1 trial came to what the model says", "in 1 decisions"]),
        case("nothing is against it", &check, ran("disable", exited(0), TOKEN, vec![]))
            .holds(&["1 trial came to what the model says"]),
        case("prevented, and it ran", &check, ran("prevent", exited(0), TOKEN, told()))
            .broken(Blame::Defender, &["it was to be prevented", "process.denied"]),
        case("prevented in silence", &check, ran("prevent", denied(), "", vec![]))
            .broken(Blame::Defender, &["an audit is owed, explicitlyDeniedProcess of /usr/bin/echo"]),
        case("told of twice", &check, ran("prevent", denied(), "", vec![audit(&[]), audit(&[])]))
            .broken(Blame::Defender, &["an audit that is not owed"]),
        case("nothing is against it, and it did not run", &check, ran("disable", denied(), "", vec![]))
            .broken(Blame::Defender, &["nothing is against it, but it was not started"]),
        case("it exits with another code", &check, ran("disable", exited(1), TOKEN, vec![]))
            .broken(Blame::Defender, &["end with Exited(0); it exited with 1"]),
        case(
            "an audit of nothing",
            &check,
            ran("prevent", denied(), "", vec![audit(&[]), audit(&[("command", json!("x"))])]),
        )
        .broken(Blame::Defender, &["an audit of nothing that was tried"]),
        says("another effect", "effect", json!("alert")),
        says("another rule", "ruleName", json!("rule")),
        says("another container", "containerName", json!("nginx")),
        says("another image", "imageName", json!("debian")),
        says("another task", "appID", json!("shop:0")),
        says("another process", "pid", json!(42)),
        says("another user", "user", json!("nobody")),
        says("another program", "processPath", json!("/usr/bin/printf")),
        says("another number", "count", json!(2)),
        case(
            "two hours off",
            &check,
            ran("prevent", denied(), "", vec![audit(&[("time", json!("2026-01-05T07:00:00Z"))])]),
        )
        .broken(Blame::Defender, &["an audit has the time 2026-01-05T07:00:00Z"]),
        case(
            "from before what it tells of",
            &check,
            ran("prevent", denied(), "", vec![audit(&[("time", json!("2026-01-05T08:59:58Z"))])]),
        )
        .broken(Blame::Defender, &["an audit has the time"]),
        case("how it ended is not known", &check, ran("disable", End::TimedOut, TOKEN, vec![]))
            .unproved(&["how it ended is not known"]),
        case("no fence behind it", &check, |s| {
            governed(s, "prevent");
            s.stimulus(TOKEN, "\"worker\" echo");
            s.ran(TOKEN, "worker", &["/usr/bin/echo", TOKEN], 41, denied(), "");
        })
        .unproved(&["an audit is owed", "no fence of"]),
        case("it was not done", &check, |s| {
            governed(s, "prevent");
            fenced(s);
        })
        .unproved(&["it was not done"]),
        case("no Defender", &check, |s| _ = s.protected())
            .unproved(&["no Defender of the task has said hello"]),
        case("the policy is refused", &check, |s| {
            governed(s, "prevent");
            s.console(Observation::PolicyRevision { revision: 4, policy: json!({}) });
            s.console(Observation::PolicyRejected { revision: 4, error: "no such effect".into() });
        })
        .broken(Blame::Defender, &["refused policy revision 4"]),
    ]
}

pub fn of_changes() -> Vec<Case> {
    let check = of_program();
    // The policy becomes another while the program starts.
    let amid = |end: End, stdout: &'static str, audits: Vec<Value>| {
        move |s: &mut Scene<'_>| {
            governed(s, "disable");
            s.stimulus(TOKEN, "\"worker\" echo");
            revision(s, 4, "prevent");
            s.ran(TOKEN, "worker", &["/usr/bin/echo", TOKEN], 41, end, stdout);
            for audit in audits {
                s.audit(Plane::Runtime, audit);
            }
            fenced(s);
        }
    };
    vec![
        case("as the policy before has it", &check, amid(exited(0), TOKEN, vec![])).holds(&["1 trial"]),
        case("as the policy behind has it", &check, amid(denied(), "", vec![audit(&[])])).holds(&["1 trial"]),
        case("as neither has it", &check, amid(exited(0), TOKEN, vec![audit(&[])]))
            .broken(Blame::Defender, &["it was to be prevented"]),
        case("the policy before is no longer in force", &check, |s| {
            governed(s, "disable");
            revision(s, 4, "prevent");
            s.stimulus(TOKEN, "\"worker\" echo");
            s.ran(TOKEN, "worker", &["/usr/bin/echo", TOKEN], 41, exited(0), TOKEN);
            fenced(s);
        })
        .broken(Blame::Defender, &["it was to be prevented"]),
    ]
}

pub fn of_names() -> Vec<Case> {
    let check = of_name();
    let mut amid = of_name();
    if let Check::AsModelled(modelled) = &mut amid {
        modelled.tried[0].amid = true;
    }
    vec![
        case("prevented and told of", &check, asked("prevent", false, false, 1)).holds(&["1 trial"]),
        case("told of and let through", &check, asked("alert", true, true, 1)).holds(&["1 trial"]),
        case("it leaked", &check, asked("prevent", true, false, 1))
            .broken(Blame::Defender, &["was to be prevented, and came outside"]),
        case("it was answered", &check, asked("prevent", false, true, 1))
            .broken(Blame::Defender, &["it was to be prevented, and the answer was NOERROR"]),
        case("at the server that was asked", &check, came_to("10.0.42.2:53", "A"))
            .holds(&["1 trial came to what the model says"]),
        case("at another server", &check, came_to("8.8.8.8:53", "A"))
            .broken(Blame::Defender, &["put to 8.8.8.8:53, and reached 10.0.42.2:53"]),
        case("for another record", &check, came_to("10.0.42.2:53", "AAAA"))
            .broken(Blame::Defender, &["for the AAAA record, and asked for A"]),
        case("it was answered by nobody outside", &check, asked("disable", false, true, 0))
            .broken(Blame::Defender, &["it never came outside"]),
        case("nothing is against it, and it was denied", &check, asked("disable", true, false, 0))
            .broken(Blame::Defender, &["nothing is against it, but the answer was NXDOMAIN"]),
        case("refused a second late", &check, came("prevent", false, Some("NXDOMAIN"), 1001.0, 1)).broken(
            Blame::Defender,
            &["it was to be refused within 1000 ms; after 1001 ms the answer was NXDOMAIN"],
        ),
        case("dropped, so that the resolver waits", &check, came("prevent", false, None, 2000.0, 1))
            .broken(Blame::Defender, &["it was to be refused within 1000 ms", "no answer came in 2000 ms"]),
        case("refused at once, without an answer", &check, came("prevent", false, None, 1.0, 1))
            .holds(&["1 trial"]),
        case("overtaken", &amid, came("disable", true, None, 2000.0, 0))
            .holds(&["a new policy overtook 1 question"]),
        case("overtaken before it came outside", &amid, came("disable", false, None, 2000.0, 0))
            .holds(&["a new policy overtook 1 question"]),
        case("overtaken, and told of twice", &amid, came("prevent", false, None, 2000.0, 2))
            .broken(Blame::Defender, &["an audit that is not owed"]),
        case("overtaken, and not told of", &amid, came("prevent", false, None, 2000.0, 0))
            .broken(Blame::Defender, &["an audit is owed"]),
        case("told of twice", &check, asked("prevent", false, false, 2))
            .broken(Blame::Defender, &["an audit that is not owed"]),
        case("the task ended before", &check, |s| {
            governed(s, "prevent");
            s.happened("worker", ContainerHappening::Exited, Some(125)).now(over);
        })
        .broken(Blame::Defender, &["it was not done", "\"worker\" exited with 125"]),
    ]
}

#[test]
fn what_was_tried_comes_to_what_the_model_says() {
    run(&[of_programs(), of_changes(), of_names()].into_iter().flatten().collect::<Vec<_>>());
}
