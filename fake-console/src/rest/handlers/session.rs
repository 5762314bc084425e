//! Liveness, version, tokens.

use super::{Caller, Console, json};
use crate::policy::Refusal;
use crate::rest::answer::{Answer, document, done};
use crate::rest::auth::{issue, with_password};
use axum::extract::State;
use bytes::Bytes;
use serde_json::json as value;

pub(crate) async fn ping() -> Answer {
    done()
}

/// A bare JSON string [DUMP].
pub(crate) async fn version(State(shared): Console) -> Answer {
    document(&value!(shared.version().to_string()))
}

pub(crate) async fn authenticate(State(shared): Console, body: Bytes) -> Answer {
    let body = json(&body)?;
    let text = |member: &str| body[member].as_str().unwrap_or_default();
    match with_password(&shared, text("username"), text("password")) {
        Some(user) => document(&value!({"token": issue(&shared, &user.name, user.role).reveal()})),
        None => Err(Refusal::new(401, "invalid credentials")),
    }
}

pub(crate) async fn renew(State(shared): Console, caller: Caller) -> Answer {
    document(&value!({"token": issue(&shared, &caller.name, caller.role).reveal()}))
}
