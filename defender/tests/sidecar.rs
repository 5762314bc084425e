//! The built sidecar against a Console of this test, with real wrappers.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{DEADLINE, text};
use futures_util::{SinkExt, StreamExt};
use proofhouse_protocol::link::{self, FromConsole, FromDefender, Hello, PolicyRevision};
use proofhouse_protocol::{InstallBundle, Secret, Semantics};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, crypto::ring};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

/// A Console that accepts one Defender at a time.
struct Console {
    listener: TcpListener,
    acceptor: TlsAcceptor,
    bundle: InstallBundle,
}

/// A connected Defender.
struct Link(WebSocketStream<TlsStream<TcpStream>>);

impl Console {
    async fn start() -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let issue = |name: &str, purpose| {
            let key = KeyPair::generate().unwrap();
            let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
            params.extended_key_usages = vec![purpose];
            (params.signed_by(&key, &ca).unwrap(), key)
        };
        let (server, server_key) = issue("localhost", ExtendedKeyUsagePurpose::ServerAuth);
        let (client, client_key) = issue("defender", ExtendedKeyUsagePurpose::ClientAuth);
        let mut roots = RootCertStore::empty();
        roots.add(ca.der().clone()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(
                vec![server.der().clone()],
                PrivateKeyDer::try_from(server_key.serialize_der()).unwrap(),
            )
            .unwrap();
        let bundle = InstallBundle {
            ca_cert: ca.pem(),
            client_cert: client.pem(),
            client_key: Secret::new(client_key.serialize_pem()),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { listener, acceptor: TlsAcceptor::from(Arc::new(config)), bundle }
    }

    async fn accept(&self) -> (Link, Hello) {
        let (stream, _) = timeout(DEADLINE, self.listener.accept()).await.unwrap().unwrap();
        let stream = self.acceptor.accept(stream).await.unwrap();
        assert!(stream.get_ref().1.peer_certificates().is_some(), "the bundle's client certificate");
        #[expect(clippy::result_large_err, reason = "the signature is the library's")]
        let check = |request: &tokio_tungstenite::tungstenite::handshake::server::Request, response| {
            assert_eq!(request.uri().path(), link::PATH);
            Ok(response)
        };
        let mut link = Link(accept_hdr_async(stream, check).await.unwrap());
        link.say(FromConsole::Welcome { version: "34.04.145".to_owned() }).await;
        match link.hear().await {
            FromDefender::Hello(hello) => (link, hello),
            other => panic!("expected a hello, got {other:?}"),
        }
    }
}

impl Link {
    async fn say(&mut self, message: FromConsole) {
        self.0.send(Message::text(serde_json::to_string(&message).unwrap())).await.unwrap();
    }

    async fn hear(&mut self) -> FromDefender {
        loop {
            match timeout(DEADLINE, self.0.next())
                .await
                .expect("the Defender says something")
                .unwrap()
                .unwrap()
            {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                _ => continue,
            }
        }
    }

    /// Everything up to and with the first message that is wanted.
    async fn hear_until(&mut self, wanted: impl Fn(&FromDefender) -> bool) -> Vec<FromDefender> {
        let mut heard = Vec::new();
        loop {
            heard.push(self.hear().await);
            if wanted(heard.last().unwrap()) {
                return heard;
            }
        }
    }

    async fn policy(&mut self, revision: u64, rules: Value) -> Vec<FromDefender> {
        let policy = PolicyRevision {
            revision,
            runtime: serde_json::from_value(json!({"rules": rules})).unwrap(),
            waas: serde_json::from_value(json!({})).unwrap(),
            semantics: Semantics::current(),
        };
        self.say(FromConsole::Policy(Box::new(policy))).await;
        self.hear_until(|message| {
            matches!(message, FromDefender::PolicyApplied { revision: r } | FromDefender::PolicyRejected { revision: r, .. } if *r == revision)
        })
        .await
    }

    async fn fence(&mut self, id: &str) -> Vec<FromDefender> {
        self.say(FromConsole::Fence { id: id.to_owned() }).await;
        self.hear_until(|message| matches!(message, FromDefender::Fence { .. })).await
    }
}

fn audits(heard: &[FromDefender]) -> Vec<link::SequencedAudit> {
    let items = heard.iter().filter_map(|message| match message {
        FromDefender::Audits { items } => Some(items.clone()),
        _ => None,
    });
    items.flatten().collect()
}

/// A task: a volume with the binary, and a sidecar.
struct Task {
    folder: TempDir,
    sidecar: Child,
}

impl Drop for Task {
    fn drop(&mut self) {
        let _ = self.sidecar.kill();
        let _ = self.sidecar.wait();
    }
}

fn sidecar(folder: &TempDir, bundle: &str, port: u16, metadata: Option<SocketAddr>) -> Child {
    sidecar_command(folder, bundle, port, metadata).spawn().unwrap()
}

fn sidecar_command(folder: &TempDir, bundle: &str, port: u16, metadata: Option<SocketAddr>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_defender"));
    command.args(["fargate", "sidecar", "--data-folder"]).arg(folder.path()).stderr(Stdio::piped());
    command.env("INSTALL_BUNDLE", bundle).env("DEFENDER_TYPE", "fargate").env("FARGATE_TASK", "shop");
    command.env("WS_ADDRESS", format!("wss://localhost:{port}"));
    if let Some(address) = metadata {
        command.env("ECS_CONTAINER_METADATA_URI_V4", format!("http://{address}/v4/abc"));
    }
    command
}

impl Task {
    fn start(console: &Console, metadata: Option<SocketAddr>) -> Self {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        std::fs::hard_link(env!("CARGO_BIN_EXE_defender"), folder.path().join("defender")).unwrap();
        let port = console.listener.local_addr().unwrap().port();
        let sidecar = sidecar(&folder, console.bundle.encode().reveal(), port, metadata);
        Self { folder, sidecar }
    }

    fn app(&self, container: &str, argv: &[&str]) -> Command {
        let mut command = Command::new(self.folder.path().join("defender"));
        command.args(["fargate", "entrypoint"]).args(argv).current_dir(self.folder.path());
        command.env("TW_CONTAINER_NAME", container).env("TW_IMAGE_NAME", "shop:1");
        command
    }

    async fn run(&self, container: &str, argv: &[&str]) -> Output {
        let child = self.app(container, argv).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        tokio::task::spawn_blocking(move || common::finish(child)).await.unwrap()
    }

    fn health(&self) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_defender"));
        let output = command
            .args(["fargate", "healthcheck", "--data-folder"])
            .arg(self.folder.path())
            .output()
            .unwrap();
        (output.status.code(), text(&output.stdout))
    }
}

fn deny(container: &str, name: &str) -> Value {
    json!([{"name": "no tools", "collections": [{"name": "c", "containers": [container]}],
        "processes": {"effect": "prevent", "blacklist": [name]}}])
}

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
    link.0.send(Message::text(r#"{"type": "policy", "revision": 3, "runtime": 5}"#)).await.unwrap();
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
