//! TLS from an install bundle: the Console is whoever its CA signed, and we are its client certificate.

use proofhouse_protocol::InstallBundle;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem};
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use std::sync::Arc;

/// Why the certificates of a bundle cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// Not PEM.
    #[error("{0} is not PEM: {1}")]
    Pem(&'static str, pem::Error),
    /// PEM without a certificate.
    #[error("{0} holds no certificate")]
    Empty(&'static str),
    /// Refused by TLS.
    #[error("certificates do not fit: {0}")]
    Tls(#[from] rustls::Error),
}

fn certificates(name: &'static str, text: &str) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    let all = all.map_err(|error| CertificateError::Pem(name, error))?;
    if all.is_empty() { Err(CertificateError::Empty(name)) } else { Ok(all) }
}

/// The client's side of the Defender link.
///
/// # Errors
/// See [`CertificateError`].
pub fn client(bundle: &InstallBundle) -> Result<Arc<ClientConfig>, CertificateError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates("caCert", &bundle.ca_cert)? {
        roots.add(certificate)?;
    }
    let chain = certificates("clientCert", &bundle.client_cert)?;
    let key = PrivateKeyDer::from_pem_slice(bundle.client_key.reveal().as_bytes())
        .map_err(|error| CertificateError::Pem("clientKey", error))?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)?;
    Ok(Arc::new(config))
}
