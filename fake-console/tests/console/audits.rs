//! Audits from the link to the API: once each, with gaps noticed, filtered, paged, aggregated.

use crate::support::{Defender, House, SOON, firewall_audit, members, runtime_audit};
use jiff::SignedDuration;
use proofhouse_console::{Gap, Plane};
use proofhouse_protocol::Observation;
use proofhouse_protocol::observation::Pipeline;
use serde_json::{Value, json};

const RUNTIME: &str = "/audits/runtime/app-embedded";
const FIREWALL: &str = "/audits/firewall/app/app-embedded";

async fn ready(house: &House) -> Defender {
    let mut defender = house.defender("shop:1").await;
    defender.policy().await;
    defender
}

#[tokio::test]
async fn an_empty_list_is_null_and_an_empty_table_no_data() {
    let house = House::new().await;
    for path in [RUNTIME, FIREWALL] {
        assert_eq!(house.api().get(path).await.text, "null");
        let table = house.api().get(&format!("{path}/download")).await;
        assert_eq!((table.text.as_str(), table.content_type.as_str()), ("no data", "text/csv"));
    }
}

#[tokio::test]
async fn an_audit_is_stored_with_id_and_collections_and_acknowledged() {
    let house = House::new().await;
    house.api().post("/collections", &json!({"name": "mine", "containers": ["web"]})).await;
    house.api().post("/collections", &json!({"name": "other", "containers": ["worker"]})).await;
    let mut defender = ready(&house).await;
    defender.audits(vec![runtime_audit(1, "shop:1", "web"), firewall_audit(2, "shop:1")]).await;
    assert_eq!(defender.ack().await, 2);

    let rows = house.api().get(RUNTIME).await.json();
    assert_eq!(rows.as_array().unwrap().len(), 1);
    assert_eq!(rows[0]["collections"], json!(["All", "mine"]));
    assert_eq!(rows[0]["_id"].as_str().unwrap().len(), 24);
    assert_eq!((&rows[0]["appID"], &rows[0]["count"]), (&json!("shop:1"), &json!(1)));
    let rows = house.api().get(FIREWALL).await.json();
    assert_eq!((&rows[0]["type"], &rows[0]["collections"]), (&json!("sqli"), &json!(["All"])));

    let stored = house.console.audits();
    assert_eq!((stored[0].plane, stored[0].sequence), (Plane::Runtime, 1));
    let recorded = house.kept.chosen(|seen| match seen {
        Observation::Audit { plane, sequence, audit } => Some((*plane, *sequence, audit.clone())),
        _ => None,
    });
    assert_eq!(
        (recorded[0].0, recorded[0].1, &recorded[0].2["_id"]),
        (Plane::Runtime, 1, &stored[0].audit["_id"])
    );
    assert_eq!(recorded[1].0, Plane::Firewall);
    assert_eq!(
        house.console.wait_audit(SOON, |audit| audit.sequence == 2).await.unwrap().plane,
        Plane::Firewall
    );
}

/// What was recorded of audits and losses.
fn recorded(house: &House) -> Vec<Value> {
    house.kept.chosen(|seen| match seen {
        Observation::Audit { audit, .. } => Some(audit.clone()),
        Observation::Lost { pipeline: Pipeline::Audits, count: 1, why } => Some(json!(why)),
        _ => None,
    })
}

#[tokio::test]
async fn an_audit_is_recorded_as_it_was_sent() {
    let house = House::new().await;
    let mut defender = ready(&house).await;
    let mut audit = json!({"stray": {"x": [1.0, null]}, "time": "2026-01-02T03:04:05.000Z", "type": "processes",
        "attackType": "explicitlyDeniedProcess", "effect": "prevent", "ruleName": "r", "msg": "m", "appID": "shop:1",
        "severity": null, "_id": "theirs"});
    defender.raw_audits(&json!([{"sequence": 1, "plane": "runtime", "audit": audit, "beside": 1}])).await;
    assert_eq!(defender.ack().await, 1);
    let row = &house.api().get(RUNTIME).await.json()[0];
    assert_eq!((row.get("stray"), &row["count"], &row["container"]), (None, &json!(1), &json!(false)));
    audit["_id"] = row["_id"].clone();
    audit["collections"] = json!(["All"]);
    assert_eq!(recorded(&house), [audit]);
}

#[tokio::test]
async fn what_is_no_audit_is_recorded_as_sent_and_lost_and_takes_no_other_with_it() {
    let house = House::new().await;
    let mut defender = ready(&house).await;
    let good = serde_json::to_value(runtime_audit(3, "shop:1", "web")).unwrap();
    let mut wrong = good["audit"].clone();
    wrong["pid"] = json!("17");
    let items = json!([{"sequence": 1, "plane": "runtime", "audit": wrong},
                       {"sequence": 2, "plane": "kernel", "audit": {"msg": "m2"}}, good]);
    // A repetition of what is none is one as well.
    defender.raw_audits(&items).await;
    assert_eq!(defender.ack().await, 3);
    defender.raw_audits(&items).await;
    assert_eq!(defender.ack().await, 3);
    assert_eq!(members(&house.api().get(RUNTIME).await.json(), "msg"), ["m3"]);
    assert_eq!(house.console.audits().len(), 1);
    let told = recorded(&house);
    assert_eq!((told.len(), &told[0], &told[3]["msg"]), (4, &wrong, &json!("m3")), "{told:?}");
    for (index, words) in
        [(1, ["audit 1 of 'shop:1' is none", "i32"]), (2, ["its plane is \"kernel\"", "m2"])]
    {
        let why = told[index].as_str().unwrap();
        assert!(words.iter().all(|word| why.contains(word)), "{why}");
    }
}

#[tokio::test]
async fn a_repetition_is_acknowledged_and_counts_once_also_after_a_reconnection() {
    let house = House::new().await;
    let mut defender = ready(&house).await;
    let batch = || (1..=3).map(|n| runtime_audit(n, "shop:1", "web")).collect::<Vec<_>>();
    defender.audits(batch()).await;
    assert_eq!(defender.ack().await, 3);
    defender.close().await;
    let mut again = ready(&house).await;
    again.audits(batch()).await;
    assert_eq!(again.ack().await, 3);
    assert_eq!(house.console.audits().len(), 3);

    // The numbers of another incarnation are others.
    let mut second = Defender::connect(&house, "shop:1", "second").await.unwrap();
    second.welcome().await;
    second.policy().await;
    second.audits(vec![runtime_audit(1, "shop:1", "web")]).await;
    assert_eq!(second.ack().await, 1);
    assert_eq!(house.console.audits().len(), 4);
}

#[tokio::test]
async fn a_gap_is_noticed() {
    let house = House::new().await;
    let mut defender = ready(&house).await;
    defender.audits(vec![runtime_audit(1, "shop:1", "web"), runtime_audit(4, "shop:1", "web")]).await;
    assert_eq!(defender.ack().await, 4);
    let gap = Gap { after: 1, before: 4 };
    assert_eq!(house.console.audit_gaps(), [("shop:1".to_owned(), gap)]);
    let told = house.kept.chosen(|seen| match seen {
        Observation::AuditGap { after, before } => Some((*after, *before)),
        _ => None,
    });
    assert_eq!(told, [(1, 4)]);
}

#[tokio::test]
async fn filters_pages_and_tables() {
    let house = House::new().await;
    let mut defender = ready(&house).await;
    defender
        .audits(
            (1..=4).map(|n| runtime_audit(n, "shop:1", if n % 2 == 0 { "web" } else { "worker" })).collect(),
        )
        .await;
    defender.ack().await;
    let messages = async |query: &str| {
        let rows = house.api().get(&format!("{RUNTIME}?{query}")).await.json();
        if rows.is_null() { Vec::new() } else { members(&rows, "msg") }
    };
    assert_eq!(messages("container=web").await, ["m2", "m4"]);
    assert_eq!(messages("container=web,worker&limit=1&offset=1").await, ["m2"]);
    assert_eq!(messages("reverse=true&limit=2").await, ["m4", "m3"]);
    assert_eq!(messages("appID=shop%3A1&attackType=explicitlyDeniedProcess&type=processes").await.len(), 4);
    assert!(messages("from=2026-01-02T03:04:06Z").await.is_empty());
    assert_eq!(messages("project=x&filestemMonitoring=true").await.len(), 4);
    assert_eq!(house.api().get(&format!("{RUNTIME}?limit=many")).await.status, 400);

    let table = house.api().get(&format!("{RUNTIME}/download?container=web")).await;
    assert!(table.text.starts_with("Time,Apps,"), "{}", table.text);
    assert_eq!(table.text.lines().count(), 3);
}

#[tokio::test]
async fn twenty_repetitions_are_five_rows_a_marker_and_a_summary() {
    let house = House::new().await;
    let mut defender = ready(&house).await;
    defender.audits((1..=20).map(|n| runtime_audit(n, "shop:1", "web")).collect()).await;
    assert_eq!(defender.ack().await, 20);
    let rows = async || house.api().get(RUNTIME).await.json().as_array().unwrap().clone();
    let before = rows().await;
    assert_eq!(before.len(), 6);
    assert!(before[5]["msg"].as_str().unwrap().starts_with("High rate of"));
    house.clock.advance(SignedDuration::from_mins(10));
    let after = rows().await;
    assert_eq!(after.len(), 7);
    assert!(after[6]["msg"].as_str().unwrap().starts_with("In the past 10 minutes"));
    assert_eq!(after.iter().map(|row| row["count"].as_u64().unwrap()).sum::<u64>(), 20);
    assert_eq!(house.console.audits().len(), 20);
    let recorded = house.kept.chosen(|seen| matches!(seen, Observation::Audit { .. }).then_some(()));
    assert_eq!(recorded.len(), 20);
}

#[tokio::test]
async fn equal_firewall_audits_are_one_row_with_a_count() {
    let house = House::new().await;
    let mut defender = ready(&house).await;
    defender.audits((1..=3).map(|n| firewall_audit(n, "shop:1")).collect()).await;
    defender.ack().await;
    house.clock.advance(SignedDuration::from_mins(6));
    defender.audits(vec![firewall_audit(4, "shop:1")]).await;
    defender.ack().await;
    let rows = house.api().get(FIREWALL).await.json();
    let counts: Vec<&Value> = rows.as_array().unwrap().iter().map(|row| &row["count"]).collect();
    assert_eq!(counts, [3, 1]);

    let slices = format!("{FIREWALL}/timeslice");
    assert_eq!(house.api().get(&slices).await.error(), "missing `to` and/or `from` parameters");
    let bounds = "from=2026-01-02T03:00:00Z&to=2026-01-02T04:00:00Z&buckets=2";
    let slices = house.api().get(&format!("{slices}?{bounds}")).await.json();
    assert_eq!((slices[0]["count"].as_u64(), slices[1]["count"].as_u64()), (Some(2), Some(0)));
}

#[tokio::test]
async fn each_firewall_audit_is_a_line_of_the_syslog() {
    let house = House::new().await;
    let mut defender = ready(&house).await;
    let audits =
        vec![firewall_audit(1, "shop:1"), runtime_audit(2, "shop:1", "web"), firewall_audit(3, "shop:1")];
    defender.audits(audits).await;
    defender.ack().await;
    let line = r#"Twistlock-Console: time="2026-01-02T03:04:05Z" type="app_embedded_app_firewall_audit" effect="prevent" msg="Detected" log_type="sqli" source_ip="203.0.113.7" request_path="/" app_id="shop:1""#;
    let told = house.kept.chosen(|seen| match seen {
        Observation::SyslogLine { line } => Some(line.clone()),
        _ => None,
    });
    assert_eq!(told, [line, line]);
}

#[tokio::test]
async fn serious_audits_raise_incidents_that_carry_them() {
    const INCIDENTS: &str = "/audits/incidents";
    let house = House::new().await;
    assert_eq!(house.api().get(INCIDENTS).await.text, "null");
    let mut defender = ready(&house).await;
    let of_kind = |sequence, kind: &str, container: &str| {
        let mut audit = json!(runtime_audit(sequence, "shop:1", container));
        audit["audit"]["attackType"] = json!(kind);
        serde_json::from_value(audit).unwrap()
    };
    let audits = vec![
        of_kind(1, "explicitlyDeniedProcess", "web"),
        of_kind(2, "cryptoMinerProcess", "web"),
        of_kind(3, "cryptoMinerProcess", "web"),
        of_kind(4, "alteredBinary", "worker"),
    ];
    defender.audits(audits).await;
    assert_eq!(defender.ack().await, 4);
    let rows = house.api().get(INCIDENTS).await.json();
    let said: Vec<_> = rows
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (&row["category"], &row["containerName"], row["audits"].as_array().unwrap().len()))
        .collect();
    assert_eq!(
        said,
        [(&json!("cryptoMiner"), &json!("web"), 2), (&json!("alteredBinary"), &json!("worker"), 1)]
    );
    assert_eq!(rows[0]["audits"][0]["collections"], json!(["All"]));
    let (number, kind) = (&rows[1]["serialNum"], &rows[1]["type"]);
    assert_eq!((number, kind, &rows[1]["appID"]), (&json!(2), &json!("fargate"), &json!("shop:1")));
    let one = house.api().get(&format!("{INCIDENTS}?category=alteredBinary")).await.json();
    assert_eq!(one, json!([rows[1]]));
    assert_eq!(house.api().get(&format!("{INCIDENTS}?acknowledged=true")).await.text, "null");
}
