//! Network lists of the firewall.

use super::{Caller, Console, json};
use crate::rest::answer::{Answer, document, done};
use axum::extract::{Path, State};
use bytes::Bytes;

pub(crate) async fn network_lists(State(shared): Console) -> Answer {
    document(&shared.lock().policies.network_lists.to_json())
}

pub(crate) async fn create_network_list(State(shared): Console, caller: Caller, body: Bytes) -> Answer {
    let body = json(&body)?;
    shared.write(&caller.name, |policies, writer| policies.network_lists.create(body, writer))?;
    done()
}

pub(crate) async fn update_network_list(State(shared): Console, caller: Caller, body: Bytes) -> Answer {
    let body = json(&body)?;
    shared.write(&caller.name, |policies, writer| policies.network_lists.update(body, writer))?;
    done()
}

pub(crate) async fn remove_network_list(
    State(shared): Console,
    caller: Caller,
    Path(id): Path<String>,
) -> Answer {
    shared.write(&caller.name, |policies, _| policies.remove_network_list(&id))?;
    done()
}
