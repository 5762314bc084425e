//! Certificates of apps: with the private key behind them, as a server needs them.

use super::super::mistake::Mistakes;
use super::super::spot::Spot;
use super::Secrets;
use proofhouse_protocol::Secret;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use serde_json::json;

/// What is wrong with the certificate of an app.
pub(super) fn check(app: &Spot<'_>, known: &Secrets, label: &str, found: &mut Mistakes) {
    let text = |name: &str| {
        let member = app.member("certificate").and_then(|certificate| certificate.member(name));
        member.and_then(|member| member.text()).filter(|text| !text.is_empty())
    };
    let path = app.path.member("certificate");
    let endpoints = app.along("apiSpec.endpoints.*.tls");
    match (text("plain"), text("encrypted")) {
        (Some(plain), _) => {
            if let Err(why) = usable(plain) {
                let message = format!("{label}: the certificate cannot be used: {why}");
                let hint = "give the certificate and its private key, both PEM, one behind the other";
                found.add(path.member("plain"), message, hint);
            }
        }
        (None, Some(token)) if !known.knows(token) => {
            let message = format!("{label}: this Console knows no such encrypted certificate");
            let hint = "an export holds no keys: give the certificate and its key as `plain`";
            found.add(path.member("encrypted"), message, hint);
        }
        (None, None) if endpoints.iter().any(|tls| tls.value == &json!(true)) => {
            let message = format!("{label}: an endpoint has TLS, but the app has no certificate");
            found.add(path, message, "give one, or switch TLS of the endpoint off");
        }
        _ => {}
    }
}

/// The private keys that a policy carries, line by line: a document that holds one may spell its line breaks in many ways.
pub(super) fn private_keys(policy: &Spot<'_>) -> Vec<Secret> {
    let plain = policy.along("rules.*.applicationsSpec.*.certificate.plain");
    let mut keys = Vec::new();
    for text in plain.iter().filter_map(Spot::text) {
        let (mut inside, mut any) = (false, false);
        for line in text.lines().map(str::trim) {
            if line.starts_with("-----") {
                inside = line.contains("BEGIN") && line.contains("PRIVATE KEY");
                any |= inside;
            } else if inside && !line.is_empty() {
                keys.push(Secret::new(line));
            }
        }
        // What is no key in a form that is known may be one in another.
        if !any {
            keys.push(Secret::new(text));
        }
    }
    keys
}

/// Whether a server can show it.
fn usable(pem: &str) -> Result<(), String> {
    let told = |error: &dyn std::fmt::Display| error.to_string();
    let chain: Vec<_> = CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|error| told(&error))?;
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|error| told(&error))?;
    if chain.is_empty() {
        return Err("there is a key, but no certificate".to_owned());
    }
    let key = ring::default_provider().key_provider.load_private_key(key).map_err(|error| told(&error))?;
    CertifiedKey::new(chain, key).keys_match().map_err(|error| told(&error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn policy(certificate: Value, tls: bool) -> Value {
        json!({"rules": [{"name": "w", "applicationsSpec": [
            {"certificate": certificate, "apiSpec": {"endpoints": [{"exposedPort": 443, "tls": tls}]}}]}]})
    }

    fn pem() -> String {
        let made = rcgen::generate_simple_self_signed(["h".to_owned()]).unwrap();
        format!("{}{}", made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[test]
    fn keys_are_told_line_by_line_and_certificates_are_none() {
        let text = "-----BEGIN CERTIFICATE-----\nopen\n-----END CERTIFICATE-----\n\
            -----BEGIN EC PRIVATE KEY-----\none\r\ntwo\n-----END EC PRIVATE KEY-----\n";
        let told = |text: &str| {
            let keys = private_keys(&Spot::root(&policy(json!({"plain": text}), true)));
            keys.iter().map(|key| key.reveal().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(told(text), ["one", "two"]);
        assert_eq!(told("hush"), ["hush"]);
        assert!(private_keys(&Spot::root(&json!({"rules": 7}))).is_empty());
    }

    #[test]
    fn what_cannot_be_used_is_told() {
        let kept = Secrets::default();
        let (one, other) = (pem(), pem());
        let key = one.find("-----BEGIN PRIVATE").unwrap();
        let mixed = format!("{}{}", &one[..key], &other[other.find("-----BEGIN PRIVATE").unwrap()..]);
        for (certificate, tls, words) in [
            (json!({"plain": "x"}), false, "certificate.plain: rule 'w': the certificate cannot be used"),
            (json!({"plain": &one[key..]}), true, "there is a key, but no certificate"),
            (json!({"plain": &one[..key]}), true, "certificate.plain"),
            (json!({"plain": mixed}), true, "certificate.plain"),
            (json!({"encrypted": "0123"}), false, "an export holds no keys"),
            (json!({}), true, "an endpoint has TLS, but the app has no certificate"),
        ] {
            let policy = policy(certificate, tls);
            let said: Vec<_> =
                kept.mistakes(&policy).in_order_of(&policy).iter().map(ToString::to_string).collect();
            assert_eq!(said.len(), 1, "{said:?}");
            assert!(said[0].contains(words) && !said[0].contains("BEGIN"), "{said:?}");
        }
        let none = policy(json!({"encrypted": "", "plain": ""}), false);
        assert!(kept.mistakes(&none).in_order_of(&none).is_empty());
    }
}
