//! What was denied is told of once, whatever is killed meanwhile.

use super::case::{Case, case, run};
use crate::sample::tape::{Scene, denied, exited};
use proofhouse_protocol::Observation;
use proofhouse_protocol::actor::{End, QuerySocket, Reply, Request};
use proofhouse_protocol::observation::{
    Blame, Body, ContainerHappening, FencePhase, Pipeline, Plane, Source,
};
use proofhouse_reports::Check;
use proofhouse_reports::checks::AuditsKept;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SIDECAR: &str = "TwistlockDefender";

fn check(listed: bool) -> Check {
    let (program, names) = ("mkdir".to_owned(), "denied.example".to_owned());
    Check::AuditsKept(AuditsKept { program, names, listed })
}

/// A program is started, and comes to that.
fn program(s: &mut Scene<'_>, token: &str, name: &str, end: End) {
    s.stimulus(token, &format!("\"worker\" runs {name}"));
    s.ran(token, "worker", &[name, &format!("/tmp/{token}")], 17, end, "");
}

/// A denied program, and it is denied.
fn deed(s: &mut Scene<'_>, token: &str) {
    program(s, token, "mkdir", denied());
}

/// A name is asked for, and refused or not.
fn question(s: &mut Scene<'_>, token: &str, rcode: &str) {
    s.stimulus(token, "\"worker\" asks");
    let request = Request::Query {
        server: "10.0.42.2:53".parse().unwrap(),
        name: format!("{token}.denied.example"),
        record: "A".into(),
        socket: QuerySocket::Connected,
        timeout_ms: 5000,
    };
    let reply = Reply::Answer {
        rcode: Some(rcode.into()),
        addresses: Vec::new(),
        from: None,
        errno: 0,
        elapsed_ms: 1.0,
    };
    s.act(token, "worker", request, reply);
}

fn told_by(s: &mut Scene<'_>, id: &str, more: Value) {
    let mut audit = json!({"_id": id, "time": "2026-01-05T09:00:01Z", "type": "processes", "effect": "prevent",
        "attackType": "explicitlyDeniedProcess", "ruleName": "soaked", "containerName": "worker"});
    audit.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    s.audit(Plane::Runtime, audit);
}

fn told(s: &mut Scene<'_>, id: &str, token: &str) {
    told_by(s, id, json!({"command": format!("mkdir /tmp/{token}")}));
}

fn fence(s: &mut Scene<'_>, id: &str, containers: &[&str]) {
    s.fenced(Pipeline::Audits, id, FencePhase::Sent, &[]);
    s.fenced(Pipeline::Audits, id, FencePhase::Passed, containers);
}

fn killed(s: &mut Scene<'_>, container: &str) {
    s.happened(container, ContainerHappening::Signalled, None);
    s.happened(container, ContainerHappening::Exited, Some(137));
    s.happened(container, ContainerHappening::Started, None);
}

fn listing(s: &mut Scene<'_>, ids: &[&str]) {
    let rows: Vec<Value> = ids.iter().map(|id| json!({"_id": id})).collect();
    s.with(
        "list",
        Source::Runner,
        Observation::ConsoleAnswer {
            user: "admin".into(),
            method: "GET".into(),
            path: "/audits/runtime/app-embedded?limit=25&offset=0".into(),
            sent: None,
            status: 200,
            body: Body::of(json!(rows).to_string().as_bytes()),
        },
    );
}

/// Told of, fenced, and what then comes.
fn told_and(more: impl FnOnce(&mut Scene<'_>)) -> impl FnOnce(&mut Scene<'_>) {
    |s| {
        deed(s, "d-1");
        told(s, "a1", "d-1");
        fence(s, "f-1", &["worker"]);
        more(s);
    }
}

pub fn of_kills() -> Vec<Case> {
    let open = check(false);
    vec![
        case("it is told of in front of the fence", &open, told_and(|_| ()))
            .holds(&["of 1 things that were denied, 1 had to be told of"]),
        case("a name that was refused is told of", &open, |s| {
            question(s, "d-1", "REFUSED");
            told_by(s, "a1", json!({"domain": "d-1.denied.example"}));
            fence(s, "f-1", &["worker"]);
        })
        .holds(&["1 had to be told of"]),
        case("it is not told of", &open, |s| {
            deed(s, "d-1");
            fence(s, "f-1", &["worker"]);
        })
        .broken(Blame::Defender, &["`d-1`", "not told of"]),
        case("it is told of behind the fence", &open, |s| {
            deed(s, "d-1");
            fence(s, "f-1", &["worker"]);
            told(s, "a1", "d-1");
        })
        .broken(Blame::Defender, &["`d-1`", "not told of"]),
        case("it is told of twice", &open, told_and(|s| told(s, "a2", "d-1")))
            .broken(Blame::Defender, &["told of before"]),
        case("what was done later is told of earlier", &open, |s| {
            deed(s, "d-1");
            deed(s, "d-2");
            told(s, "a2", "d-2");
            told(s, "a1", "d-1");
            fence(s, "f-1", &["worker"]);
        })
        .broken(Blame::Defender, &["`d-2`, was told of before it"]),
        case("what is allowed is told of", &open, |s| {
            program(s, "d-1", "true", exited(0));
            told(s, "a1", "d-1");
        })
        .broken(Blame::Defender, &["nothing that is denied was done"]),
        case("what nobody did is told of", &open, told_and(|s| told(s, "a2", "d-9")))
            .broken(Blame::Defender, &["nothing that is denied was done"]),
        case("what the sidecar took with it need not be told of", &open, |s| {
            told_and(|_| ())(s);
            deed(s, "d-2");
            killed(s, SIDECAR);
            fence(s, "f-2", &["worker"]);
        })
        .holds(&["of 2 things that were denied, 1 had"]),
        case("what the wrapper took with it need not be told of", &open, |s| {
            told_and(|_| ())(s);
            deed(s, "d-2");
            killed(s, "worker");
            fence(s, "f-2", &["worker"]);
        })
        .holds(&["of 2 things that were denied, 1 had"]),
        case("the end of another container excuses nothing", &open, |s| {
            deed(s, "d-1");
            killed(s, "web");
            fence(s, "f-1", &["worker"]);
        })
        .broken(Blame::Defender, &["not told of"]),
        case("what the wrapper kept for the next sidecar is told of", &open, |s| {
            killed(s, SIDECAR);
            deed(s, "d-1");
            fence(s, "f-1", &["worker"]);
        })
        .broken(Blame::Defender, &["not told of"]),
        case("what had no answer may be told of once", &open, |s| {
            told_and(|_| ())(s);
            s.stimulus("d-2", "\"worker\" runs mkdir");
            told(s, "a2", "d-2");
        })
        .holds(&["none of 2 audits"]),
        case("it happens under a Defender that was there", &open, |s| {
            told_and(|_| ())(s);
            program(s, "d-2", "mkdir", exited(0));
        })
        .broken(Blame::Defender, &["`d-2`", "was not prevented"]),
        case("it happens before the Defender is known to be back", &open, |s| {
            told_and(|_| ())(s);
            killed(s, "worker");
            program(s, "d-2", "mkdir", exited(0));
        })
        .holds(&["1 had to be told of"]),
        case("no fence came out of its container", &open, |s| {
            deed(s, "d-1");
            fence(s, "f-1", &["web"]);
        })
        .unproved(&["no fence came out"]),
        case("the Defender counts what it has lost", &open, |s| {
            told_and(|_| ())(s);
            let totals = BTreeMap::from([("dropped_audits".to_owned(), 2)]);
            s.add(Source::Console, Observation::Counters { totals });
        })
        .unproved(&["dropped_audits"]),
        case("the Console has it", &check(true), told_and(|s| listing(s, &["a1"]))).holds(&[]),
        case("the Console has lost it", &check(true), told_and(|s| listing(s, &[])))
            .broken(Blame::Console, &["0 times"]),
        case("the Console has it twice", &check(true), told_and(|s| listing(s, &["a1", "a1"])))
            .broken(Blame::Console, &["2 times"]),
        case("the Console has one more", &check(true), told_and(|s| listing(s, &["a1", "a2"])))
            .broken(Blame::Console, &["`a2`"]),
        case("nobody asks the Console", &check(true), told_and(|_| ())).unproved(&["nobody asked"]),
    ]
}

#[test]
fn kills() {
    run(&of_kills());
}
