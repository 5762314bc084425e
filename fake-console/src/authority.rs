//! The Console's certificate authority: its own server certificate, and one client certificate per embed.

use crate::random;
use proofhouse_protocol::{InstallBundle, Recorder, Secret};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// A certificate could not be made.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// Usually a name that no certificate can carry.
    #[error("certificate for {names:?} could not be issued: {source}")]
    Issue {
        /// Names that were asked for.
        names: Vec<String>,
        /// What the generator said.
        source: rcgen::Error,
    },
    /// The key could not be used for TLS.
    #[error("certificate could not be used for tls: {0}")]
    Tls(#[from] rustls::Error),
}

/// A certificate authority that many Consoles in turn may use. Cloning shares it.
#[derive(Clone)]
pub struct Authority {
    inner: Arc<Inner>,
}

struct Inner {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    pem: String,
    clients: Mutex<HashMap<Vec<u8>, String>>,
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authority")
    }
}

/// Until when a certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Validity {
    Now,
    Past,
}

impl Validity {
    /// The year with whose beginning it ends.
    fn end(self) -> i32 {
        match self {
            Self::Now => 2098,
            Self::Past => 2021,
        }
    }
}

impl Authority {
    /// A new authority with a new key.
    ///
    /// # Errors
    /// When no key or certificate can be generated.
    pub fn generate() -> Result<Self, AuthorityError> {
        Self::named("Proofhouse Console CA")
    }

    pub(crate) fn named(name: &str) -> Result<Self, AuthorityError> {
        let failed = |source| AuthorityError::Issue { names: vec![name.to_owned()], source };
        let mut params = CertificateParams::new(Vec::new()).map_err(failed)?;
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.distinguished_name.push(DnType::CommonName, name);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2099, 1, 1);
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = params.self_signed(&key).map_err(failed)?;
        Ok(Self {
            inner: Arc::new(Inner {
                certificate: certificate.der().clone(),
                pem: certificate.pem(),
                issuer: Issuer::new(params, key),
                clients: Mutex::default(),
            }),
        })
    }

    /// The authority's certificate, PEM.
    #[must_use]
    pub fn pem(&self) -> &str {
        &self.inner.pem
    }

    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        self.inner.certificate.clone()
    }

    /// Issues a client certificate for one Defender and bundles it. The recorder learns first that its key, and the
    /// bundle as it travels, are secrets.
    ///
    /// # Errors
    /// When no key or certificate can be generated.
    pub fn install_bundle(&self, recorder: &dyn Recorder) -> Result<InstallBundle, AuthorityError> {
        self.bundle(recorder, Validity::Now)
    }

    /// As [`Self::install_bundle`], with a certificate that expired years ago.
    ///
    /// # Errors
    /// When no key or certificate can be generated.
    pub fn expired_bundle(&self, recorder: &dyn Recorder) -> Result<InstallBundle, AuthorityError> {
        self.bundle(recorder, Validity::Past)
    }

    fn bundle(&self, recorder: &dyn Recorder, validity: Validity) -> Result<InstallBundle, AuthorityError> {
        let name = format!("defender-{}", random::hex::<8>());
        let failed = |source| AuthorityError::Issue { names: vec![name.clone()], source };
        let mut params = CertificateParams::new(Vec::new()).map_err(failed)?;
        params.distinguished_name.push(DnType::CommonName, &name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(validity.end(), 1, 1);
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = params.signed_by(&key, &self.inner.issuer).map_err(failed)?;
        self.clients().insert(certificate.der().to_vec(), name.clone());
        let bundle = InstallBundle {
            ca_cert: self.inner.pem.clone(),
            client_cert: certificate.pem(),
            client_key: Secret::new(key.serialize_pem()),
        };
        recorder.keep_secret("private key", &bundle.client_key);
        recorder.keep_secret("install bundle", &bundle.encode());
        Ok(bundle)
    }

    /// Common name of a client certificate that this authority issued.
    pub(crate) fn client_name(&self, certificate: &CertificateDer<'_>) -> Option<String> {
        self.clients().get(certificate.as_ref()).cloned()
    }

    fn clients(&self) -> std::sync::MutexGuard<'_, HashMap<Vec<u8>, String>> {
        self.inner.clients.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A server certificate, ready for TLS.
    pub(crate) fn server(
        &self,
        names: &[String],
        validity: Validity,
    ) -> Result<Arc<CertifiedKey>, AuthorityError> {
        let failed = |source| AuthorityError::Issue { names: names.to_vec(), source };
        let mut params = CertificateParams::new(names.to_vec()).map_err(failed)?;
        params.distinguished_name.push(DnType::CommonName, "Proofhouse Console");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(validity.end(), 1, 1);
        let key = KeyPair::generate().map_err(failed)?;
        let certificate = params.signed_by(&key, &self.inner.issuer).map_err(failed)?;
        let chain = vec![certificate.der().clone(), self.certificate()];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        Ok(Arc::new(CertifiedKey::from_der(chain, key, &rustls::crypto::ring::default_provider())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proofhouse_protocol::observation::Forget;

    #[test]
    fn every_bundle_is_a_new_one_under_the_same_authority() {
        let authority = Authority::generate().unwrap();
        let (one, two) =
            (authority.install_bundle(&Forget).unwrap(), authority.install_bundle(&Forget).unwrap());
        assert_eq!(one.ca_cert, authority.pem());
        assert_eq!(one.ca_cert, two.ca_cert);
        assert_ne!(one.client_cert, two.client_cert);
        assert_ne!(one.client_key, two.client_key);
    }

    #[test]
    fn a_name_that_no_certificate_can_carry_is_an_error() {
        let authority = Authority::generate().unwrap();
        assert!(authority.server(&["bad\u{e9}name".to_owned()], Validity::Now).is_err());
    }
}
