//! What was learned, exported and imported again takes the requests that it was learned from.

use super::{Entrance, Learner, Lesson, path, query};
use crate::RequestView;
use crate::api::{ApiProtection, Arrived};
use crate::policy::{Active, App};
use hyper::{Method, Response, Uri};
use proofhouse_openapi::{export, import};
use proofhouse_protocol::WaasEffect;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PORT: u16 = 8080;

fn active() -> Active {
    let policy = serde_json::from_value(
        json!({"rules": [{"name": "r", "collections": [{"name": "c", "appIDs": ["*"]}],
        "applicationsSpec": [{"appID": "app-1", "apiSpec": {"endpoints": [
            {"host": "*", "basePath": "*", "exposedPort": PORT, "internalPort": 80}]}}]}]}),
    );
    Active::compile(&policy.unwrap(), "task:1").unwrap()
}

fn app() -> Arc<App> {
    active().route(PORT, false, "h", "/").unwrap().app.unwrap()
}

fn hear(learner: &Learner, app: &App, method: &str, target: &str) {
    let lesson = Lesson { method: method.parse::<Method>().unwrap(), uri: target.parse::<Uri>().unwrap() };
    let entrance = Entrance { port: PORT, tls: false, host: "h" };
    learner.hear(app, entrance, &lesson, &Response::new(String::new()));
}

/// What is new, as method and path.
fn told(learner: &Learner) -> Vec<String> {
    let apis = learner.take(Instant::now());
    apis.iter().map(|api| format!("{} {}", api.method, api.path)).collect()
}

#[test]
fn only_what_is_new_is_told_and_as_a_whole() {
    let (learner, app) = (Learner::new(Instant::now()), app());
    hear(&learner, &app, "GET", "/pets/7?q=1");
    hear(&learner, &app, "GET", "/pets/8?q=2");
    assert_eq!(told(&learner), ["GET /pets/{id}"]);
    hear(&learner, &app, "GET", "/pets/9?q=3");
    assert!(told(&learner).is_empty());
    hear(&learner, &app, "GET", "/pets/9?q=x&r=1");
    hear(&learner, &app, "POST", "/pets");
    let apis = learner.take(Instant::now());
    assert_eq!(apis.len(), 2);
    let names = apis[1].query_params.iter().map(|param| (param.name.as_str(), param.kind.word()));
    assert_eq!(names.collect::<Vec<_>>(), [("q", "string"), ("r", "integer")]);
}

#[test]
fn half_an_hour_passes_between_two_tellings() {
    let start = Instant::now();
    let at = |minutes: u64| start + Duration::from_secs(60 * minutes);
    let (learner, app) = (Learner::new(start), app());
    hear(&learner, &app, "GET", "/a");
    assert!(learner.due(at(29)).is_empty());
    assert_eq!(learner.due(at(30)).len(), 1);
    hear(&learner, &app, "GET", "/b");
    assert!(learner.due(at(59)).is_empty());
    assert_eq!(learner.due(at(60)).len(), 1);
}

#[test]
fn there_are_fewer_than_a_thousand_apis_and_twenty_thousand_parameters() {
    let (learner, app) = (Learner::new(Instant::now()), app());
    let letters = |number: usize| format!("x{}", char::from(b'a' + u8::try_from(number % 26).unwrap()));
    for number in 0..1100 {
        let names: String = (0..25).map(|at| format!("&{}{number}{at}=1", letters(at))).collect();
        hear(&learner, &app, "GET", &format!("/a{number}?{names}"));
    }
    let apis = learner.take(Instant::now());
    let params: usize = apis.iter().map(|api| api.query_params.len()).sum();
    assert_eq!((apis.len(), params), (999, 19_999));
    // What is known goes on to be learned.
    hear(&learner, &app, "GET", "/a7?xa70=text");
    assert_eq!(told(&learner), ["GET /a7"]);
}

#[test]
fn an_app_that_is_gone_is_forgotten_and_learned_anew() {
    let (learner, app) = (Learner::new(Instant::now()), app());
    hear(&learner, &app, "GET", "/a");
    assert_eq!(told(&learner), ["GET /a"]);
    learner.retain(|id| id == "app-1");
    hear(&learner, &app, "GET", "/a");
    assert!(told(&learner).is_empty());
    learner.retain(|_| false);
    hear(&learner, &app, "GET", "/a");
    assert_eq!(told(&learner), ["GET /a"]);
}

fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => select(&["pets", "me", "v1", "a:b", "shop", "Shop"][..]).prop_map(str::to_owned),
        2 => (-99i64..9999).prop_map(|number| number.to_string()),
        1 => (0u32..99).prop_map(|number| format!("{number}.5")),
        1 => "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}",
        1 => "[0-9a-f]{14,20}",
        1 => "[a-zA-Z0-9._~!$&'()*+,;=:@-]{0,6}",
        1 => "(%[2-7][0-9A-F]|%C3%BC|%FF|%00|x){1,3}",
    ]
}

fn target() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        select(&["q", "Q", "page", "a%5B%5D", "%FF", ""][..]).prop_map(str::to_owned),
        "[a-z%+]{1,3}"
    ];
    let value = prop_oneof![
        (-99i64..99).prop_map(|number| number.to_string()),
        select(&["", "true", "false", "1.5", "-0.25", "1e3", "a+b", "%20", "x"][..]).prop_map(str::to_owned),
    ];
    let pair = (name, value, any::<bool>())
        .prop_map(|(name, value, bare)| if bare { name } else { format!("{name}={value}") });
    let query = proptest::collection::vec(pair, 0..4);
    (proptest::collection::vec(segment(), 0..5), query).prop_map(|(segments, query)| {
        let path = format!("/{}", segments.join("/"));
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    })
}

/// An API that has the least of everything is violated by everything that it does not have.
fn protection(learner: &Learner) -> Option<ApiProtection> {
    let document = export("app-1", &learner.take(Instant::now())).to_string();
    let mut spec = import(document.as_bytes()).unwrap();
    [spec.effect, spec.fallback_effect, spec.query_param_fallback_effect] = [WaasEffect::Prevent; 3];
    ApiProtection::of(&spec)
}

fn violates(protection: &ApiProtection, method: &str, target: &str) -> bool {
    let uri: Uri = target.parse().unwrap();
    let view = RequestView {
        method,
        path: uri.path().as_bytes(),
        query: uri.query().map(str::as_bytes),
        headers: &[("host", b"h")],
        ..RequestView::default()
    };
    let arrived = Arrived { port: PORT, encrypted: false, host: "h", body_read: true };
    protection.check(&view, &arrived).is_some()
}

proptest! {
    #[test]
    fn what_was_learned_is_accepted(requests in proptest::collection::vec((select(&["GET", "POST"][..]), target()), 1..12)) {
        let requests: Vec<_> = requests.into_iter().filter(|(_, target)| target.parse::<Uri>().is_ok()).collect();
        let (learner, app) = (Learner::new(Instant::now()), app());
        for (method, target) in &requests {
            hear(&learner, &app, method, target);
        }
        let Some(protection) = protection(&learner) else { return Ok(()) };
        for (method, target) in &requests {
            let uri: Uri = target.parse().unwrap();
            let teaches = !path::has_extension(uri.path())
                && path::fold(uri.path()).is_some()
                && query::learn(uri.query().unwrap_or_default()).is_some();
            if teaches {
                prop_assert!(!violates(&protection, method, target), "{} {}", method, target);
            }
        }
        prop_assert!(violates(&protection, "DELETE", "/pets"));
        prop_assert!(violates(&protection, "GET", "/nobody/asked/for/this/ever"));
    }
}
