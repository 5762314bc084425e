//! Policies that a Console refuses, from a file and by its API.

use crate::support::{Going, Place, definition};
use nix::sys::signal::Signal;
use proofhouse_protocol::Secret;
use proofhouse_protocol::observation::Forget;
use proofhouse_scenarios::rig::ConsoleClient;
use serde_json::{Value, json};
use std::sync::Arc;

const POLICY: &str = r#"{
  "rules": [
    {
      "name": "shop",
      "collections": [{"name": "All"}],
      "processes": {"effect": "prevent", "blacklist": ["touch"]},
      "network": {"effect": "disable"},
      "dns": {"effect": "alert"},
      "filesystem": {"effect": "disable"}
    }
  ]
}
"#;

/// `(name, policy)` of each mistake.
fn mistakes() -> [(&'static str, String); 3] {
    [
        ("wrong effect", POLICY.replace("\"prevent\"", "\"deny\"")),
        ("block", POLICY.replace("\"prevent\"", "\"block\"")),
        (
            "container style",
            POLICY.replace(
                "\"effect\": \"alert\"",
                "\"defaultEffect\": \"alert\", \"domainList\": {\"allowed\": []}",
            ),
        ),
    ]
}

#[test]
fn a_file_with_mistakes_gives_an_error_at_each_member() {
    for (name, policy) in mistakes() {
        let place = Place::with("task.json", &definition("plain.json")).and("policy.json", &policy);
        let ended = place.run(&["up", "task.json", "--runtime-policy", "policy.json"]);
        insta::assert_snapshot!(name.replace(' ', "_"), ended.seen());
        place.assert_nothing_left(ended.pid);
    }
}

/// Five mistakes in three rules.
fn many_mistakes() -> String {
    let rule = |name: &str, collection: &str, effect: &str| {
        format!(
            "    {{\"name\": \"{name}\", \"collections\": [{{\"name\": \"{collection}\"}}],\n     \"processes\": {{\"effect\": \
             \"{effect}\"}}, \"network\": {{\"effect\": \"disable\"}},\n     \"dns\": {{\"effect\": \"alert\"}}}}"
        )
    };
    let rules =
        [rule("shop", "All", "block"), rule("shop", "All", "prevent"), rule("bar", "no spaces", "prevent")];
    format!("{{\n  \"rules\": [\n{}\n  ]\n}}\n", rules.join(",\n"))
}

#[test]
fn every_mistake_of_both_policies_is_told_at_its_line() {
    let waas = r#"{"rules": [{"name": "front", "collections": [{"name": "All"}], "applicationsSpec": [
  {"sqli": {"effect": "block"}, "apiSpec": {"endpoints": [{"exposedPort": 0}]}}]}]}"#;
    let place = Place::with("task.json", &definition("plain.json"))
        .and("runtime.json", &many_mistakes())
        .and("waas.json", waas);
    let ended =
        place.run(&["up", "task.json", "--runtime-policy", "runtime.json", "--waas-policy", "waas.json"]);
    insta::assert_snapshot!(ended.seen());
    place.assert_nothing_left(ended.pid);
}

#[test]
fn a_policy_file_that_is_not_json() {
    let place = Place::with("task.json", &definition("plain.json")).and("policy.json", "{\"rules\": [}\n");
    insta::assert_snapshot!(place.run(&["up", "task.json", "--waas-policy", "policy.json"]).seen());
}

#[test]
fn a_zone_that_is_none() {
    let place = Place::with("task.json", &definition("plain.json"));
    insta::assert_snapshot!(place.run(&["up", "task.json", "--zone", "api.example.com"]).seen());
}

#[test]
fn a_console_refuses_the_same_and_ends_in_order() {
    let place = Place::new();
    let mut console =
        Going::start(place.command(&["console", "--rest", "127.0.0.1:0", "--link", "127.0.0.1:0"]));
    let mut value = |name: &str| {
        let line = console.line_of_stdout(name);
        line.trim_start_matches(name).split_whitespace().next().unwrap().to_owned()
    };
    let url = value("REST API");
    let (user, password, certificate) = (value("user"), value("password"), value("certificate"));
    let port: u16 = url.trim_start_matches("https://localhost:").split('/').next().unwrap().parse().unwrap();
    // The client of the rig takes rustls with one provider, which a command installs when it starts.
    let _first = rustls::crypto::ring::default_provider().install_default();
    let pem = std::fs::read_to_string(&certificate).unwrap();
    let caller = (user.as_str(), &Secret::new(password));
    let client = ConsoleClient::new(([127, 0, 0, 1], port).into(), &pem, caller, Arc::new(Forget)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let put = |policy: &str| {
        let policy: Value = serde_json::from_str(policy).unwrap();
        runtime.block_on(client.call("PUT", "/policies/runtime/app-embedded", Some(&policy), None)).unwrap()
    };
    assert!(put(POLICY).is_success());
    let answers: Vec<_> = mistakes()
        .iter()
        .map(|(_, policy)| put(policy))
        .map(|answer| json!([answer.status, answer.body]))
        .collect();
    insta::assert_json_snapshot!(answers);
    insta::assert_snapshot!("all_of_many", put(&many_mistakes()).error().unwrap());
    console.line_of_stdout("Ctrl-C");
    console.signal(Signal::SIGINT);
    let ended = console.end();
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    place.assert_nothing_left(ended.pid);
}
