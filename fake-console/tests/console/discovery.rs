//! APIs that Defenders have learned, as the API lists and exports them.

use crate::support::House;
use jiff::SignedDuration;
use proofhouse_protocol::Observation;
use proofhouse_protocol::link::{FromConsole, FromDefender, Workload};
use serde_json::{Value, json};

fn told(report: u64, app: &str, path: &str, name: &str, kind: &str) -> String {
    json!({"type": "discoveredApis", "report": report, "apis": [{
        "ruleAppID": app, "host": "*", "port": 8080, "tls": false, "method": "GET", "path": path, "pathParams": [],
        "queryParams": [{"name": name, "type": kind}], "statuses": [200], "contentTypes": ["application/json"]}]})
    .to_string()
}

async fn shop(house: &House, app_id: &str, image: &str) -> crate::support::Defender {
    let mut defender = house.defender(app_id).await;
    defender.policy().await;
    let (container, image, start_time) =
        ("web".to_owned(), image.to_owned(), "2026-01-02T03:04:05Z".to_owned());
    defender.say(&FromDefender::Workload(Workload { container, image, start_time })).await;
    defender
}

async fn paths(house: &House, query: &str) -> Vec<String> {
    let rows: Value = house.api().get(&format!("/waas/discovered-apis{query}")).await.json();
    let rows = rows.as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| row["path"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn what_was_learned_is_noted_listed_and_recorded() {
    let house = House::new().await;
    assert_eq!(house.api().get("/waas/discovered-apis").await.text, "null");
    let mut first = shop(&house, "shop:1", "shop:7").await;
    first.say_text(told(1, "app-1", "/pets", "page", "integer")).await;
    assert_eq!(first.hear().await, FromConsole::Noted { through: 1 });
    house.clock.advance(SignedDuration::from_mins(30));
    // Another task of the same image adds to what is known.
    let mut second = shop(&house, "shop:2", "shop:7").await;
    second.say_text(told(1, "app-1", "/pets", "page", "string")).await;
    assert_eq!(second.hear().await, FromConsole::Noted { through: 1 });
    second.say_text(told(2, "app-2", "/toys", "q", "string")).await;
    assert_eq!(second.hear().await, FromConsole::Noted { through: 2 });
    let mut other = shop(&house, "bank:1", "bank:1").await;
    other.say_text(told(1, "app-1", "/pets", "page", "integer")).await;
    other.hear().await;

    let rows = house.api().get("/waas/discovered-apis?image=shop:7&ruleAppID=app-1").await.json();
    let expected = json!([{
        "ruleAppID": "app-1", "host": "*", "port": 8080, "tls": false, "method": "GET", "path": "/pets", "pathParams": [],
        "queryParams": [{"name": "page", "type": "string", "allowEmptyValue": false}],
        "statuses": [200], "contentTypes": ["application/json"], "images": ["shop:7"],
        "firstSeen": "2026-01-02T03:04:05Z", "lastSeen": "2026-01-02T03:34:05Z"}]);
    assert_eq!(rows, expected);
    for (query, expected) in [
        ("", &["/pets", "/pets", "/toys"][..]),
        ("?image=shop:7", &["/pets", "/toys"]),
        ("?image=bank:1", &["/pets"]),
        ("?path=/toys", &["/toys"]),
        ("?method=POST", &[]),
        ("?limit=1&offset=2", &["/toys"]),
    ] {
        assert_eq!(paths(&house, query).await, expected, "{query}");
    }
    let reports =
        house.kept.all().into_iter().filter(|seen| matches!(seen, Observation::DiscoveredApis { .. }));
    assert_eq!(reports.count(), 4);
}

#[tokio::test]
async fn the_export_is_a_document_that_the_import_takes() {
    let house = House::new().await;
    let mut defender = shop(&house, "shop:1", "shop:7").await;
    defender.say_text(told(1, "app-1", "/pets", "page", "integer")).await;
    defender.say_text(told(2, "app-2", "/toys", "q", "string")).await;
    while defender.hear().await != (FromConsole::Noted { through: 2 }) {}
    let document = house.api().get("/waas/discovered-apis/openapi?ruleAppID=app-1").await.json();
    assert_eq!((&document["openapi"], &document["info"]["title"]), (&json!("3.0.3"), &json!("app-1")));
    let spec = house.api().post("/policies/firewall/app/apispec", &document).await.json();
    assert_eq!(spec["endpoints"][0]["exposedPort"], 8080);
    assert_eq!(spec["paths"].as_array().unwrap().len(), 1);
    let method = &spec["paths"][0]["methods"][0];
    assert_eq!((&spec["paths"][0]["path"], &method["method"]), (&json!("/pets"), &json!("GET")));
    assert_eq!(
        (&method["parameters"][0]["name"], &method["parameters"][0]["type"]),
        (&json!("page"), &json!("integer"))
    );
}

#[tokio::test]
async fn a_report_without_its_shape_is_a_breach() {
    let house = House::new().await;
    let mut defender = shop(&house, "shop:1", "shop:7").await;
    defender.say_text(r#"{"type": "discoveredApis", "report": 1, "apis": [{"path": 7}]}"#.to_owned()).await;
    assert!(matches!(defender.hear().await, FromConsole::Refused { .. }));
}

#[tokio::test]
async fn whether_a_rule_learns_is_true_or_false() {
    let house = House::new().await;
    let put = async |skip: Value| {
        let rules =
            json!({"rules": [{"name": "r", "collections": [{"name": "All"}], "skipAPILearning": skip}]});
        house.api().put("/policies/firewall/app/app-embedded", &rules).await
    };
    assert_eq!(put(json!(true)).await.status, 200);
    let policy = house.api().get("/policies/firewall/app/app-embedded").await.json();
    assert_eq!(policy["rules"][0]["skipAPILearning"], true);
    let refused = put(json!("yes")).await;
    assert!(refused.status == 400 && refused.error().contains("skipAPILearning"), "{}", refused.text);
}
