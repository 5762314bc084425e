//! Connections that a container opens, answers that never come, and the fault-injection API.

use super::case::{Case, case, run};
use super::doing::could_not;
use crate::sample::tape::{Scene, exited};
use proofhouse_protocol::actor::{Reply, Request};
use proofhouse_protocol::observation::Blame;
use proofhouse_reports::Check;
use proofhouse_reports::checks::{Connection, ConnectionExpectation};

fn connected(errno: i32, elapsed_ms: f64) -> impl FnOnce(&mut Scene<'_>) {
    replied(Reply::Connected { errno, local: None, elapsed_ms })
}

fn replied(reply: Reply) -> impl FnOnce(&mut Scene<'_>) {
    let request = Request::Connect { address: "192.0.2.10:443".parse().unwrap(), timeout_ms: 2000 };
    move |s| {
        s.protected().stimulus("t-1", "connect").act("t-1", "worker", request, reply);
    }
}

pub fn cases() -> Vec<Case> {
    let check = |expect| Check::Connection(Connection { token: "t-1".into(), expect });
    let made = check(ConnectionExpectation::Made);
    let after = check(ConnectionExpectation::MadeAfter(300, 600));
    let refused = check(ConnectionExpectation::Refused);
    let silent = check(ConnectionExpectation::Unanswered);
    vec![
        case("made", &made, connected(0, 1.5)).holds(&["192.0.2.10:443: it was made after 1.5 ms"]),
        case("refused", &made, connected(111, 1.5)).broken(Blame::Defender, &["it failed with errno 111"]),
        case("given up", &made, connected(110, 2000.0)).unproved(&["nothing had come back after 2000 ms"]),
        case("the actor could not", &made, replied(could_not())).unproved(&["the actor could not connect"]),
        case("not tried", &made, |s| _ = s.protected()).unproved(&["did not run"]),
        case("made with the delay", &after, connected(0, 420.0)).holds(&["420.0 ms"]),
        case("made without it", &after, connected(0, 2.0)).broken(Blame::Fargate, &["after 300 to 600 ms"]),
        case("made too late, and the time is what is required", &after, connected(110, 2000.0))
            .broken(Blame::Fargate, &[]),
        case("refused as it should be", &refused, connected(1, 0.5)).holds(&["it failed with errno 1"]),
        case("made all the same", &refused, connected(0, 0.5))
            .broken(Blame::Defender, &["expected that a connection to 192.0.2.10:443 is refused"]),
        case("neither made nor refused", &refused, connected(110, 2000.0))
            .unproved(&["nothing had come back"]),
        case("unanswered", &silent, connected(110, 2000.0)).holds(&["nothing had come back"]),
        case("answered after all", &silent, connected(111, 1.0)).broken(Blame::Fargate, &["errno 111"]),
    ]
}

pub fn of_requests() -> Vec<Case> {
    let check = Check::RequestUnanswered { token: "w-1".into() };
    let get = |timed_out: bool| {
        move |s: &mut Scene<'_>| _ = s.protected().stimulus("w-1", "GET /").unanswered("w-1", timed_out)
    };
    vec![
        case("given up", &check, get(true)).holds(&["no answer in 5 s"]),
        case("refused", &check, get(false)).broken(Blame::Fargate, &["connection reset"]),
        case("answered", &check, |s| {
            s.protected().stimulus("w-1", "GET /").exchange("w-1", "/", 200, None, "");
        })
        .broken(Blame::Fargate, &["status 200 came"]),
        case("not sent", &check, |s| _ = s.protected()).unproved(&["did not run"]),
    ]
}

pub fn of_faults() -> Vec<Case> {
    let check = |status, text: &str| Check::FaultAnswer { token: "t-1".into(), status, text: text.into() };
    let (started, refused) = (check(200, "running"), check(400, "not valid"));
    let curl = |code, output: &'static str| {
        move |s: &mut Scene<'_>| {
            s.protected().stimulus("t-1", "curl").ran("t-1", "worker", &["curl"], 9, exited(code), output);
        }
    };
    vec![
        case("a success", &started, curl(0, "{\"Status\": \"running\"}\n200")).holds(&["it was 200"]),
        case("another state", &started, curl(0, "{\"Status\": \"stopped\"}\n200"))
            .broken(Blame::Fargate, &["`running`"]),
        case("another status", &started, curl(0, "{\"Status\": \"running\"}\n201"))
            .broken(Blame::Fargate, &["was 201"]),
        case("an error", &refused, curl(0, "{\"Error\": \"it is not valid so\"}\n400"))
            .holds(&["it was 400"]),
        case("another error", &refused, curl(0, "{\"Error\": \"no\"}\n400"))
            .broken(Blame::Fargate, &["not valid"]),
        case("no error", &refused, curl(0, "\n400")).broken(Blame::Fargate, &["it was 400 with "]),
        case("curl failed", &started, curl(7, "")).unproved(&["did not succeed"]),
        case("nobody asked", &started, |s| _ = s.protected()).unproved(&["did not run"]),
    ]
}

#[test]
fn connections() {
    run(&cases());
    run(&of_requests());
    run(&of_faults());
}
