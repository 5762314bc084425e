//! Someone at the Defender link who was given no bundle of this Console.

use super::console::{CONSOLE_NAME, ConsoleEnd};
use super::error::RigError;
use futures_util::{SinkExt as _, StreamExt as _};
use proofhouse_console::authority::Authority;
use proofhouse_protocol::link::{self, CloudMetadata, FromDefender, Hello};
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::tungstenite::Message;

/// How long the stranger listens. The Console closes a connection that it refuses, so this is the limit of a defect.
const PATIENCE: Duration = Duration::from_secs(5);

fn unusable(error: impl std::fmt::Display) -> RigError {
    RigError::Stranger(error.to_string())
}

fn connector(console: &ConsoleEnd, foreign: bool) -> Result<TlsConnector, RigError> {
    let mut roots = RootCertStore::empty();
    let authority =
        CertificateDer::from_pem_slice(console.console().ca_pem().as_bytes()).map_err(unusable)?;
    roots.add(authority).map_err(unusable)?;
    let config = ClientConfig::builder().with_root_certificates(roots);
    let config = if foreign {
        let bundle = Authority::generate()
            .map_err(unusable)?
            .install_bundle(&*console.recorder())
            .map_err(unusable)?;
        let certificate = CertificateDer::from_pem_slice(bundle.client_cert.as_bytes()).map_err(unusable)?;
        let key = PrivateKeyDer::from_pem_slice(bundle.client_key.reveal().as_bytes()).map_err(unusable)?;
        config.with_client_auth_cert(vec![certificate], key).map_err(unusable)?
    } else {
        config.with_no_client_auth()
    };
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Knocks at the link, says hello if that is possible, and tells the type of every message that came.
///
/// # Errors
/// When the stranger cannot even try.
pub(super) async fn knock(console: &ConsoleEnd, foreign: bool) -> Result<Vec<String>, RigError> {
    let connector = connector(console, foreign)?;
    let (own, theirs) = tokio::io::duplex(1 << 16);
    let peer = SocketAddr::from((Ipv4Addr::new(203, 0, 113, 66), 40_000));
    let visitors = console.visitors();
    visitors.send((Box::new(theirs), peer)).map_err(unusable)?;
    let name = ServerName::try_from(CONSOLE_NAME).map_err(unusable)?;
    let mut heard = Vec::new();
    let conversation = async {
        let Ok(stream) = connector.connect(name, own).await else { return };
        let url = format!("wss://{CONSOLE_NAME}{}", link::PATH);
        let Ok((mut socket, _)) = tokio_tungstenite::client_async(url, stream).await else { return };
        let hello = FromDefender::Hello(Hello {
            protocol: link::VERSION,
            version: "34.04.145".to_owned(),
            defender_type: "fargate".to_owned(),
            app_id: "stranger:00000000000000000000000000000000".to_owned(),
            incarnation: "stranger".to_owned(),
            cloud: CloudMetadata::default(),
            features: Vec::new(),
            revision: 0,
        });
        let hello = serde_json::to_string(&hello).unwrap_or_default();
        if socket.send(Message::text(hello)).await.is_err() {
            return;
        }
        while let Some(Ok(message)) = socket.next().await {
            if let Message::Text(text) = message {
                let message: Value = serde_json::from_str(&text).unwrap_or_default();
                heard.push(message["type"].as_str().unwrap_or(&text).to_owned());
            }
        }
    };
    // One that is let in hears on until this limit; what it has heard by then counts.
    let _ended = tokio::time::timeout(PATIENCE, conversation).await;
    Ok(heard)
}
