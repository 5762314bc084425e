//! Certificates of apps: what users write in plain, the API shows only as a token, in the place of the encrypted form of the
//! real Console. A token that is written back stands for what it stood for.

use super::super::mistake::Mistakes;
use super::super::spot::Spot;
use super::super::walk::rules_mut;
use crate::random;
use proofhouse_protocol::Secret;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is hidden, by token.
#[derive(Debug, Clone, Default)]
pub(crate) struct Certificates(BTreeMap<String, Secret>);

impl Certificates {
    /// What is wrong with the certificates of a policy.
    pub(crate) fn mistakes(&self, policy: &Value) -> Mistakes {
        let mut found = Mistakes::default();
        for rule in Spot::root(policy).along("rules.*") {
            let name =
                rule.member("name").and_then(|name| name.text().map(str::to_owned)).unwrap_or_default();
            for app in rule.along("applicationsSpec.*") {
                self.check(&app, &format!("rule '{name}'"), &mut found);
            }
        }
        found
    }

    fn check(&self, app: &Spot<'_>, label: &str, found: &mut Mistakes) {
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
            (None, Some(token)) if !self.0.contains_key(token) => {
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

    /// Takes plain texts out of a policy that was accepted.
    pub(crate) fn hide(&mut self, policy: &mut Value) {
        for secret in secrets(policy) {
            if let Some(plain) = secret["plain"].as_str().filter(|plain| !plain.is_empty()) {
                let known = self.0.iter().find(|(_, known)| known.reveal() == plain);
                let token = known.map_or_else(random::hex::<32>, |(token, _)| token.clone());
                self.0.insert(token.clone(), Secret::new(plain.to_owned()));
                *secret = json!({"encrypted": token});
            }
        }
    }

    /// The policy as a Defender needs it, with the plain texts.
    pub(crate) fn shown_in(&self, policy: &Value) -> Value {
        let mut policy = policy.clone();
        for secret in secrets(&mut policy) {
            if let Some(plain) = secret["encrypted"].as_str().and_then(|token| self.0.get(token)) {
                *secret = json!({"plain": plain.reveal()});
            }
        }
        policy
    }
}

/// The private keys that a policy carries, line by line: a document that holds one may spell its line breaks in many ways.
pub(crate) fn private_keys(policy: &Value) -> Vec<Secret> {
    let plain = Spot::root(policy).along("rules.*.applicationsSpec.*.certificate.plain");
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

fn secrets(policy: &mut Value) -> impl Iterator<Item = &mut Value> {
    let apps = rules_mut(policy)
        .flat_map(|rule| rule.get_mut("applicationsSpec").and_then(Value::as_array_mut))
        .flatten();
    apps.filter_map(|app| app.get_mut("certificate")).filter(|secret| secret.is_object())
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

    fn policy(certificate: Value, tls: bool) -> Value {
        json!({"rules": [{"name": "w", "applicationsSpec": [
            {"certificate": certificate, "apiSpec": {"endpoints": [{"exposedPort": 443, "tls": tls}]}}]}]})
    }

    fn pem() -> String {
        let made = rcgen::generate_simple_self_signed(["h".to_owned()]).unwrap();
        format!("{}{}", made.cert.pem(), made.signing_key.serialize_pem())
    }

    fn told(kept: &Certificates, policy: &Value) -> Vec<String> {
        kept.mistakes(policy).in_order_of(policy).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_certificate_is_shown_as_a_token_and_goes_out_in_plain() {
        let (mut kept, pem) = (Certificates::default(), pem());
        let sent = policy(json!({"plain": pem}), true);
        assert!(told(&kept, &sent).is_empty());
        let mut stored = sent.clone();
        kept.hide(&mut stored);
        assert!(!stored.to_string().contains("BEGIN"), "{stored}");
        assert_eq!(kept.shown_in(&stored), sent);
        // What was read can be written back.
        assert!(told(&kept, &stored).is_empty());
        let mut again = stored.clone();
        kept.hide(&mut again);
        assert_eq!(again, stored);
        let mut once_more = sent.clone();
        kept.hide(&mut once_more);
        assert_eq!(once_more, stored, "the same certificate keeps its token");
    }

    #[test]
    fn keys_are_told_line_by_line_and_certificates_are_none() {
        let text = "-----BEGIN CERTIFICATE-----\nopen\n-----END CERTIFICATE-----\n\
            -----BEGIN EC PRIVATE KEY-----\none\r\ntwo\n-----END EC PRIVATE KEY-----\n";
        let told = |text: &str| {
            let keys = private_keys(&policy(json!({"plain": text}), true));
            keys.iter().map(|key| key.reveal().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(told(text), ["one", "two"]);
        assert_eq!(told("hush"), ["hush"]);
        assert!(private_keys(&json!({"rules": 7})).is_empty());
    }

    #[test]
    fn what_cannot_be_used_is_told() {
        let kept = Certificates::default();
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
            let said = told(&kept, &policy(certificate, tls));
            assert_eq!(said.len(), 1, "{said:?}");
            assert!(said[0].contains(words) && !said[0].contains("BEGIN"), "{said:?}");
        }
        assert!(told(&kept, &policy(json!({"encrypted": "", "plain": ""}), false)).is_empty());
    }
}
