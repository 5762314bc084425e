//! What clients asked for through the firewall, beside what the model says.

use super::case::{Case, case, run};
use crate::sample::tape::Scene;
use proofhouse_model::requests::{AppAnswer, Attack, Meanings, Place, Planted, Sent, Spot};
use proofhouse_protocol::observation::{Blame, FencePhase, Pipeline, Plane, sha256};
use proofhouse_protocol::{Observation, Semantics};
use proofhouse_reports::Check;
use proofhouse_reports::checks::{AsModelled, Asked, Visit};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TOKEN: &str = "t0123456789ab";
const FIRST: &str = "t0123456789ab-1";
const SECOND: &str = "t0123456789ab-2";
const TARGET: &str = "/?id=x";
/// Headers of the answer of the sample.
const OF_APP: [(&str, &str); 2] = [("Server", "nginx/1.22.1"), ("Content-Type", "text/html")];
const ID: &str = "7b0e1d52-0000-0000-0000-000000000000";

fn sent(attack: bool) -> Sent {
    let place = Place { spot: Spot::Query, key: "id".to_owned(), value: "x".to_owned(), sure: true };
    let planted = Planted { attack: Attack::Sqli, place };
    Sent {
        peer: "203.0.113.7".parse().unwrap(),
        port: 80,
        method: "GET".to_owned(),
        target: TARGET.to_owned(),
        headers: vec![("Host".to_owned(), "shop".to_owned())],
        body: String::new(),
        coded_sha256: None,
        fields: Vec::new(),
        files: Vec::new(),
        app_answer: None,
        document: None,
        app_status: 200,
        bot: None,
        attacks: if attack { vec![planted] } else { Vec::new() },
    }
}

fn check(requests: &[bool]) -> Check {
    let asked = |attack: &bool| Asked { sent: sent(*attack), own: None };
    let requests = requests.iter().map(asked).collect();
    Check::AsModelled(AsModelled {
        semantics: Semantics::current(),
        images: BTreeMap::new(),
        links: Vec::new(),
        tried: Vec::new(),
        visits: vec![Visit { token: TOKEN.to_owned(), requests }],
        meanings: Meanings::new(),
    })
}

/// The same where it is known which headers the app answers with.
fn answered_with(attack: bool, headers: &[(&str, &str)]) -> Check {
    let Check::AsModelled(mut check) = check(&[attack]) else { unreachable!("it is that check") };
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    check.visits[0].requests[0].sent.app_answer = Some(AppAnswer { headers, body_bytes: 0, leaks: false });
    Check::AsModelled(check)
}

fn governed(s: &mut Scene<'_>, effect: &str) {
    s.protected().console(Observation::LinkConnected {
        app_id: "shop:4e2c0d6a".into(),
        peer: "10.0.42.7:40000".into(),
        certificate: "c".into(),
    });
    revision(s, 3, effect);
}

fn revision(s: &mut Scene<'_>, revision: u64, effect: &str) {
    let app = json!({"appID": "app-0001", "sqli": {"effect": effect},
        "apiSpec": {"endpoints": [{"host": "*", "basePath": "*", "exposedPort": 80, "internalPort": 7001}]}});
    let rule =
        json!({"name": "r", "collections": [{"name": "All", "appIDs": ["*"]}], "applicationsSpec": [app]});
    s.console(Observation::PolicyRevision { revision, policy: json!({"waas": {"rules": [rule]}}) });
    s.console(Observation::PolicyApplied { revision });
}

fn fenced(s: &mut Scene<'_>) {
    s.fence(Pipeline::AppRequests { port: 80 }, "f-1");
    s.fenced(Pipeline::Audits, "f-2", FencePhase::Sent, &[]);
    s.fenced(Pipeline::Audits, "f-2", FencePhase::Passed, &["nginx"]);
}

/// What the app answers, which is what it got.
fn echo(headers: &Value, body: &str) -> String {
    let echo = json!({"method": "GET", "target": TARGET, "version": "HTTP/1.1", "headers": headers,
        "body": {"length": body.len(), "sha256": sha256(body.as_bytes())}});
    format!("{echo}\n")
}

fn whole_echo() -> String {
    echo(&json!([["Host", "shop"]]), "")
}

fn page() -> String {
    format!("<html>Access denied: {ID}</html>")
}

/// An audit of a request, with other members.
fn audit(token: &str, changes: &[(&str, Value)]) -> Value {
    let mut audit = json!({"time": "2026-01-05T09:00:00Z", "type": "sqli", "effect": "prevent", "ruleName": "r",
        "ruleAppID": "app-0001", "msg": "m", "host": true, "hostname": "shop:4e2c0d6a", "appID": "shop:4e2c0d6a",
        "firewallType": "app-embedded", "protection": "firewall", "method": "GET", "urlPath": "/", "urlQuery": "id=x",
        "requestHost": "shop", "url": "shop/", "userAgentHeader": "", "subnet": "203.0.113.7", "count": 1,
        "statusCode": 403, "eventID": ID, "attackField": {"type": "query", "key": "id", "value": "x"},
        "requestHeaders": format!("GET {TARGET} HTTP/1.1\r\nHost: shop\r\nX-Proofhouse-Token: {token}"),
        "requestHeaderNames": ["X-Proofhouse-Token"]});
    for (member, value) in changes {
        audit[*member] = value.clone();
    }
    audit
}

/// A request that is answered so, and what the app and the Console see of it.
fn asked(s: &mut Scene<'_>, token: &str, answer: (u16, &str), at_app: usize, audits: &[Value]) {
    s.stimulus(token, "GET /?id=x");
    (0..at_app).for_each(|_| _ = s.app_saw(token, TARGET, 200));
    s.exchange(token, TARGET, answer.0, Some(ID), answer.1);
    audits.iter().for_each(|audit| _ = s.audit(Plane::Firewall, audit.clone()));
}

/// The one request of a visit under a policy.
fn came(
    effect: &'static str,
    status: u16,
    body: String,
    at_app: usize,
    audits: Vec<Value>,
) -> impl FnOnce(&mut Scene<'_>) {
    move |s| {
        governed(s, effect);
        asked(s, FIRST, (status, &body), at_app, &audits);
        fenced(s);
    }
}

pub fn of_requests() -> Vec<Case> {
    let (attack, benign) = (check(&[true]), check(&[false]));
    let told = || vec![audit(FIRST, &[])];
    let alerted = || vec![audit(FIRST, &[("effect", json!("alert")), ("statusCode", json!(200))])];
    let says = |name, member: &str, value: Value| {
        case(name, &attack, came("prevent", 403, page(), 0, vec![audit(FIRST, &[(member, value)])]))
            .broken(Blame::Defender, &[&format!("{member} of an audit is")])
    };
    vec![
        case("prevented and told of", &attack, came("prevent", 403, page(), 0, told()))
            .holds(&["1 trial came to what the model says"]),
        case("alerted", &attack, came("alert", 200, whole_echo(), 1, alerted())).holds(&["1 trial"]),
        case("off", &attack, came("disable", 200, whole_echo(), 1, vec![])).holds(&["1 trial"]),
        case("benign", &benign, came("prevent", 200, whole_echo(), 1, vec![])).holds(&["1 trial"]),
        case(
            "the app's headers",
            &answered_with(false, &OF_APP),
            came("prevent", 200, whole_echo(), 1, vec![]),
        )
        .holds(&["1 trial"]),
        case(
            "a header of the app lost",
            &answered_with(false, &[OF_APP[0], OF_APP[1], ("Set-Cookie", "a=b")]),
            came("prevent", 200, whole_echo(), 1, vec![]),
        )
        .broken(Blame::Defender, &["the header `set-cookie` of the answer was to be [\"a=b\"], and is []"]),
        case(
            "a header that the app did not send",
            &answered_with(false, &OF_APP[..1]),
            came("prevent", 200, whole_echo(), 1, vec![]),
        )
        .broken(Blame::Defender, &["the header `content-type` of the answer was to be []"]),
        case(
            "an audit without the names of the app's headers",
            &answered_with(true, &OF_APP),
            came("alert", 200, whole_echo(), 1, alerted()),
        )
        .broken(Blame::Defender, &["responseHeaderNames of an audit are"]),
        case("prevented, and the app saw it", &attack, came("prevent", 403, page(), 1, told()))
            .broken(Blame::Defender, &["the app was never to see it"]),
        case("prevented, and answered", &attack, came("prevent", 200, whole_echo(), 0, told()))
            .broken(Blame::Defender, &["it was to be refused with status 403"]),
        case("another page", &attack, came("prevent", 403, "<html></html>".to_owned(), 0, told()))
            .broken(Blame::Defender, &["the page was to be HTML that says \"Access denied\""]),
        case("prevented in silence", &attack, came("prevent", 403, page(), 0, vec![]))
            .broken(Blame::Defender, &["an audit is owed, sqli, prevent, by \"r\", app-0001"]),
        case("told of twice", &attack, came("prevent", 403, page(), 0, [told(), told()].concat()))
            .broken(Blame::Defender, &["an audit that is not owed"]),
        case("benign, and refused", &benign, came("prevent", 403, page(), 0, told()))
            .broken(Blame::Defender, &["the app's answer 200 was to come back"]),
        case("benign, and told of", &benign, came("prevent", 200, whole_echo(), 1, told()))
            .broken(Blame::Defender, &["an audit that is not owed"]),
        case("benign, and seen twice", &benign, came("prevent", 200, whole_echo(), 2, vec![]))
            .broken(Blame::Defender, &["the app was to see it once, and saw it 2 times"]),
        case("benign, and answered by somebody else", &benign, came("prevent", 200, whole_echo(), 0, vec![]))
            .broken(Blame::Defender, &["the app was to see it, and never did"]),
        case(
            "another body at the app",
            &benign,
            came("prevent", 200, echo(&json!([["Host", "shop"]]), "y"), 1, vec![]),
        )
        .broken(Blame::Defender, &["the app got another one"]),
        case("a header lost", &benign, came("prevent", 200, echo(&json!([]), ""), 1, vec![]))
            .broken(Blame::Defender, &["the header `Host: shop` was sent"]),
        case("another answer than the app's", &benign, came("prevent", 200, "hello".to_owned(), 1, vec![]))
            .broken(Blame::Defender, &["the app answered with what it was asked"]),
        case("another target at the app", &benign, |s| {
            governed(s, "prevent");
            s.stimulus(FIRST, "GET /?id=x").app_saw(FIRST, "/?id=y", 200);
            s.exchange(FIRST, TARGET, 200, Some(ID), &whole_echo());
            fenced(s);
        })
        .broken(Blame::Defender, &["was sent, and the app saw `GET /?id=y`"]),
        case("an audit of nobody", &benign, came("prevent", 200, whole_echo(), 1, vec![audit("t-9", &[])]))
            .broken(Blame::Defender, &["an audit of nothing that was tried"]),
        says("another effect", "effect", json!("alert")),
        says("another rule", "ruleName", json!("s")),
        says("another app", "ruleAppID", json!("app-0002")),
        says("another client", "subnet", json!("203.0.113.8")),
        says("another event", "eventID", json!("0")),
        says("another status", "statusCode", json!(200)),
        says("another path", "urlPath", json!("/x")),
        says("another number", "count", json!(2)),
        case(
            "another place",
            &attack,
            came(
                "prevent",
                403,
                page(),
                0,
                vec![audit(FIRST, &[("attackField", json!({"type": "cookie", "key": "id"}))])],
            ),
        )
        .broken(Blame::Defender, &["/attackField/type of an audit is `cookie`"]),
        case(
            "two hours off",
            &attack,
            came("prevent", 403, page(), 0, vec![audit(FIRST, &[("time", json!("2026-01-05T07:00:00Z"))])]),
        )
        .broken(Blame::Defender, &["an audit has the time 2026-01-05T07:00:00Z"]),
        case("no fence of the app", &attack, |s| {
            governed(s, "prevent");
            asked(s, FIRST, (403, &page()), 0, &[audit(FIRST, &[])]);
            s.fenced(Pipeline::Audits, "f-2", FencePhase::Sent, &[]);
            s.fenced(Pipeline::Audits, "f-2", FencePhase::Passed, &["nginx"]);
        })
        .unproved(&["the app has not seen it so far"]),
        case("no fence of the audits", &attack, |s| {
            governed(s, "prevent");
            asked(s, FIRST, (403, &page()), 0, &[]);
            s.fence(Pipeline::AppRequests { port: 80 }, "f-1");
        })
        .unproved(&["an audit is owed", "no fence of"]),
        case("it was not sent", &attack, |s| {
            governed(s, "prevent");
            fenced(s);
        })
        .unproved(&["it was not sent"]),
        case("it was not answered", &benign, |s| {
            governed(s, "prevent");
            s.stimulus(FIRST, "GET /?id=x").unanswered(FIRST, false);
            fenced(s);
        })
        .broken(Blame::Defender, &["it was to be answered"]),
    ]
}

pub fn of_sequences() -> Vec<Case> {
    let banned = |token: &str| {
        let members =
            [("type", json!("violationsExceeded")), ("effect", json!("ban")), ("attackField", json!({}))];
        audit(token, &members)
    };
    let ban = || audit(FIRST, &[("effect", json!("ban"))]);
    let check = check(&[true, false]);
    let second = |status: u16, body: String, at_app: usize, audits: Vec<Value>| {
        move |s: &mut Scene<'_>| {
            governed(s, "ban");
            asked(s, FIRST, (403, &page()), 0, &[ban()]);
            asked(s, SECOND, (status, &body), at_app, &audits);
            fenced(s);
        }
    };
    let changed = |status: u16, body: String, at_app: usize, audits: Vec<Value>| {
        move |s: &mut Scene<'_>| {
            governed(s, "ban");
            asked(s, FIRST, (403, &page()), 0, &[ban()]);
            revision(s, 4, "alert");
            asked(s, SECOND, (status, &body), at_app, &audits);
            fenced(s);
        }
    };
    vec![
        case("banned, and denied", &check, second(403, page(), 0, vec![banned(SECOND)])).holds(&["1 trial"]),
        case("banned, and served", &check, second(200, whole_echo(), 1, vec![]))
            .broken(Blame::Defender, &["it was to be refused", "request.banned"]),
        case("banned, and denied in silence", &check, second(403, page(), 0, vec![]))
            .broken(Blame::Defender, &["an audit is owed, violationsExceeded"]),
        case("a ban that ends with its policy", &check, changed(200, whole_echo(), 1, vec![]))
            .holds(&["1 trial"]),
        case("a ban that outlives its policy", &check, changed(403, page(), 0, vec![banned(SECOND)]))
            .holds(&["1 trial"]),
        case("amid a change, as the policy before has it", &self::check(&[true]), |s| {
            governed(s, "disable");
            s.stimulus(FIRST, "GET /?id=x");
            revision(s, 4, "prevent");
            s.app_saw(FIRST, TARGET, 200).exchange(FIRST, TARGET, 200, Some(ID), &whole_echo());
            fenced(s);
        })
        .holds(&["1 trial"]),
        case("amid a change, as neither has it", &self::check(&[true]), |s| {
            governed(s, "disable");
            s.stimulus(FIRST, "GET /?id=x");
            revision(s, 4, "prevent");
            s.app_saw(FIRST, TARGET, 200).exchange(FIRST, TARGET, 403, Some(ID), &page());
            fenced(s);
        })
        .broken(Blame::Defender, &["not as the model says"]),
    ]
}

#[test]
fn requests_come_to_what_the_model_says() {
    run(&[of_requests(), of_sequences()].into_iter().flatten().collect::<Vec<_>>());
}
