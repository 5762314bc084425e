//! Declared faults do what they say, and end when they are ended.

use crate::support::{Api, Defender, House, SOON, open, runtime_audit};
use proofhouse_console::Fault;
use proofhouse_protocol::Observation;
use proofhouse_protocol::link::{FromConsole, LinkAudit, PATH, SequencedAudit};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

fn fault(name: &str) -> Fault {
    name.parse().unwrap()
}

fn put_something(house: &House, note: &str) -> impl Future<Output = ()> {
    let api = house.api();
    let body = json!({"rules": [], "note": note});
    async move {
        assert_eq!(api.put("/policies/runtime/app-embedded", &body).await.status, 200);
    }
}

async fn call(api: &Api) -> Result<u16, reqwest::Error> {
    api.try_send(Method::GET, "/version", String::new()).await.map(|reply| reply.status)
}

/// One audit that fills a good part of a socket's buffer.
fn long_audits(sequence: u64) -> Vec<SequencedAudit> {
    let mut audit = runtime_audit(sequence, "shop:1", "web");
    if let LinkAudit::Runtime(audit) = &mut audit.audit {
        audit.msg = "x".repeat(1 << 18);
    }
    vec![audit]
}

#[tokio::test]
async fn refused_cut_and_wrong_certificates_fail_also_for_a_client_that_was_connected() {
    let house = House::new().await;
    let api = house.api();
    for name in [
        "rest-refuse",
        "rest-cut:200",
        "certificate-wrong-name",
        "certificate-expired",
        "certificate-foreign-authority",
    ] {
        assert_eq!(call(&api).await.unwrap(), 200, "before {name}");
        house.console.faults().begin(fault(name));
        assert!(call(&api).await.is_err(), "{name}");
        assert!(call(&house.api()).await.is_err(), "{name}");
        house.console.faults().end(fault(name));
    }
    assert_eq!(call(&api).await.unwrap(), 200);
    let told = house.kept.chosen(|seen| match seen {
        Observation::Fault { name, active } => Some((name.clone(), *active)),
        _ => None,
    });
    assert_eq!(told.len(), 10);
    assert_eq!(told[2], ("rest-cut:200".to_owned(), true));
}

#[tokio::test]
async fn a_status_is_answered_and_nothing_changes() {
    let house = House::new().await;
    house.console.faults().begin(fault("rest-status:503"));
    let reply = house.api().put("/policies/runtime/app-embedded", &json!({})).await;
    assert_eq!((reply.status, reply.error()), (503, "declared fault rest-status:503".to_owned()));
    house.console.faults().clear();
    assert_eq!(house.console.current_revision(), 1);
    assert_eq!(call(&house.api()).await.unwrap(), 200);
}

#[tokio::test]
async fn a_hanging_call_goes_on_when_the_fault_ends_and_a_slow_one_by_itself() {
    let house = House::new().await;
    house.console.faults().begin(fault("rest-hang"));
    let api = house.api();
    let mut hanging = std::pin::pin!(call(&api));
    assert!(timeout(Duration::from_millis(100), &mut hanging).await.is_err());
    house.console.faults().end(fault("rest-hang"));
    assert_eq!(timeout(SOON, hanging).await.unwrap().unwrap(), 200);

    house.console.faults().begin(fault("rest-slow:150"));
    let start = std::time::Instant::now();
    assert_eq!(call(&api).await.unwrap(), 200);
    assert!(start.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_link_is_refused_cut_closed_or_left_hanging() {
    let house = House::new().await;
    for name in ["link-refuse", "link-cut:300", "certificate-expired"] {
        house.console.faults().begin(fault(name));
        assert!(Defender::connect(&house, "shop:1", "first").await.is_err(), "{name}");
        house.console.faults().end(fault(name));
    }
    house.console.faults().begin(fault("link-close-after-hello"));
    let mut defender = Defender::connect(&house, "shop:1", "first").await.unwrap();
    assert_eq!(defender.text().await, None);
    house.console.faults().clear();

    house.console.faults().begin(fault("link-hang"));
    // The time is for the console, not for making a key on a busy machine.
    let bundle = house.bundle();
    let mut hanging = std::pin::pin!(open(house.link, &bundle, PATH));
    assert!(timeout(Duration::from_millis(100), &mut hanging).await.is_err());
    house.console.faults().clear();
    assert!(timeout(SOON, hanging).await.unwrap().is_err());
    house.defender("shop:1").await;
}

#[tokio::test]
async fn broken_policies_are_pushed_and_the_clean_one_when_the_fault_ends() {
    for name in ["link-malformed-policy", "link-truncated-policy"] {
        let house = House::new().await;
        let mut defender = house.defender("shop:1").await;
        defender.apply().await;
        house.console.faults().begin(fault(name));
        let broken = defender.text().await.unwrap();
        assert!(serde_json::from_str::<FromConsole>(&broken).is_err(), "{name}");
        assert_eq!(serde_json::from_str::<Value>(&broken).is_ok(), name == "link-malformed-policy");
        house.console.faults().end(fault(name));
        assert_eq!(defender.policy().await.revision, 1);
    }
}

#[tokio::test]
async fn a_stale_revision_comes_in_place_of_the_current_one() {
    let house = House::new().await;
    put_something(&house, "a").await;
    put_something(&house, "b").await;
    house.console.faults().begin(fault("link-stale-policy"));
    let mut defender = house.defender("shop:1").await;
    assert_eq!(defender.apply().await.revision, 2);
    house.console.faults().clear();
    assert_eq!(defender.apply().await.revision, 3);
    house.console.wait_applied(None, 3, SOON).await.unwrap();
}

#[tokio::test]
async fn an_old_revision_is_replayed_by_fault_or_on_demand() {
    let house = House::new().await;
    let mut defender = house.defender("shop:1").await;
    defender.apply().await;
    house.console.faults().begin(fault("link-replay-policy"));
    put_something(&house, "a").await;
    assert_eq!(defender.policy().await.revision, 2);
    assert_eq!(defender.policy().await.revision, 1);
    house.console.faults().clear();
    assert!(house.console.replay(1));
    assert_eq!(defender.policy().await.revision, 1);
    assert!(!house.console.replay(9));
}

#[tokio::test]
async fn a_lost_acknowledgement_leads_to_a_repetition_that_counts_once() {
    let house = House::new().await;
    let mut defender = house.defender("shop:1").await;
    defender.apply().await;
    house.console.faults().begin(fault("link-lose-acks"));
    defender.audits(vec![runtime_audit(1, "shop:1", "web")]).await;
    house.console.wait_audit(SOON, |audit| audit.sequence == 1).await.unwrap();
    // Whatever comes next comes behind the acknowledgement, had there been one.
    put_something(&house, "a").await;
    assert_eq!(defender.apply().await.revision, 2);
    house.console.faults().clear();
    defender.audits(vec![runtime_audit(1, "shop:1", "web")]).await;
    assert_eq!(defender.ack().await, 1);
    assert_eq!(house.console.audits().len(), 1);
}

#[tokio::test]
async fn a_console_that_stops_reading_keeps_the_link_and_goes_on_writing() {
    let house = House::with(|config| config.link_idle = Duration::from_millis(300)).await;
    let mut defender = house.defender("shop:1").await;
    defender.apply().await;
    house.console.wait_applied(None, 1, SOON).await.unwrap();
    house.console.faults().begin(fault("link-stop-reading"));
    // Whatever the sockets hold is full after a while, and then a message is not taken any more.
    let mut sent = 0;
    while let Ok(()) = timeout(Duration::from_millis(500), defender.audits(long_audits(sent + 1))).await {
        sent += 1;
        assert!(sent < 256, "the console reads on");
    }
    assert!(sent > 0, "not even one message was taken");
    put_something(&house, "a").await;
    assert_eq!(defender.policy().await.revision, 2, "the console goes on writing");
    assert!(house.console.audits().is_empty());
    // It is not silence of the Defender: the link stays.
    assert!(house.console.defenders()[0].connected);

    house.console.faults().end(fault("link-stop-reading"));
    house.console.wait_audit(SOON, |audit| audit.sequence == sent).await.unwrap();
}
