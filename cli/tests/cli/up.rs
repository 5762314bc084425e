//! `proofhouse up`: a protected task for as long as someone wants it.

use crate::support::{Going, Place, assets, definition};
use nix::sys::signal::Signal;
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

const WAAS: &str = r#"{"rules": [{"name": "front door", "collections": [{"name": "shop", "appIDs": ["web-and-worker:*"]}],
  "applicationsSpec": [{"appID": "shop", "sqli": {"effect": "prevent"},
    "apiSpec": {"endpoints": [{"host": "*", "basePath": "*", "exposedPort": 80, "internalPort": 8080}]}}]}]}"#;

/// The whole answer to a request.
pub fn get(address: &str, target: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {target} HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn a_task_is_reached_from_loopback_and_its_audits_are_followed() {
    let place = Place::with("task.json", &definition("web-and-worker.json")).and("waas.json", WAAS);
    let assets = assets();
    let mut up = Going::start(place.command(&[
        "up",
        "task.json",
        "--waas-policy",
        "waas.json",
        "--zone",
        "api.example.com=192.0.2.10",
        "--json",
        "--assets",
        &assets,
    ]));
    let line: Value = serde_json::from_str(&up.line_of_stdout("{\"kind\":\"up\"")).unwrap();
    let door = line["ports"].as_array().unwrap().iter().find(|door| door["port"] == json!(80)).unwrap();
    let address = door["address"].as_str().unwrap();
    assert!(
        std::fs::read_to_string(line["certificate"].as_str().unwrap()).unwrap().contains("BEGIN CERTIFICATE")
    );
    let fine = get(address, "/");
    assert!(fine.starts_with("HTTP/1.1 200"), "{fine}");
    let attack = get(address, "/?id=1'%20OR%20'1'='1");
    assert!(attack.starts_with("HTTP/1.1 403"), "{attack}");
    let audit: Value = serde_json::from_str(&up.line_of_stdout("\"kind\":\"audit\"")).unwrap();
    assert_eq!(
        (&audit["audit"]["type"], &audit["audit"]["ruleName"]),
        (&json!("sqli"), &json!("front door")),
        "{audit}"
    );
    assert_eq!(audit["audit"]["subnet"], json!("203.0.113.10"), "{audit}");
    up.signal(Signal::SIGTERM);
    let ended = up.end();
    assert_eq!(ended.code, Some(0), "{}", ended.seen());
    assert!(ended.stdout.contains("UserInitiated"), "it was stopped as by StopTask: {}", ended.stdout);
    place.assert_nothing_left(ended.pid);
}

#[test]
fn a_task_that_stops_by_itself_ends_the_command_with_a_code_of_its_own() {
    let place = Place::with("task.json", &definition("describe.json"));
    let ended = place.run(&["up", "task.json", "--assets", &assets()]);
    assert_eq!(ended.code, Some(8), "{}", ended.seen());
    assert!(ended.stderr.contains("\"app\" exited with 7"), "{}", ended.seen());
    place.assert_nothing_left(ended.pid);
}

#[test]
fn an_image_that_cannot_be_pulled_is_underlined() {
    // A registry of this machine that does not exist: no packet leaves it.
    let text = definition("plain.json").replace("proofhouse/userland", "127.0.0.1:1/shop:1.2");
    let place = Place::with("task.json", &text);
    let ended = place.run(&["up", "task.json", "--assets", &assets()]);
    insta::assert_snapshot!(ended.stderr);
    assert_eq!(ended.code, Some(5));
    place.assert_nothing_left(ended.pid);
}

#[test]
fn secrets_and_files_that_are_given_reach_the_container() {
    let mut task: Value = serde_json::from_str(&definition("plain.json")).unwrap();
    let container = &mut task["containerDefinitions"][0];
    container["entryPoint"] = json!(["bash", "-c"]);
    container["command"] =
        json!(["echo told: $USER_OF_DB, $MODE, $OTHER, ${EMPTY-unset}, ${PROOFHOUSE_ACTOR-unset}"]);
    let secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf";
    container["secrets"] = json!([
        {"name": "USER_OF_DB", "valueFrom": format!("{secret}:user::")},
        {"name": "OTHER", "valueFrom": "/shop/other"},
    ]);
    container["environmentFiles"] = json!([{"type": "s3", "value": "arn:aws:s3:::bucket/shop.env"}]);
    let given = json!({
        "secrets": {secret: {"user": "web"}},
        "environmentFiles": {"arn:aws:s3:::bucket/shop.env": "shop.env"},
    });
    let place = Place::with("task.json", &task.to_string())
        .and("given.json", &given.to_string())
        .and("shop.env", "MODE=fast\nEMPTY=\n");
    let ended = place.run(&["up", "task.json", "--stand-ins", "given.json", "--assets", &assets()]);
    assert_eq!(ended.code, Some(8), "{}", ended.seen());
    assert!(ended.seen().contains("told: web, fast, OTHER, unset, unset"), "{}", ended.seen());
    place.assert_nothing_left(ended.pid);
}

#[test]
fn what_cannot_stand_in_is_told_before_anything_starts() {
    let place = Place::with("task.json", &definition("plain.json")).and("given.json", r#"{"secret": {}}"#);
    let ended = place.run(&["up", "task.json", "--stand-ins", "given.json", "--assets", "nowhere"]);
    insta::assert_snapshot!(ended.seen());
    let fargate = place.run(&["fargate", "--stand-ins", "given.json", "--assets", "nowhere"]);
    assert_eq!(fargate.seen(), ended.seen());
    let missing = place.run(&["up", "task.json", "--stand-ins", "none.json", "--assets", "nowhere"]);
    insta::assert_snapshot!(missing.seen());
}

#[test]
fn what_fargate_would_reject_starts_only_when_told_to() {
    let text = definition("describe.json").replace("\"awsvpc\"", "\"bridge\"");
    let place = Place::with("task.json", &text);
    let ended = place.run(&["up", "task.json", "--assets", &assets()]);
    insta::assert_snapshot!(ended.seen());
    place.assert_nothing_left(ended.pid);
    let started = place.run(&["up", "task.json", "--unchecked", "--assets", &assets()]);
    assert_eq!(started.code, Some(8), "{}", started.seen());
    place.assert_nothing_left(started.pid);
}
