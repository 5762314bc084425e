//! JSON web tokens, as far as rules look into them. Signatures are not verified, encrypted tokens are not read.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};

const BASE64_URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Parameters of a header that tell of a public key.
const OF_PUBLIC_KEYS: [&str; 6] = ["jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256"];

/// Which part of a token is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Header,
    Payload,
}

/// The three parts of a signed token, still encoded.
struct Token<'t> {
    header: &'t [u8],
    payload: &'t [u8],
    signature: &'t [u8],
}

/// None when it has not three parts: five are an encrypted token.
fn split(token: &[u8]) -> Option<Token<'_>> {
    let mut parts = bare(token).split(|byte| *byte == b'.');
    let token = Token { header: parts.next()?, payload: parts.next()?, signature: parts.next()? };
    parts.next().is_none().then_some(token)
}

/// The token without white space around it and without the scheme of an `Authorization` header.
fn bare(token: &[u8]) -> &[u8] {
    const SCHEME: &[u8] = b"bearer ";
    let token = token.trim_ascii();
    match token.split_at_checked(SCHEME.len()) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(SCHEME) => rest.trim_ascii_start(),
        _ => token,
    }
}

/// The decoded text of a part (`jwtHeader`, `jwtPayload`); empty when the value is no token.
pub(crate) fn part(token: &[u8], part: Part) -> Vec<u8> {
    let encoded = split(token).map(|token| match part {
        Part::Header => token.header,
        Part::Payload => token.payload,
    });
    encoded.and_then(|encoded| BASE64_URL.decode(encoded).ok()).unwrap_or_default()
}

/// The value of a key of a part (`jwtHeaderValue`, `jwtPayloadValue`): a string as it is, anything else as JSON; empty
/// when there is none.
pub(crate) fn value(token: &[u8], of: Part, key: &str) -> Vec<u8> {
    let Some(mut object) = object(&part(token, of)) else {
        return Vec::new();
    };
    match object.remove(key) {
        None => Vec::new(),
        Some(Value::String(text)) => text.into_bytes(),
        Some(other) => other.to_string().into_bytes(),
    }
}

fn object(text: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice(text) {
        Ok(Value::Object(object)) => Some(object),
        _ => None,
    }
}

/// Whether the value is a token that could be good at `now` (unix seconds): `jwtValid`.
///
/// Header and payload are JSON objects, the header names its algorithm, the signature has the length of that, a
/// symmetric algorithm comes without parameters of public keys, and the token is issued, in force and not expired.
pub(crate) fn is_valid(token: &[u8], now: i64) -> bool {
    let parts = split(token).and_then(|token| {
        let header = object(&BASE64_URL.decode(token.header).ok()?)?;
        let payload = object(&BASE64_URL.decode(token.payload).ok()?)?;
        Some((header, payload, BASE64_URL.decode(token.signature).ok()?))
    });
    let Some((header, payload, signature)) = parts else {
        return false;
    };
    let Some(Value::String(algorithm)) = header.get("alg") else {
        return false;
    };
    has_length(algorithm, signature.len())
        && !(is_symmetric(algorithm) && OF_PUBLIC_KEYS.iter().any(|name| header.contains_key(*name)))
        && in_time(&payload, now)
}

fn is_symmetric(algorithm: &str) -> bool {
    matches!(algorithm, "HS256" | "HS384" | "HS512")
}

/// Whether a signature of the algorithm may have so many bytes. Those of RSA are as long as the key.
fn has_length(algorithm: &str, length: usize) -> bool {
    match algorithm {
        "none" => length == 0,
        "HS256" => length == 32,
        "HS384" => length == 48,
        "HS512" | "ES256" | "ES256K" => length == 64,
        "ES384" => length == 96,
        "ES512" => length == 132,
        // Of Ed25519 or Ed448: the algorithm does not say.
        "EdDSA" => matches!(length, 64 | 114),
        _ => true,
    }
}

/// Whether `now` lies within the times that the payload names; a time that is no number is none to lie within.
fn in_time(payload: &Map<String, Value>, now: i64) -> bool {
    let holds = |claim: &str, test: fn(f64, f64) -> bool| match payload.get(claim) {
        None => true,
        Some(time) => time.as_f64().is_some_and(|time| test(time, now as f64)),
    };
    holds("exp", |time, now| time > now)
        && holds("iat", |time, now| time <= now)
        && holds("nbf", |time, now| time <= now)
}

#[cfg(test)]
#[path = "jwt_tests.rs"]
mod tests;
