//! The built sidecar against a Console of this test, with real wrappers.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::console::{Console, Task, audits, deny, sidecar, sidecar_command};
use common::text;
use futures_util::SinkExt;
use proofhouse_protocol::link::{self, FromConsole, FromDefender};
use serde_json::json;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_tungstenite::tungstenite::Message;

/// Serves one kind of task metadata, for ever.
fn metadata() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 1024];
            let length = stream.read(&mut request).unwrap();
            assert!(text(&request[..length]).starts_with("GET /v4/abc/task HTTP/1.1\r\n"));
            let body = r#"{"Cluster": "prod", "TaskARN": "arn:aws:ecs:eu-west-1:111122223333:task/prod/0123456789abcdef0123456789abcdef"}"#;
            write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        }
    });
    address
}

#[tokio::test]
async fn a_task_from_hello_to_the_last_audit() {
    let console = Console::start().await;
    let mut task = Task::start(&console, Some(metadata()));
    let (mut link, hello) = console.accept().await;
    assert_eq!(hello.app_id, "shop:0123456789abcdef0123456789abcdef");
    assert_eq!((hello.cloud.region.as_str(), hello.cloud.account_id.as_str()), ("eu-west-1", "111122223333"));
    assert_eq!((hello.protocol, hello.revision), (link::VERSION, 0));
    assert_eq!(task.health(), (Some(1), "waiting for the first policy\n".to_owned()));
    link.policy(1, deny("worker", "mkdir")).await;
    assert_eq!(task.health(), (Some(0), "revision 1 in force\n".to_owned()));

    assert!(task.run("web", &["sh", "-c", "mkdir web"]).await.status.success());
    task.run("worker", &["sh", "-c", "mkdir worker"]).await;
    assert!(task.folder.path().join("web").is_dir() && !task.folder.path().join("worker").exists());
    let heard = link.fence("one").await;
    let workloads: Vec<_> = heard.iter().filter(|m| matches!(m, FromDefender::Workload(_))).collect();
    assert_eq!(workloads.len(), 2);
    let items = audits(&heard);
    assert_eq!(items.len(), 1, "{heard:?}");
    let link::LinkAudit::Runtime(audit) = &items[0].audit else { panic!("a runtime audit") };
    assert_eq!((items[0].sequence, audit.app_id.as_str()), (1, hello.app_id.as_str()));
    assert_eq!((audit.hostname.as_str(), audit.rule_name.as_str()), (hello.app_id.as_str(), "no tools"));
    assert_eq!(audit.container_name.as_deref(), Some("worker"));
    assert_eq!(audit.region.as_deref(), Some("eu-west-1"));
    assert_eq!(audit.version.as_deref(), Some(hello.version.as_str()));

    // Not acknowledged: it comes again, and what is acknowledged does not.
    drop(link);
    let (mut link, again) = console.accept().await;
    assert_eq!((again.incarnation, again.revision), (hello.incarnation, 1));
    let heard = link.fence("two").await;
    assert_eq!(audits(&heard), items);
    link.say(FromConsole::Ack { through: 1 }).await;
    assert!(audits(&link.fence("three").await).is_empty());
    drop(link);
    let (mut link, _) = console.accept().await;
    assert!(audits(&link.fence("four").await).is_empty());

    proofhouse_defender::kernel::signals::send(task.sidecar.id() as i32, 15).unwrap();
    assert_eq!(task.sidecar.wait().unwrap().code(), Some(0));
}

#[tokio::test]
async fn a_revision_is_applied_when_every_wrapper_has_it_and_fences_name_them() {
    let console = Console::start().await;
    let task = Task::start(&console, None);
    let (mut link, hello) = console.accept().await;
    let (family, suffix) = hello.app_id.split_once(':').unwrap();
    assert_eq!((family, suffix.len()), ("shop", 36), "a UUID, without metadata");
    link.policy(1, json!([])).await;
    let start = |container| {
        task.app(container, &["sh"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
    };
    let mut shells = ["web", "worker"].map(start);
    for _ in 0..2 {
        link.hear_until(|message| matches!(message, FromDefender::Workload(_))).await;
    }
    let heard = link.policy(2, deny("worker", "mkdir")).await;
    assert!(matches!(heard.last(), Some(FromDefender::PolicyApplied { revision: 2 })));
    let mut worker = shells[1].stdin.take().unwrap();
    writeln!(worker, "mkdir x; echo $?").unwrap();
    let mut answer = [0; 4];
    shells[1].stdout.as_mut().unwrap().read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"126\n");
    let heard = link.fence("f").await;
    assert_eq!(audits(&heard).len(), 1);
    let Some(FromDefender::Fence { containers, .. }) = heard.last() else { panic!("a fence") };
    assert_eq!(containers, &["web", "worker"]);

    let heard = link.policy(1, json!([])).await;
    assert!(matches!(heard.last(), Some(FromDefender::PolicyRejected { revision: 1, .. })), "stale");
    link.socket.send(Message::text(r#"{"type": "policy", "revision": 3, "runtime": 5}"#)).await.unwrap();
    let heard = link.hear_until(|message| matches!(message, FromDefender::PolicyRejected { .. })).await;
    assert!(matches!(heard.last(), Some(FromDefender::PolicyRejected { revision: 3, .. })));
    writeln!(worker, "mkdir x; echo $?").unwrap();
    shells[1].stdout.as_mut().unwrap().read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"126\n", "the last good policy stays in force");
    drop(worker);
    for mut shell in shells {
        drop(shell.stdin.take());
        tokio::task::spawn_blocking(move || common::finish(shell)).await.unwrap();
    }
}

#[tokio::test]
async fn without_a_console_apps_start_and_their_audits_wait() {
    let console = Console::start().await;
    let port = console.listener.local_addr().unwrap();
    let mut console = console;
    // The port is refused from now on.
    console.listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    std::fs::hard_link(env!("CARGO_BIN_EXE_defender"), folder.path().join("defender")).unwrap();
    let sidecar = sidecar(&folder, console.bundle.encode().reveal(), port.port(), None);
    let task = Task { folder, sidecar };
    assert!(
        task.run("web", &["sh", "-c", "mkdir x"]).await.status.success(),
        "the app waited, and then started"
    );
    assert_eq!(task.health().0, Some(0));
    assert!(task.folder.path().join("x").is_dir());
    // The Console comes back.
    console.listener = TcpListener::bind(port).await.unwrap();
    let (mut link, _) = console.accept().await;
    let heard = link.policy(1, deny("web", "mkdir")).await;
    assert!(matches!(heard.last(), Some(FromDefender::PolicyApplied { revision: 1 })));
}

#[tokio::test]
async fn a_broken_bundle_stops_the_sidecar_with_a_message() {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    for bundle in ["", "not base64!", "e30="] {
        let output = common::finish(sidecar(&folder, bundle, 1, None));
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains("INSTALL_BUNDLE is"), "{}", text(&output.stderr));
    }
}

#[tokio::test]
async fn a_rule_set_that_cannot_be_used_stops_the_sidecar_with_a_message() {
    let console = Console::start().await;
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let port = console.listener.local_addr().unwrap().port();
    let mut command = sidecar_command(&folder, console.bundle.encode().reveal(), port, None);
    let child = command.args(["--crs", "/nonexistent"]).spawn().unwrap();
    let output = tokio::task::spawn_blocking(move || common::finish(child)).await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stderr);
    assert!(told.contains("rule set cannot be loaded") && told.contains("/nonexistent"), "{told}");
}

#[test]
fn without_a_sidecar_the_health_check_fails() {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_defender"));
    let output =
        command.args(["fargate", "healthcheck", "--data-folder"]).arg(folder.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("no sidecar"));
}
