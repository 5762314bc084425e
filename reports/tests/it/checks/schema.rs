//! What audits say as a whole, and that each has its cause.

use super::case::{Case, case, run, scene};
use crate::sample::tape::{Scene, denied};
use proofhouse_protocol::observation::{Blame, Pipeline, Plane};
use proofhouse_reports::checks::AuditCount;
use proofhouse_reports::{Check, Outcome};
use serde_json::{Value, json};

fn mkdir(s: &mut Scene<'_>) {
    s.protected().stimulus("t-1", "mkdir").ran("t-1", "worker", &["mkdir", "/x"], 40, denied(), "");
}

/// An audit of that mkdir with one member more, or another.
fn with(s: &mut Scene<'_>, member: &str, value: Value) {
    mkdir(s);
    let mut audit = json!({"time": "2026-01-05T09:00:01Z", "type": "processes", "attackType": "explicitlyDeniedProcess",
        "effect": "prevent", "ruleName": "r1", "msg": "m", "containerName": "worker", "pid": 40});
    audit[member] = value;
    s.audit(Plane::Runtime, audit);
}

fn attack(s: &mut Scene<'_>, told: &str) {
    s.protected().stimulus("w-1", "GET /").exchange("w-1", "/", 403, Some("id-1"), "Access denied");
    s.audit(
        Plane::Firewall,
        json!({"time": "2026-01-05T09:00:01Z", "type": "sqli", "effect": "prevent", "ruleName": "r", "msg": "m",
            "eventID": told, "requestHeaders": "GET / HTTP/1.1\r\nX-Proofhouse-Token: w-1"}),
    );
}

pub fn cases() -> Vec<Case> {
    let check = Check::AuditSchema { token: "t-1".into() };
    let of = |member: &'static str, value: Value| move |s: &mut Scene<'_>| with(s, member, value);
    vec![
        case("all members of the schema", &check, of("user", json!("root"))).holds(&["every member"]),
        case("a firewall audit", &Check::AuditSchema { token: "w-1".into() }, |s| attack(s, "id-1"))
            .holds(&[]),
        case("a stray member", &check, of("colour", json!("red")))
            .broken(Blame::Defender, &["the member `colour` is not in the schema"]),
        case("an attack type of hosts", &check, of("attackType", json!("feature")))
            .broken(Blame::Defender, &["`feature` is not one of App-Embedded"]),
        case("a number as a text", &check, of("count", json!("2")))
            .broken(Blame::Defender, &["invalid type"]),
        case("a local time", &check, of("time", json!("2026-01-05T10:00:01+01:00")))
            .broken(Blame::Defender, &["is not RFC 3339 in UTC"]),
        case("no audit, without a fence", &check, mkdir)
            .unproved(&["no audit of stimulus `t-1`", "no fence"]),
        case("no audit, with one", &check, |s| {
            mkdir(s);
            s.fence(Pipeline::Audits, "f-1");
        })
        .broken(Blame::Defender, &["expected an audit of stimulus `t-1`"]),
        case("no audit, but a loss", &check, |s| {
            mkdir(s);
            s.fence(Pipeline::Audits, "f-1").lost(Pipeline::Audits);
        })
        .unproved(&["evidence was lost"]),
    ]
}

pub fn of_event_ids() -> Vec<Case> {
    let check = Check::EventId { token: "w-1".into() };
    vec![
        case("one id in both", &check, |s| attack(s, "id-1")).holds(&["the answer has the event id `id-1`"]),
        case("another in the audit", &check, |s| attack(s, "id-2"))
            .broken(Blame::Defender, &["the audit `id-2`"]),
        case("none in the answer", &check, |s| {
            s.protected().stimulus("w-1", "GET /").exchange("w-1", "/", 403, None, "");
            s.audit(Plane::Firewall, json!({"eventID": "", "url": "/?w-1"}));
        })
        .broken(Blame::Defender, &["the event id ``"]),
        case("no request", &check, |s| {
            s.protected().stimulus("w-1", "GET /");
        })
        .unproved(&["sent no request"]),
        case("no audit yet", &check, |s| {
            s.protected().stimulus("w-1", "GET /").exchange("w-1", "/", 403, Some("id-1"), "");
        })
        .unproved(&["no fence of the audits"]),
    ]
}

pub fn of_strays() -> Vec<Case> {
    let check = Check::NoUnexplainedAudits {};
    let stray = |s: &mut Scene<'_>| {
        mkdir(s);
        s.process_audit(40, "/usr/bin/mkdir", "prevent", "r1").process_audit(
            5,
            "/usr/bin/id",
            "prevent",
            "r1",
        );
        s.fence(Pipeline::Audits, "f-1");
    };
    let awaited = AuditCount::exactly(1, Plane::Runtime).select("processPath", "/usr/bin/id");
    vec![
        case("each with its cause", &check, |s| with(s, "user", json!("root"))).holds(&["each of 1 audit"]),
        case("one without", &check, stray).broken(Blame::Defender, &["saw 1 without one", "/usr/bin/id"]),
        case("one without that was awaited", &check, |s| {
            stray(s);
            s.check("start-up is audited", &Check::Audits(awaited.clone()));
        })
        .holds(&["each of 2 audits"]),
        case("one without that was awaited, and was not as it must be", &check, |s| {
            stray(s);
            s.check("start-up is audited", &Check::Audits(awaited.clone().field("effect", "alert")));
        })
        .broken(Blame::Defender, &["saw 1 without one"]),
        case("audits lost", &check, |s| {
            with(s, "user", json!("root"));
            s.lost(Pipeline::Audits);
        })
        .unproved(&["evidence was lost"]),
        case("questions lost", &check, |s| {
            with(s, "user", json!("root"));
            s.lost(Pipeline::Questions { container: "worker".into() });
        })
        .holds(&[]),
    ]
}

#[test]
fn audits_as_a_whole() {
    run(&cases());
    run(&of_event_ids());
    run(&of_strays());
}

#[test]
fn where_there_is_no_audit_none_is_unexplained() {
    assert_eq!(Check::NoUnexplainedAudits {}.judge(&scene(mkdir)).outcome, Outcome::Holds);
}
