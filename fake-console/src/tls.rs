//! TLS of both planes: one server certificate, chosen by the faults that are on; client certificates on the link.

use crate::authority::{Authority, AuthorityError, Validity};
use crate::faults::{Faults, ServerCertificate};
use rustls::server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier};
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig};
use std::sync::Arc;

/// A TLS configuration could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// No certificate.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// Refused by the TLS library.
    #[error("tls could not be configured: {0}")]
    Tls(#[from] rustls::Error),
    /// The authority cannot be used to judge clients.
    #[error("client certificates cannot be verified: {0}")]
    Verifier(#[from] rustls::server::VerifierBuilderError),
}

/// Certificates that the Console can show.
#[derive(Debug)]
struct Certificates {
    faults: Faults,
    valid: Arc<CertifiedKey>,
    wrong_name: Arc<CertifiedKey>,
    expired: Arc<CertifiedKey>,
    foreign: Arc<CertifiedKey>,
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(match self.faults.certificate() {
            None => self.valid.clone(),
            Some(ServerCertificate::WrongName) => self.wrong_name.clone(),
            Some(ServerCertificate::Expired) => self.expired.clone(),
            Some(ServerCertificate::ForeignAuthority) => self.foreign.clone(),
        })
    }
}

/// TLS of the two planes.
#[derive(Clone)]
pub(crate) struct Tls {
    pub(crate) rest: Arc<ServerConfig>,
    pub(crate) link: Arc<ServerConfig>,
}

impl Tls {
    /// Certificates for `names`, and for the loopback addresses through which a harness reaches the Console.
    pub(crate) fn new(authority: &Authority, names: &[String], faults: &Faults) -> Result<Self, TlsError> {
        let mut all = names.to_vec();
        for name in ["localhost", "127.0.0.1", "::1"] {
            if !all.iter().any(|have| have == name) {
                all.push(name.to_owned());
            }
        }
        let foreign = Authority::named("Foreign CA")?;
        let certificates = Arc::new(Certificates {
            faults: faults.clone(),
            valid: authority.server(&all, Validity::Now)?,
            wrong_name: authority.server(&["wrong-name.invalid".to_owned()], Validity::Now)?,
            expired: authority.server(&all, Validity::Past)?,
            foreign: foreign.server(&all, Validity::Now)?,
        });
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder =
            || ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions();

        let mut rest = builder()?.with_no_client_auth().with_cert_resolver(certificates.clone());
        rest.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];

        let mut roots = RootCertStore::empty();
        roots.add(authority.certificate())?;
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build()?;
        let link = builder()?.with_client_cert_verifier(verifier).with_cert_resolver(certificates);
        Ok(Self { rest: Arc::new(rest), link: Arc::new(link) })
    }
}
