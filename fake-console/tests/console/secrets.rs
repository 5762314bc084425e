//! What must never be written is told to be a secret before anyone can use it.

use crate::support::House;
use proofhouse_protocol::InstallBundle;
use serde_json::{Value, json};

fn variable(definition: &Value, name: &str) -> String {
    let containers = definition["containerDefinitions"].as_array().unwrap();
    let entries = containers.iter().flat_map(|container| container["environment"].as_array().unwrap());
    let entry = entries.into_iter().find(|entry| entry["name"] == name).unwrap();
    entry["value"].as_str().unwrap().to_owned()
}

#[track_caller]
fn assert_bundle_is_kept(house: &House, bundle: &str) {
    assert_eq!(house.kept.secret(bundle).as_deref(), Some("install bundle"));
    let key = InstallBundle::decode(bundle).unwrap().client_key;
    assert!(key.reveal().contains("PRIVATE KEY"));
    assert_eq!(house.kept.secret(key.reveal()).as_deref(), Some("private key"));
}

#[tokio::test]
async fn every_bundle_is_kept_whichever_way_it_is_asked_for() {
    let house = House::new().await;
    let alone = house.api().get("/defenders/install-bundle?consoleaddr=c").await.json();
    assert_bundle_is_kept(&house, alone["installBundle"].as_str().unwrap());

    let definition =
        json!({"family": "f", "containerDefinitions": [{"name": "a", "image": "i", "entryPoint": ["x"]}]});
    let path = "/defenders/fargate.json?consoleaddr=c";
    let protected = house.api().post(path, &definition).await.json();
    assert_bundle_is_kept(&house, &variable(&protected, "INSTALL_BUNDLE"));
    let protected = house.console.embed(definition).unwrap();
    assert_bundle_is_kept(&house, &variable(&protected, "INSTALL_BUNDLE"));
    assert_bundle_is_kept(&house, house.console.embed_request("c").unwrap().install_bundle.reveal());
}

#[tokio::test]
async fn passwords_are_kept_from_the_start_and_each_token_when_it_is_made() {
    let house = House::new().await;
    assert_eq!(house.kept.secret("auditor-secret").as_deref(), Some("password of auditor"));
    let (_, password) = house.console.admin();
    assert_eq!(house.kept.secret(password.reveal()).as_deref(), Some("password of admin"));

    let body = json!({"username": "admin", "password": "admin-secret"});
    let told = async |answer: Value| house.kept.secret(answer["token"].as_str().unwrap());
    let token = house.api().anonymous().post("/authenticate", &body).await.json();
    assert_eq!(told(token.clone()).await.as_deref(), Some("token of admin"));
    let bearer = house.api().bearer(token["token"].as_str().unwrap());
    house.clock.advance(jiff::SignedDuration::from_mins(1));
    let renewed = bearer.get("/authenticate/renew").await.json();
    assert_ne!(renewed, token);
    assert_eq!(told(renewed).await.as_deref(), Some("token of admin"));
}

#[tokio::test]
async fn nothing_that_is_shown_holds_a_secret() {
    let house = House::new().await;
    let bundle = house.bundle();
    let request = house.console.embed_request("c").unwrap();
    let shown = format!("{:?} {bundle:?} {request:?} {:?}", house.console, house.console.config());
    for secret in ["admin-secret", bundle.client_key.reveal(), request.install_bundle.reveal()] {
        assert!(!shown.contains(secret), "{shown}");
    }
}
