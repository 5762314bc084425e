//! What firewalls have counted, as the API shows and resets it.

use crate::support::{Defender, House};
use proofhouse_protocol::link::{FromConsole, FromDefender};
use proofhouse_protocol::{MonitoringStats, Observation};
use serde_json::json;

async fn counted(defender: &mut Defender, report: u64, reset: u64, total: u64) {
    let stats = Box::new(MonitoringStats {
        total_requests: total,
        forwarded_requests: total,
        ..MonitoringStats::default()
    });
    defender.say(&FromDefender::MonitoringStats { report, reset, stats }).await;
    assert_eq!(defender.hear().await, FromConsole::Noted { through: report });
}

#[tokio::test]
async fn counts_are_shown_until_they_are_reset() {
    let house = House::new().await;
    let (api, rows) = (house.api(), "/waas/monitoring-stats");
    assert_eq!(api.get(rows).await.text, "null");
    let mut defender = house.defender("shop:1").await;
    defender.policy().await;
    assert_eq!(api.get(rows).await.text, "null");
    counted(&mut defender, 1, 0, 7).await;
    let row = api.get(rows).await.json()[0].clone();
    assert_eq!(
        (&row["appID"], &row["totalRequests"], &row["resets"]),
        (&json!("shop:1"), &json!(7), &json!(0))
    );
    assert_eq!(
        (&row["actionCounts"]["reCAPTCHA"], &row["time"]),
        (&json!(0), &json!("2026-01-02T03:04:05Z"))
    );
    assert_eq!(api.get("/waas/monitoring-stats?appID=other").await.text, "null");

    assert_eq!(api.post("/waas/monitoring-stats/shop:1/reset", &json!({})).await.status, 200);
    assert_eq!(defender.hear().await, FromConsole::ResetMonitoringStats { reset: 1 });
    assert_eq!(api.get(rows).await.json()[0]["totalRequests"], 0);
    // What was counted before the reset comes late, and counts no more.
    counted(&mut defender, 2, 0, 8).await;
    assert_eq!(api.get(rows).await.json()[0]["totalRequests"], 0);
    counted(&mut defender, 3, 1, 2).await;
    let row = api.get(rows).await.json()[0].clone();
    assert_eq!((&row["totalRequests"], &row["resets"]), (&json!(2), &json!(1)));
    let told = house.kept.chosen(|seen| match seen {
        Observation::MonitoringStats { app_id, reset, stats } => {
            Some((app_id.clone(), *reset, stats["totalRequests"].clone()))
        }
        _ => None,
    });
    let told_as = |reset, total: u64| ("shop:1".to_owned(), reset, json!(total));
    assert_eq!(told, [told_as(0, 7), told_as(0, 8), told_as(1, 2)]);
}

#[tokio::test]
async fn a_reset_reaches_a_defender_that_was_away() {
    let house = House::new().await;
    let mut defender = house.defender("shop:1").await;
    defender.policy().await;
    counted(&mut defender, 1, 0, 7).await;
    defender.close().await;
    house.until(|house| house.console.defenders().iter().all(|defender| !defender.connected)).await;
    assert_eq!(house.api().post("/waas/monitoring-stats/shop:1/reset", &json!({})).await.status, 200);
    let mut defender = house.defender("shop:1").await;
    defender.policy().await;
    assert_eq!(defender.hear().await, FromConsole::ResetMonitoringStats { reset: 1 });
}

#[tokio::test]
async fn only_who_may_write_resets_and_only_what_is_there() {
    let house = House::new().await;
    let path = "/waas/monitoring-stats/shop:1/reset";
    assert_eq!(house.api().post(path, &json!({})).await.status, 404);
    assert_eq!(house.api_of("auditor").post(path, &json!({})).await.status, 403);
    assert_eq!(house.api_of("auditor").get("/waas/monitoring-stats").await.status, 200);
}

#[tokio::test]
async fn firewalls_with_a_port_are_counted() {
    let house = House::new().await;
    assert_eq!(house.api().get("/stats/app-firewall/count").await.text, "0");
    let mut defender = house.defender("shop:1").await;
    defender.policy().await;
    assert_eq!(house.api().get("/stats/app-firewall/count").await.text, "0");
    let endpoints = json!([{"host": "*", "basePath": "*", "exposedPort": 80, "internalPort": 8080}]);
    let rules = json!({"rules": [{"name": "r", "collections": [{"name": "All"}],
        "applicationsSpec": [{"appID": "app-0001", "apiSpec": {"endpoints": endpoints}}]}]});
    let put = house.api().put("/policies/firewall/app/app-embedded", &rules).await;
    assert_eq!(put.status, 200, "{}", put.text);
    assert_eq!(house.api().get("/stats/app-firewall/count").await.text, "1");
}
