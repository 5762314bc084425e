//! Defenders and their containers as the API shows them.

use crate::support::{House, members};
use jiff::SignedDuration;
use proofhouse_protocol::link::{FromDefender, Workload};
use serde_json::json;

#[tokio::test]
async fn a_connected_defender_is_listed_as_fargate() {
    let house = House::new().await;
    assert_eq!(house.api().get("/defenders").await.text, "[]");
    let mut defender = house.defender("shop:1").await;
    defender.policy().await;
    let rows = house.api().get("/defenders?type=fargate&connected=true&latest=true").await.json();
    let row = &rows[0];
    for (member, value) in [
        ("hostname", json!("shop:1")),
        ("type", json!("fargate")),
        ("category", json!("appEmbedded")),
        ("connected", json!(true)),
        ("version", json!("34.04.145")),
        ("port", json!(8084)),
        ("cluster", json!("c1")),
        ("collections", json!(["All"])),
        ("lastModified", json!("2026-01-02T03:04:05Z")),
    ] {
        assert_eq!(row[member], value, "{member}");
    }
    assert_eq!(row["firewallProtection"]["supported"], true);
    assert_eq!(row["status"]["filesystem"]["enabled"], false);
    for other in ["type=docker", "connected=false", "hostname=x", "cluster=x"] {
        assert_eq!(house.api().get(&format!("/defenders?{other}")).await.text, "[]", "{other}");
    }

    house.clock.advance(SignedDuration::from_secs(30));
    defender.fence("unknown", &[], &[]).await;
    defender.say(&FromDefender::Audits { items: Vec::new() }).await;
    defender.ack().await;
    let row = &house.api().get("/defenders").await.json()[0];
    assert_eq!(row["lastModified"], "2026-01-02T03:04:35Z");
}

#[tokio::test]
async fn a_disconnected_record_is_forgotten_after_an_hour_with_its_observations() {
    let house = House::new().await;
    let mut defender = house.defender("shop:1").await;
    defender.policy().await;
    let workload = |container: &str| Workload {
        container: container.to_owned(),
        image: "httpd:2.4".to_owned(),
        start_time: "2026-01-02T03:04:05Z".to_owned(),
    };
    for container in ["web", "worker"] {
        defender.say(&FromDefender::Workload(workload(container))).await;
    }
    defender.audits_nothing().await;
    let profiles = house.api().get("/profiles/app-embedded?appID=shop:1").await.json();
    assert_eq!(members(&profiles, "container"), ["web", "worker"]);
    assert_eq!((&profiles[0]["image"], &profiles[0]["appID"]), (&json!("httpd:2.4"), &json!("shop:1")));
    assert_eq!(house.api().get("/profiles/app-embedded?container=x").await.text, "[]");

    house.console.close_links();
    assert_eq!(defender.text().await, None);
    house.until(|house| house.console.defenders().iter().all(|defender| !defender.connected)).await;
    house.clock.advance(SignedDuration::from_mins(59));
    assert_eq!(house.api().get("/defenders?connected=false").await.json().as_array().unwrap().len(), 1);
    house.clock.advance(SignedDuration::from_mins(1));
    assert_eq!(house.api().get("/defenders").await.text, "[]");
    assert_eq!(house.api().get("/profiles/app-embedded").await.text, "[]");
}

#[tokio::test]
async fn the_summary_counts_deployed_and_connected() {
    let house = House::new().await;
    let _one = house.defender("one:1").await;
    let _two = house.defender("two:2").await;
    let summary = house.api().get("/defenders/summary").await.json();
    let of = |category: &str| {
        summary.as_array().unwrap().iter().find(|c| c["category"] == category).unwrap().clone()
    };
    assert_eq!(
        of("appEmbedded"),
        json!({"category": "appEmbedded", "connected": 2, "deployed": 2, "licensed": 0})
    );
    assert_eq!(of("host")["deployed"], 0);
    let table = house.api().get("/defenders/download").await.text;
    assert!(
        table.starts_with("Hostname,Type,Version,Connected,Cluster\r\none:1,fargate,34.04.145,true,c1"),
        "{table}"
    );
}

#[tokio::test]
async fn a_record_can_be_removed() {
    let house = House::new().await;
    let _defender = house.defender("shop:1").await;
    assert_eq!(house.api_of("auditor").delete("/defenders/shop:1").await.status, 403);
    assert_eq!(house.api().delete("/defenders/shop:1").await.status, 200);
    assert_eq!(house.api().delete("/defenders/shop:1").await.status, 404);
    assert_eq!(house.api().get("/defenders").await.text, "[]");
}

#[tokio::test]
async fn names_and_image_are_plain_json() {
    let house = House::with(|config| config.names.push("192.0.2.9".to_owned())).await;
    assert_eq!(
        house.api().get("/defenders/names").await.json(),
        json!(["console.proofhouse.test", "192.0.2.9"])
    );
    assert_eq!(
        house.api().get("/defenders/image-name").await.json(),
        json!("registry.proofhouse.test/tw_reference/defender:defender_34_04_145")
    );
}
