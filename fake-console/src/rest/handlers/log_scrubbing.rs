//! What the audits of firewalls must not tell.

use super::{Caller, Console, json};
use crate::rest::answer::{Answer, document, done};
use axum::extract::State;
use bytes::Bytes;

pub(crate) async fn log_scrubbing(State(shared): Console) -> Answer {
    document(&shared.lock().policies.sensitive_data.to_json())
}

pub(crate) async fn put_log_scrubbing(State(shared): Console, caller: Caller, body: Bytes) -> Answer {
    let body = json(&body)?;
    shared.write(&caller.name, |policies, _| policies.sensitive_data.put(body))?;
    done()
}
