//! Requests at apps of the task, and at services outside.

use super::case::{Case, case, run};
use crate::sample::given::requests;
use crate::sample::tape::Scene;
use proofhouse_protocol::observation::{Blame, Body, FencePhase, Pipeline};
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::Check;
use proofhouse_reports::checks::{AppRequests, ServiceRequests};

fn get(s: &mut Scene<'_>) {
    s.protected().stimulus("w-1", "GET /").exchange("w-1", "/", 403, None, "");
}

pub fn of_apps() -> Vec<Case> {
    let check = |seen| Check::AppRequests(AppRequests { token: "w-1".into(), port: 80, seen });
    let (seen, never) = (check(true), check(false));
    let then = |more: fn(&mut Scene<'_>)| {
        move |s: &mut Scene<'_>| {
            get(s);
            more(s);
        }
    };
    let logs = || Pipeline::Logs { container: "nginx".into() };
    vec![
        case("seen", &seen, then(|s| _ = s.app_saw("w-1", "/a", 200))).holds(&["GET /a", "answered 200"]),
        case("not seen, and no fence", &seen, then(|_| ()))
            .unproved(&["so far", "no fence of the requests behind port 80"]),
        case("not seen, with one", &seen, then(|s| _ = s.fence(requests(), "f")))
            .broken(Blame::Defender, &["it did not, and saw a later one"]),
        case("another's request", &seen, then(|s| _ = s.app_saw("w-2", "/", 200).fence(requests(), "f")))
            .broken(Blame::Defender, &["did not"]),
        case("never seen", &never, then(|s| _ = s.fence(requests(), "f")))
            .holds(&["a later one on port 80 it saw"]),
        case("never seen, and no fence", &never, then(|_| ())).unproved(&["no fence"]),
        case(
            "a fence of another port",
            &never,
            then(|s| _ = s.fence(Pipeline::AppRequests { port: 81 }, "f")),
        )
        .unproved(&["no fence of the requests behind port 80"]),
        case("a fence from before", &never, |s| {
            s.fenced(requests(), "f", FencePhase::Sent, &[]);
            get(s);
            s.fenced(requests(), "f", FencePhase::Passed, &[]);
        })
        .unproved(&["no fence"]),
        case("the app's log was cut", &never, move |s| {
            get(s);
            s.fence(requests(), "f").lost(logs());
        })
        .unproved(&["evidence was lost"]),
        case("audits lost", &never, then(|s| _ = s.fence(requests(), "f").lost(Pipeline::Audits))).holds(&[]),
        case(
            "those of another port lost",
            &never,
            then(|s| _ = s.fence(requests(), "f").lost(Pipeline::AppRequests { port: 81 })),
        )
        .holds(&[]),
        case("seen after all", &never, then(|s| _ = s.app_saw("w-1", "/a", 200)))
            .broken(Blame::Defender, &["it saw 1 request", "GET /a"]),
        case("seen in a bare task", &never, |s| {
            s.bare().stimulus("w-1", "GET /").app_saw("w-1", "/", 200);
        })
        .broken(Blame::Fargate, &["it saw 1 request"]),
        case("none was sent", &never, |s| _ = s.protected().fence(requests(), "f"))
            .unproved(&["did not run"]),
    ]
}

impl Scene<'_> {
    fn served(&mut self, token: &str, target: &str) -> &mut Self {
        let (method, target, token) = ("GET".to_owned(), target.to_owned(), Some(token.to_owned()));
        let request = Observation::ServiceRequest { method, target, token, body: Body::default() };
        self.add(Source::Outside("shop.test".into()), request)
    }
}

pub fn of_services() -> Vec<Case> {
    let service = || Pipeline::ServiceRequests { service: "shop.test".into() };
    let check = |times| {
        let (token, service, path) = ("w-1".into(), "shop.test".into(), "/pay".into());
        Check::ServiceRequests(ServiceRequests { token, service, path, times })
    };
    let (none, once) = (check(0), check(1));
    vec![
        case("once", &once, |s| {
            get(s);
            s.served("w-1", "/pay?x=1").served("w-1", "/other").served("f", "/pay").fence(service(), "f");
        })
        .holds(&["asked for /pay 1 time"]),
        case("none", &none, |s| {
            get(s);
            s.fence(service(), "f");
        })
        .holds(&["0 times"]),
        case("none so far", &none, get).unproved(&["not final"]),
        case("one too many, without a fence", &none, |s| {
            get(s);
            s.served("w-1", "/pay");
        })
        .broken(Blame::Defender, &["it was asked 1 time"]),
        case("too few", &once, |s| {
            get(s);
            s.fence(service(), "f");
        })
        .broken(Blame::Defender, &["it was asked 0 times"]),
        case("a fence of another service", &none, |s| {
            get(s);
            s.fence(Pipeline::ServiceRequests { service: "other.test".into() }, "f");
        })
        .unproved(&["no fence of the requests at \"shop.test\""]),
        case("the relay lost some", &none, |s| {
            get(s);
            s.fence(service(), "f").lost(Pipeline::Relay);
        })
        .unproved(&["evidence was lost"]),
        case("a log was cut", &none, |s| {
            get(s);
            s.fence(service(), "f").lost(Pipeline::Logs { container: "nginx".into() });
        })
        .holds(&[]),
    ]
}

#[test]
fn requests_that_arrive() {
    run(&of_apps());
    run(&of_services());
}
