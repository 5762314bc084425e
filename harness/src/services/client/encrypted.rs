//! Connections that a client encrypts.

use super::exchange::TlsOffer;
use crate::outside::Stream;
use proofhouse_protocol::observation::{TlsSession, sha256};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, DigitallySignedStruct, Error, ProtocolVersion, SignatureScheme, SupportedProtocolVersion,
};
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Agrees on a session.
///
/// A server that agrees to 1.0 or 1.1 leaves its word in `session`; the conversation ends there, as nobody here speaks these.
///
/// # Errors
/// As the handshake fails; [`io::ErrorKind::InvalidInput`] for a version or a name that cannot be offered.
pub(super) async fn encrypt(
    stream: Stream,
    offer: &TlsOffer,
    session: &mut Option<TlsSession>,
) -> io::Result<TlsStream<Stream>> {
    let invalid = |why: String| io::Error::new(io::ErrorKind::InvalidInput, why);
    let version: &'static SupportedProtocolVersion = match offer.version.as_str() {
        "1.0" => return offer_older(stream, 1, session).await,
        "1.1" => return offer_older(stream, 2, session).await,
        "1.2" => &TLS12,
        "1.3" => &TLS13,
        other => return Err(invalid(format!("TLS {other} cannot be offered: use 1.0, 1.1, 1.2 or 1.3"))),
    };
    let provider = Arc::new(ring::default_provider());
    let any = Arc::new(AnyCertificate(Arc::clone(&provider)));
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .map_err(io::Error::other)?
        .dangerous()
        .with_custom_certificate_verifier(any)
        .with_no_client_auth();
    let name = ServerName::try_from(offer.server_name.clone())
        .map_err(|_| invalid(format!("`{}` is no name of a server", offer.server_name)))?;
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    let agreed = &stream.get_ref().1;
    let version = match agreed.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => "1.2".to_owned(),
        Some(ProtocolVersion::TLSv1_3) => "1.3".to_owned(),
        other => format!("{other:?}"),
    };
    let certificate = agreed.peer_certificates().and_then(|chain| chain.first());
    let certificate_sha256 = certificate.map(|shown| sha256(shown)).unwrap_or_default();
    *session = Some(TlsSession { version, certificate_sha256 });
    Ok(stream)
}

/// Offers TLS 1.0 (`minor` 1) or 1.1 (2) and nothing newer, by hand: no library that is kept well speaks them. Always an error.
async fn offer_older(
    mut stream: Stream,
    minor: u8,
    session: &mut Option<TlsSession>,
) -> io::Result<TlsStream<Stream>> {
    stream.write_all(&older_hello(minor)).await?;
    let mut record = [0; 7];
    stream.read_exact(&mut record).await?;
    let version = format!("1.{}", minor - 1);
    match record[0] {
        ALERT => Err(io::Error::other(format!("TLS {version} is refused, alert {}", record[6]))),
        HANDSHAKE => {
            *session = Some(TlsSession { version: version.clone(), certificate_sha256: String::new() });
            Err(io::Error::other(format!("TLS {version} was agreed on, which goes no further here")))
        }
        other => Err(io::Error::other(format!("record type {other} is no answer to a hello"))),
    }
}

/// Types of records.
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;

/// The hello of a client that knows TLS `1.(minor - 1)` at most (RFC 4346, section 7.4.1.2, with the curves of RFC 8422).
fn older_hello(minor: u8) -> Vec<u8> {
    const SUITES: [u16; 5] = [0xc014, 0xc013, 0xc00a, 0x0035, 0x002f];
    let mut body = vec![3, minor];
    body.extend_from_slice(&[0x5a; 32]);
    body.push(0);
    body.extend_from_slice(&[0, 2 * SUITES.len() as u8]);
    SUITES.iter().for_each(|suite| body.extend_from_slice(&suite.to_be_bytes()));
    body.extend_from_slice(&[1, 0]);
    // Curves x25519 and P-256, points uncompressed.
    let extensions = [0, 10, 0, 6, 0, 4, 0, 29, 0, 23, 0, 11, 0, 2, 1, 0];
    body.extend_from_slice(&[0, extensions.len() as u8]);
    body.extend_from_slice(&extensions);
    let mut message = vec![1, 0, 0, body.len() as u8];
    message.append(&mut body);
    let mut record = vec![HANDSHAKE, 3, 1, 0, message.len() as u8];
    record.append(&mut message);
    record
}

/// Takes whatever certificate is shown, if the server has its key: whose it is, a check says.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _certificate: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
