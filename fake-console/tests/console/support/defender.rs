//! A Defender's end of the link, word for word under the control of a test.

use super::{House, SOON};
use futures_util::{SinkExt as _, StreamExt as _};
use proofhouse_protocol::InstallBundle;
use proofhouse_protocol::link::{
    CloudMetadata, FromConsole, FromDefender, Hello, PATH, PolicyRevision, SequencedAudit, VERSION,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

pub struct Defender {
    socket: WebSocketStream<TlsStream<TcpStream>>,
}

/// TLS to the link, with or without a client certificate.
pub async fn tls(
    address: SocketAddr,
    bundle: &InstallBundle,
    with_certificate: bool,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(bundle.ca_cert.as_bytes()).unwrap()).unwrap();
    let builder = ClientConfig::builder().with_root_certificates(roots);
    let config = if with_certificate {
        let certificate = CertificateDer::from_pem_slice(bundle.client_cert.as_bytes()).unwrap();
        let key = PrivateKeyDer::from_pem_slice(bundle.client_key.reveal().as_bytes()).unwrap();
        builder.with_client_auth_cert(vec![certificate], key).unwrap()
    } else {
        builder.with_no_client_auth()
    };
    let name = ServerName::try_from("console.proofhouse.test").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, TcpStream::connect(address).await?).await
}

/// The WebSocket, before any word.
pub async fn open(
    address: SocketAddr,
    bundle: &InstallBundle,
    path: &str,
) -> Result<WebSocketStream<TlsStream<TcpStream>>, Error> {
    let stream = tls(address, bundle, true).await?;
    Ok(client_async(format!("wss://console.proofhouse.test{path}"), stream).await?.0)
}

pub fn hello(app_id: &str, incarnation: &str) -> Hello {
    Hello {
        protocol: VERSION,
        version: "34.04.145".to_owned(),
        defender_type: "fargate".to_owned(),
        app_id: app_id.to_owned(),
        incarnation: incarnation.to_owned(),
        cloud: CloudMetadata {
            provider: "aws".to_owned(),
            cluster: "c1".to_owned(),
            ..CloudMetadata::default()
        },
        features: vec!["processes".to_owned(), "dns".to_owned(), "waas".to_owned()],
        revision: 0,
    }
}

pub fn runtime_audit(sequence: u64, app_id: &str, container: &str) -> SequencedAudit {
    serde_json::from_value(json!({"sequence": sequence, "plane": "runtime", "audit": {
        "time": "2026-01-02T03:04:05Z", "type": "processes", "attackType": "explicitlyDeniedProcess",
        "effect": "prevent", "ruleName": "r", "msg": format!("m{sequence}"), "appID": app_id, "hostname": app_id,
        "container": true, "containerName": container, "imageName": "repo/image:1"}}))
    .unwrap()
}

pub fn firewall_audit(sequence: u64, app_id: &str) -> SequencedAudit {
    serde_json::from_value(json!({"sequence": sequence, "plane": "firewall", "audit": {
        "time": "2026-01-02T03:04:05Z", "type": "sqli", "effect": "prevent", "ruleName": "w", "msg": "Detected",
        "appID": app_id, "hostname": app_id, "host": true, "subnet": "203.0.113.7", "urlPath": "/"}}))
    .unwrap()
}

impl Defender {
    /// Connects with a fresh bundle, and says hello.
    pub async fn connect(house: &House, app_id: &str, incarnation: &str) -> Result<Self, Error> {
        Self::connect_as(house, hello(app_id, incarnation)).await
    }

    pub async fn connect_as(house: &House, hello: Hello) -> Result<Self, Error> {
        let bundle = house.bundle();
        let mut defender = Self { socket: open(house.link, &bundle, PATH).await? };
        defender.say(&FromDefender::Hello(hello)).await;
        Ok(defender)
    }

    pub async fn say(&mut self, message: &FromDefender) {
        self.say_text(serde_json::to_string(message).unwrap()).await;
    }

    pub async fn say_text(&mut self, text: String) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// The next text; `None` when the Console has closed.
    pub async fn text(&mut self) -> Option<String> {
        loop {
            match timeout(SOON, self.socket.next()).await.expect("the console says something") {
                Some(Ok(Message::Text(text))) => return Some(text.to_string()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(_) | Err(_)) | None => return None,
            }
        }
    }

    pub async fn hear(&mut self) -> FromConsole {
        let text = self.text().await.expect("the console says something");
        serde_json::from_str(&text).unwrap()
    }

    /// Reads the welcome, and leaves the policy behind it.
    pub async fn welcome(&mut self) -> String {
        match self.hear().await {
            FromConsole::Welcome { version } => version,
            other => panic!("not a welcome: {other:?}"),
        }
    }

    pub async fn policy(&mut self) -> PolicyRevision {
        match self.hear().await {
            FromConsole::Policy(policy) => *policy,
            other => panic!("not a policy: {other:?}"),
        }
    }

    /// Takes the next revision and says that it is applied.
    pub async fn apply(&mut self) -> PolicyRevision {
        let policy = self.policy().await;
        self.say(&FromDefender::PolicyApplied { revision: policy.revision }).await;
        policy
    }

    pub async fn ack(&mut self) -> u64 {
        match self.hear().await {
            FromConsole::Ack { through } => through,
            other => panic!("not an ack: {other:?}"),
        }
    }

    pub async fn audits(&mut self, items: Vec<SequencedAudit>) {
        self.say(&FromDefender::Audits { items }).await;
    }

    /// Answers a fence.
    pub async fn fence(&mut self, id: &str, containers: &[&str], totals: &[(&str, u64)]) {
        let mut message = json!({"type": "fence", "id": id, "containers": containers});
        // A Defender that does not count leaves them out.
        if !totals.is_empty() {
            message["totals"] = totals.iter().map(|(name, total)| (*name, json!(total))).collect();
        }
        self.say_text(message.to_string()).await;
    }

    /// Audits of any shape, each with its sequence number and plane.
    pub async fn raw_audits(&mut self, items: &Value) {
        self.say_text(json!({"type": "audits", "items": items}).to_string()).await;
    }

    /// Says something that is acknowledged, so that everything before has been heard.
    pub async fn audits_nothing(&mut self) {
        self.audits(Vec::new()).await;
        self.ack().await;
    }

    pub async fn close(mut self) {
        // The Console may have closed first.
        let _ = self.socket.close(None).await;
    }
}

/// Members of a list of objects.
pub fn members(list: &Value, member: &str) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item[member].as_str().unwrap_or_default().to_owned()).collect()
}
