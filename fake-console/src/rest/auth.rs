//! Who calls: HTTP Basic on each call, or a bearer token that lives 30 minutes [DESC].

use crate::config::{Permission, Role, User};
use crate::state::Shared;
use axum::http::{HeaderMap, Method, header};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use proofhouse_protocol::Secret;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const TOKEN_LIFE: SignedDuration = SignedDuration::from_mins(30);

/// An authenticated caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) name: String,
    pub(super) role: Role,
}

/// The caller of a request, if its credentials are right.
pub(super) fn caller(shared: &Shared, headers: &HeaderMap) -> Option<Caller> {
    let credentials = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, value) = credentials.split_once(' ')?;
    let user = if scheme.eq_ignore_ascii_case("basic") {
        let decoded = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
        let (name, password) = decoded.split_once(':')?;
        with_password(shared, name, password)?
    } else if scheme.eq_ignore_ascii_case("bearer") {
        let name = subject(value.trim(), &shared.token_key, shared.now())?;
        shared.config.users.iter().find(|user| user.name == name)?
    } else {
        return None;
    };
    Some(Caller { name: user.name.clone(), role: user.role })
}

/// The user of that name and password.
pub(super) fn with_password<'a>(shared: &'a Shared, name: &str, password: &str) -> Option<&'a User> {
    shared.config.users.iter().find(|user| user.name == name && user.password.reveal() == password)
}

/// A new token for a user. The recorder learns first that it is a secret.
pub(super) fn issue(shared: &Shared, name: &str, role: Role) -> Secret {
    let token = token(name, role, &shared.token_key, shared.now());
    shared.config.recorder.keep_secret(&format!("token of {name}"), &token);
    token
}

fn token(name: &str, role: Role, key: &[u8], now: Timestamp) -> Secret {
    let expires = now.saturating_add(TOKEN_LIFE).unwrap_or(Timestamp::MAX).as_second();
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = part(&json!({"alg": "HS256", "typ": "JWT"}));
    let body = part(&json!({"user": name, "role": role.name(), "exp": expires, "iss": "twistlock"}));
    let signed = format!("{head}.{body}");
    let signature = URL_SAFE_NO_PAD.encode(hmac(key, signed.as_bytes()));
    Secret::new(format!("{signed}.{signature}"))
}

/// Whom a token was made for, if it is genuine and has not expired.
fn subject(token: &str, key: &[u8], now: Timestamp) -> Option<String> {
    let (signed, signature) = token.rsplit_once('.')?;
    if URL_SAFE_NO_PAD.decode(signature).ok()? != hmac(key, signed.as_bytes()) {
        return None;
    }
    let (_, body) = signed.split_once('.')?;
    let body: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()?;
    (now.as_second() < body["exp"].as_i64()?).then(|| body["user"].as_str().map(str::to_owned))?
}

/// HMAC-SHA256 (RFC 2104).
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; 64];
    if key.len() > block.len() {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new().chain_update(block.map(|b| b ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|b| b ^ 0x5c)).chain_update(inner).finalize().into()
}

/// What a call needs. The path is without its prefix.
pub(super) fn needed(method: &Method, path: &str) -> Permission {
    let reads = matches!(*method, Method::GET | Method::HEAD);
    if path.starts_with("/defenders") {
        if reads && path != "/defenders/install-bundle" { Permission::Read } else { Permission::Defenders }
    } else if reads {
        Permission::Read
    } else if path.starts_with("/settings") {
        Permission::Settings
    } else {
        Permission::Policies
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }

    #[test]
    fn hmac_agrees_with_rfc_4231() {
        assert_eq!(
            hex(&hmac(&[0x0b; 20], b"Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        assert_eq!(
            hex(&hmac(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn a_token_is_good_for_half_an_hour_and_with_its_own_key_only() {
        let now = Timestamp::UNIX_EPOCH;
        let token = token("u", Role::Auditor, b"key", now);
        let token = token.reveal();
        let at = |minutes| now + SignedDuration::from_mins(minutes);
        assert_eq!(subject(token, b"key", at(29)), Some("u".to_owned()));
        assert_eq!(subject(token, b"key", at(30)), None);
        assert_eq!(subject(token, b"other", at(1)), None);
        for broken in ["", "a.b", "a.b.c", token.rsplit_once('.').unwrap().0] {
            assert_eq!(subject(broken, b"key", at(1)), None);
        }
    }

    #[test]
    fn embedding_needs_more_than_reading() {
        assert_eq!(needed(&Method::POST, "/defenders/fargate.json"), Permission::Defenders);
        assert_eq!(needed(&Method::GET, "/defenders/install-bundle"), Permission::Defenders);
        assert_eq!(needed(&Method::GET, "/defenders"), Permission::Read);
        assert_eq!(needed(&Method::PUT, "/policies/runtime/app-embedded"), Permission::Policies);
        assert_eq!(needed(&Method::POST, "/settings/defender"), Permission::Settings);
    }
}
