//! What a request is by its API, by examples.

use super::super::{Sent, Spot};
use super::{Document, Given, Member, unexpected};
use crate::Trail;
use proofhouse_protocol::WaasEffect::{self, Alert, Ban, Prevent};
use proofhouse_protocol::waas_policy::ApplicationSpec;
use serde_json::{Value, json};

fn app(spec: &Value) -> ApplicationSpec {
    let mut all = json!({"endpoints": [{"host": "*", "basePath": "*", "exposedPort": 80}],
        "effect": "alert", "fallbackEffect": "prevent", "queryParamFallbackEffect": "ban"});
    let members = spec.as_object().unwrap().clone();
    all.as_object_mut().unwrap().extend(members);
    serde_json::from_value(json!({"apiSpec": all})).unwrap()
}

/// One path with one method and those parameters.
fn taking(path: &str, method: &str, parameters: &Value) -> ApplicationSpec {
    app(&json!({"paths": [{"path": path, "methods": [{"method": method, "parameters": parameters}]}]}))
}

fn get(target: &str) -> Sent {
    Sent {
        peer: "203.0.113.7".parse().unwrap(),
        port: 80,
        method: "GET".to_owned(),
        target: target.to_owned(),
        headers: vec![("Host".to_owned(), "shop.example.com".to_owned())],
        body: String::new(),
        coded_sha256: None,
        fields: Vec::new(),
        files: Vec::new(),
        app_answer: None,
        document: None,
        app_status: 200,
        bot: None,
        attacks: Vec::new(),
    }
}

fn with(header: &str, value: &str) -> Sent {
    let mut sent = get("/");
    sent.headers.push((header.to_owned(), value.to_owned()));
    sent
}

fn post(kind: Spot, members: &[(&str, Given)]) -> Sent {
    let member = |(name, given): &(&str, Given)| Member { name: (*name).to_owned(), given: given.clone() };
    let document = Document { kind, members: members.iter().map(member).collect() };
    Sent {
        method: "POST".to_owned(),
        body: "whatever it is".to_owned(),
        document: Some(document),
        ..get("/")
    }
}

fn effects(app: &ApplicationSpec, sent: &Sent) -> Vec<Option<WaasEffect>> {
    unexpected(app, sent, &mut Trail::default())
}

/// W64: the vectors of the product, and others.
#[test]
fn numbers_of_the_query() {
    let of = |kind: &str| {
        taking("/", "GET", &json!([{"name": "n", "location": "query", "type": kind, "min": 100, "max": 200}]))
    };
    for (kind, value, expected) in [
        ("number", "99", vec![Some(Alert)]),
        ("number", "100", vec![None]),
        ("number", "150", vec![None]),
        ("number", "200", vec![None]),
        ("number", "201", vec![Some(Alert)]),
        ("number", "notnumber", vec![Some(Alert)]),
        ("number", "150.5", vec![None]),
        ("number", "%31%35%30", vec![None]),
        ("integer", "150.5", vec![Some(Alert)]),
        ("integer", "150", vec![None]),
        ("integer", "", vec![Some(Alert)]),
        ("integer", "1.5e2", vec![None, Some(Alert)]),
        ("string", "1", vec![None]),
        ("boolean", "true", vec![None]),
        ("boolean", "yes", vec![Some(Alert)]),
    ] {
        assert_eq!(effects(&of(kind), &get(&format!("/?n={value}"))), expected, "{kind} {value}");
    }
    let integer = of("integer");
    assert_eq!(effects(&integer, &get("/?n=150&n=99")), [Some(Alert)]);
    assert_eq!(effects(&integer, &get("/?n=150&n=151")), [None]);
    assert_eq!(effects(&integer, &get("/?N=150")), [None, Some(Alert), Some(Ban)]);
}

/// W65.
#[test]
fn what_must_be_there() {
    for (place, method) in [("query", "GET"), ("header", "GET"), ("cookie", "GET"), ("json", "POST")] {
        let spec = taking("/", method, &json!([{"name": "key", "location": place, "required": true}]));
        assert_eq!(effects(&spec, &Sent { method: method.to_owned(), ..get("/") }), [Some(Alert)], "{place}");
    }
    let header = taking("/", "GET", &json!([{"name": "X-Key", "location": "header", "required": true}]));
    assert_eq!(effects(&header, &with("x-key", "x")), [None]);
    let cookie = taking("/", "GET", &json!([{"name": "key", "location": "cookie", "required": true}]));
    assert_eq!(effects(&cookie, &with("Cookie", "a=1; key=2")), [None]);
    assert_eq!(effects(&cookie, &with("Cookie", "a=key")), [Some(Alert)]);
}

/// W66 to W69, W71.
#[test]
fn paths_and_methods() {
    let spec = json!({"paths": [{"path": "/", "methods": [{"method": "GET"}]},
        {"path": "/pet/mine", "methods": [{"method": "GET"}]},
        {"path": "/pet/{id}", "methods": [{"method": "GET", "parameters": [
            {"name": "id", "location": "path", "type": "integer", "required": true}]}]}]});
    let of_root = app(&spec);
    for (target, expected) in [
        ("/", vec![None]),
        ("/?x=1", vec![Some(Ban)]),
        ("/pet/7", vec![None]),
        ("/pet/%37", vec![None]),
        ("/pet/mine", vec![None]),
        ("/pet/x", vec![Some(Alert)]),
        ("/pet/x?y=1", vec![Some(Alert)]),
        ("/pet/7/x", vec![Some(Prevent)]),
        ("/pet/", vec![Some(Prevent)]),
        ("/pet//7", vec![Some(Prevent)]),
        ("/Pet/7", vec![Some(Prevent)]),
        ("/pet/..%2f7", vec![None, Some(Alert), Some(Prevent), Some(Ban)]),
    ] {
        assert_eq!(effects(&of_root, &get(target)), expected, "{target}");
    }
    assert_eq!(effects(&of_root, &Sent { method: "HEAD".to_owned(), ..get("/") }), [Some(Prevent)]);
    let mut below = spec;
    below["endpoints"] = json!([{"host": "*", "basePath": "/v2/*", "exposedPort": 80}]);
    let below = app(&below);
    assert_eq!(effects(&below, &get("/v2/pet/7")), [None]);
    assert_eq!(effects(&below, &get("/v2/v2")), [Some(Prevent)]);
    assert_eq!(effects(&below, &get("/v2/")), [None]);
}

/// W68: where parameters have no effect, nobody says whether others count behind a wrong one.
#[test]
fn what_is_off() {
    let spec = |effect: &str, others: &str| {
        app(&json!({"effect": effect, "fallbackEffect": "disable", "queryParamFallbackEffect": others,
            "paths": [{"path": "/", "methods": [{"method": "GET", "parameters": [
                {"name": "n", "location": "query", "type": "integer"}]}]}]}))
    };
    assert_eq!(effects(&spec("disable", "prevent"), &get("/?n=a")), [None]);
    assert_eq!(effects(&spec("disable", "prevent"), &get("/?n=a&x=1")), [None, Some(Prevent)]);
    assert_eq!(effects(&spec("alert", "prevent"), &get("/?n=a&x=1")), [Some(Alert)]);
    assert_eq!(effects(&spec("alert", "prevent"), &get("/other?x=1")), [None]);
    assert_eq!(effects(&spec("disable", "disable"), &get("/?n=a&x=1")), [None]);
    assert_eq!(effects(&app(&json!({})), &get("/?n=a")), [None]);
}

/// W70.
#[test]
fn lists() {
    for (style, explode, query, wrong) in [
        ("form", false, "n=1,2", false),
        ("form", false, "n=1,a", true),
        ("form", true, "n=1&n=2", false),
        ("form", true, "n=1&n=a", true),
        ("form", true, "n=1,2", true),
        ("pipeDelimited", false, "n=1%7C2", false),
        ("pipeDelimited", false, "n=1%7Ca", true),
        ("spaceDelimited", false, "n=1%202", false),
        ("spaceDelimited", false, "n=1+a", true),
        ("tabDelimited", false, "n=1%092", false),
        ("tabDelimited", false, "n=1%09a", true),
    ] {
        let spec = taking(
            "/",
            "GET",
            &json!([{"name": "n", "location": "query", "type": "integer",
            "array": true, "style": style, "explode": explode}]),
        );
        let expected = if wrong { Some(Alert) } else { None };
        assert_eq!(effects(&spec, &get(&format!("/?{query}"))), [expected], "{style} {explode} {query}");
    }
}

/// W64: members of bodies.
#[test]
fn bodies() {
    let text = |text: &str| Given::Text(text.to_owned());
    let number = |text: &str| Given::Number(text.to_owned());
    let json = |more: Value| {
        let mut parameter = json!({"name": "n", "location": "json", "type": "integer", "max": 9});
        parameter.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        taking("/", "POST", &json!([parameter]))
    };
    for (more, given, wrong) in [
        (json!({}), number("9"), false),
        (json!({}), number("10"), true),
        (json!({}), text("9"), true),
        (json!({}), Given::Null, true),
        (json!({}), Given::Members, true),
        (json!({"allowEmptyValue": true}), Given::Null, false),
        (json!({"array": true}), Given::List(vec![number("1"), number("9")]), false),
        (json!({"array": true}), Given::List(vec![number("1"), number("10")]), true),
        (json!({"array": true}), number("1"), true),
        (json!({"type": "boolean"}), Given::Truth(true), false),
        (json!({"type": "string"}), number("1"), true),
        (json!({"type": "object"}), Given::Members, false),
    ] {
        let expected = if wrong { Some(Alert) } else { None };
        let sent = post(Spot::JsonBody, &[("n", given.clone())]);
        assert_eq!(effects(&json(more.clone()), &sent), [expected], "{more} {given:?}");
    }
    let form = taking("/", "POST", &json!([{"name": "n", "location": "formData", "type": "integer"}]));
    assert_eq!(effects(&form, &post(Spot::FormBody, &[("n", text("7"))])), [None]);
    assert_eq!(effects(&form, &post(Spot::FormBody, &[("n", text("a"))])), [Some(Alert)]);
    assert_eq!(effects(&form, &post(Spot::JsonBody, &[("n", text("a"))])), [None, Some(Alert)]);
    let mut short = form;
    short.body.inspection_size_bytes = 3;
    assert_eq!(effects(&short, &post(Spot::FormBody, &[("n", text("a"))])), [None, Some(Alert)]);
}
