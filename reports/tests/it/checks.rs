//! What each checker says, and whom it blames.

use crate::sample::tape::{Scene, Tape, meta};
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::checks::{
    Attribution, AuditCount, Blame, Check, Count, EventId, EventSelector, Exchange, Expect, Outcome, Plane,
    ProgramRan, app_never_saw, app_saw, audit_count, container_not_restarted, dns_asked, dns_never_asked,
    event_count, exchange, fence_passed_after, no_audit, no_unexplained_audits, order, program_had_no_effect,
    program_ran, recheck, same_bytes,
};
use proofhouse_reports::{HistoryRecord, Level};
use serde_json::{Value, json};

fn scene(write: impl FnOnce(&mut Scene<'_>)) -> Vec<HistoryRecord> {
    let mut tape = Tape::default();
    write(&mut tape.scene(&meta("a-001", "t", "f", &[], Level::Core)));
    tape.records
}

fn denied() -> Value {
    json!({"end": "not_started", "errno": 13, "error": "Permission denied"})
}

fn exited(code: i32) -> Value {
    json!({"end": "exited", "code": code})
}

#[track_caller]
fn holds(outcome: &Outcome) {
    assert!(outcome.holds, "{}", outcome.message);
}

#[track_caller]
fn blames(outcome: &Outcome, blame: Blame, words: &[&str]) {
    assert!(!outcome.holds, "{}", outcome.message);
    assert_eq!(outcome.blame, blame, "{}", outcome.message);
    for word in words {
        assert!(outcome.message.contains(word), "`{word}` is not in: {}", outcome.message);
    }
}

/// One denied mkdir of the worker, with its audit and a fence.
fn mkdir(s: &mut Scene<'_>) {
    s.stimulus("t-1", "mkdir").ran("t-1", "worker", &["mkdir", "/x"], 40, denied(), "");
    s.process_audit(40, "/usr/bin/mkdir", "prevent", "r1").fence("f-1", &["worker"]);
}

fn one(token: &str) -> AuditCount {
    AuditCount::exactly(1, Plane::Runtime).of(token).field("effect", "prevent").field("rule", "r1")
}

#[test]
fn the_right_audit_once_holds() {
    holds(&audit_count(&scene(mkdir), &one("t-1").select("attack_type", "explicitlyDeniedProcess")));
}

#[test]
fn a_wrong_member_is_told_field_by_field() {
    let records = scene(|s| {
        s.stimulus("t-1", "mkdir").ran("t-1", "worker", &["mkdir"], 40, denied(), "");
        s.process_audit(40, "/usr/bin/mkdir", "alert", "Default").fence("f-1", &["worker"]);
    });
    let outcome = audit_count(&records, &one("t-1"));
    blames(
        &outcome,
        Blame::Defender,
        &[
            "effect: expected `prevent`, saw `alert`",
            "rule: expected `r1`, saw `Default`",
            "of which 1 not as expected",
        ],
    );
}

#[test]
fn an_audit_too_many_is_the_defenders_fault_even_without_a_fence() {
    let records = scene(|s| {
        s.stimulus("t-1", "mkdir").ran("t-1", "worker", &["mkdir"], 40, denied(), "");
        s.process_audit(40, "/usr/bin/mkdir", "prevent", "r1").process_audit(
            40,
            "/usr/bin/mkdir",
            "prevent",
            "r1",
        );
    });
    blames(&audit_count(&records, &one("t-1")), Blame::Defender, &["expected exactly 1", "saw 2"]);
    blames(
        &no_audit(&records, Plane::Runtime, Some("t-1")),
        Blame::Defender,
        &["expected no runtime audits", "saw 2"],
    );
    holds(&audit_count(
        &records,
        &AuditCount::counted(Count::Between(1, 2), Plane::Runtime).of("t-1").without_fence(),
    ));
}

#[test]
fn a_missing_audit_needs_a_fence_to_be_missing() {
    let run = |s: &mut Scene<'_>| {
        s.stimulus("t-1", "mkdir").ran("t-1", "worker", &["mkdir"], 40, denied(), "");
    };
    let no_fence = scene(run);
    blames(&audit_count(&no_fence, &one("t-1")), Blame::Evidence, &["no fence came out"]);
    let fenced = scene(|s| {
        run(s);
        s.fence("f-1", &["worker"]);
    });
    blames(&audit_count(&fenced, &one("t-1")), Blame::Defender, &["saw 0", "no audit arrived at all"]);
    let lost = scene(|s| {
        run(s);
        s.add(Source::Console, Observation::AuditGap { after: 0, before: 2 }).fence("f-1", &["worker"]);
    });
    blames(&audit_count(&lost, &one("t-1")), Blame::Evidence, &["numbers 1 to 1 never arrived"]);
    let dropped = scene(|s| {
        run(s);
        s.add(Source::Console, Observation::Counters { totals: json!({"dropped_audits": 3}) })
            .fence("f-1", &["worker"]);
    });
    blames(&audit_count(&dropped, &one("t-1")), Blame::Evidence, &["3 dropped audits"]);
    let never = scene(|s| {
        s.fence("f-1", &["worker"]);
    });
    blames(&audit_count(&never, &one("t-1")), Blame::Evidence, &["stimulus `t-1` did not run"]);
    blames(&audit_count(&never, &one("t-1").without_fence()), Blame::Evidence, &["did not run"]);
}

#[test]
fn near_misses_are_shown_with_the_reason() {
    let records = scene(|s| {
        mkdir(s);
        s.stimulus("t-2", "touch")
            .ran("t-2", "worker", &["touch", "/y"], 41, denied(), "")
            .fence("f-2", &["worker"]);
    });
    let outcome = audit_count(&records, &one("t-2"));
    blames(
        &outcome,
        Blame::Defender,
        &["near miss:", "not it, because caused by stimulus `t-1`: the process is the stimulus"],
    );
    let outcome = audit_count(&records, &one("t-1").select("attack_type", "alteredBinary"));
    blames(
        &outcome,
        Blame::Defender,
        &["attack_type: expected `alteredBinary`, saw `explicitlyDeniedProcess`"],
    );
}

#[test]
fn every_audit_may_be_off_by_its_plane_only() {
    let records = scene(mkdir);
    let outcome = audit_count(&records, &AuditCount::exactly(1, Plane::Firewall).of("t-1"));
    blames(&outcome, Blame::Defender, &["not it, because a runtime audit"]);
    holds(&no_audit(&records, Plane::Firewall, Some("t-1")));
    holds(&audit_count(
        &records,
        &AuditCount::exactly(1, Plane::Runtime).field("/collections", Expect::Contains("All".into())),
    ));
}

#[test]
fn audits_are_attributed_by_each_tie() {
    let event = "7b0e1d52-95a8-4a0e-8c0c-2f6b8d3f9a11";
    let records = scene(|s| {
        s.stimulus("t-1", "a").ran("t-1", "worker", &["mkdir"], 40, denied(), "");
        s.stimulus("t-2", "b").with(
            "t-2",
            Source::Actor("worker".into()),
            Observation::Act {
                request: json!({"do": "query", "server": "10.0.42.2:53", "name": "Evil.test.", "record": "A"}),
                result: json!({"reply": "answer", "rcode": "REFUSED", "addresses": [], "errno": 0}),
            },
        );
        s.stimulus("t-3", "c").ran(
            "t-3",
            "worker",
            &["sh", "-c", "touch /y; curl http://bad.test/"],
            50,
            exited(0),
            "",
        );
        s.stimulus("t-4", "d").exchange("t-4", "/", 403, Some(event), "");
        s.stimulus("t-12", "e").exchange("t-12", "/?t-12", 200, None, "");
        s.audit("runtime", json!({"containerName": "worker", "pid": 40, "processPath": "/usr/bin/mkdir"}));
        s.audit("runtime", json!({"containerName": "worker", "domain": "evil.test", "processPath": "/x"}));
        s.audit("runtime", json!({"containerName": "worker", "pid": 51, "processPath": "/usr/bin/touch"}));
        s.audit("runtime", json!({"containerName": "worker", "pid": 52, "domain": "bad.test"}));
        s.audit("firewall", json!({"type": "sqli", "eventID": event}));
        s.audit(
            "firewall",
            json!({"type": "sqli", "requestHeaders": "GET / HTTP/1.1\r\nX-Proofhouse-Token: t-12"}),
        );
        s.audit("runtime", json!({"containerName": "nginx", "pid": 40, "processPath": "/usr/bin/mkdir"}));
        s.audit("runtime", json!({"containerName": "worker", "domain": "other.test"}));
        s.audit("runtime", json!({}));
    });
    let attribution = Attribution::new(&records);
    let tokens: Vec<_> = attribution.iter().map(|(_, cause)| cause.map(|c| c.token)).collect();
    let expected =
        [Some("t-1"), Some("t-2"), Some("t-3"), Some("t-3"), Some("t-4"), Some("t-12"), None, None, None];
    assert_eq!(tokens, expected);
    blames(&no_unexplained_audits(&records), Blame::Defender, &["saw 3 without one", "domain `other.test`"]);
}

#[test]
fn between_equal_ties_the_latest_stimulus_before_the_audit_counts() {
    let records = scene(|s| {
        for token in ["t-1", "t-2"] {
            s.stimulus(token, "again").ran(token, "worker", &["sh", "-c", "mkdir /x"], 60, exited(0), "");
            s.audit(
                "runtime",
                json!({"containerName": "worker", "pid": 99, "processPath": "/usr/bin/mkdir"}),
            );
        }
    });
    let tokens: Vec<_> =
        Attribution::new(&records).iter().map(|(_, c)| c.map(|c| c.token.to_owned())).collect();
    assert_eq!(tokens, [Some("t-1".to_owned()), Some("t-2".to_owned())]);
    holds(&no_unexplained_audits(&records));
}

#[test]
fn a_fence_must_be_sent_after_the_stimulus_and_answered_by_its_container() {
    let fence = |id: &str, phase: &str, containers: &[&str]| Observation::Fence {
        id: id.into(),
        phase: phase.into(),
        containers: containers.iter().map(|c| (*c).to_owned()).collect(),
    };
    let early = scene(|s| {
        s.add(Source::Console, fence("f-1", "sent", &[]));
        s.stimulus("t-1", "x").ran("t-1", "worker", &["true"], 7, exited(0), "");
        s.add(Source::Console, fence("f-1", "passed", &["worker"]));
    });
    blames(&fence_passed_after(&early, "t-1"), Blame::Evidence, &["no fence came out"]);
    let stuck = scene(|s| {
        s.stimulus("t-1", "x").ran("t-1", "worker", &["true"], 7, exited(0), "");
        s.add(Source::Console, fence("f-1", "sent", &[]));
    });
    blames(&fence_passed_after(&stuck, "t-1"), Blame::Evidence, &["fence `f-1`", "has not come out"]);
    let silent = scene(|s| {
        s.stimulus("t-1", "x").ran("t-1", "worker", &["true"], 7, exited(0), "").fence("f-1", &["nginx"]);
    });
    blames(&fence_passed_after(&silent, "t-1"), Blame::Evidence, &["without an answer of `worker`"]);
    let gone = scene(|s| {
        s.stimulus("t-1", "x").ran("t-1", "worker", &["true"], 7, exited(0), "");
        let detail = String::new();
        let event = Observation::ContainerEvent { event: "exited".into(), exit_code: Some(0), detail };
        s.add(Source::Container("worker".into()), event).fence("f-1", &["nginx"]);
    });
    holds(&fence_passed_after(&gone, "t-1"));
    let looked = scene(|s| {
        s.stimulus("t-1", "x").ran("t-1", "worker", &["true"], 7, exited(0), "").fence("f-1", &["worker"]);
        let request = json!({"do": "stat", "path": "/x"});
        let look = Observation::Act { request, result: json!({"reply": "file", "exists": false}) };
        s.with("t-1", Source::Actor("worker".into()), look);
    });
    holds(&fence_passed_after(&looked, "t-1"));
    let outside = scene(|s| {
        s.stimulus("w-1", "x").exchange("w-1", "/", 200, None, "").fence("f-1", &[]);
    });
    holds(&fence_passed_after(&outside, "w-1"));
}

#[test]
fn a_program_without_effect_failed_and_left_nothing() {
    let with = |end: Value, stdout: &str| {
        let stdout = stdout.to_owned();
        scene(move |s| {
            s.stimulus("t-1", "mkdir").ran("t-1", "worker", &["mkdir", "/x"], 40, end, &stdout);
        })
    };
    holds(&program_had_no_effect(&with(denied(), ""), "t-1", None));
    holds(&program_had_no_effect(&with(json!({"end": "signalled", "signal": 9}), ""), "t-1", None));
    blames(
        &program_had_no_effect(&with(exited(0), ""), "t-1", None),
        Blame::Defender,
        &["it exited with code 0"],
    );
    blames(
        &program_had_no_effect(&with(denied(), "hello"), "t-1", None),
        Blame::Defender,
        &["it wrote `hello`"],
    );
    blames(
        &program_had_no_effect(&with(json!({"end": "timed_out"}), ""), "t-1", None),
        Blame::Defender,
        &["still ran at the deadline"],
    );
    blames(&program_had_no_effect(&with(json!({}), ""), "t-1", None), Blame::Environment, &["is not known"]);
    blames(
        &program_had_no_effect(&with(denied(), ""), "t-2", None),
        Blame::Evidence,
        &["no request to the actor"],
    );
    blames(
        &program_had_no_effect(&with(denied(), ""), "t-1", Some("/x")),
        Blame::Evidence,
        &["nobody looked at `/x`"],
    );

    let looked = |exists: bool| {
        let mut records = with(denied(), "");
        let mut tape = Tape::default();
        tape.scene(&meta("a-001", "t", "f", &[], Level::Core)).with(
            "t-9",
            Source::Actor("worker".into()),
            Observation::Act {
                request: json!({"do": "stat", "path": "/x"}),
                result: json!({"reply": "file", "exists": exists, "file_type": "directory", "size": 0, "text": null}),
            },
        );
        records.extend(tape.records.pop());
        records
    };
    holds(&program_had_no_effect(&looked(false), "t-1", Some("/x")));
    blames(&program_had_no_effect(&looked(true), "t-1", Some("/x")), Blame::Defender, &["`/x` exists"]);
}

#[test]
fn an_actor_that_could_not_is_no_proof_of_prevention() {
    let records = scene(|s| {
        let result =
            json!({"reply": "failed", "errno": 11, "error": "fork: resource temporarily unavailable"});
        let act = Observation::Act { request: json!({"do": "run", "argv": ["mkdir"]}), result };
        s.stimulus("t-1", "mkdir").with("t-1", Source::Actor("worker".into()), act);
    });
    blames(&program_had_no_effect(&records, "t-1", None), Blame::Evidence, &["the actor could not: fork"]);
}

#[test]
fn a_program_that_ran_has_its_code_and_output() {
    let records = scene(|s| {
        s.stimulus("t-1", "pwd").ran("t-1", "worker", &["pwd"], 40, exited(0), "/srv\n");
    });
    let ran = |code, stdout: Option<Expect>| ProgramRan { token: "t-1".into(), code, stdout };
    holds(&program_ran(&records, &ran(0, Some(Expect::matches("^/srv").unwrap()))));
    blames(
        &program_ran(&records, &ran(7, None)),
        Blame::Defender,
        &["code 7, saw that it exited with code 0"],
    );
    blames(&program_ran(&records, &ran(0, Some("/".into()))), Blame::Defender, &["to write `/`, saw `/srv`"]);
}

#[test]
fn names_are_compared_without_case_and_final_dot() {
    let tried = |s: &mut Scene<'_>| {
        s.stimulus("t-1", "x").ran("t-1", "worker", &["getent", "hosts", "Evil.Test"], 40, exited(2), "");
    };
    let asked = scene(|s| {
        tried(s);
        s.asked("EVIL.test.", "198.51.100.66").fence("f-1", &["worker"]);
    });
    blames(
        &dns_never_asked(&asked, "evil.test", None),
        Blame::Defender,
        &["saw 1 question", "198.51.100.66", "UDP"],
    );
    holds(&dns_asked(&asked, "evil.test."));
    let quiet = scene(tried);
    holds(&dns_never_asked(&quiet, "evil.test", None));
    blames(&dns_never_asked(&quiet, "evil.test", Some("t-1")), Blame::Evidence, &["so far, but no fence"]);
    blames(&dns_never_asked(&quiet, "other.test", None), Blame::Evidence, &["nothing in the task tried"]);
    blames(&dns_asked(&quiet, "evil.test"), Blame::Defender, &["saw no question at all"]);
    blames(&dns_asked(&quiet, "other.test"), Blame::Evidence, &["nothing in the task tried"]);
}

#[test]
fn the_app_sees_a_request_or_does_not() {
    let blocked = scene(|s| {
        s.stimulus("w-1", "x").exchange("w-1", "/", 403, None, "");
    });
    holds(&app_never_saw(&blocked, "w-1"));
    blames(&app_saw(&blocked, "w-1", None), Blame::Defender, &["saw 0", "status 403"]);
    blames(&app_never_saw(&blocked, "w-2"), Blame::Evidence, &["none was sent"]);
    blames(&app_saw(&blocked, "w-2", None), Blame::Evidence, &["none was sent"]);
    let passed = scene(|s| {
        s.stimulus("w-1", "x").app_saw("w-1", "/a", 200).exchange("w-1", "/a", 200, None, "");
    });
    blames(&app_never_saw(&passed, "w-1"), Blame::Defender, &["saw 1 request", "GET `/a`", "answered 200"]);
    holds(&app_saw(&passed, "w-1", Some(1)));
    blames(&app_saw(&passed, "w-1", Some(2)), Blame::Defender, &["2 requests", "saw 1"]);
}

#[test]
fn an_answer_is_compared_part_by_part() {
    let id = "7b0e1d52";
    let records = scene(|s| {
        s.stimulus("w-1", "x").exchange("w-1", "/", 403, Some(id), "event 7b0e1d52");
        s.stimulus("w-2", "y").exchange("w-2", "/", 200, None, "hello");
    });
    let expect = |token: &str, status, event_id| Exchange {
        token: token.into(),
        status: Some(status),
        event_id,
        ..Exchange::default()
    };
    holds(&exchange(&records, &expect("w-1", 403, EventId::HeaderAndBody)));
    blames(
        &exchange(&records, &expect("w-1", 403, EventId::Absent)),
        Blame::Defender,
        &["expected none, saw `7b0e1d52`"],
    );
    blames(
        &exchange(&records, &expect("w-2", 403, EventId::Header)),
        Blame::Defender,
        &["status: expected 403, saw 200", "expected an event id, saw nothing"],
    );
    blames(&exchange(&records, &expect("w-3", 200, EventId::Any)), Blame::Evidence, &["no request was sent"]);
    let mut with = expect("w-2", 200, EventId::Any);
    with.headers.insert("server".into(), Expect::Contains("nginx".into()));
    with.body = Some(Expect::Contains("ell".into()));
    holds(&exchange(&records, &with));
    with.body = Some("bye".into());
    with.headers.insert("server".into(), Expect::Absent);
    blames(
        &exchange(&records, &with),
        Blame::Defender,
        &["header server: expected nothing", "body: expected `bye`, saw `hello`"],
    );
    let none = Exchange { token: "w-2".into(), no_answer: true, ..Exchange::default() };
    blames(&exchange(&records, &none), Blame::Defender, &["expected no answer", "saw status 200"]);
}

#[test]
fn same_bytes_names_what_differs() {
    let records = scene(|s| {
        s.exchange("a", "/", 200, None, "hello").exchange("b", "/", 200, None, "hello");
        s.exchange("c", "/", 200, Some("id-1"), "hello!");
    });
    holds(&same_bytes(&records, "a", "b", &[]));
    let outcome = same_bytes(&records, "a", "c", &[]);
    blames(
        &outcome,
        Blame::Defender,
        &["body: `hello` and `hello!`", "header x-prisma-event-id: `id-1` is in the answer to `c`"],
    );
    let ignored = ["X-Prisma-Event-ID".to_owned()];
    let outcome = same_bytes(&records, "a", "c", &ignored);
    assert!(!outcome.holds && !outcome.message.contains("id-1"), "{}", outcome.message);
    blames(&same_bytes(&records, "a", "z", &[]), Blame::Evidence, &["`z` sent no request"]);
}

#[test]
fn a_container_that_came_back_is_told() {
    let event = |s: &mut Scene<'_>, event: &str, exit_code| {
        let event = Observation::ContainerEvent { event: event.into(), exit_code, detail: String::new() };
        s.add(Source::Container("worker".into()), event);
    };
    holds(&container_not_restarted(&scene(|s| event(s, "started", None)), "worker"));
    let back = scene(|s| {
        event(s, "started", None);
        event(s, "exited", Some(137));
        event(s, "started", None);
    });
    blames(&container_not_restarted(&back, "worker"), Blame::Defender, &["exited with code 137", "started"]);
    blames(&container_not_restarted(&back, "nginx"), Blame::Evidence, &["never started"]);
}

#[test]
fn records_of_any_kind_can_be_counted_and_ordered() {
    let records = scene(|s| {
        s.task(json!({}));
    });
    let event = |name: &str, event: &str| {
        EventSelector::kind("container_event").field("/source/container", name).field("event", event)
    };
    holds(&order(&records, &event("TwistlockDefender", "healthy"), &event("worker", "started")));
    let wrong = order(&records, &event("worker", "started"), &event("TwistlockDefender", "healthy"));
    blames(&wrong, Blame::Defender, &["container event with", "behind"]);
    blames(
        &order(&records, &event("worker", "exited"), &event("worker", "started")),
        Blame::Evidence,
        &["never saw"],
    );
    holds(&event_count(&records, &event("worker", "started"), Count::Exactly(1)));
    let started = EventSelector::kind("container_event").field("event", "started");
    blames(&event_count(&records, &started, Count::Exactly(1)), Blame::Defender, &["exactly 1", "saw 3"]);
    holds(&event_count(&records, &started.of("t-1"), Count::Exactly(0)));
}

#[test]
fn an_unknown_check_is_told_by_its_name() {
    let error = recheck("is_nice", &json!({}), &[]).unwrap_err().to_string();
    assert!(error.contains("`is_nice`") && error.contains("another version"), "{error}");
    assert!(recheck("dns_asked", &json!({}), &[]).is_err(), "the name is missing");
    let check = Check::DnsAsked { name: "a.test".into() };
    assert_eq!(recheck("dns_asked", &json!({"name": "a.test"}), &[]).unwrap(), check.judge(&[]));
}
