//! Collections.

use super::{Caller, Console, json};
use crate::policy::Refusal;
use crate::rest::answer::{Answer, document, done};
use axum::extract::{Path, State};
use bytes::Bytes;
use serde_json::Value;

pub(crate) async fn collections(State(shared): Console) -> Answer {
    document(&shared.lock().policies.collections.to_json())
}

pub(crate) async fn create_collection(State(shared): Console, caller: Caller, body: Bytes) -> Answer {
    let body = json(&body)?;
    shared.write(&caller.name, |policies, writer| policies.create_collection(body, writer))?;
    done()
}

pub(crate) async fn update_collection(
    State(shared): Console,
    caller: Caller,
    Path(name): Path<String>,
    body: Bytes,
) -> Answer {
    let body = json(&body)?;
    shared.write(&caller.name, |policies, writer| policies.update_collection(&name, body, writer))?;
    done()
}

pub(crate) async fn remove_collection(
    State(shared): Console,
    caller: Caller,
    Path(name): Path<String>,
) -> Answer {
    shared.write(&caller.name, |policies, _| policies.remove_collection(&name))?;
    done()
}

pub(crate) async fn collection_usages(State(shared): Console, Path(name): Path<String>) -> Answer {
    let inner = shared.lock();
    if inner.policies.collections.get(&name).is_none() {
        return Err(Refusal::unknown(format!("collection '{name}' does not exist")));
    }
    document(&Value::Array(inner.policies.usages(&name)))
}
