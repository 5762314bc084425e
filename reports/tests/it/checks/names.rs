//! Lookups, and questions outside.

use super::case::{Case, case, run};
use super::doing::could_not;
use crate::sample::tape::{Scene, exited};
use proofhouse_protocol::actor::{End, QuerySocket, Reply, Request, Spawn};
use proofhouse_protocol::observation::{Blame, FencePhase, Pipeline};
use proofhouse_reports::Check;
use proofhouse_reports::checks::{Lookup, LookupExpectation, Questions, TOOK};
use std::collections::BTreeMap;

const ADDRESS: &str = "192.0.2.10";

fn of(container: &str) -> Pipeline {
    Pipeline::Questions { container: container.into() }
}

/// getent in the worker, which is told apart from the way of its questions.
fn getent(end: End, stdout: &'static str) -> impl FnOnce(&mut Scene<'_>) {
    move |s| {
        s.protected().stimulus("t-1", "look evil.test up");
        s.ran("t-1", "worker", &["getent", "ahosts", "evil.test"], 40, end, stdout);
    }
}

fn replied(request: Request, reply: Reply) -> impl FnOnce(&mut Scene<'_>) {
    move |s| {
        s.protected().stimulus("t-1", "look evil.test up").act("t-1", "worker", request, reply);
    }
}

fn query() -> Request {
    Request::Query {
        server: "10.0.42.2:53".parse().unwrap(),
        name: "evil.test".into(),
        record: "A".into(),
        socket: QuerySocket::Connected,
        timeout_ms: 2000,
    }
}

fn answered(rcode: Option<&str>, addresses: &[&str], elapsed_ms: f64) -> Reply {
    let addresses = addresses.iter().map(|a| (*a).to_owned()).collect();
    Reply::Answer { rcode: rcode.map(str::to_owned), addresses, from: None, errno: 110, elapsed_ms }
}

/// Given up, and then what else is known.
fn late(more: impl FnOnce(&mut Scene<'_>)) -> impl FnOnce(&mut Scene<'_>) {
    move |s| {
        getent(End::TimedOut, "")(s);
        more(s);
    }
}

pub fn of_lookups() -> Vec<Case> {
    let lookup = |expect| Check::Lookup(Lookup { token: "t-1".into(), name: "evil.test".into(), expect });
    let resolves = lookup(LookupExpectation::Resolves(ADDRESS.into()));
    let fails = lookup(LookupExpectation::FailsWithin(1000));
    let timed = |ms: u32| {
        let argv = vec!["lookup".to_owned()];
        let (env, stdin) = (BTreeMap::new(), String::new());
        let request = Request::Run { argv, env, cwd: None, stdin, spawn: Spawn::Fork, timeout_ms: 9000 };
        let stderr = format!("{TOOK} {ms}\nName or service not known\n");
        replied(
            request,
            Reply::Ran { pid: 4, end: exited(2), stdout: String::new(), stderr, elapsed_ms: 4000.0 },
        )
    };
    vec![
        case("resolves", &resolves, getent(exited(0), "192.0.2.10 STREAM\n"))
            .holds(&["evil.test resolves to"]),
        case("by a raw query", &resolves, replied(query(), answered(Some("NOERROR"), &[ADDRESS], 2.0)))
            .holds(&[]),
        case("another address", &resolves, getent(exited(0), "192.0.2.11"))
            .broken(Blame::Defender, &["192.0.2.11"]),
        case("refused", &resolves, replied(query(), answered(Some("REFUSED"), &[], 2.0)))
            .broken(Blame::Defender, &["the answer was REFUSED, with no address"]),
        case("in a bare task", &resolves, |s| {
            s.bare().stimulus("t-1", "x").ran("t-1", "worker", &["getent"], 40, exited(2), "");
        })
        .broken(Blame::Fargate, &["no address"]),
        case("given up, and no fence", &resolves, late(|_| ()))
            .unproved(&["no fence of the questions of \"worker\""]),
        case("given up, and a fence of audits", &resolves, late(|s| _ = s.fence(Pipeline::Audits, "f")))
            .unproved(&["no fence of the questions"]),
        case("given up, and a later question came out", &resolves, late(|s| _ = s.fence(of("worker"), "f")))
            .broken(Blame::Defender, &["the question never came outside, though a later one did"]),
        case(
            "given up, and questions were lost",
            &resolves,
            late(|s| _ = s.fence(of("worker"), "f").lost(Pipeline::Relay)),
        )
        .unproved(&["evidence was lost"]),
        case(
            "given up, and audits were lost",
            &resolves,
            late(|s| _ = s.fence(of("worker"), "f").lost(Pipeline::Audits)),
        )
        .broken(Blame::Defender, &["never came outside"]),
        case(
            "given up, and the resolver had answered",
            &resolves,
            late(|s| _ = s.asked("Evil.test.", ADDRESS)),
        )
        .broken(Blame::Defender, &["its answer never arrived"]),
        case("no raw answer", &resolves, replied(query(), answered(None, &[], 2000.0)))
            .unproved(&["errno 110"]),
        case("the actor could not", &resolves, replied(query(), could_not())).unproved(&["could not look"]),
        case("never asked", &resolves, |s| _ = s.protected()).unproved(&["`t-1` did not run"]),
        case("fails at once", &fails, getent(exited(2), "")).holds(&["fails within 1000 ms"]),
        case(
            "fails late, and the time is what is required",
            &fails,
            replied(query(), answered(None, &[], 2000.0)),
        )
        .broken(Blame::Defender, &["after 2000 ms"]),
        case("gives an address", &fails, getent(exited(0), ADDRESS))
            .broken(Blame::Defender, &["with 192.0.2.10"]),
        case("times itself, and a slow start is not its own", &fails, timed(3)).holds(&["after 3 ms"]),
        case("times itself, and is late", &fails, timed(3000)).broken(Blame::Defender, &["after 3000 ms"]),
    ]
}

pub fn of_questions() -> Vec<Case> {
    let questions = |asked, server: Option<&str>| {
        let (token, container, name) = ("t-1".into(), "worker".into(), "evil.test".into());
        Check::Questions(Questions {
            token,
            container,
            name,
            asked,
            server: server.map(|server| server.parse().unwrap()),
        })
    };
    let (never, once) = (questions(false, None), questions(true, None));
    let (here, elsewhere) = (questions(true, Some("10.0.42.2")), questions(true, Some("8.8.8.8")));
    let nowhere_else = questions(false, Some("8.8.8.8"));
    let then = |more: fn(&mut Scene<'_>)| {
        move |s: &mut Scene<'_>| {
            getent(exited(2), "")(s);
            more(s);
        }
    };
    vec![
        case("asked", &once, then(|s| _ = s.asked("EVIL.test.", ADDRESS)))
            .holds(&["asked for outside in 1 question"]),
        case("not asked, and no fence", &once, then(|_| ())).unproved(&["so far", "no fence"]),
        case("not asked, with one", &once, then(|s| _ = s.asked("b.test", ADDRESS).fence(of("worker"), "f")))
            .broken(Blame::Defender, &["saw only b.test"]),
        case("a longer name is another name", &once, then(|s| _ = s.asked("a.evil.test", ADDRESS)))
            .unproved(&[]),
        case("asked at that server", &here, then(|s| _ = s.asked("evil.test", ADDRESS)))
            .holds(&["evil.test was asked for at 10.0.42.2 in 1 question"]),
        case("asked at another, and no fence", &elsewhere, then(|s| _ = s.asked("evil.test", ADDRESS)))
            .unproved(&["at 8.8.8.8 so far", "no fence"]),
        case(
            "asked at another",
            &elsewhere,
            then(|s| _ = s.asked("evil.test", ADDRESS).fence(of("worker"), "f")),
        )
        .broken(Blame::Defender, &["expected a question for evil.test at 8.8.8.8", "to 10.0.42.2:53 by UDP"]),
        case(
            "not at that one",
            &nowhere_else,
            then(|s| _ = s.asked("evil.test", ADDRESS).fence(of("worker"), "f")),
        )
        .holds(&["came at 8.8.8.8"]),
        case("silent behind a fence", &never, then(|s| _ = s.fence(of("worker"), "f")))
            .holds(&["came outside; a later"]),
        case("silent without one", &never, then(|_| ()))
            .unproved(&["no fence of the questions of \"worker\""]),
        case("a fence of another container", &never, then(|s| _ = s.fence(of("nginx"), "f")))
            .unproved(&["no fence"]),
        case("a fence of the audits", &never, then(|s| _ = s.fence(Pipeline::Audits, "f")))
            .unproved(&["no fence"]),
        case("a fence from before", &never, |s| {
            s.fenced(of("worker"), "f", FencePhase::Sent, &[]);
            getent(exited(2), "")(s);
            s.fenced(of("worker"), "f", FencePhase::Passed, &[]);
        })
        .unproved(&["no fence"]),
        case("questions lost", &never, then(|s| _ = s.fence(of("worker"), "f").lost(of("worker"))))
            .unproved(&["lost"]),
        case("the relay lost some", &never, then(|s| _ = s.fence(of("worker"), "f").lost(Pipeline::Relay)))
            .unproved(&["in the relay"]),
        case(
            "those of another container lost",
            &never,
            then(|s| _ = s.fence(of("worker"), "f").lost(of("nginx"))),
        )
        .holds(&[]),
        case("audits lost", &never, then(|s| _ = s.fence(of("worker"), "f").lost(Pipeline::Audits)))
            .holds(&[]),
        case("asked after all", &never, then(|s| _ = s.asked("evil.test", "198.51.100.66")))
            .broken(Blame::Defender, &["saw 1 question", "198.51.100.66", "UDP"]),
        case(
            "asked with a search domain",
            &never,
            then(|s| _ = s.asked("evil.test.ec2.internal", "NXDOMAIN")),
        )
        .broken(Blame::Defender, &["evil.test.ec2.internal"]),
        case("asked in a bare task", &never, |s| {
            s.bare().stimulus("t-1", "x").asked("evil.test", ADDRESS);
        })
        .broken(Blame::Fargate, &["saw 1 question"]),
        case("asked before the stimulus", &never, |s| {
            s.asked("evil.test", ADDRESS);
            getent(exited(2), "")(s);
            s.fence(of("worker"), "f");
        })
        .holds(&[]),
        case("no stimulus", &never, |s| _ = s.protected().fence(of("worker"), "f"))
            .unproved(&["did not run"]),
    ]
}

#[test]
fn names() {
    run(&of_lookups());
    run(&of_questions());
}
