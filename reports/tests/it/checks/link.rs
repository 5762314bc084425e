//! Who comes to the Console, and what they get.

use super::case::{Case, case, run};
use crate::sample::given::embedded;
use crate::sample::tape::{Scene, exited};
use proofhouse_protocol::actor::{Reply, Request};
use proofhouse_protocol::observation::{Blame, DefinitionRole, FencePhase, Pipeline, Transport};
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::Check;
use serde_json::json;

const CONSOLE: &str = "192.0.2.8:8084";
const FENCE: &str = "10.0.42.7:41900";

impl Scene<'_> {
    fn came(&mut self, server: &str) -> &mut Self {
        self.came_from("10.0.42.7:41000", server)
    }

    fn came_from(&mut self, client: &str, server: &str) -> &mut Self {
        let (client, server) = (client.to_owned(), server.to_owned());
        let connection =
            Observation::OutsideConnection { client, server, transport: Transport::Tcp, accepted: true };
        self.add(Source::Outside("console".into()), connection)
    }

    /// An actor connects to the Console, and had that address for it.
    fn connects(&mut self, token: &str, local: &str) -> &mut Self {
        let request = Request::Connect { address: CONSOLE.parse().unwrap(), timeout_ms: 2000 };
        let local = Some(local.parse().unwrap());
        self.act(token, "nginx", request, Reply::Connected { errno: 0, local, elapsed_ms: 0.4 })
    }

    fn called(&mut self, user: Option<&str>) -> &mut Self {
        let call = Observation::ConsoleCall {
            method: "GET".into(),
            path: "/api/v1/defenders".into(),
            status: 200,
            user: user.map(str::to_owned),
            error: None,
        };
        self.add(Source::Console, call)
    }
}

pub fn of_connections() -> Vec<Case> {
    let check = |count| Check::OutsideConnections { server: CONSOLE.into(), count };
    let (none, once) = (check(0), check(1));
    let way = || Pipeline::OutsideConnections { server: CONSOLE.into() };
    vec![
        case("one, beside a fence and another server", &once, |s| {
            s.protected()
                .came(CONSOLE)
                .fenced(way(), "f", FencePhase::Sent, &[])
                .came_from(FENCE, CONSOLE)
                .connects("f", FENCE)
                .came("192.0.2.9:443")
                .fenced(way(), "f", FencePhase::Passed, &[]);
        })
        .holds(&["saw 1 connection"]),
        case("one of an actor that was no fence", &once, |s| {
            s.protected().came(CONSOLE).came_from(FENCE, CONSOLE).connects("t-1", FENCE).fence(way(), "f");
        })
        .broken(Blame::Defender, &["saw 2 connections"]),
        case("one so far", &once, |s| _ = s.protected().came(CONSOLE)).unproved(&["not final"]),
        case("one too many, without a fence", &none, |s| _ = s.protected().came(CONSOLE))
            .broken(Blame::Defender, &["expected 0 connections", "saw 1"]),
        case("one too many of a bare task", &none, |s| _ = s.bare().came(CONSOLE))
            .broken(Blame::Fargate, &[]),
        case("too few", &once, |s| _ = s.protected().fence(way(), "f")).broken(Blame::Defender, &["saw 0"]),
        case("a fence from before the task", &once, |s| {
            s.fenced(way(), "f", FencePhase::Sent, &[]).protected().fenced(
                way(),
                "f",
                FencePhase::Passed,
                &[],
            );
        })
        .unproved(&["no fence of the connections to 192.0.2.8:8084"]),
        case("a fence from before what was done", &none, |s| {
            s.protected().fence(way(), "f").stimulus("t-1", "x").ran(
                "t-1",
                "worker",
                &["true"],
                7,
                exited(0),
                "",
            );
        })
        .unproved(&["no fence of the connections"]),
        case("the relay lost some", &none, |s| _ = s.protected().fence(way(), "f").lost(Pipeline::Relay))
            .unproved(&["evidence was lost"]),
        case("audits lost", &none, |s| _ = s.protected().fence(way(), "f").lost(Pipeline::Audits)).holds(&[]),
        case("no task", &none, |s| _ = s.fence(way(), "f")).unproved(&["no task has begun"]),
    ]
}

pub fn of_callers() -> Vec<Case> {
    let check = Check::OnlyKnownCallers { known: vec!["admin".into()] };
    let calls = || Pipeline::ConsoleCalls;
    vec![
        case("known ones", &check, |s| _ = s.called(Some("admin")).protected().fence(calls(), "f"))
            .holds(&["own"]),
        case("an unknown one", &check, |s| _ = s.protected().called(Some("defender")))
            .broken(Blame::Defender, &["saw 1 call: /api/v1/defenders by defender"]),
        case("one without a name", &check, |s| _ = s.protected().called(None))
            .broken(Blame::Defender, &["nobody known"]),
        case("no fence", &check, |s| _ = s.protected().called(Some("admin")))
            .unproved(&["no fence of the calls"]),
        case("a fence of the audits", &check, |s| _ = s.protected().fence(Pipeline::Audits, "f"))
            .unproved(&["no fence"]),
        case("a fence from before what was done", &check, |s| {
            s.protected().fence(calls(), "f").stimulus("t-1", "x").ran(
                "t-1",
                "worker",
                &["true"],
                7,
                exited(0),
                "",
            );
        })
        .unproved(&["no fence of the calls"]),
        case("a fence that is a call itself", &check, |s| {
            s.protected()
                .fenced(calls(), "f", FencePhase::Sent, &[])
                .answer("f", "GET", "/version", None, 200, "");
            s.called(Some("admin")).fenced(calls(), "f", FencePhase::Passed, &[]);
        })
        .holds(&[]),
        case("calls lost", &check, |s| _ = s.protected().fence(calls(), "f").lost(calls()))
            .unproved(&["lost"]),
        case("audits lost", &check, |s| _ = s.protected().fence(calls(), "f").lost(Pipeline::Audits))
            .holds(&[]),
        case("no task", &check, |s| _ = s.fence(calls(), "f")).unproved(&["no task has begun"]),
    ]
}

pub fn of_strangers() -> Vec<Case> {
    let check = Check::StrangerRefused { token: "s-1".into() };
    let knock = |messages: &'static [&'static str], told: bool| {
        move |s: &mut Scene<'_>| {
            let messages = messages.iter().map(|one| (*one).to_owned()).collect();
            s.stimulus("s-1", "knock").with("s-1", Source::Runner, Observation::StrangerHeard { messages });
            if told {
                let (peer, error) = ("203.0.113.9:4000".into(), "no certificate".into());
                s.add(Source::Console, Observation::LinkRefused { peer, error });
            }
        }
    };
    vec![
        case("refused", &check, knock(&[], true)).holds(&["heard nothing, and was refused"]),
        case("heard, and then refused", &check, knock(&["policy"], true))
            .broken(Blame::Console, &["heard policy"]),
        case("nobody told of a refusal", &check, knock(&[], false)).unproved(&["has not told"]),
        case("nobody knocked", &check, |s| _ = s.stimulus("s-1", "knock")).unproved(&["did not knock"]),
    ]
}

pub fn of_credentials() -> Vec<Case> {
    let check = Check::NoCredential { container: "nginx".into() };
    let with = |name: &'static str, value: &'static str| {
        move |s: &mut Scene<'_>| {
            let mut document = embedded();
            document["containerDefinitions"][0]["environment"][0] = json!({"name": name, "value": value});
            s.define(DefinitionRole::Embedded, document);
        }
    };
    vec![
        case("ordinary ones", &check, with("MODE", "shop")).holds(&["none of 2 variables of \"nginx\""]),
        case("one by its name", &check, with("API_TOKEN", "x")).broken(Blame::Console, &["it has API_TOKEN"]),
        case("one by its value", &check, with("MODE", "[redacted: install bundle #1]"))
            .broken(Blame::Console, &["MODE"]),
        case("no container of that name", &Check::NoCredential { container: "db".into() }, with("MODE", "x"))
            .broken(Blame::Console, &["none of 0 variables"]),
        case("nothing was embedded", &check, |s| _ = s.protected()).unproved(&["nothing was embedded"]),
    ]
}

#[test]
fn the_link() {
    run(&of_connections());
    run(&of_callers());
    run(&of_strangers());
    run(&of_credentials());
}
