//! Endpoints with TLS.

#![expect(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod common;

use common::proxy::*;
use proofhouse_waas::{PolicyError, WaasError};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use serde_json::{Value, json};
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

const GET: &str = "GET / HTTP/1.1\r\nHost: shop.example.com\r\nConnection: close\r\n\r\n";

struct Certificate {
    der: CertificateDer<'static>,
    /// Certificate and key.
    pem: String,
}

impl Certificate {
    fn of(name: &str) -> Self {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        let pem = format!("{}{}", made.cert.pem(), made.signing_key.serialize_pem());
        Self { der: made.cert.der().clone(), pem }
    }
}

fn endpoint(port: u16, app: u16, more: Value) -> Value {
    let mut endpoint = json!({"exposedPort": port, "internalPort": app, "tls": true});
    endpoint.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({"endpoints": [endpoint]})
}

/// An exchange that trusts that certificate, with the protocol that was agreed on.
async fn ask(
    port: u16,
    name: &str,
    trusted: &Certificate,
    version: &'static SupportedProtocolVersion,
    protocols: &[&str],
) -> io::Result<(String, Option<String>)> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.der.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let exchange = async {
        let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
        let agreed =
            stream.get_ref().1.alpn_protocol().map(|agreed| String::from_utf8_lossy(agreed).into_owned());
        if agreed.as_deref() == Some("h2") {
            return Ok((String::new(), agreed));
        }
        stream.write_all(GET.as_bytes()).await?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await?;
        Ok((String::from_utf8_lossy(&bytes).into_owned(), agreed))
    };
    tokio::time::timeout(DEADLINE, exchange).await.expect("an answer in time")
}

#[tokio::test]
async fn tls_ends_at_the_firewall() {
    let (app, certificate) = (App::hello().await, Certificate::of("shop.example.com"));
    let mut spec = all("prevent");
    let mut edge = Edge::start(app.port, spec.clone()).await;
    spec["apiSpec"] = endpoint(edge.port, app.port, json!({}));
    spec["certificate"] = json!({"plain": certificate.pem});
    spec["tlsConfig"] = json!({"minTLSVersion": "1.2", "HSTSConfig": {"enabled": true}});
    edge.waas.apply(&revision(json!([rule(edge.port, app.port, spec)]))).await.unwrap();
    for version in [&TLS12, &TLS13] {
        let (answer, _) = ask(edge.port, "shop.example.com", &certificate, version, &[]).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("hello"), "{answer}");
        assert_eq!(header(&answer, "Strict-Transport-Security"), Some("max-age=31536000"));
    }
    assert_eq!(app.seen().len(), 2);
    // Nothing plain is served, and nothing plain reaches the app.
    let answer = edge.raw(GET).await;
    assert!(!answer.starts_with("HTTP"), "{answer}");
    assert_eq!(app.seen().len(), 2);
    assert!(edge.audits().await.is_empty());
}

#[tokio::test]
async fn older_versions_than_the_rule_allows_are_refused() {
    let (app, certificate) = (App::hello().await, Certificate::of("h"));
    let edge = Edge::start(app.port, json!({})).await;
    let spec = json!({"apiSpec": endpoint(edge.port, app.port, json!({})),
        "certificate": {"plain": certificate.pem}, "tlsConfig": {"minTLSVersion": "1.3"}});
    edge.waas.apply(&revision(json!([rule(edge.port, app.port, spec)]))).await.unwrap();
    assert!(ask(edge.port, "h", &certificate, &TLS12, &[]).await.is_err());
    assert!(ask(edge.port, "h", &certificate, &TLS13, &[]).await.is_ok());
}

#[tokio::test]
async fn http2_is_agreed_on_where_it_is_served() {
    let (app, certificate) = (App::hello().await, Certificate::of("h"));
    let edge = Edge::start(app.port, json!({})).await;
    for (http2, agreed) in [(false, "http/1.1"), (true, "h2")] {
        let spec = json!({"apiSpec": endpoint(edge.port, app.port, json!({"http2": http2})),
            "certificate": {"plain": certificate.pem}});
        edge.waas.apply(&revision(json!([rule(edge.port, app.port, spec)]))).await.unwrap();
        let (_, got) = ask(edge.port, "h", &certificate, &TLS13, &["h2", "http/1.1"]).await.unwrap();
        assert_eq!(got.as_deref(), Some(agreed));
    }
}

#[tokio::test]
async fn apps_of_one_port_have_certificates_of_their_own() {
    let (app, one, two) = (App::hello().await, Certificate::of("one.test"), Certificate::of("two.test"));
    let edge = Edge::start(app.port, json!({})).await;
    let port = edge.port;
    let mut all = rule(port, app.port, json!({}));
    let app_of = |id: &str, host: &str, certificate: &Certificate| json!({"appID": id, "apiSpec": endpoint(port, app.port, json!({"host": host})), "certificate": {"plain": certificate.pem}});
    let plain = json!({"appID": "plain", "apiSpec": {"endpoints": [{"exposedPort": port, "internalPort": app.port}]}});
    all["applicationsSpec"] = json!([app_of("a", "one.test", &one), app_of("b", "*.test", &two), plain]);
    edge.waas.apply(&revision(json!([all]))).await.unwrap();
    assert!(ask(port, "one.test", &one, &TLS13, &[]).await.is_ok());
    assert!(ask(port, "two.test", &two, &TLS13, &[]).await.is_ok());
    assert!(ask(port, "two.test", &one, &TLS13, &[]).await.is_err());
    // Plain requests belong to the plain endpoint of the same port.
    assert!(edge.raw(GET).await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_leaves_the_former_policy() {
    let app = App::hello().await;
    let edge = Edge::start(app.port, json!({})).await;
    let good = Certificate::of("h");
    let key = &good.pem[good.pem.find("-----BEGIN PRIVATE").unwrap()..];
    let foreign =
        format!("{}{key}", &Certificate::of("h").pem[..good.pem.find("-----BEGIN PRIVATE").unwrap()]);
    for (pem, words) in [("", "private key"), (key, "no certificate"), (foreign.as_str(), "")] {
        let spec =
            json!({"apiSpec": endpoint(edge.port, app.port, json!({})), "certificate": {"plain": pem}});
        let error = edge.waas.apply(&revision(json!([rule(edge.port, app.port, spec)]))).await.unwrap_err();
        assert!(matches!(error, WaasError::Policy(PolicyError::Certificate { .. })), "{error}");
        let said = error.to_string();
        assert!(said.contains("certificate of app `app-1`") && said.contains(words), "{said}");
        assert!(!said.contains("BEGIN"), "{said}");
    }
    assert!(edge.raw(GET).await.starts_with("HTTP/1.1 200"));
}
