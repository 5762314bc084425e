//! The service that says whether an answer is right.

use super::Captcha;
use super::tokens::Tokens;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST};
use hyper::http::uri::Scheme;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use proofhouse_protocol::Secret;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore, crypto};
use serde::Deserialize;
use std::fmt::Write as _;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use thiserror::Error;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_rustls::TlsConnector;

/// Where the public service is asked, as its maker documents it.
const PUBLIC: &str = "https://www.google.com/recaptcha/api/siteverify";

/// How long the service has for its answer, from the look-up of its name on.
const PATIENCE: Duration = Duration::from_secs(5);

/// Questions that wait for the service at once. Whoever comes then is not let through.
const MOST: usize = 256;

/// A token is a few hundred letters, and an answer a few members.
const LONGEST_TOKEN: usize = 8 << 10;
const LONGEST_ANSWER: usize = 16 << 10;

/// Looks up the addresses of a host. A static program has no resolver of its own, so whoever starts the firewall brings one.
pub type Resolve = fn(String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// By the resolver of the system, for programs that have one.
#[must_use]
pub fn system_resolver(host: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
    Box::pin(async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|found| found.ip()).collect()) })
}

/// Where it is asked whether an answer is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReCaptchaService(Uri);

/// Not the address of a service.
#[derive(Debug, Error)]
#[error("{0:?} is no address of a service; give one such as {PUBLIC}")]
pub struct ReCaptchaServiceError(String);

/// Why a client is not let through.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// The service says that the answer is wrong, and why.
    #[error("{}", .0.join(", "))]
    Refused(Vec<String>),
    /// It was right before, or is being asked about, or too many were right before.
    #[error("the response was used before")]
    Used,
    /// Nobody can be a token.
    #[error("the response is too long")]
    Long,
    /// Too many wait.
    #[error("too many responses wait for the verification service")]
    Busy,
    /// Nobody said anything.
    #[error("the verification service did not answer")]
    Silent(#[source] Silence),
}

/// Why the service said nothing.
#[derive(Debug, Error)]
pub(crate) enum Silence {
    #[error("no answer in time")]
    Slow(#[from] tokio::time::error::Elapsed),
    #[error(transparent)]
    System(#[from] io::Error),
    #[error(transparent)]
    Http(#[from] hyper::Error),
    #[error(transparent)]
    Body(Box<dyn std::error::Error + Send + Sync>),
    #[error("status {0}")]
    Status(StatusCode),
    #[error("not an answer of the service: {0}")]
    Json(#[from] serde_json::Error),
}

/// Asks the service.
#[derive(Debug)]
pub(crate) struct Verifier {
    service: ReCaptchaService,
    resolve: Resolve,
    tls: OnceLock<Arc<ClientConfig>>,
    room: Semaphore,
    tokens: Tokens,
}

#[derive(Debug, Deserialize)]
struct Said {
    #[serde(default)]
    success: bool,
    #[serde(rename = "error-codes", default)]
    error_codes: Vec<String>,
}

// ---------------------------------------------------------------------------------------------------------------------

impl Default for ReCaptchaService {
    /// The public service.
    fn default() -> Self {
        Self(Uri::from_static(PUBLIC))
    }
}

impl FromStr for ReCaptchaService {
    type Err = ReCaptchaServiceError;

    fn from_str(text: &str) -> Result<Self, ReCaptchaServiceError> {
        let uri: Option<Uri> = text.parse().ok();
        let known = [Scheme::HTTP, Scheme::HTTPS];
        uri.filter(|uri| uri.scheme().is_some_and(|scheme| known.contains(scheme)) && uri.host().is_some())
            .map(Self)
            .ok_or_else(|| ReCaptchaServiceError(text.to_owned()))
    }
}

impl Verifier {
    pub(crate) fn new(service: ReCaptchaService, resolve: Resolve) -> Self {
        Self { service, resolve, tls: OnceLock::new(), room: Semaphore::new(MOST), tokens: Tokens::default() }
    }

    /// Whether an answer of that client is right. It is, once.
    pub(crate) async fn verify(
        &self,
        captcha: &Captcha,
        token: &str,
        client: IpAddr,
        now: Instant,
    ) -> Result<(), Failure> {
        if token.len() > LONGEST_TOKEN {
            return Err(Failure::Long);
        }
        let _room = self.room.try_acquire().map_err(|_| Failure::Busy)?;
        let taken = self.tokens.take(token, now).ok_or(Failure::Used)?;
        let asked = tokio::time::timeout(PATIENCE, self.ask(&captcha.secret_key, token, client));
        let said = asked.await.map_err(Silence::from).flatten().map_err(Failure::Silent)?;
        if !said.success {
            return Err(Failure::Refused(codes(said.error_codes)));
        }
        taken.keep();
        Ok(())
    }

    async fn ask(&self, secret: &Secret, token: &str, client: IpAddr) -> Result<Said, Silence> {
        let uri = &self.service.0;
        let host = uri.host().unwrap_or_default();
        let encrypted = uri.scheme() == Some(&Scheme::HTTPS);
        let port = uri.port_u16().unwrap_or(if encrypted { 443 } else { 80 });
        let stream = self.connect(host.trim_matches(['[', ']']), port).await?;
        let form = format!(
            "secret={}&response={}&remoteip={}",
            encoded(secret.reveal()),
            encoded(token),
            encoded(&client.to_string())
        );
        let answer = if encrypted {
            let name =
                ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).map_err(io::Error::other)?;
            exchange(TlsConnector::from(Arc::clone(self.tls())).connect(name, stream).await?, uri, form)
                .await?
        } else {
            exchange(stream, uri, form).await?
        };
        if answer.status() != StatusCode::OK {
            return Err(Silence::Status(answer.status()));
        }
        let body = Limited::new(answer.into_body(), LONGEST_ANSWER).collect().await.map_err(Silence::Body)?;
        Ok(serde_json::from_slice(&body.to_bytes())?)
    }

    /// The first of its addresses that takes a connection.
    async fn connect(&self, host: &str, port: u16) -> io::Result<TcpStream> {
        let mut last = io::Error::new(io::ErrorKind::NotFound, format!("{host:?} has no address"));
        for address in (self.resolve)(host.to_owned()).await? {
            match TcpStream::connect(SocketAddr::new(address, port)).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Made when it is needed first: most firewalls ask nobody.
    fn tls(&self) -> &Arc<ClientConfig> {
        self.tls.get_or_init(|| {
            let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
            let config = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .expect("the provider has the versions of its own library")
                .with_root_certificates(roots)
                .with_no_client_auth();
            Arc::new(config)
        })
    }
}

/// Asks on a connection of its own, which ends with the answer.
async fn exchange<S>(stream: S, uri: &Uri, form: String) -> Result<Response<Incoming>, Silence>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let authority = uri.authority().map(|authority| authority.as_str()).unwrap_or_default();
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let request = Request::post(target)
        .header(HOST, authority)
        .header(CONNECTION, "close")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::new(Bytes::from(form)))
        .expect("parts of an address are those of a request");
    Ok(sender.send_request(request).await?)
}

/// What the service says is told to people who read audits: a few words of the form that its maker documents, and nothing else.
fn codes(said: Vec<String>) -> Vec<String> {
    let is_code = |code: &String| {
        (1..=64).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    };
    let mut codes: Vec<String> = said.into_iter().filter(is_code).take(4).collect();
    if codes.is_empty() {
        codes.push("no reason is given".to_owned());
    }
    codes
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::ServerConfig;
    use rustls::pki_types::PrivateKeyDer;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;
    use tokio_rustls::TlsAcceptor;

    #[test]
    fn addresses_of_services() {
        assert_eq!(ReCaptchaService::default().0.host(), Some("www.google.com"));
        for right in ["http://captcha.example/siteverify", "https://[fd00::1]:8443/x?y"] {
            right.parse::<ReCaptchaService>().unwrap();
        }
        for wrong in ["", "captcha.example", "/siteverify", "ftp://captcha.example/", "http://"] {
            let told = wrong.parse::<ReCaptchaService>().unwrap_err().to_string();
            assert!(told.contains("give one such as"), "{told}");
        }
    }

    #[test]
    fn only_codes_are_told() {
        let told = |said: &[&str]| {
            Failure::Refused(codes(said.iter().map(|code| (*code).to_owned()).collect())).to_string()
        };
        assert_eq!(told(&["invalid-input-response", "<script>"]), "invalid-input-response");
        assert_eq!(told(&[]), "no reason is given");
        assert_eq!(told(&["a", "b", "c", "d", "e"]), "a, b, c, d");
    }

    fn loopback(_: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> {
        Box::pin(async { Ok(vec![IpAddr::from([127, 0, 0, 1])]) })
    }

    #[tokio::test]
    async fn the_service_is_asked_over_tls_and_must_show_who_it_is() {
        let made = rcgen::generate_simple_self_signed(["captcha.example".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(crypto::ring::default_provider());
        let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service = format!("https://captcha.example:{}/", listener.local_addr().unwrap().port());
        let acceptor = TlsAcceptor::from(Arc::new(server));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                let mut asked = Vec::new();
                while !asked.ends_with(b"remoteip=203.0.113.7") {
                    stream.read_buf(&mut asked).await.unwrap();
                }
                let said = b"HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{\"success\": true}";
                stream.write_all(said).await.unwrap();
            }
        });
        let spec = serde_json::json!({"enabled": true, "siteKey": "s", "secretKey": {"plain": "hush"}});
        let app =
            serde_json::json!({"sessionCookieEnabled": true, "botProtectionSpec": {"reCAPTCHASpec": spec}});
        let captcha = Captcha::of(&serde_json::from_value(app).unwrap()).unwrap();
        let stranger = Verifier::new(service.parse().unwrap(), loopback);
        let (client, now) = (IpAddr::from([203, 0, 113, 7]), Instant::now());
        let refused = stranger.verify(&captcha, "human", client, now).await;
        assert!(matches!(refused, Err(Failure::Silent(Silence::System(_)))), "{refused:?}");
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        let trusting = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let known = Verifier { tls: OnceLock::from(Arc::new(trusting)), ..stranger };
        known.verify(&captcha, "human", client, now).await.unwrap();
    }

    #[test]
    fn what_is_asked_is_a_form() {
        assert_eq!(encoded("a b&c=ü"), "a%20b%26c%3D%C3%BC");
    }
}
