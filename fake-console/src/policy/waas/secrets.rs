//! Secrets of apps: what users write in plain, the API shows only as a token, in the place of the encrypted form of the
//! real Console. A token that is written back stands for what it stood for.

use super::super::mistake::Mistakes;
use super::super::spot::Spot;
use super::super::walk::rules_mut;
use super::{captcha, certificates};
use crate::random;
use proofhouse_protocol::Secret;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is hidden, by token.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets(BTreeMap<String, Secret>);

impl Secrets {
    /// What is wrong with the secrets of a policy.
    pub(crate) fn mistakes(&self, policy: &Value) -> Mistakes {
        let mut found = Mistakes::default();
        for rule in Spot::root(policy).along("rules.*") {
            let name =
                rule.member("name").and_then(|name| name.text().map(str::to_owned)).unwrap_or_default();
            for app in rule.along("applicationsSpec.*") {
                let label = format!("rule '{name}'");
                certificates::check(&app, self, &label, &mut found);
                captcha::check_secret(&app, self, &label, &mut found);
            }
        }
        found
    }

    /// Whether a token stands for something.
    pub(super) fn knows(&self, token: &str) -> bool {
        self.0.contains_key(token)
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

/// What a policy carries that nobody may read, each with what it is.
pub(crate) fn secrets_in(policy: &Value) -> Vec<(&'static str, Secret)> {
    let root = Spot::root(policy);
    let keys = certificates::private_keys(&root).into_iter().map(|key| ("private key of a certificate", key));
    keys.chain(captcha::secret_keys(&root).into_iter().map(|key| ("secret key of reCAPTCHA", key))).collect()
}

/// The secrets of apps: certificates with their keys, and what the service of reCAPTCHA knows their owner by.
fn secrets(policy: &mut Value) -> impl Iterator<Item = &mut Value> {
    let apps = rules_mut(policy)
        .flat_map(|rule| rule.get_mut("applicationsSpec").and_then(Value::as_array_mut))
        .flatten()
        .filter_map(Value::as_object_mut);
    let secrets = apps.flat_map(|app| {
        app.iter_mut().filter_map(|(name, value)| match name.as_str() {
            "certificate" => Some(value),
            "botProtectionSpec" => value.get_mut("reCAPTCHASpec")?.get_mut("secretKey"),
            _ => None,
        })
    });
    secrets.filter(|secret| secret.is_object())
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

    fn told(kept: &Secrets, policy: &Value) -> Vec<String> {
        kept.mistakes(policy).in_order_of(policy).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_certificate_is_shown_as_a_token_and_goes_out_in_plain() {
        let (mut kept, pem) = (Secrets::default(), pem());
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
    fn a_secret_key_is_hidden_as_well() {
        let of = |key: Value| {
            json!({"rules": [{"name": "w", "applicationsSpec": [{"sessionCookieEnabled": true,
                "botProtectionSpec": {"reCAPTCHASpec": {"enabled": true, "siteKey": "6Lc", "secretKey": key}}}]}]})
        };
        let mut kept = Secrets::default();
        let sent = of(json!({"plain": "6LcSecret"}));
        assert!(told(&kept, &sent).is_empty());
        let told_to_recorder: Vec<_> =
            secrets_in(&sent).iter().map(|(_, key)| key.reveal().to_owned()).collect();
        assert_eq!(told_to_recorder, ["6LcSecret"]);
        let mut stored = sent.clone();
        kept.hide(&mut stored);
        assert!(!stored.to_string().contains("6LcSecret"), "{stored}");
        assert_eq!(kept.shown_in(&stored), sent);
        assert!(told(&kept, &stored).is_empty());
        for (key, words) in [
            (
                json!({"encrypted": "0123"}),
                "secretKey.encrypted: rule 'w': this Console knows no such encrypted key",
            ),
            (json!({}), "secretKey: rule 'w': reCAPTCHA has no secret key"),
        ] {
            let said = told(&kept, &of(key));
            assert!(said.len() == 1 && said[0].contains(words), "{said:?}");
        }
    }
}
