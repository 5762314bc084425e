//! The Defender link: who is let in, what is pushed, what is acknowledged.

use crate::support::{Defender, House, SOON, hello, open, runtime_audit, tls};
use futures_util::{SinkExt as _, StreamExt as _, stream};
use proofhouse_console::{Console, ConsoleConfig, FenceError, WaitError};
use proofhouse_protocol::Observation;
use proofhouse_protocol::link::{FromConsole, FromDefender, Hello, PATH, Workload};
use proofhouse_protocol::observation::FencePhase;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;

fn refusals(house: &House) -> Vec<String> {
    house.kept.chosen(|seen| match seen {
        Observation::LinkRefused { error, .. } => Some(error.clone()),
        _ => None,
    })
}

#[tokio::test]
async fn a_defender_with_its_bundle_gets_a_welcome_and_the_current_policy() {
    let house = House::new().await;
    let mut defender = Defender::connect(&house, "shop:1", "first").await.unwrap();
    assert_eq!(defender.welcome().await, "34.04.145");
    let policy = defender.policy().await;
    assert_eq!((policy.revision, policy.semantics.profile.as_str()), (1, "current"));
    assert_eq!(house.console.wait_connected(None, SOON).await.unwrap(), "shop:1");
    let certificates = house.kept.chosen(|seen| match seen {
        Observation::LinkConnected { app_id, certificate, .. } => Some((app_id.clone(), certificate.clone())),
        _ => None,
    });
    assert_eq!(certificates[0].0, "shop:1");
    assert!(certificates[0].1.starts_with("defender-"));
}

#[tokio::test]
async fn nothing_is_served_without_a_certificate_of_this_console() {
    let house = House::new().await;
    let stranger = House::new().await.bundle();
    let mut bundle = house.bundle();

    // TLS 1.3 lets the client believe it is in until it reads.
    if let Ok(mut stream) = tls(house.link, &bundle, false).await {
        stream.write_all(b"GET /defender/v1/link HTTP/1.1\r\n\r\n").await.ok();
        let mut got = Vec::new();
        assert!(stream.read_to_end(&mut got).await.is_err());
        assert!(got.is_empty());
    }
    bundle.client_cert = stranger.client_cert;
    bundle.client_key = stranger.client_key;
    assert!(open(house.link, &bundle, PATH).await.is_err());

    let mut plain = TcpStream::connect(house.link).await.unwrap();
    plain.write_all(b"GET /defender/v1/link HTTP/1.1\r\n\r\n").await.unwrap();
    let mut got = Vec::new();
    plain.read_to_end(&mut got).await.ok();
    assert!(!got.starts_with(b"HTTP"), "{got:?}");

    assert_eq!(refusals(&house).len(), 3);
    assert!(refusals(&house).iter().all(|error| error.starts_with("tls handshake failed")));
    assert!(house.console.defenders().is_empty());
}

#[tokio::test]
async fn another_path_is_not_found() {
    let house = House::new().await;
    let bundle = house.bundle();
    let error = open(house.link, &bundle, "/elsewhere").await.unwrap_err();
    assert!(error.to_string().contains("404"), "{error}");
}

#[tokio::test]
async fn a_hello_that_cannot_be_served_is_refused_with_the_reason() {
    let house = House::new().await;
    let good = || hello("shop:1", "first");
    for (hello, words) in [
        (Hello { protocol: 99, ..good() }, "protocol 99"),
        (Hello { app_id: String::new(), ..good() }, "appID"),
        (Hello { defender_type: "docker".to_owned(), ..good() }, "'docker'"),
        (Hello { version: "latest".to_owned(), ..good() }, "'latest'"),
        (Hello { version: "30.03.122".to_owned(), ..good() }, "too old"),
    ] {
        let mut defender = Defender::connect_as(&house, hello).await.unwrap();
        match defender.hear().await {
            FromConsole::Refused { error } => assert!(error.contains(words), "{error}"),
            other => panic!("not refused: {other:?}"),
        }
        assert_eq!(defender.text().await, None);
    }
    assert_eq!(refusals(&house).len(), 5);
}

#[tokio::test]
async fn a_breach_of_the_protocol_ends_the_link_with_the_reason() {
    for (message, words) in [
        ("{}".to_owned(), "not understood"),
        (json!({"type": "policyApplied", "revision": 7}).to_string(), "revision 7 was never sent"),
        (serde_json::to_string(&FromDefender::Hello(hello("a", "b"))).unwrap(), "said twice"),
        (
            serde_json::to_string(&FromDefender::Audits { items: vec![runtime_audit(0, "shop:1", "web")] })
                .unwrap(),
            "sequence number 0",
        ),
    ] {
        let house = House::new().await;
        let mut defender = house.defender("shop:1").await;
        defender.policy().await;
        defender.say_text(message).await;
        match defender.hear().await {
            FromConsole::Refused { error } => assert!(error.contains(words), "{error}"),
            other => panic!("not refused: {other:?}"),
        }
        assert_eq!(defender.text().await, None);
        assert!(refusals(&house)[0].contains(words));
        house.until(|house| house.console.defenders().iter().all(|defender| !defender.connected)).await;
    }
}

#[tokio::test]
async fn a_refused_revision_is_told_to_who_waits_for_it() {
    let house = House::new().await;
    let mut defender = house.defender("shop:1").await;
    defender.policy().await;
    defender.say(&FromDefender::PolicyRejected { revision: 1, error: "too hard".to_owned() }).await;
    let error = house.console.wait_applied(Some("shop:1"), 1, SOON).await.unwrap_err();
    assert_eq!(
        error,
        WaitError::Rejected { app_id: "shop:1".to_owned(), revision: 1, error: "too hard".to_owned() }
    );
    let late = house.console.wait_applied(None, 2, Duration::from_millis(1)).await.unwrap_err();
    assert!(late.to_string().contains("'shop:1' has 0"), "{late}");
}

#[tokio::test]
async fn a_fence_passes_behind_every_audit_of_every_defender() {
    let house = House::new().await;
    assert_eq!(house.console.fence(SOON).await, Err(FenceError::NoDefender));
    let mut one = house.defender("one:1").await;
    let mut two = house.defender("two:2").await;
    one.policy().await;
    two.policy().await;

    let answer = async {
        for (defender, app) in [(&mut one, "one:1"), (&mut two, "two:2")] {
            let FromConsole::Fence { id } = defender.hear().await else { panic!("not a fence") };
            defender.audits(vec![runtime_audit(1, app, "c")]).await;
            defender.fence(&id, &[&format!("c-{app}")], &[]).await;
        }
    };
    let (passed, ()) = tokio::join!(house.console.fence(SOON), answer);
    let passed = passed.unwrap();
    assert_eq!(passed.containers["one:1"], ["c-one:1"]);
    assert_eq!(passed.containers["two:2"], ["c-two:2"]);
    assert_eq!(house.console.audits().len(), 2);

    let order = house.kept.chosen(|seen| match seen {
        Observation::Fence { phase, .. } => Some(format!("{phase:?}")),
        Observation::Audit { .. } => Some("audit".to_owned()),
        _ => None,
    });
    assert_eq!(order, ["Sent", "audit", "audit", "Passed"]);
}

#[tokio::test]
async fn what_a_defender_has_lost_travels_with_the_fence() {
    let house = House::new().await;
    let mut one = house.defender("one:1").await;
    let mut two = house.defender("two:2").await;
    one.policy().await;
    two.policy().await;
    let answer = async {
        for (defender, totals) in
            [(&mut one, &[("audits", 4), ("dropped_audits", 1)][..]), (&mut two, &[("dropped_audits", 2)])]
        {
            let FromConsole::Fence { id } = defender.hear().await else { panic!("not a fence") };
            defender.fence(&id, &["c"], totals).await;
        }
    };
    let (passed, ()) = tokio::join!(house.console.fence(SOON), answer);
    let sums: BTreeMap<_, _> = [("audits", 4), ("dropped_audits", 3)].map(|(n, t)| (n.to_owned(), t)).into();
    assert_eq!(passed.unwrap().totals, sums);
    let recorded = house.kept.chosen(|seen| match seen {
        Observation::Fence { phase: FencePhase::Passed, totals, .. } => Some(totals.clone()),
        _ => None,
    });
    assert_eq!(recorded, [sums]);
    assert_eq!(house.console.counters()["one:1"]["audits"], 4);

    // Who does not count says nothing, and takes nothing back.
    let answer = async {
        for defender in [&mut one, &mut two] {
            let FromConsole::Fence { id } = defender.hear().await else { panic!("not a fence") };
            defender.fence(&id, &["c"], &[]).await;
        }
    };
    let (passed, ()) = tokio::join!(house.console.fence(SOON), answer);
    assert!(passed.unwrap().totals.is_empty());
    assert_eq!(house.console.counters()["one:1"]["dropped_audits"], 1);
}

#[tokio::test]
async fn a_fence_that_does_not_come_out_names_who_did_not_answer() {
    let house = House::new().await;
    let _silent = house.defender("shop:1").await;
    match house.console.fence(Duration::from_millis(5)).await {
        Err(FenceError::TimedOut { missing, .. }) => assert_eq!(missing, ["shop:1"]),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_fence_is_asked_for_again_after_a_reconnection() {
    let house = House::new().await;
    let mut defender = house.defender("shop:1").await;
    defender.policy().await;
    let reconnect = async {
        let FromConsole::Fence { id } = defender.hear().await else { panic!("not a fence") };
        defender.close().await;
        let mut again = house.defender("shop:1").await;
        again.policy().await;
        match again.hear().await {
            FromConsole::Fence { id: same } => assert_eq!(same, id),
            other => panic!("not a fence: {other:?}"),
        }
        again.fence(&id, &[], &[]).await;
        again
    };
    let (passed, _again) = tokio::join!(house.console.fence(SOON), reconnect);
    passed.unwrap();
}

#[tokio::test]
async fn the_newer_connection_of_an_app_takes_the_place_of_the_older() {
    let house = House::new().await;
    let mut old = house.defender("shop:1").await;
    old.policy().await;
    let _new = house.defender("shop:1").await;
    assert_eq!(old.text().await, None);
    assert!(house.console.defenders()[0].connected);
    let told = house.kept.chosen(|seen| match seen {
        Observation::LinkConnected { .. } => Some("connected"),
        Observation::LinkClosed { .. } => Some("closed"),
        _ => None,
    });
    assert_eq!(told, ["connected", "closed", "connected"]);
}

#[tokio::test]
async fn a_defender_that_does_not_read_holds_up_no_other() {
    let house = House::new().await;
    let _deaf = house.defender("deaf:1").await;
    let mut quick = house.defender("quick:2").await;
    quick.apply().await;
    let big: Vec<String> = (0..20_000).map(|n| format!("program-{n}")).collect();
    let rule = json!({"name": "r", "collections": [{"name": "All"}], "network": {"effect": "disable"},
        "processes": {"effect": "prevent", "blacklist": big}, "dns": {"effect": "disable"}, "filesystem": {"effect": "disable"}});
    for n in 0..20 {
        let mut rule = rule.clone();
        rule["notes"] = json!(n);
        assert_eq!(
            house.api().put("/policies/runtime/app-embedded", &json!({"rules": [rule]})).await.status,
            200
        );
    }
    let newest = house.console.current_revision();
    while quick.apply().await.revision < newest {}
    house.console.wait_applied(Some("quick:2"), newest, SOON).await.unwrap();
}

#[tokio::test]
async fn a_silent_link_counts_as_lost() {
    let house = House::with(|config| config.link_idle = Duration::from_millis(50)).await;
    let mut defender = house.defender("shop:1").await;
    defender.policy().await;
    assert!(
        matches!(defender.hear().await, FromConsole::Refused { error } if error.contains("nothing was said"))
    );
}

#[tokio::test]
async fn a_console_that_lost_its_memory_goes_on_behind_the_revision_of_its_defender() {
    let house = House::new().await;
    let mut defender =
        Defender::connect_as(&house, Hello { revision: 41, ..hello("shop:1", "first") }).await.unwrap();
    defender.welcome().await;
    assert_eq!(defender.policy().await.revision, 42);
    assert_eq!(house.console.current_revision(), 42);
}

#[tokio::test]
async fn a_restarted_console_knows_the_bundles_of_its_former_life() {
    let house = House::new().await;
    let bundle = house.bundle();
    let authority = house.console.authority();
    house.console.shutdown().await;
    let again = House::with(|config| config.authority = Some(authority)).await;
    let mut socket = open(again.link, &bundle, PATH).await.unwrap();
    let text = serde_json::to_string(&FromDefender::Hello(hello("shop:1", "first"))).unwrap();
    socket.send(Message::text(text)).await.unwrap();
    assert!(socket.next().await.unwrap().unwrap().to_text().unwrap().contains("welcome"));
}

#[tokio::test]
async fn workloads_and_counters_are_kept_for_the_life_of_the_sidecar() {
    let house = House::new().await;
    let mut defender = house.defender("shop:1").await;
    defender.policy().await;
    let workload = Workload {
        container: "web".to_owned(),
        image: "repo/image:1".to_owned(),
        start_time: "2026-01-02T03:04:05Z".to_owned(),
    };
    defender.say(&FromDefender::Workload(workload.clone())).await;
    defender.say(&FromDefender::Counters { totals: [("dropped_audits".to_owned(), 3)].into() }).await;
    defender.say(&FromDefender::Heartbeat).await;
    defender.audits(vec![runtime_audit(1, "shop:1", "web")]).await;
    assert_eq!(defender.ack().await, 1);
    assert_eq!(house.console.defenders()[0].workloads, [workload]);
    assert_eq!(house.console.counters()["shop:1"]["dropped_audits"], 3);

    let mut again = Defender::connect(&house, "shop:1", "second").await.unwrap();
    again.welcome().await;
    assert!(house.console.defenders()[0].workloads.is_empty());
}

#[tokio::test]
async fn links_can_come_from_a_stream_of_connections() {
    let house = House::new().await;
    let console = Console::start(ConsoleConfig {
        authority: Some(house.console.authority()),
        ..ConsoleConfig::default()
    })
    .unwrap();
    let (near, far) = tokio::io::duplex(64 << 10);
    console.serve_link_on(stream::iter([(far, "10.0.42.7:40000".parse().unwrap())]));
    let mut near = near;
    near.write_all(b"not tls at all, and long enough to be read as a record\r\n").await.unwrap();
    let mut got = Vec::new();
    near.read_to_end(&mut got).await.ok();
    assert!(console.defenders().is_empty());
}
