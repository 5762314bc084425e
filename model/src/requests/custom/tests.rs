//! What becomes of requests under custom rules, by examples.

use super::*;
use crate::requests::{
    Answer, Attack, FieldOfBody, Judged, Moment, Place, Planted, Sent, Spot, Standing, judge_request,
};
use serde_json::{Value, json};

fn sent() -> Sent {
    let place = Place { spot: Spot::Query, key: "id".to_owned(), value: "x".to_owned(), sure: true };
    Sent {
        peer: "203.0.113.7".parse().unwrap(),
        port: 80,
        method: "POST".to_owned(),
        target: "/shop/list.php?id=A%20b&flag".to_owned(),
        headers: [
            ("Host", "shop.example.com"),
            ("X-Tag", "one"),
            ("x-tag", "two"),
            ("Cookie", "sid=7; lang=en"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
        body: "note=A%20b".to_owned(),
        coded_sha256: None,
        fields: vec![FieldOfBody { written: "A%20b".to_owned(), value: "A b".to_owned() }],
        files: Vec::new(),
        app_answer: None,
        document: None,
        app_status: 201,
        bot: None,
        attacks: vec![Planted { attack: Attack::Sqli, place }],
    }
}

fn text(of: Subject, test: Test) -> Expression {
    Expression::Text { of, steps: Vec::new(), test }
}

fn path(text: &str) -> Expression {
    self::text(Subject::Path, Test::Equals(text.to_owned()))
}

/// Rules of which each says of its type, expression and effect.
fn judged(rules: &[(&str, Expression, &str)]) -> Vec<Judged> {
    let (mut meanings, mut attached, mut all) = (Meanings::new(), Vec::new(), Vec::new());
    for (number, (kind, expression, effect)) in rules.iter().enumerate() {
        let script = expression.to_string();
        let message = format!("rule {number}: %req.http_method of %req.path by %req.ip");
        all.push(json!({"_id": number, "type": kind, "script": script, "message": message}));
        attached.push(json!({"_id": number, "effect": effect}));
        meanings.insert(script, expression.clone());
    }
    let endpoint = json!({"host": "*", "basePath": "*", "exposedPort": 80});
    let app = json!({"appID": "a", "apiSpec": {"endpoints": [endpoint]}, "sqli": {"effect": "prevent"},
        "customRules": attached});
    let rule =
        json!({"name": "r", "collections": [{"name": "c", "appIDs": ["*"]}], "applicationsSpec": [app]});
    let policy = serde_json::from_value(json!({"rules": [rule], "customRules": all})).unwrap();
    judge_request(&policy, &meanings, "shop:1", (&sent(), Moment::default()), &Standing::default())
}

/// Whether the app gets it, the status of a page, and the types and effects of audits.
fn seen(one: &Judged) -> Value {
    let page = if let Answer::Page { status, .. } = one.answer { Some(status) } else { None };
    let told: Vec<_> = one.audits.iter().map(|told| format!("{} {}", told.kind, told.effect)).collect();
    json!([one.reaches_app, page, told])
}

fn request(holds: bool, effect: &'static str) -> (&'static str, Expression, &'static str) {
    ("waas-request", path(if holds { "/shop/list.php" } else { "/" }), effect)
}

/// W98 to W101.
#[test]
fn effects() {
    let sqli = json!([false, 403, ["sqli prevent"]]);
    for (rules, expected) in [
        (vec![request(false, "prevent")], vec![sqli.clone()]),
        (vec![request(true, "disable")], vec![sqli]),
        (vec![request(true, "allow")], vec![json!([true, null, []])]),
        (vec![request(true, "alert")], vec![json!([false, 403, ["customRule alert", "sqli prevent"]])]),
        (vec![request(true, "prevent")], vec![json!([false, 403, ["customRule prevent"]])]),
        (vec![request(true, "ban")], vec![json!([false, 403, ["customRule ban"]])]),
        (
            vec![request(true, "prevent"), request(true, "alert")],
            vec![json!([false, 403, ["customRule alert", "customRule prevent"]])],
        ),
        (
            vec![request(true, "prevent"), request(true, "ban")],
            vec![
                json!([false, 403, ["customRule prevent"]]),
                json!([false, 403, ["customRule ban"]]),
                json!([false, 403, ["customRule prevent", "customRule ban"]]),
            ],
        ),
    ] {
        assert_eq!(judged(&rules).iter().map(seen).collect::<Vec<_>>(), expected, "{rules:?}");
    }
    assert_eq!(judged(&[request(true, "ban")])[0].bans.as_deref(), Some("a"));
    let said = judged(&[request(true, "prevent")])[0].audits[0].msg.clone();
    assert_eq!(said.as_deref(), Some("rule 0: POST of /shop/list.php by 203.0.113.7"));
}

/// W101: the app has got the request by then.
#[test]
fn answers() {
    let of = |relation, status, effect| {
        let rules = [
            ("waas-request", path("/other"), "allow"),
            ("waas-response", Expression::Status(relation, status), effect),
        ];
        judged(&rules).iter().map(seen).collect::<Vec<_>>()
    };
    // The attack is found before there is an answer.
    assert_eq!(of(Relation::Equal, 201, "prevent"), [json!([false, 403, ["sqli prevent"]])]);
    for (relation, status, holds) in [
        (Relation::Equal, 201, true),
        (Relation::Other, 201, false),
        (Relation::Less, 201, false),
        (Relation::AtMost, 201, true),
        (Relation::More, 200, true),
        (Relation::AtLeast, 202, false),
    ] {
        let seen = Seen { sent: &sent(), client: sent().peer, whole: true, status: Some(201) };
        let found = Expression::Status(relation, status).holds(&seen, &mut crate::Trail::default());
        assert_eq!(found, Some(holds), "{relation:?} {status}");
    }
}

/// W98, W102, W103.
#[test]
fn tests_of_texts() {
    let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let is = |text: &str| Test::Equals(text.to_owned());
    let header = |name: &str| Subject::Header(name.to_owned());
    let id = || Subject::QueryParam("id".to_owned());
    for (of, test, expected) in [
        (Subject::Method, is("POST"), Some(true)),
        (Subject::Method, is("post"), Some(false)),
        (Subject::Method, Test::Differs("GET".to_owned()), Some(true)),
        (Subject::Method, Test::In(own(&["GET", "POST"])), Some(true)),
        (Subject::Path, Test::StartsWith("/shop".to_owned()), Some(true)),
        (Subject::Path, Test::Contains("list".to_owned()), Some(true)),
        (Subject::Path, Test::Matches("(?i)^/SHOP".to_owned()), Some(true)),
        (Subject::FileExtension, is("php"), Some(true)),
        (Subject::Host, is("shop.example.com"), Some(true)),
        (header("X-Tag"), is("two"), Some(true)),
        (header("X-TAG"), Test::Differs("one".to_owned()), Some(false)),
        (header("X-Other"), is(""), Some(true)),
        (Subject::HeaderNames, is("X-TAG"), Some(true)),
        (Subject::HeaderValues, Test::Contains("on".to_owned()), Some(false)),
        (Subject::HeaderValues, Test::Contains("one".to_owned()), Some(true)),
        (Subject::Cookie("sid".to_owned()), is("7"), Some(true)),
        (Subject::CookieNames, is("lang"), Some(true)),
        (Subject::CookieValues, is("en"), Some(true)),
        (id(), is("A%20b"), Some(true)),
        (Subject::QueryParamNames, is("flag"), Some(true)),
        (Subject::QueryParamValues, is("A b"), Some(false)),
        (Subject::BodyParamValues, is("A b"), None),
        (Subject::BodyParamValues, Test::StartsWith("A".to_owned()), Some(true)),
        (Subject::Body, is("note=A%20b"), Some(true)),
    ] {
        let seen = Seen { sent: &sent(), client: sent().peer, whole: true, status: None };
        let holds = text(of.clone(), test.clone()).holds(&seen, &mut crate::Trail::default());
        assert_eq!(holds, expected, "{of:?} {test:?}");
    }
    let decoded =
        Expression::Text { of: id(), steps: vec![Step::UrlQueryDecode, Step::Lowercase], test: is("a b") };
    let cut_off = text(Subject::Body, is("note=A%20b"));
    let office = Expression::Client(Among::In(own(&["198.51.100.0/24", "203.0.113.7"])));
    let elsewhere = Expression::Client(Among::IsNot("203.0.113.7".to_owned()));
    let seen = Seen { sent: &sent(), client: sent().peer, whole: false, status: None };
    for (expression, expected) in [
        (decoded.clone(), Some(true)),
        (cut_off.clone(), None),
        (office.clone(), Some(true)),
        (elsewhere.clone(), Some(false)),
        (Expression::Not(Box::new(office.clone())), Some(false)),
        (Expression::All(vec![office.clone(), decoded.clone()]), Some(true)),
        (Expression::All(vec![elsewhere.clone(), cut_off.clone()]), Some(false)),
        (Expression::Any(vec![elsewhere.clone(), cut_off.clone()]), None),
        (Expression::Any(vec![elsewhere, decoded]), Some(true)),
    ] {
        assert_eq!(expression.holds(&seen, &mut crate::Trail::default()), expected, "{expression}");
    }
}
