//! Transport, credentials, versions, conventions (section 2.1).

use crate::support::{Api, House};
use futures_util::stream;
use jiff::SignedDuration;
use proofhouse_protocol::Observation;
use reqwest::Method;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[tokio::test]
async fn the_version_is_a_bare_json_string() {
    let house = House::new().await;
    let reply = house.api().get("/version").await;
    assert_eq!((reply.status, reply.text.as_str()), (200, "\"34.04.145\""));
}

#[tokio::test]
async fn the_current_and_three_previous_versions_are_served() {
    let house = House::new().await;
    for version in ["v1", "v34.04", "v34.03", "v34.02", "v34.01"] {
        assert_eq!(house.api().version(version).get("/version").await.status, 200, "{version}");
    }
    for version in ["v34.00", "v35.00", "v2", "34.04"] {
        let reply = house.api().version(version).get("/version").await;
        assert_eq!(reply.status, 404, "{version}");
        assert!(reply.error().contains(version), "{}", reply.error());
    }
}

#[tokio::test]
async fn nothing_but_ping_is_answered_without_credentials() {
    let house = House::new().await;
    let anonymous = house.api().anonymous();
    assert_eq!(anonymous.get("/_ping").await.status, 200);
    for path in ["/version", "/policies/runtime/app-embedded", "/defenders", "/nowhere"] {
        let reply = anonymous.get(path).await;
        assert_eq!(reply.status, 401, "{path}");
        assert!(reply.error().starts_with("unauthorized"));
    }
    assert_eq!(house.api().password("wrong").get("/version").await.status, 401);
}

#[tokio::test]
async fn a_token_is_as_good_as_a_password_until_it_expires() {
    let house = House::new().await;
    let anonymous = house.api().anonymous();
    let body = json!({"username": "admin", "password": "admin-secret"});
    let token = anonymous.post("/authenticate", &body).await.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(token.split('.').count(), 3);

    house.clock.advance(SignedDuration::from_mins(20));
    let renewed = house.api().bearer(&token).get("/authenticate/renew").await;
    let renewed = renewed.json()["token"].as_str().unwrap().to_owned();
    house.clock.advance(SignedDuration::from_mins(15));
    assert_eq!(house.api().bearer(&token).get("/version").await.status, 401);
    assert_eq!(house.api().bearer(&renewed).get("/version").await.status, 200);

    let wrong = anonymous.post("/authenticate", &json!({"username": "admin", "password": "x"})).await;
    assert_eq!(wrong.status, 401);
}

#[tokio::test]
async fn roles_decide_what_may_be_done() {
    let house = House::new().await;
    let policy = json!({"rules": []});
    for (user, read, write) in
        [("admin", 200, 200), ("manager", 200, 403), ("auditor", 200, 403), ("ci", 403, 403)]
    {
        let api = house.api_of(user);
        assert_eq!(api.get("/policies/runtime/app-embedded").await.status, read, "{user}");
        assert_eq!(api.put("/policies/runtime/app-embedded", &policy).await.status, write, "{user}");
    }
}

#[tokio::test]
async fn paths_methods_and_bodies_that_are_wrong_are_told() {
    let house = House::new().await;
    assert_eq!(house.api().get("/nowhere").await.status, 404);
    let reply = house.api().delete("/policies/runtime/app-embedded").await;
    assert_eq!(reply.status, 405);
    assert!(reply.error().contains("DELETE"));
    let reply = house.api().send(Method::PUT, "/policies/runtime/app-embedded", "{nonsense".to_owned()).await;
    assert_eq!(reply.status, 400);
    assert!(reply.error().starts_with("failed to unmarshal"), "{}", reply.error());
}

#[tokio::test]
async fn every_call_is_recorded_with_who_made_it_and_why_it_failed() {
    let house = House::new().await;
    house.api().get("/version?x=y").await;
    house.api().anonymous().get("/version").await;
    let calls = house.kept.chosen(|seen| match seen {
        Observation::ConsoleCall { path, status, user, error, .. } => {
            Some((path.clone(), *status, user.clone(), error.clone()))
        }
        _ => None,
    });
    assert_eq!(calls[0], ("/api/v1/version?x=y".to_owned(), 200, Some("admin".to_owned()), None));
    assert_eq!((calls[1].1, &calls[1].2), (401, &None));
    assert!(calls[1].3.as_ref().unwrap().starts_with("unauthorized"));
}

#[tokio::test]
async fn a_call_with_any_query_is_a_fence_of_the_calls_before_it() {
    let house = House::new().await;
    let api = house.api();
    for number in 0..20 {
        let policy = "/policies/runtime/app-embedded";
        let before = async {
            api.put(policy, &json!({"rules": [], "note": number})).await;
            api.put(policy, &json!([])).await;
            api.get("/nowhere").await;
        };
        let defenders = async { assert_eq!(house.api_of("auditor").get("/defenders").await.status, 200) };
        tokio::join!(before, defenders);
        let fence = api.get(&format!("/version?fence=f-{number}-%22a%26b%22&&=&x=%zz&fence")).await;
        assert_eq!((fence.status, fence.text.as_str()), (200, "\"34.04.145\""));
        let calls = house.kept.chosen(|seen| match seen {
            Observation::ConsoleCall { path, status, .. } => Some((path.clone(), *status)),
            _ => None,
        });
        assert_eq!(calls.len(), 5 * (number + 1), "each call is recorded before its answer");
        let last =
            ("/api/v1/version?fence=f-".to_owned() + &format!("{number}-%22a%26b%22&&=&x=%zz&fence"), 200);
        assert_eq!(calls.last(), Some(&last));
    }
}

#[tokio::test]
async fn another_authority_is_not_trusted_and_the_names_are_in_the_certificate() {
    let house = House::new().await;
    let other = House::new().await;
    let api = Api::new(house.rest, other.console.ca_pem(), Some("admin"));
    assert!(api.try_send(Method::GET, "/version", String::new()).await.is_err());
}

#[tokio::test]
async fn a_client_that_never_finishes_holds_up_no_other() {
    let house = House::new().await;
    let mut silent = Vec::new();
    for _ in 0..20 {
        let mut stream = TcpStream::connect(house.rest).await.unwrap();
        stream.write_all(&[0x16, 0x03]).await.unwrap();
        silent.push(stream);
    }
    assert_eq!(house.api().get("/version").await.status, 200);
}

#[tokio::test]
async fn connections_that_someone_else_accepted_are_served_without_tls_too() {
    let house = House::new().await;
    let (mut near, far) = tokio::io::duplex(4096);
    house.console.serve_rest_plain_on(stream::iter([(far, "192.0.2.1:7".parse().unwrap())]));
    near.write_all(b"GET /api/v1/_ping HTTP/1.1\r\nHost: c\r\nConnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    near.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_shutdown_closes_everything() {
    let house = House::new().await;
    let _defender = house.defender("a:1").await;
    let mut idle = TcpStream::connect(house.rest).await.unwrap();
    house.console.shutdown().await;
    let mut rest = Vec::new();
    idle.read_to_end(&mut rest).await.ok();
    assert!(TcpStream::connect(house.rest).await.is_err());
    assert!(TcpStream::connect(house.link).await.is_err());
    assert!(house.console.defenders().iter().all(|defender| !defender.connected));
}
