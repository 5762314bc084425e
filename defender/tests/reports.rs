//! What the sidecar reports of its firewall: with a fence, again on another connection, and when the task stops.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::console::{Console, Link, Task};
use proofhouse_protocol::Semantics;
use proofhouse_protocol::link::{FromConsole, FromDefender, PolicyRevision};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// An application that answers everything with 200, and a port for the firewall before it.
async fn app() -> (u16, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                while stream.read(&mut buffer).await.is_ok_and(|length| length > 0) {
                    let answer =
                        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";
                    stream.write_all(answer).await.unwrap();
                }
            });
        }
    });
    let exposed = std::net::TcpListener::bind("[::]:0").unwrap().local_addr().unwrap().port();
    (port, exposed)
}

async fn protect(link: &mut Link, app: u16, exposed: u16) {
    let waas = json!({"rules": [{"name": "shop", "collections": [{"name": "c", "appIDs": ["*"]}], "applicationsSpec": [
        {"appID": "app-1", "apiSpec": {"endpoints": [{"exposedPort": exposed, "internalPort": app}]}}]}]});
    let policy = PolicyRevision {
        revision: 1,
        runtime: serde_json::from_value(json!({"rules": []})).unwrap(),
        waas: serde_json::from_value(waas).unwrap(),
        semantics: Semantics::current(),
    };
    link.say(FromConsole::Policy(Box::new(policy))).await;
    link.hear_until(|message| matches!(message, FromDefender::PolicyApplied { .. })).await;
}

async fn get(port: u16, target: &str) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

/// Numbers of reports, and paths in them.
fn learned(heard: &[FromDefender]) -> Vec<(u64, String)> {
    let mut found = Vec::new();
    for message in heard {
        if let FromDefender::DiscoveredApis { report, apis } = message {
            found.extend(apis.iter().map(|api| (*report, api.path.clone())));
        }
    }
    found
}

#[tokio::test]
async fn what_was_learned_goes_with_a_fence_until_it_is_noted_and_when_the_task_stops() {
    let console = Console::start().await;
    let mut task = Task::start(&console, None);
    let (mut link, _) = console.accept().await;
    let (app, exposed) = app().await;
    protect(&mut link, app, exposed).await;
    get(exposed, "/pets/7").await;
    link.notes = false;
    let first = vec![(1, "/pets/{id}".to_owned())];
    assert_eq!(learned(&link.fence("one").await), first);
    assert_eq!(learned(&link.fence("two").await), []);

    // Not noted: it comes again, and what is noted does not.
    drop(link);
    let (mut link, _) = console.accept().await;
    assert_eq!(learned(&link.fence("three").await), first);
    drop(link);
    let (mut link, _) = console.accept().await;
    assert_eq!(learned(&link.fence("four").await), []);

    get(exposed, "/toys").await;
    proofhouse_defender::kernel::signals::send(i32::try_from(task.sidecar.id()).unwrap(), 15).unwrap();
    let heard = link.hear_until(|message| matches!(message, FromDefender::DiscoveredApis { .. })).await;
    assert_eq!(learned(&heard).into_iter().map(|(_, path)| path).collect::<Vec<_>>(), ["/toys"]);
    let stopped = tokio::task::spawn_blocking(move || task.sidecar.wait().unwrap().code());
    assert_eq!(stopped.await.unwrap(), Some(0));
}

/// Number of the reset, and requests in all, of the last counts that were heard.
fn counted(heard: &[FromDefender]) -> Option<(u64, u64)> {
    heard.iter().rev().find_map(|message| match message {
        FromDefender::MonitoringStats { reset, stats, .. } => Some((*reset, stats.total_requests)),
        _ => None,
    })
}

#[tokio::test]
async fn what_was_counted_goes_with_a_fence_until_it_is_reset() {
    let console = Console::start().await;
    let _task = Task::start(&console, None);
    let (mut link, _) = console.accept().await;
    let (app, exposed) = app().await;
    protect(&mut link, app, exposed).await;
    for _ in 0..3 {
        get(exposed, "/pets").await;
    }
    assert_eq!(counted(&link.fence("one").await), Some((0, 3)));
    // Nothing has changed, so nothing is told.
    assert_eq!(counted(&link.fence("two").await), None);
    link.say(FromConsole::ResetMonitoringStats { reset: 1 }).await;
    get(exposed, "/pets").await;
    let heard = link.fence("three").await;
    assert!(matches!(counted(&heard), Some((1, 0 | 1))), "{heard:?}");
    // A reset that was done is not done again.
    link.say(FromConsole::ResetMonitoringStats { reset: 1 }).await;
    get(exposed, "/pets").await;
    let total = counted(&heard).unwrap().1;
    assert_eq!(counted(&link.fence("four").await), Some((1, total + 1)));
}

/// What the firewall says of its clock, up to the answer to a fence.
async fn clock(link: &mut Link, ahead: u64) -> Vec<u64> {
    link.say(FromConsole::Clock { ahead }).await;
    let heard = link.fence(&format!("clock {ahead}")).await;
    let said = |message: &FromDefender| match message {
        FromDefender::ClockSet { ahead } => Some(*ahead),
        _ => None,
    };
    heard.iter().filter_map(said).collect()
}

#[tokio::test]
async fn the_clock_goes_ahead_as_the_console_says_and_never_back() {
    let console = Console::start().await;
    let _task = Task::start(&console, None);
    let (mut link, _) = console.accept().await;
    assert_eq!(clock(&mut link, 60).await, [60]);
    assert_eq!(clock(&mut link, 30).await, [60]);
    assert_eq!(clock(&mut link, u64::MAX).await, [100 * 365 * 24 * 3600]);
}
