//! The embed through the API: parameters, permission, and a bundle that works.

use crate::support::{House, open};
use proofhouse_console::ImageConfig;
use proofhouse_protocol::InstallBundle;
use proofhouse_protocol::link::PATH;
use reqwest::Method;
use serde_json::{Value, json};

const EMBED: &str = "/defenders/fargate.json?consoleaddr=console.proofhouse.test&defenderType=fargate";

fn single() -> Value {
    serde_json::from_str(include_str!("../../../features/task-definitions/single.json")).unwrap()
}

fn variable<'a>(container: &'a Value, name: &str) -> &'a str {
    let entries = container["environment"].as_array().unwrap();
    entries.iter().find(|entry| entry["name"] == name).unwrap()["value"].as_str().unwrap()
}

#[tokio::test]
async fn the_bundle_of_an_embed_opens_the_link_and_each_has_its_own() {
    let house = House::new().await;
    let sidecar = async || house.api().post(EMBED, &single()).await.json()["containerDefinitions"][1].clone();
    let (one, two) = (sidecar().await, sidecar().await);
    assert_eq!(one["environment"][0]["name"], "INSTALL_BUNDLE");
    assert_eq!(
        one["environment"][3],
        json!({"name": "WS_ADDRESS", "value": "wss://console.proofhouse.test:8084"})
    );
    assert_ne!(variable(&one, "INSTALL_BUNDLE"), variable(&two, "INSTALL_BUNDLE"));
    let bundle = InstallBundle::decode(variable(&one, "INSTALL_BUNDLE")).unwrap();
    assert_eq!(bundle.ca_cert, house.console.ca_pem());
    open(house.link, &bundle, PATH).await.unwrap();
}

#[tokio::test]
async fn only_who_manages_defenders_may_embed() {
    let house = House::new().await;
    for (user, status) in [("admin", 200), ("manager", 200), ("auditor", 403), ("ci", 403)] {
        let reply = house.api_of(user).post(EMBED, &single()).await;
        assert_eq!(reply.status, status, "{user}");
        assert_eq!(reply.text.contains("INSTALL_BUNDLE"), status == 200, "{user}");
    }
    assert_eq!(house.api().anonymous().post(EMBED, &single()).await.status, 401);
}

#[tokio::test]
async fn parameters_are_taken_or_ignored_or_missed() {
    let house = House::new().await;
    let monitored = async |query: &str| {
        let reply = house.api().post(&format!("{EMBED}{query}"), &single()).await;
        assert_eq!(reply.status, 200, "{query}: {}", reply.text);
        let containers = reply.json()["containerDefinitions"].clone();
        let both = [0, 1].map(|n: usize| variable(&containers[n], "FILESYSTEM_MONITORING").to_owned());
        assert_eq!(both[0], both[1]);
        both[0].clone()
    };
    assert_eq!(monitored("").await, "false");
    assert_eq!(monitored("&filesystemMonitoring=true&interpreter=").await, "true");
    assert_eq!(monitored("&filestemMonitoring=true").await, "false");
    let on = json!({"appEmbeddedFileSystemTracingEnabled": true});
    assert_eq!(house.api_of("manager").post("/settings/defender", &on).await.status, 403);
    assert_eq!(house.api().post("/settings/defender", &on).await.status, 200);
    assert_eq!(
        house.api().get("/settings/defender").await.json()["appEmbeddedFileSystemTracingEnabled"],
        true
    );
    assert_eq!(monitored("").await, "true");
    assert_eq!(monitored("&filesystemMonitoring=false").await, "false");

    let reply = house.api().post("/defenders/fargate.json", &single()).await;
    assert_eq!(reply.status, 400);
    assert!(reply.error().contains("missing console address for defender communication"));
    assert_eq!(house.api().post(&format!("{EMBED}&filesystemMonitoring=maybe"), &single()).await.status, 400);
    let reply = house.api().post("/defenders/fargate.json?consoleaddr=c&defenderType=tas", &single()).await;
    assert_eq!(reply.status, 400);
}

#[tokio::test]
async fn a_missing_entry_point_is_told_or_extracted() {
    let image = ImageConfig { entrypoint: vec!["/run".to_owned()], cmd: vec!["-a".to_owned()] };
    let house =
        House::with(|config| drop(config.image_configs.insert("proofhouse/userland".to_owned(), image)))
            .await;
    let mut definition = single();
    definition["containerDefinitions"][0]["entryPoint"] = json!([]);
    let reply = house.api().post(EMBED, &definition).await;
    assert_eq!(reply.status, 400);
    assert!(reply.error().contains("'twistlock-fargate-task'"), "{}", reply.error());
    let reply = house.api().post(&format!("{EMBED}&extractEntrypoint=true"), &definition).await;
    let container = &reply.json()["containerDefinitions"][0];
    assert_eq!((&container["entryPoint"][3], &container["command"]), (&json!("/run"), &json!(["-a"])));
}

#[tokio::test]
async fn the_install_bundle_can_be_had_alone() {
    let house = House::new().await;
    let reply = house
        .api_of("manager")
        .get("/defenders/install-bundle?consoleaddr=c.test&defenderType=fargate")
        .await;
    assert_eq!(reply.json()["wsAddress"], "wss://c.test:8084");
    InstallBundle::decode(reply.json()["installBundle"].as_str().unwrap()).unwrap();
    assert_eq!(house.api().get("/defenders/install-bundle").await.status, 400);
    assert_eq!(house.api_of("auditor").get("/defenders/install-bundle?consoleaddr=c").await.status, 403);
}

#[tokio::test]
async fn yaml_has_a_path_of_its_own() {
    let house = House::new().await;
    let text = "Type: AWS::ECS::TaskDefinition\nProperties:\n  Family: f\n  ContainerDefinitions:\n  - Name: a\n    \
                Image: i\n    EntryPoint: [sh, -c]\n";
    let path = "/defenders/fargate.yaml?consoleaddr=c&cloudFormation=true";
    let reply = house.api().send(Method::POST, path, text.to_owned()).await;
    assert_eq!((reply.status, reply.content_type.as_str()), (200, "application/yaml"));
    assert!(reply.text.contains("TwistlockDefender"), "{}", reply.text);
    assert_eq!(house.api().send(Method::POST, path, "a: [".to_owned()).await.status, 400);
}

#[tokio::test]
async fn the_handle_embeds_as_the_api_does() {
    let house = House::new().await;
    let protected = house.console.embed(single()).unwrap();
    let container = &protected["containerDefinitions"][1];
    assert_eq!(variable(container, "WS_ADDRESS"), "wss://console.proofhouse.test:8084");
    assert_eq!(house.console.embed(json!({})).unwrap_err().status, 400);
}
