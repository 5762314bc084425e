//! A Console of a test, and a task with a sidecar and real wrappers.

use super::{DEADLINE, text};
use futures_util::{SinkExt, StreamExt};
use proofhouse_protocol::link::{self, FromConsole, FromDefender, Hello, PolicyRevision};
use proofhouse_protocol::{InstallBundle, Semantics};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, crypto::ring};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
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
pub struct Console {
    pub listener: TcpListener,
    acceptor: TlsAcceptor,
    pub bundle: InstallBundle,
}

/// A connected Defender.
pub struct Link {
    pub socket: WebSocketStream<TlsStream<TcpStream>>,
    /// Whether it says that reports are noted.
    pub notes: bool,
}

impl Console {
    pub async fn start() -> Self {
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
            client_key: proofhouse_protocol::Secret::new(client_key.serialize_pem()),
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self { listener, acceptor: TlsAcceptor::from(Arc::new(config)), bundle }
    }

    pub async fn accept(&self) -> (Link, Hello) {
        let (stream, _) = timeout(DEADLINE, self.listener.accept()).await.unwrap().unwrap();
        let stream = self.acceptor.accept(stream).await.unwrap();
        assert!(stream.get_ref().1.peer_certificates().is_some(), "the bundle's client certificate");
        #[expect(clippy::result_large_err, reason = "the signature is the library's")]
        let check = |request: &tokio_tungstenite::tungstenite::handshake::server::Request, response| {
            assert_eq!(request.uri().path(), link::PATH);
            Ok(response)
        };
        let socket = accept_hdr_async(stream, check).await.unwrap();
        let mut link = Link { socket, notes: true };
        link.say(FromConsole::Welcome { version: "34.04.145".to_owned() }).await;
        match link.hear().await {
            FromDefender::Hello(hello) => (link, hello),
            other => panic!("expected a hello, got {other:?}"),
        }
    }
}

impl Link {
    /// Says something.
    pub async fn say(&mut self, message: FromConsole) {
        self.socket.send(Message::text(serde_json::to_string(&message).unwrap())).await.unwrap();
    }

    /// The next message.
    pub async fn hear(&mut self) -> FromDefender {
        loop {
            match timeout(DEADLINE, self.socket.next())
                .await
                .expect("the Defender says something")
                .unwrap()
                .unwrap()
            {
                Message::Text(text) => {
                    let heard = serde_json::from_str(&text).unwrap();
                    if let FromDefender::DiscoveredApis { report, .. }
                    | FromDefender::MonitoringStats { report, .. } = &heard
                        && self.notes
                    {
                        self.say(FromConsole::Noted { through: *report }).await;
                    }
                    return heard;
                }
                _ => continue,
            }
        }
    }

    /// Everything up to and with the first message that is wanted.
    pub async fn hear_until(&mut self, wanted: impl Fn(&FromDefender) -> bool) -> Vec<FromDefender> {
        let mut heard = Vec::new();
        let all = async {
            while !heard.last().is_some_and(&wanted) {
                heard.push(self.hear().await);
            }
        };
        // Signs of life come for ever.
        timeout(DEADLINE, all).await.expect("the Defender says what is wanted");
        heard
    }

    /// Pushes a policy; everything up to and with the answer.
    pub async fn policy(&mut self, revision: u64, rules: Value) -> Vec<FromDefender> {
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

    /// Everything up to and with the answer to a fence.
    pub async fn fence(&mut self, id: &str) -> Vec<FromDefender> {
        self.say(FromConsole::Fence { id: id.to_owned() }).await;
        self.hear_until(|message| matches!(message, FromDefender::Fence { .. })).await
    }
}

/// All audits of what was heard.
pub fn audits(heard: &[FromDefender]) -> Vec<link::SequencedAudit> {
    let items = heard.iter().filter_map(|message| match message {
        FromDefender::Audits { items } => Some(items.clone()),
        _ => None,
    });
    items.flatten().collect()
}

/// A task: a volume with the binary, and a sidecar.
pub struct Task {
    pub folder: TempDir,
    pub sidecar: Child,
}

impl Drop for Task {
    fn drop(&mut self) {
        let _ = self.sidecar.kill();
        let _ = self.sidecar.wait();
    }
}

/// Starts a sidecar.
pub fn sidecar(folder: &TempDir, bundle: &str, port: u16, metadata: Option<SocketAddr>) -> Child {
    sidecar_command(folder, bundle, port, metadata).spawn().unwrap()
}

/// A sidecar that is about to start.
pub fn sidecar_command(folder: &TempDir, bundle: &str, port: u16, metadata: Option<SocketAddr>) -> Command {
    let mut command = super::afresh(Path::new(env!("CARGO_BIN_EXE_defender")));
    command.args(["fargate", "sidecar", "--data-folder"]).arg(folder.path()).stderr(Stdio::piped());
    command.env("INSTALL_BUNDLE", bundle).env("DEFENDER_TYPE", "fargate").env("FARGATE_TASK", "shop");
    command.env("WS_ADDRESS", format!("wss://localhost:{port}"));
    if let Some(address) = metadata {
        command.env("ECS_CONTAINER_METADATA_URI_V4", format!("http://{address}/v4/abc"));
    }
    command
}

impl Task {
    pub fn start(console: &Console, metadata: Option<SocketAddr>) -> Self {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        std::fs::hard_link(env!("CARGO_BIN_EXE_defender"), folder.path().join("defender")).unwrap();
        let port = console.listener.local_addr().unwrap().port();
        let sidecar = sidecar(&folder, console.bundle.encode().reveal(), port, metadata);
        Self { folder, sidecar }
    }

    pub fn app(&self, container: &str, argv: &[&str]) -> Command {
        let mut command = super::afresh(&self.folder.path().join("defender"));
        command.args(["fargate", "entrypoint"]).args(argv).current_dir(self.folder.path());
        command.env("TW_CONTAINER_NAME", container).env("TW_IMAGE_NAME", "shop:1");
        command
    }

    pub async fn run(&self, container: &str, argv: &[&str]) -> Output {
        let child = self.app(container, argv).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        tokio::task::spawn_blocking(move || super::finish(child)).await.unwrap()
    }

    pub fn health(&self) -> (Option<i32>, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_defender"));
        let output = command
            .args(["fargate", "healthcheck", "--data-folder"])
            .arg(self.folder.path())
            .output()
            .unwrap();
        (output.status.code(), text(&output.stdout))
    }
}

/// Rules that deny a program in one container.
pub fn deny(container: &str, name: &str) -> Value {
    json!([{"name": "no tools", "collections": [{"name": "c", "containers": [container]}],
        "processes": {"effect": "prevent", "blacklist": [name]}}])
}
