//! TLS of an app's endpoints: its certificate and the versions that it speaks (section 2.13 of `waas.md`).
//!
//! Declared choice: TLS 1.0 and 1.1 are not spoken; a rule that allows them is served from 1.2 on.

use proofhouse_protocol::waas_policy::ApplicationSpec;
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::version::{TLS12, TLS13};
use std::sync::Arc;
use thiserror::Error;

/// A certificate that cannot be used.
#[derive(Debug, Error)]
pub enum CertificateError {
    /// There is none, or the key is missing.
    #[error("give the certificate and its private key, both PEM, one behind the other ({0})")]
    Pem(#[from] rustls::pki_types::pem::Error),
    /// No certificate in front of the key.
    #[error("there is a key, but no certificate")]
    NoCertificate,
    /// The key is not the certificate's, or of a kind that is not known.
    #[error(transparent)]
    Tls(#[from] rustls::Error),
}

/// The configuration of endpoints that speak TLS; with HTTP/2 where `http2` says so.
pub(super) fn encryption(app: &ApplicationSpec, http2: bool) -> Result<Arc<ServerConfig>, CertificateError> {
    let pem = app.certificate.plain.as_bytes();
    let chain = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(pem)?;
    if chain.is_empty() {
        return Err(CertificateError::NoCertificate);
    }
    let versions: &[_] = if app.tls_config.min_version == "1.3" { &[&TLS13] } else { &[&TLS13, &TLS12] };
    let provider = Arc::new(ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    if http2 {
        config.alpn_protocols.push(b"h2".to_vec());
    }
    config.alpn_protocols.push(b"http/1.1".to_vec());
    Ok(Arc::new(config))
}
