//! What became of programs.

use super::case::{Case, case, run};
use super::doing::could_not;
use crate::sample::tape::{Scene, denied, exited};
use proofhouse_protocol::actor::{End, Reply, Request, Spawn};
use proofhouse_protocol::observation::Blame;
use proofhouse_reports::Check;
use proofhouse_reports::checks::{Program, ProgramExpectation};
use std::collections::BTreeMap;

fn program(expect: ProgramExpectation) -> Check {
    Check::Program(Program { token: "t-1".into(), expect })
}

/// A program of the worker, under a Defender.
fn ended(end: End, stdout: &'static str) -> impl FnOnce(&mut Scene<'_>) {
    move |s| {
        s.protected().stimulus("t-1", "mkdir").ran("t-1", "worker", &["mkdir", "/x"], 40, end, stdout);
    }
}

fn replied(reply: Reply) -> impl FnOnce(&mut Scene<'_>) {
    move |s| {
        let (argv, env) = (vec!["mkdir".to_owned()], BTreeMap::new());
        let stdin = String::new();
        let request = Request::Run { argv, env, cwd: None, stdin, spawn: Spawn::Fork, timeout_ms: 5000 };
        s.protected().stimulus("t-1", "mkdir").act("t-1", "worker", request, reply);
    }
}

pub fn of_time() -> Vec<Case> {
    let soon = program(ProgramExpectation::Within(2000));
    let at_once = program(ProgramExpectation::Within(1));
    vec![
        case("over soon", &soon, ended(denied(), "")).holds(&["it was not started"]),
        case("not soon enough", &at_once, ended(exited(0), "")).broken(Blame::Defender, &["within 1 ms"]),
        case("not at all", &soon, ended(End::TimedOut, "")).broken(Blame::Defender, &["within 2000 ms"]),
        case("nobody knows", &soon, ended(End::Unknown, "")).unproved(&["within 2000 ms"]),
    ]
}

pub fn of_prevention() -> Vec<Case> {
    let never = program(ProgramExpectation::NeverRan);
    let failed = program(ProgramExpectation::DidNotSucceed);
    let killed = || End::Signalled { signal: 9 };
    vec![
        case("not started", &never, ended(denied(), "")).holds(&["it was not started: Permission denied"]),
        case("killed", &never, ended(killed(), "")).holds(&["killed by signal 9"]),
        case("exited", &never, ended(exited(0), ""))
            .broken(Blame::Defender, &["never ran; it exited with 0"]),
        case("exited with an error", &never, ended(exited(1), ""))
            .broken(Blame::Defender, &["exited with 1"]),
        case("wrote before it was killed", &never, ended(killed(), "hello"))
            .broken(Blame::Defender, &["`hello`"]),
        case("still ran at the limit", &never, ended(End::TimedOut, ""))
            .broken(Blame::Defender, &["did not end"]),
        case("nobody knows how it ended", &never, ended(End::Unknown, "")).unproved(&["nobody knows how"]),
        case("the actor could not", &never, replied(could_not()))
            .unproved(&["could not run the program: fork"]),
        case("an answer to another question", &never, replied(Reply::Done))
            .error(&["answered a run with Done"]),
        case("no program", &never, |s| {
            s.protected().stimulus("t-1", "mkdir");
        })
        .unproved(&["no program of stimulus `t-1` (mkdir)"]),
        case("a program before its stimulus", &never, |s| {
            s.protected().ran("t-1", "worker", &["mkdir"], 40, denied(), "").stimulus("t-1", "mkdir");
        })
        .unproved(&["no program of stimulus"]),
        case("a bare task", &never, |s| {
            s.bare().stimulus("t-1", "mkdir").ran("t-1", "worker", &["mkdir"], 40, exited(0), "");
        })
        .broken(Blame::Fargate, &["exited with 0"]),
        case("did not succeed", &failed, ended(exited(2), "")).holds(&["exited with 2"]),
        case("was not let", &failed, ended(denied(), "")).holds(&["not started"]),
        case("succeeded", &failed, ended(exited(0), "")).broken(Blame::Defender, &["does not succeed"]),
        case("had no time to succeed", &failed, ended(End::TimedOut, "")).unproved(&["did not end in time"]),
    ]
}

pub fn of_output() -> Vec<Case> {
    let code = program(ProgramExpectation::Ran(Some(0)));
    let any = program(ProgramExpectation::Ran(None));
    let output = program(ProgramExpectation::Output("/srv".into()));
    let prints = program(ProgramExpectation::Prints("a b".into()));
    let shares = program(ProgramExpectation::CpuShares(256));
    vec![
        case("the code", &code, ended(exited(0), "")).holds(&["it exited with 0"]),
        case("another code", &code, ended(exited(7), ""))
            .broken(Blame::Defender, &["exit with 0; it exited with 7"]),
        case("any code", &any, ended(exited(7), "")).holds(&["it exited with 7"]),
        case("not let", &any, ended(denied(), "")).broken(Blame::Defender, &["to exit; it was not started"]),
        case("no end in time", &any, ended(End::TimedOut, "")).unproved(&["did not end in time"]),
        case("the text", &output, ended(exited(0), "/srv\n")).holds(&["output `/srv`"]),
        case("another text", &output, ended(exited(0), "/")).broken(Blame::Defender, &["write `/srv`"]),
        case("the text, and no end", &output, ended(End::TimedOut, "/srv")).holds(&["did not end"]),
        case("no text, and no end", &output, ended(End::TimedOut, "")).unproved(&["no output"]),
        case("the words", &prints, ended(exited(0), "a\n  b\n")).holds(&["output"]),
        case("other words", &prints, ended(exited(0), "a c")).broken(Blame::Defender, &["it prints `a c`"]),
        case("no words so far", &prints, ended(End::Unknown, "a")).unproved(&["it prints `a`"]),
        case("shares", &shares, ended(exited(0), "256")).holds(&[]),
        case("a weight", &shares, ended(exited(0), "weight 10")).holds(&[]),
        case("other shares", &shares, ended(exited(0), "1024"))
            .broken(Blame::Fargate, &["expected 256 CPU shares"]),
        case("no shares in time", &shares, ended(End::TimedOut, "")).unproved(&["expected 256"]),
    ]
}

pub fn of_pairs() -> Vec<Case> {
    let alike = Check::PrintedAlike { one: "t-1".into(), other: "t-2".into() };
    let both = |left: &'static str, right: &'static str| {
        move |s: &mut Scene<'_>| {
            ended(exited(0), left)(s);
            s.stimulus("t-2", "again").ran("t-2", "nginx", &["id"], 41, exited(0), right);
        }
    };
    vec![
        case("alike", &alike, both("a  b\n", "a b")).holds(&["prints `a b`"]),
        case("different", &alike, both("a", "b")).broken(Blame::Defender, &["prints `a`", "prints `b`"]),
        case("silent both", &alike, both("", "")).broken(Blame::Defender, &["prints ``"]),
        case("one alone", &alike, ended(exited(0), "a")).unproved(&["no program of stimulus `t-2`"]),
    ]
}

#[test]
fn programs() {
    run(&of_time());
    run(&of_prevention());
    run(&of_output());
    run(&of_pairs());
}
