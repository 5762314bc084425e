//! The two policies.

use super::{Caller, Console, json};
use crate::rest::answer::{Answer, document, done};
use axum::extract::State;
use bytes::Bytes;

pub(crate) async fn runtime(State(shared): Console) -> Answer {
    document(&shared.lock().policies.runtime())
}

pub(crate) async fn put_runtime(State(shared): Console, caller: Caller, body: Bytes) -> Answer {
    let body = json(&body)?;
    shared.write(&caller.name, |policies, writer| policies.put_runtime(body, writer))?;
    done()
}

pub(crate) async fn post_runtime(State(shared): Console, caller: Caller, body: Bytes) -> Answer {
    let body = json(&body)?;
    shared.write(&caller.name, |policies, writer| policies.post_runtime_rule(body, writer))?;
    done()
}

pub(crate) async fn waas(State(shared): Console) -> Answer {
    document(&shared.lock().policies.waas())
}

pub(crate) async fn put_waas(State(shared): Console, caller: Caller, body: Bytes) -> Answer {
    let body = json(&body)?;
    shared.keep_secrets(&body);
    shared.write(&caller.name, |policies, writer| policies.put_waas(body, writer))?;
    done()
}
