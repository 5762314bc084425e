//! What a client outside gets.

use super::case::{Case, case, run};
use crate::sample::given::requests;
use crate::sample::tape::Scene;
use proofhouse_protocol::observation::{Blame, Body, KEPT, Pipeline, TlsSession};
use proofhouse_protocol::{Observation, Source};
use proofhouse_reports::Check;
use proofhouse_reports::checks::{Exchange, ExchangeExpectation};

const ID: &str = "7B0E1D52";

fn check(expect: ExchangeExpectation) -> Check {
    Check::Exchange(Exchange { token: "w-1".into(), expect })
}

fn get(status: u16, event: Option<&'static str>, body: &'static str) -> impl FnOnce(&mut Scene<'_>) {
    move |s| {
        s.protected().stimulus("w-1", "GET /").exchange("w-1", "/", status, event, body);
    }
}

impl Scene<'_> {
    /// A request that got nothing: refused, or given up.
    pub fn unanswered(&mut self, token: &str, timed_out: bool) -> &mut Self {
        let error = Some(if timed_out { "no answer in 5 s" } else { "connection reset" }.to_owned());
        let exchange = Observation::HttpExchange {
            client: "203.0.113.7:51000".into(),
            server: "10.0.42.7:80".into(),
            method: "GET".into(),
            target: "/".into(),
            request_headers: Vec::new(),
            status: None,
            response_headers: Vec::new(),
            body: Body::default(),
            elapsed_ms: 5000.0,
            error,
            timed_out,
            tls: None,
        };
        self.with(token, Source::Outside("client".into()), exchange)
    }
}

fn silent(timed_out: bool, more: fn(&mut Scene<'_>)) -> impl FnOnce(&mut Scene<'_>) {
    move |s| {
        s.protected().stimulus("w-1", "GET /").unanswered("w-1", timed_out);
        more(s);
    }
}

pub fn of_status() -> Vec<Case> {
    let ok = check(ExchangeExpectation::Status(200));
    vec![
        case("the status", &ok, get(200, None, "hello")).holds(&["was answered 200 with `hello`"]),
        case("another", &ok, get(403, None, ""))
            .broken(Blame::Defender, &["expected 200; GET / was answered 403"]),
        case("another in a bare task", &ok, |s| {
            s.bare().stimulus("w-1", "GET /").exchange("w-1", "/", 502, None, "");
        })
        .broken(Blame::Fargate, &["502"]),
        case("the last answer counts", &ok, |s| {
            get(502, None, "")(s);
            s.exchange("w-1", "/", 200, None, "");
        })
        .holds(&[]),
        case("no request", &ok, |s| _ = s.protected().stimulus("w-1", "GET /"))
            .unproved(&["sent no request"]),
        case("a connection that was reset", &ok, silent(false, |_| ()))
            .broken(Blame::Defender, &["connection reset"]),
        case("given up, and no fence", &ok, silent(true, |_| ())).unproved(&["no answer in 5 s", "no fence"]),
        case("given up, and a later one was answered", &ok, silent(true, |s| _ = s.fence(requests(), "f")))
            .broken(Blame::Defender, &["a later request on the same port was answered"]),
        case(
            "given up, and a later one on another port",
            &ok,
            silent(true, |s| {
                s.fence(Pipeline::AppRequests { port: 81 }, "f");
            }),
        )
        .unproved(&["no fence of the requests behind port 80"]),
        case(
            "given up, and the relay lost some",
            &ok,
            silent(true, |s| {
                s.fence(requests(), "f").lost(Pipeline::Relay);
            }),
        )
        .unproved(&["evidence was lost"]),
        case(
            "given up, and audits were lost",
            &ok,
            silent(true, |s| {
                s.fence(requests(), "f").lost(Pipeline::Audits);
            }),
        )
        .broken(Blame::Defender, &["was answered"]),
    ]
}

pub fn of_pages() -> Vec<Case> {
    let page = check(ExchangeExpectation::BlockPage);
    let missing = |words: &'static str, status, event, body| {
        case(words, &page, get(status, event, body))
            .broken(Blame::Defender, &["expected the block page", words])
    };
    vec![
        case("the page", &page, get(403, Some(ID), "Access Denied, event 7b0e1d52"))
            .holds(&["is the block page"]),
        missing("status 403", 200, Some(ID), "access denied 7b0e1d52"),
        missing("an X-Prisma-Event-Id header", 403, None, "access denied"),
        missing("the event id in the page", 403, Some(ID), "access denied"),
        missing("the words \"Access denied\"", 403, Some(ID), "7b0e1d52"),
        case("given up", &page, silent(true, |_| ())).unproved(&["no fence"]),
    ]
}

pub fn of_pairs() -> Vec<Case> {
    let same = check(ExchangeExpectation::SameAs("w-2".into()));
    let direct = |s: &mut Scene<'_>, status, body: &str| {
        s.stimulus("w-2", "GET / of the app").exchange("w-2", "/", status, None, body);
    };
    let long = "x".repeat(KEPT);
    vec![
        case("the same but for the event id", &same, |s| {
            get(200, Some(ID), "hello")(s);
            direct(s, 200, "hello");
        })
        .holds(&["came what the app itself sends"]),
        case("another body", &same, |s| {
            get(200, None, "hello!")(s);
            direct(s, 200, "hello");
        })
        .broken(Blame::Defender, &["a body of 6 bytes instead of 5"]),
        case("bodies that differ behind what is kept", &same, |s| {
            s.protected().stimulus("w-1", "GET /").exchange("w-1", "/", 200, None, &format!("{long}a"));
            direct(s, 200, &format!("{long}b"));
        })
        .broken(Blame::Defender, &["a body of 65537 bytes"]),
        case("another status", &same, |s| {
            get(502, None, "")(s);
            direct(s, 200, "");
        })
        .broken(Blame::Defender, &["status Some(502) instead of Some(200)"]),
        case("nothing to compare with", &same, |s| {
            get(200, None, "")(s);
            s.stimulus("w-2", "GET /").unanswered("w-2", false);
        })
        .unproved(&["the app itself gave nothing"]),
        case("the other was never sent", &same, get(200, None, "")).unproved(&["`w-2` sent no request"]),
    ]
}

#[test]
fn exchanges() {
    run(&of_status());
    run(&of_pages());
    run(&of_pairs());
    run(&of_what_is_told());
}

impl Scene<'_> {
    /// An answer with these headers, that came by this session.
    fn told(&mut self, headers: &[(&str, &str)], body: &str, tls: Option<&str>) -> &mut Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let session = |sha: &str| TlsSession { version: "1.3".into(), certificate_sha256: sha.to_owned() };
        let exchange = Observation::HttpExchange {
            client: "203.0.113.7:51000".into(),
            server: "10.0.42.7:80".into(),
            method: "GET".into(),
            target: "/".into(),
            request_headers: Vec::new(),
            status: Some(200),
            response_headers: headers,
            body: Body::of(body.as_bytes()),
            elapsed_ms: 5.0,
            error: None,
            timed_out: false,
            tls: tls.map(session),
        };
        self.protected().stimulus("w-1", "GET /");
        self.with("w-1", Source::Outside("client".into()), exchange)
    }
}

fn told(
    headers: &'static [(&'static str, &'static str)],
    body: &'static str,
    tls: Option<&'static str>,
) -> impl FnOnce(&mut Scene<'_>) {
    move |s| {
        s.told(headers, body, tls);
    }
}

pub fn of_what_is_told() -> Vec<Case> {
    let header = |values: &[&str]| {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        check(ExchangeExpectation::Header { name: "X-Own".into(), values })
    };
    let some = check(ExchangeExpectation::SomeHeader("X-Own".into()));
    let has = check(ExchangeExpectation::BodyHas("teapot".into()));
    let any = check(ExchangeExpectation::EventId);
    let id = check(ExchangeExpectation::EventIdInBody);
    let encrypted = check(ExchangeExpectation::Encrypted { certificate_sha256: "ab".into() });
    let every = check(ExchangeExpectation::Every { status: 200, count: 2 });
    let between = |within_ms| check(ExchangeExpectation::Changed { from: 403, to: 200, within_ms });
    let (changed, later) = (between((0, 60_000)), between((60_000, 70_000)));
    let refused = check(ExchangeExpectation::Refused);
    let defender = Blame::Defender;
    vec![
        case("a header", &header(&["1"]), told(&[("x-own", "1"), ("Via", "2")], "", None)).holds(&["`1`"]),
        case("its lines in order", &header(&["1", "2"]), told(&[("X-Own", "1"), ("x-own", "2")], "", None))
            .holds(&["`1`, `2`"]),
        case("in another order", &header(&["2", "1"]), told(&[("X-Own", "1"), ("x-own", "2")], "", None))
            .broken(defender, &["there is `1`, `2`"]),
        case("another value", &header(&["1"]), told(&[("x-own", "1; a")], "", None))
            .broken(defender, &["there is `1; a`"]),
        case("a line too many", &header(&["1"]), told(&[("x-own", "1"), ("x-own", "1")], "", None))
            .broken(defender, &["there is `1`, `1`"]),
        case("no header", &header(&[]), told(&[("Via", "2")], "", None)).holds(&["no such header"]),
        case("a header that should not be", &header(&[]), told(&[("x-own", "1")], "", None))
            .broken(defender, &["there is `1`"]),
        case("no header of an answer that never came", &header(&[]), silent(false, |_| {}))
            .broken(defender, &["connection reset"]),
        case("some header", &some, told(&[("x-own", "1")], "", None)).holds(&["a header X-Own"]),
        case("no header where there should be", &some, told(&[("Via", "1")], "", None))
            .broken(defender, &["a header X-Own"]),
        case("a text", &has, told(&[], "a teapot.", None)).holds(&["teapot"]),
        case("another text", &has, told(&[], "a kettle", None)).broken(defender, &["kettle"]),
        case("an id", &any, told(&[("x-prisma-event-id", "0b0e1d52-0000-0000-0000-0123456789ab")], "", None))
            .holds(&["0b0e1d52-"]),
        case("no id", &any, told(&[], "", None)).broken(defender, &["there is ``"]),
        case("what is none", &any, told(&[("x-prisma-event-id", ID)], "", None)).broken(defender, &[ID]),
        case("the event id", &id, told(&[("x-prisma-event-id", ID)], "<p>7B0E1D52</p>", None)).holds(&[ID]),
        case("no event id", &id, told(&[], "<p>7B0E1D52</p>", None)).broken(defender, &["the event id ``"]),
        case("one place of two", &id, told(&[("x-prisma-event-id", ID)], "<p>7B0E1D52 #eventID</p>", None))
            .broken(defender, &["wherever it belongs"]),
        case("another event id", &id, told(&[("x-prisma-event-id", ID)], "#eventID", None))
            .broken(defender, &["#eventID"]),
        case("encrypted", &encrypted, told(&[], "", Some("ab"))).holds(&["TLS 1.3"]),
        case("with another certificate", &encrypted, told(&[], "", Some("cd"))).broken(defender, &["cd"]),
        case("plain", &encrypted, told(&[], "", None)).broken(defender, &["it was not encrypted"]),
        case("every one", &every, |s| {
            get(200, None, "a")(s);
            s.exchange("w-1", "/", 200, None, "b");
        })
        .holds(&["2 of 2"]),
        case("all but the first", &every, |s| {
            get(403, None, "a")(s);
            s.exchange("w-1", "/", 200, None, "b");
        })
        .broken(defender, &["number 1 of 2", "was answered 403"]),
        case("all but the last", &every, |s| {
            get(200, None, "a")(s);
            s.unanswered("w-1", false);
        })
        .broken(defender, &["number 2 of 2"]),
        case("fewer than were to be sent", &every, get(200, None, "a")).unproved(&["1 of 2"]),
        case("one status, and then another", &changed, |s| {
            get(403, None, "a")(s);
            s.exchange("w-1", "/", 403, None, "a").exchange("w-1", "/", 200, None, "b");
        })
        .holds(&["200 after"]),
        case("never another", &changed, get(403, None, "a")).broken(defender, &["403 after -1 ms, of 1"]),
        case("at once another", &changed, get(200, None, "a")).broken(defender, &["of 1 requests"]),
        case("a third between", &changed, |s| {
            get(403, None, "a")(s);
            s.exchange("w-1", "/", 502, None, "a").exchange("w-1", "/", 200, None, "b");
        })
        .broken(defender, &["of 3 requests"]),
        case("too early", &later, |s| {
            get(403, None, "a")(s);
            s.exchange("w-1", "/", 200, None, "b");
        })
        .broken(defender, &["after 60000 to 70000 ms"]),
        case("refused", &refused, silent(false, |_| {})).holds(&["connection reset"]),
        case("given up", &refused, silent(true, |_| {})).unproved(&["no answer in 5 s"]),
        case("answered", &refused, told(&[], "", None)).broken(defender, &["was answered 200"]),
    ]
}
