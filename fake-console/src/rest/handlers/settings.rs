//! Settings of Defenders.

use super::{Console, json};
use crate::policy::Refusal;
use crate::rest::answer::{Answer, document, done};
use axum::extract::State;
use bytes::Bytes;
use serde_json::json as value;

pub(crate) async fn settings(State(shared): Console) -> Answer {
    document(&value!({
        "disconnectPeriodDays": 1,
        "listeningPort": shared.config.link_port,
        "appEmbeddedFileSystemTracingEnabled": shared.lock().filesystem_monitoring,
        "automaticUpgrade": false,
        "hostCustomComplianceEnabled": false,
    }))
}

/// Only the default of the file-system sensor can be changed; it counts for embeds from then on [AEFS].
pub(crate) async fn put_settings(State(shared): Console, body: Bytes) -> Answer {
    let body = json(&body)?;
    match body.get("appEmbeddedFileSystemTracingEnabled") {
        None | Some(serde_json::Value::Null) => {}
        Some(serde_json::Value::Bool(on)) => shared.lock().filesystem_monitoring = *on,
        Some(other) => {
            return Err(Refusal::bad(format!(
                "appEmbeddedFileSystemTracingEnabled is {other}: use true or false"
            )));
        }
    }
    done()
}
