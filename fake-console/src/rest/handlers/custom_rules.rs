//! Custom rules.

use super::{Caller, Console, json};
use crate::rest::answer::{Answer, document, done};
use axum::extract::{Path, State};
use bytes::Bytes;

pub(crate) async fn custom_rules(State(shared): Console) -> Answer {
    document(&shared.lock().policies.custom_rules.to_json())
}

pub(crate) async fn put_custom_rule(
    State(shared): Console,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Answer {
    let body = json(&body)?;
    shared.write(&caller.name, |policies, writer| policies.put_custom_rule(&id, body, writer))?;
    done()
}

pub(crate) async fn remove_custom_rule(
    State(shared): Console,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    shared.write(&caller.name, |policies, _| policies.remove_custom_rule(&id))?;
    done()
}
